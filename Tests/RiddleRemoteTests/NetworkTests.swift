import Foundation
import RiddleTestSupport
import Testing

@testable import RiddleRemote

/// Against a server on this machine, over real sockets.
@Suite("Network", .serialized)
struct NetworkTests {
  private func client(
    _ server: FakeEndpoint, key: String? = nil,
    _ change: (inout RemoteClient.Settings) -> Void = { _ in }
  ) throws -> RemoteClient {
    var settings = RemoteClient.Settings()
    settings.timeout = 5
    settings.retry.base = 0.01
    change(&settings)
    return RemoteClient(endpoint: try endpoint(server.url, key: key), settings: settings)
  }

  @Test("a question arrives as it should, key included, and its reply is read")
  func chat() async throws {
    let server = try FakeEndpoint { _ in .chat("hello", input: 7, output: 3) }
    defer { server.stop() }
    var request = ChatRequest(system: "s \"quoted\"", user: "ü\u{2028}", maximumTokens: 9)
    request.tokenField = .maxCompletionTokens
    let reply = try await client(server, key: "sk-1").ask(request)
    #expect(reply.text == "hello")
    #expect(reply.usage?.input == 7 && reply.usage?.output == 3)
    #expect(!reply.isRefusal && !reply.isCutShort)
    let asked = try #require(server.requests.first)
    #expect(asked.path == "/v1/chat/completions")
    #expect(asked.headers["authorization"] == "Bearer sk-1")
    #expect(asked.headers["content-type"] == "application/json")
    #expect(asked.json["max_completion_tokens"] as? Int == 9)
    #expect(asked.json["max_tokens"] == nil)
    let messages = try #require(asked.json["messages"] as? [[String: String]])
    #expect(messages.map { $0["content"] } == ["s \"quoted\"", "ü\u{2028}"])
  }

  @Test("no more calls are under way than allowed")
  func concurrency() async throws {
    let server = try FakeEndpoint { _ in .chat("x", delay: 0.02) }
    defer { server.stop() }
    let client = try client(server) { $0.concurrency = 3 }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<24 {
        group.addTask {
          _ = try await client.ask(ChatRequest(system: "", user: "", maximumTokens: 1))
        }
      }
      try await group.waitForAll()
    }
    #expect(server.requests.count == 24)
    #expect((2...3).contains(server.mostUnderWay))
  }

  @Test("a slow reply times out, a dropped one is lost, a closed port cannot be reached")
  func failures() async throws {
    let slow = try FakeEndpoint { _ in .chat("x", delay: 30) }
    defer { slow.stop() }
    let impatient = try client(slow) {
      $0.timeout = 0.3
      $0.retry.attempts = 1
    }
    do {
      _ = try await impatient.post(Data("{}".utf8), to: "x", tokens: 1)
      Issue.record("did not time out")
    } catch {
      guard case .timedOut = error else {
        Issue.record("\(error)")
        return
      }
    }
    let dropping = try FakeEndpoint { _ in .drop }
    defer { dropping.stop() }
    let lost = try client(dropping) { $0.retry.attempts = 2 }
    do {
      _ = try await lost.post(Data("{}".utf8), to: "x", tokens: 1)
      Issue.record("a dropped connection passed")
    } catch {
      #expect(error == .connectionLost(address: dropping.url + "/v1/x", attempts: 2))
    }
    #expect(dropping.requests.count == 2)
    let gone = try FakeEndpoint { _ in .drop }
    gone.stop()
    let closed = try client(gone) { $0.retry.attempts = 2 }
    do {
      _ = try await closed.post(Data("{}".utf8), to: "x", tokens: 1)
      Issue.record("a closed port answered")
    } catch {
      guard case .unreachable(_, _, let attempts) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(attempts == 2)
    }
  }

  @Test("a redirect is refused: the key goes nowhere else")
  func redirect() async throws {
    let other = try FakeEndpoint { _ in .chat("stolen") }
    defer { other.stop() }
    let target = other.url
    let server = try FakeEndpoint { _ in
      .init(status: 307, headers: ["Location": target + "/v1/chat/completions"])
    }
    defer { server.stop() }
    do {
      _ = try await client(server, key: "sk-canary").post(Data("{}".utf8), to: "x", tokens: 1)
      Issue.record("the redirect was followed")
    } catch {
      guard case .refused(_, let status, _, _, _) = error as? RemoteError else {
        Issue.record("\(error)")
        return
      }
      #expect(status == 307)
    }
    #expect(other.requests.isEmpty)
  }

  @Test("cancelling ends a call")
  func cancelled() async throws {
    let server = try FakeEndpoint { _ in .chat("x", delay: 2) }
    defer { server.stop() }
    let client = try client(server)
    let task = Task { try await client.post(Data("{}".utf8), to: "x", tokens: 1) }
    while server.requests.isEmpty { try await Task.sleep(nanoseconds: 5_000_000) }
    task.cancel()
    await #expect(throws: RemoteError.cancelled) { try await task.value }
  }

  @Test("vectors come back in the order asked")
  func embeddings() async throws {
    let server = try FakeEndpoint { request in
      let texts = request.json["input"] as? [String] ?? []
      return .vectors(texts.map { [Float($0.utf8.count), 1, -0.5] })
    }
    defer { server.stop() }
    let reply = try await client(server).embed(["a", "bbb", "cc"])
    #expect(reply.vectors == [[1, 1, -0.5], [3, 1, -0.5], [2, 1, -0.5]])
    #expect(server.requests.first?.json["dimensions"] == nil)
  }

  @Test(
    "what is no reply is refused",
    arguments: [
      "", "[]", "{}", #"{"data":[]}"#, #"{"data":[{"index":0,"embedding":[1]}]}"#,
      #"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}"#,
      #"{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}"#,
      #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1,2]}]}"#,
      #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":["1"]}]}"#,
      #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[1e99]}]}"#,
      #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":[]}]}"#,
    ])
  func badVectors(_ body: String) {
    #expect(throws: RemoteError.self) {
      try EmbeddingReply(parsing: Data(body.utf8), count: 2, address: "a")
    }
  }

  @Test(
    "what is no chat completion is refused",
    arguments: ["", "x", "[]", "{}", #"{"choices":[]}"#, #"{"choices":[{}]}"#])
  func badChats(_ body: String) {
    #expect(throws: RemoteError.self) { try ChatReply(parsing: Data(body.utf8), address: "a") }
  }

  @Test("refusals, cut replies and missing usage are seen")
  func oddChats() throws {
    let refused = try ChatReply(
      parsing: Data(
        #"{"choices":[{"message":{"content":null,"refusal":"no"},"finish_reason":"stop"}]}"#.utf8),
      address: "a")
    #expect(refused.isRefusal && refused.text.isEmpty && refused.usage == nil)
    let cut = try ChatReply(
      parsing: Data(#"{"choices":[{"message":{"content":"{"},"finish_reason":"length"}]}"#.utf8),
      address: "a")
    #expect(cut.isCutShort)
  }
}
