import Dispatch
import Foundation
import RiddleData
import Synchronization

/// Calls one endpoint: bounded, spaced, retried.
///
/// At most `concurrency` calls are under way at a time; starts are spaced by ``RateLimit``; 429, 5xx and failed
/// connections are retried by ``RetryPolicy``, and a `Retry-After` holds back every call of this client.
/// Share one client among any number of tasks.
public final class RemoteClient: Sendable {
  /// How a client behaves.
  public struct Settings: Equatable, Sendable {
    /// Most calls under way at a time, at least 1.
    public var concurrency = 4
    /// Starts a minute, above 0; nil for no limit.
    public var requestsPerMinute: Double?
    /// Tokens a minute, above 0, by the caller's estimates; nil for no limit.
    public var tokensPerMinute: Double?
    /// Seconds after which a call without its whole reply has failed.
    public var timeout = 60.0
    /// When a call is made again.
    public var retry = RetryPolicy()
    /// Seed of the jitter.
    public var seed: UInt64 = 0

    /// The defaults above.
    public init() {}
  }

  /// A successful reply's body, and how it came about.
  public struct Reply: Sendable {
    /// The body of a 2xx reply.
    public var body: Data
    /// Attempts it took.
    public var attempts: Int
    /// Seconds of the last attempt.
    public var seconds: Double
  }

  /// Where calls go.
  public let endpoint: Endpoint
  private let settings: Settings
  private let transport: any Transport
  private let clock: RemoteClock
  private let gate: Gate
  private let state: Mutex<State>

  private struct State {
    var limit: RateLimit
    var random: SplitMix64
  }

  /// A client over the network.
  public convenience init(endpoint: Endpoint, settings: Settings = Settings()) {
    self.init(
      endpoint: endpoint, settings: settings,
      transport: SessionTransport(concurrency: settings.concurrency), clock: .system)
  }

  init(
    endpoint: Endpoint, settings: Settings, transport: any Transport, clock: RemoteClock
  ) {
    self.endpoint = endpoint
    self.settings = settings
    self.transport = transport
    self.clock = clock
    gate = Gate(settings.concurrency)
    state = Mutex(
      State(
        limit: RateLimit(
          requestsPerMinute: settings.requestsPerMinute, tokensPerMinute: settings.tokensPerMinute),
        random: SplitMix64(seed: settings.seed, stream: "retry jitter")))
  }

  /// Posts a JSON body to an operation, for example `chat/completions`.
  ///
  /// - Parameter tokens: estimate of the tokens that the call reads and writes, for the limit of tokens.
  /// - Returns: the body of a reply with a 2xx status.
  public func post(_ body: Data, to operation: String, tokens: Int) async throws(RemoteError)
    -> Reply
  {
    let url = try endpoint.address(operation)
    await gate.enter()
    do throws(RemoteError) {
      let reply = try await attempt(body, url, tokens)
      await gate.leave()
      return reply
    } catch {
      await gate.leave()
      throw error
    }
  }

  private func attempt(_ body: Data, _ url: URL, _ tokens: Int) async throws(RemoteError) -> Reply {
    var headers = [(name: "Content-Type", value: "application/json")]
    if let key = endpoint.key { headers.append(("Authorization", "Bearer \(key.secret)")) }
    var attempts = 0
    while true {
      let start = state.withLock { $0.limit.book(tokens: tokens, now: clock.now()) }
      try await sleep(start - clock.now())
      attempts += 1
      let began = clock.now()
      let outcome: Result<TransportReply, TransportFailure>
      do throws(TransportFailure) {
        outcome = .success(
          try await transport.post(body, to: url, headers: headers, timeout: settings.timeout))
      } catch {
        outcome = .failure(error)
      }
      let problem: Problem
      switch outcome {
      case .success(let reply) where (200..<300).contains(reply.status):
        return Reply(body: reply.body, attempts: attempts, seconds: clock.now() - began)
      case .success(let reply): problem = self.problem(reply, url, attempts)
      case .failure(let failure): problem = self.problem(failure, url, attempts)
      }
      guard problem.isTransient else { throw problem.error }
      let wait = state.withLock { state -> Double? in
        let wait = settings.retry.wait(
          after: attempts, retryAfter: problem.retryAfter, random: &state.random)
        // The server spoke to all of us, not to this call alone.
        if problem.retryAfter != nil, let wait { state.limit.pause(until: clock.now() + wait) }
        return wait
      }
      guard let wait else { throw problem.error }
      try await sleep(wait)
    }
  }

  /// What went wrong with one attempt, and whether another may go better.
  private struct Problem {
    var error: RemoteError
    var isTransient: Bool
    var retryAfter: Double?
  }

  private func problem(_ reply: TransportReply, _ url: URL, _ attempts: Int) -> Problem {
    let address = url.absoluteString
    let code = ErrorBody.code(reply.body)
    let retryAfter = reply.retryAfter.flatMap { RetryAfter.seconds($0, now: clock.date()) }
    switch reply.status {
    case 429:
      // Out of credit is a 429 too, but no waiting ends it.
      return Problem(
        error: .rateLimited(address: address, attempts: attempts, code: code),
        isTransient: code != "insufficient_quota", retryAfter: retryAfter)
    case 408, 500...:
      return Problem(
        error: .serverFailed(address: address, status: reply.status, attempts: attempts),
        isTransient: true, retryAfter: retryAfter)
    default:
      return Problem(
        error: .refused(
          address: address, status: reply.status, code: code, keyVariable: endpoint.keyVariable,
          hasKey: endpoint.hasKey), isTransient: false)
    }
  }

  private func problem(_ failure: TransportFailure, _ url: URL, _ attempts: Int) -> Problem {
    let address = url.absoluteString
    switch failure {
    case .unreachable(let reason):
      return Problem(
        error: .unreachable(address: address, reason: reason, attempts: attempts),
        isTransient: true)
    case .lost:
      return Problem(
        error: .connectionLost(address: address, attempts: attempts),
        isTransient: settings.retry.repeatsUnsettled)
    case .timedOut:
      return Problem(
        error: .timedOut(address: address, seconds: settings.timeout, attempts: attempts),
        isTransient: settings.retry.repeatsUnsettled)
    case .cancelled: return Problem(error: .cancelled, isTransient: false)
    case .tooLarge(let bytes):
      return Problem(
        error: .badReply(address: address, reason: "\(bytes) bytes are too many"),
        isTransient: false)
    }
  }

  private func sleep(_ seconds: Double) async throws(RemoteError) {
    if seconds > 0 { try await clock.sleep(seconds) }
  }
}

/// The body of a refusal: `{"error": {"code": …, "type": …, "message": …}}`.
enum ErrorBody {
  /// The code, else the type. Never the message: it can quote what was sent.
  static func code(_ body: Data) -> String? {
    guard body.count <= 1 << 20,
      let object = try? JSONSerialization.jsonObject(with: body) as? [String: Any],
      let error = object["error"] as? [String: Any]
    else { return nil }
    for key in ["code", "type"] {
      guard let text = error[key] as? String else { continue }
      let safe = text.utf8.prefix(64).allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x7a).contains(byte | 0x20)
          || [0x2d, 0x2e, 0x5f].contains(byte)
      }
      if safe && !text.isEmpty && text.utf8.count <= 64 { return text }
    }
    return nil
  }
}

/// Time as a client sees it. A seam, so that tests need not wait.
struct RemoteClock: Sendable {
  /// Seconds on a clock that only goes forward.
  var now: @Sendable () -> Double
  /// Seconds since 1970.
  var date: @Sendable () -> Double
  /// Waits, or throws `.cancelled`.
  var sleep: @Sendable (Double) async throws(RemoteError) -> Void

  static let system = RemoteClock(
    now: { Double(DispatchTime.now().uptimeNanoseconds) / 1e9 },
    date: { Date().timeIntervalSince1970 },
    sleep: { seconds async throws(RemoteError) in
      do {
        try await Task.sleep(nanoseconds: UInt64(min(seconds, 1e6) * 1e9))
      } catch {
        throw .cancelled
      }
    })
}

/// Lets so many in at a time, in the order of arrival.
actor Gate {
  private var free: Int
  private var waiting: [CheckedContinuation<Void, Never>] = []

  init(_ places: Int) { free = max(1, places) }

  func enter() async {
    if free > 0 {
      free -= 1
      return
    }
    await withCheckedContinuation { waiting.append($0) }
  }

  func leave() {
    if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
  }
}
