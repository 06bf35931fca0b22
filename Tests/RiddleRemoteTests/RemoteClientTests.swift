import Foundation
import RiddleData
import RiddleTestSupport
import Synchronization
import Testing

@testable import RiddleRemote

/// Answers from a list; the last answer stays.
final class ScriptedTransport: Transport {
  private let script: [Result<TransportReply, TransportFailure>]
  private let count = Mutex(0)

  init(_ script: [Result<TransportReply, TransportFailure>]) { self.script = script }

  var calls: Int { count.withLock { $0 } }

  func post(_ body: Data, to url: URL, headers: [(name: String, value: String)], timeout: Double)
    async throws(TransportFailure) -> TransportReply
  {
    let number = count.withLock { count in
      defer { count += 1 }
      return count
    }
    return try script[min(number, script.count - 1)].get()
  }

  static func status(_ status: Int, retryAfter: String? = nil, body: String = "{}") -> Result<
    TransportReply, TransportFailure
  > {
    .success(TransportReply(status: status, retryAfter: retryAfter, body: Data(body.utf8)))
  }
}

/// A clock that sleeping moves on.
final class VirtualClock: Sendable {
  private let state = Mutex((now: 0.0, sleeps: [Double]()))

  var clock: RemoteClock {
    RemoteClock(
      now: { self.state.withLock { $0.now } },
      date: { 1_700_000_000 + self.state.withLock { $0.now } },
      sleep: { seconds async throws(RemoteError) in
        self.state.withLock {
          $0.now += seconds
          $0.sleeps.append(seconds)
        }
      })
  }

  var sleeps: [Double] { state.withLock { $0.sleeps } }
}

func endpoint(_ url: String = "http://127.0.0.1:9", key: String? = nil) throws -> Endpoint {
  try Endpoint(
    url: url, model: "m", environment: key.map { ["OPENAI_API_KEY": $0] } ?? [:])
}

@Suite("Remote client")
struct RemoteClientTests {
  private func client(
    _ transport: ScriptedTransport, _ clock: VirtualClock,
    _ change: (inout RemoteClient.Settings) -> Void = { _ in }
  ) throws -> RemoteClient {
    var settings = RemoteClient.Settings()
    settings.seed = 11
    change(&settings)
    return RemoteClient(
      endpoint: try endpoint(), settings: settings, transport: transport, clock: clock.clock)
  }

  @Test("429, 5xx and failed connections are tried again, within the back-off's bounds")
  func retries() async throws {
    let clock = VirtualClock()
    let transport = ScriptedTransport([
      ScriptedTransport.status(500), .failure(.unreachable(reason: "connection refused")),
      ScriptedTransport.status(429), .failure(.lost), ScriptedTransport.status(200, body: "[1]"),
    ])
    let reply = try await client(transport, clock).post(Data(), to: "x", tokens: 1)
    #expect(reply.attempts == 5)
    #expect(String(decoding: reply.body, as: UTF8.self) == "[1]")
    // Full jitter: uniform in [0, 0.5 · 2^k).
    #expect(clock.sleeps.count == 4)
    for (k, sleep) in clock.sleeps.enumerated() {
      #expect(sleep >= 0 && sleep < 0.5 * Double(1 << k))
    }
    let again = VirtualClock()
    _ = try await client(
      ScriptedTransport([
        ScriptedTransport.status(500), ScriptedTransport.status(500), ScriptedTransport.status(500),
        ScriptedTransport.status(500), ScriptedTransport.status(200),
      ]), again
    ).post(Data(), to: "x", tokens: 1)
    #expect(again.sleeps == clock.sleeps, "the same seed waits the same times")
  }

  @Test("attempts end, and the error says how many there were")
  func exhausted() async throws {
    let clock = VirtualClock()
    let transport = ScriptedTransport([ScriptedTransport.status(503)])
    let client = try client(transport, clock) { $0.retry.attempts = 3 }
    await #expect(
      throws: RemoteError.serverFailed(
        address: "http://127.0.0.1:9/v1/x", status: 503, attempts: 3)
    ) { try await client.post(Data(), to: "x", tokens: 1) }
    #expect(transport.calls == 3)
  }

  @Test("4xx are final", arguments: [400, 401, 403, 404, 413, 422])
  func final(_ status: Int) async throws {
    let clock = VirtualClock()
    let transport = ScriptedTransport([
      ScriptedTransport.status(
        status, body: #"{"error":{"message":"the query said canary","code":"some_code"}}"#)
    ])
    let client = try client(transport, clock)
    do {
      _ = try await client.post(Data(), to: "x", tokens: 1)
      Issue.record("a refusal passed")
    } catch {
      #expect("\(error)".contains("HTTP \(status), some_code"))
      #expect(!"\(error)".contains("canary"))
    }
    #expect(transport.calls == 1)
    #expect(clock.sleeps.isEmpty)
  }

  @Test("an empty account is no rate limit")
  func quota() async throws {
    let transport = ScriptedTransport([
      ScriptedTransport.status(429, body: #"{"error":{"code":"insufficient_quota"}}"#)
    ])
    await #expect(throws: RemoteError.self) {
      try await client(transport, VirtualClock()).post(Data(), to: "x", tokens: 1)
    }
    #expect(transport.calls == 1)
  }

  @Test("Retry-After is waited out in full, and too long a one is not waited for")
  func retryAfter() async throws {
    let clock = VirtualClock()
    let transport = ScriptedTransport([
      ScriptedTransport.status(429, retryAfter: "7"), ScriptedTransport.status(200),
    ])
    _ = try await client(transport, clock).post(Data(), to: "x", tokens: 1)
    #expect(clock.sleeps.reduce(0, +) >= 7)
    #expect(clock.sleeps.reduce(0, +) < 7.5001)
    let long = ScriptedTransport([ScriptedTransport.status(429, retryAfter: "86400")])
    await #expect(throws: RemoteError.self) {
      try await client(long, VirtualClock()).post(Data(), to: "x", tokens: 1)
    }
    #expect(long.calls == 1)
  }

  @Test("calls that may have been billed are repeated only when that is wanted")
  func unsettled() async throws {
    for failure in [TransportFailure.lost, .timedOut] {
      let transport = ScriptedTransport([.failure(failure), ScriptedTransport.status(200)])
      let client = try client(transport, VirtualClock()) { $0.retry.repeatsUnsettled = false }
      do {
        _ = try await client.post(Data(), to: "x", tokens: 1)
        Issue.record("was repeated")
      } catch {
        #expect(error.mayBeBilled)
      }
      #expect(transport.calls == 1)
    }
  }

  @Test("starts are spaced by the limits of calls and of tokens")
  func spacing() async throws {
    let clock = VirtualClock()
    let transport = ScriptedTransport([ScriptedTransport.status(200)])
    let client = try client(transport, clock) {
      $0.requestsPerMinute = 30
      $0.tokensPerMinute = 6000
    }
    for _ in 0..<4 { _ = try await client.post(Data(), to: "x", tokens: 100) }
    #expect(clock.sleeps.map { $0.rounded() } == [2, 2, 2])
    let tokens = VirtualClock()
    let second = try self.client(transport, tokens) { $0.tokensPerMinute = 6000 }
    for _ in 0..<3 { _ = try await second.post(Data(), to: "x", tokens: 1000) }
    #expect(tokens.sleeps.map { $0.rounded() } == [10, 10])
  }

  @Test("any sixty seconds hold at most n + 1 starts", arguments: [1.0, 7, 60, 600])
  func rate(_ n: Double) {
    var limit = RateLimit(requestsPerMinute: n, tokensPerMinute: nil)
    var random = SplitMix64(seed: 3)
    var now = 0.0
    var starts: [Double] = []
    for _ in 0..<3000 {
      now += random.unit() * 0.2
      starts.append(limit.book(tokens: 1, now: now))
    }
    for (i, start) in starts.enumerated() {
      let inWindow = starts[i...].prefix { $0 < start + 60 }.count
      #expect(inWindow <= Int(n) + 1)
    }
  }
}

@Suite("Retry-After")
struct RetryAfterTests {
  @Test(
    "seconds and dates are read, everything else is not",
    arguments: [
      ("0", 0), ("7", 7), ("1.5", 1.5), ("-1", nil), ("soon", nil), ("", nil), ("nan", nil),
      ("Sun, 06 Nov 1994 08:49:37 GMT", 37), ("Sun, 06 Nov 1994 08:48:00 GMT", 0),
      ("Tue, 29 Feb 2000 00:00:00 GMT", 951_782_400 - 784_111_740),
      ("Sun, 06 Nov 1994 08:49:37 CET", nil), ("Sun, 99 Nov 1994 08:49:37 GMT", nil),
    ] as [(String, Double?)])
  func forms(_ text: String, _ expected: Double?) {
    #expect(RetryAfter.seconds(text, now: 784_111_740) == expected)
  }
}

@Suite("Endpoint")
struct EndpointTests {
  @Test(
    "a base is found in what people type",
    arguments: [
      ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
      ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
      ("https://host/openai/v2", "https://host/openai/v2"),
      ("HTTPS://host/v1/chat/completions", "https://host/v1"),
      ("https://host/v1/embeddings/", "https://host/v1"),
    ])
  func bases(_ typed: String, _ base: String) throws {
    #expect(try endpoint(typed).base == base)
  }

  @Test(
    "what is no address is refused",
    arguments: [
      "", "host", "ftp://host", "http://", "https://user:secret@host/v1",
      "https://host/v1?key=secret",
      "https://host/v1#x", "file:///etc/passwd",
    ])
  func refused(_ typed: String) {
    do {
      _ = try endpoint(typed)
      Issue.record("\(typed) passed")
    } catch {
      #expect(!"\(error)".contains("secret"))
    }
  }

  @Test("the key is in no description")
  func hidden() throws {
    let made = try endpoint(key: "sk-canary")
    #expect(made.hasKey)
    for text in ["\(made)", String(reflecting: made), "\(made.key as Any)"] {
      #expect(!text.contains("canary"))
    }
    var dumped = ""
    dump(made, to: &dumped)
    #expect(!dumped.contains("canary"))
    #expect(throws: RemoteError.self) { try endpoint(key: "two\nlines") }
    #expect(try !endpoint(key: "  ").hasKey)
    #expect(try !endpoint("http://127.0.0.1:1", key: "k").sendsKeyInClear)
    #expect(try endpoint("http://elsewhere/v1", key: "k").sendsKeyInClear)
    #expect(try !endpoint("https://elsewhere/v1", key: "k").sendsKeyInClear)
  }
}

@Suite("Money")
struct PriceTests {
  @Test("prices per million tokens give exact amounts, rounded up")
  func cost() {
    let price = Price(inputPerMillion: 2_500_000_000, outputPerMillion: 10_000_000_000)
    #expect(price.cost(inputTokens: 1000, outputTokens: 100) == NanoDollars(3_500_000))
    #expect(
      Price(inputPerMillion: 1, outputPerMillion: 0).cost(inputTokens: 1, outputTokens: 0).count
        == 1)
    #expect(price.cost(inputTokens: 0, outputTokens: 0) == .zero)
    #expect(price.cost(inputTokens: .max, outputTokens: 1).count == .max)
  }

  @Test("whatever calls cost within what was set aside, a budget is never passed")
  func budget() {
    for seed in 0..<300 as Range<UInt64> {
      var random = SplitMix64(seed: seed)
      let limit = Int64(random.below(1000))
      var budget = Budget(limit: NanoDollars(limit), spent: NanoDollars(0))
      var open: [Int64] = []
      var paid: Int64 = 0
      for _ in 0..<200 {
        if random.unit() < 0.5 || open.isEmpty {
          let most = Int64(random.below(100))
          if budget.reserve(NanoDollars(most)) { open.append(most) }
        } else {
          let most = open.remove(at: random.below(open.count))
          let actual = Int64(random.below(Int(most) + 1))
          budget.settle(NanoDollars(most), actual: NanoDollars(actual))
          paid += actual
        }
        #expect(paid + open.reduce(0, +) <= limit, "seed \(seed)")
        #expect(budget.spent.count == paid && budget.reserved.count == open.reduce(0, +))
      }
    }
  }

  @Test("without a limit everything is allowed; what was spent before counts")
  func limits() {
    var free = Budget(limit: nil, spent: NanoDollars(.max))
    let isFree = free.reserve(NanoDollars(.max))
    #expect(isFree)
    var spent = Budget(limit: NanoDollars(10), spent: NanoDollars(8))
    let fits = [3, 2, 1].map { spent.reserve(NanoDollars($0)) }
    #expect(fits == [false, true, false])
  }
}
