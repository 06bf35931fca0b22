import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import NIOPosix
import RiddleData
import RiddlePolicies
import RiddleServing

/// Asks candidates over HTTP: the caller's own body with the upstream's name for the candidate.
struct UpstreamCaller: CandidateCaller {
  let client: HTTPClient
  let served: ServedRouter
  let limits: UpstreamLimits
  let metrics: ServerMetrics
  /// The body as the caller sent it.
  let body: ByteBuffer
  /// Whether the caller wants events.
  let isStream: Bool
  let requestID: String
  /// Longest answer that is taken.
  static let longestAnswer = 32 << 20

  func call(_ call: CandidateCall, for request: Request) async -> CallResult<UpstreamAnswer> {
    let start = Clocks.now()
    var result = await attempt(call)
    result.attempt.latency = (Clocks.now() - start) / 1000
    let ended = result.attempt
    metrics.called(
      served.candidates[call.candidate],
      result: ended.wasCancelled ? "cancelled" : ended.failure?.rawValue ?? "answered",
      microseconds: ended.latency)
    return result
  }

  private func attempt(_ call: CandidateCall) async -> CallResult<UpstreamAnswer> {
    let target = served.upstreams[call.candidate]
    func failed(_ failure: CallFailure, cost: Int64? = 0) -> CallResult<UpstreamAnswer> {
      CallResult(Attempt(candidate: call.candidate, failure: failure, cost: cost))
    }
    guard let place = limits.enter(target) else { return failed(.rateLimited) }
    // Not before the answer is there, or given up.
    defer { withExtendedLifetime(place) {} }
    guard let bytes = ChatBody.replacingModel(body.readableBytesUInt8Span, with: target.model)
    else { return failed(.error) }
    var post = HTTPClientRequest(url: target.address)
    post.method = .POST
    post.headers = [
      "content-type": "application/json", "x-request-id": ChatCall.printable(requestID),
      "accept": isStream ? "text/event-stream" : "application/json",
    ]
    if let key = target.key { post.headers.add(name: "authorization", value: "Bearer \(key)") }
    post.body = .bytes(bytes)
    let request = post
    let timeout = min(call.timeout ?? .max, target.timeout)
    let streams = isStream && call.mayStream
    let reply = await Deadline.run(microseconds: timeout) { () throws -> UpstreamAnswer in
      let response = try await client.execute(request, deadline: .distantFuture)
      let type = response.headers.first(name: "content-type") ?? "application/json"
      let status = Int(response.status.code)
      if streams, status == 200 {
        return UpstreamAnswer(
          status: status, contentType: type, body: .stream(response.body, place))
      }
      return UpstreamAnswer(
        status: status, contentType: type,
        body: .whole(try await response.body.collect(upTo: Self.longestAnswer)))
    }
    // Upstreams bill what they wrote before we left, and do not say how much that was.
    let expected = served.prices[call.candidate]
    switch reply {
    case .timedOut: return failed(.timeout, cost: expected)
    case .cancelled:
      return CallResult(
        Attempt(candidate: call.candidate, failure: .timeout, cost: expected, wasCancelled: true))
    case .failed(let error): return failed(Self.isRefusal(error) ? .outage : .error)
    case .done(let answer):
      if let failure = Self.failure(status: answer.status) { return failed(failure) }
      return understood(answer, call, target) ?? failed(.error, cost: nil)
    }
  }

  /// The answer with what policies see of it; nil when it is garbage.
  private func understood(
    _ answer: UpstreamAnswer, _ call: CandidateCall, _ target: UpstreamTarget
  ) -> CallResult<UpstreamAnswer>? {
    var attempt = Attempt(candidate: call.candidate)
    guard case .whole(let bytes) = answer.body else {
      return CallResult(attempt, answer: answer)
    }
    // The upstream says that the request itself is wrong: the caller should see it.
    guard answer.status == 200 else {
      attempt.cost = 0
      return CallResult(attempt, answer: answer)
    }
    let span = bytes.readableBytesUInt8Span
    guard let reply = isStream ? ChatReply(events: span) : ChatReply(span) else { return nil }
    attempt.confidence = reply.confidence { exp($0) }
    attempt.answer = reply.key
    attempt.cost = target.cost(reply.usage)
    return CallResult(attempt, answer: answer)
  }

  /// Statuses that are no answer. Other 4xx say that the request is wrong, which is an answer.
  private static func failure(status: Int) -> CallFailure? {
    switch status {
    case 200, 400, 413, 415, 422: nil
    case 429: .rateLimited
    case 408, 504: .timeout
    default: .error
    }
  }

  /// Whether no connection came about: a name's error is NIO's own, an address's the system's.
  private static func isRefusal(_ error: any Error) -> Bool {
    if error is NIOConnectionError { return true }
    if let error = error as? IOError {
      return [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode)
    }
    return (error as? HTTPClientError) == .connectTimeout
  }
}
