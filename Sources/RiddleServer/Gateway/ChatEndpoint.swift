import AsyncHTTPClient
import HTTPTypes
import Hummingbird
import NIOCore
import RiddleData
import RiddlePolicies
import RiddleServing
import Synchronization

/// `POST /v1/chat/completions`: routes a chat request, asks candidates as the policy says, and passes the answer on.
struct ChatEndpoint: Sendable {
  let state: ServerState
  let client: HTTPClient
  let limits = UpstreamLimits()
  let log: LogQueue?

  func respond(to request: Hummingbird.Request) async -> Response {
    let most = state.settings.mostChats
    guard state.chats.add(1, ordering: .relaxed).newValue <= most else {
      state.chats.subtract(1, ordering: .relaxed)
      state.metrics.add(.shed)
      return Routes.response(
        .failure(
          503, "\(most) chat requests are under way", next: "try again after a second"))
    }
    let place = ChatPlace(state)
    let body: ByteBuffer
    do {
      body = try await request.body.collect(upTo: state.settings.largestChat)
    } catch {
      return state.refused(
        413, "the body is too large or did not arrive",
        next: "send at most \(state.settings.largestChat) bytes")
    }
    var query: RouteQuery
    do throws(BadRequest) {
      query = try RouteQuery(reading: body.readableBytesUInt8Span)
    } catch {
      return state.refused(400, error.message, next: error.next)
    }
    query.takeFacts(request.headers)
    let id = query.id.flatMap { $0.isEmpty ? nil : $0 } ?? state.ids.next()
    var dated = query
    dated.context.time = Clocks.wallTime()
    guard let (served, routed) = state.decider.request(dated, id: id) else {
      return state.refused(
        503, "no router is loaded yet", next: "wait until GET /readyz answers 200")
    }
    guard !served.upstreams.isEmpty else {
      return state.refused(
        501, "this server only decides: no upstreams are configured",
        next: "name a policy file with upstreams:, or use POST /v1/route")
    }
    guard
      let name = ModelName(query.model, router: served.name, candidates: served.candidates)
    else {
      return state.refused(
        404, "no such model",
        next: "use riddle, auto, router-riddle-0.5 or one of GET /v1/models")
    }
    let driver = LiveDriver(
      UpstreamCaller(
        client: client, served: served, limits: limits, metrics: state.metrics, body: body,
        isStream: query.isStream, requestID: id))
    let start = Clocks.now()
    let route = served.chatRoute(name, query, routed)
    let outcome = await serve(driver, routed, route.policy)
    let call = ChatCall(
      query: dated, request: routed, id: id, served: served, route: route,
      serving: outcome.serving, start: start)
    return answer(call, outcome.answer, place)
  }

  /// Opens the existential once.
  private func serve(
    _ driver: LiveDriver<UpstreamCaller>, _ request: RiddlePolicies.Request,
    _ policy: some Policy
  ) async -> LiveDriver<UpstreamCaller>.Outcome {
    await driver.serve(request, policy: policy)
  }

  // MARK: the answer

  private func answer(_ call: ChatCall, _ answer: UpstreamAnswer?, _ place: ChatPlace) -> Response {
    guard let answer else {
      settle(call, Task.isCancelled ? .left : .failed)
      return failure(call)
    }
    var headers = HTTPFields()
    headers[.contentType] = answer.contentType
    call.mark(&headers)
    switch answer.body {
    case .whole(let bytes):
      settle(call, .answered)
      return Response(
        status: .init(code: answer.status), headers: headers, body: .init(byteBuffer: bytes))
    case .stream(let events, let upstream):
      headers[.cacheControl] = "no-cache"
      let settlement = ChatSettlement(self, call)
      let patience = call.served.upstreams[call.serving.candidate].timeout * 1000
      return Response(
        status: .init(code: answer.status), headers: headers,
        body: .init { writer in
          // Both places are held until the last event has gone out.
          defer { withExtendedLifetime((upstream, place)) {} }
          let end = await ChatStream.pass(
            events, to: writer, silence: max(ChatStream.longestSilence, patience))
          settlement.settle(end)
          if end != .answered { throw ChatStream.Broken() }
        })
    }
  }

  /// Nobody answered: what the last failure was decides the status.
  private func failure(_ call: ChatCall) -> Response {
    let last = call.serving.attempts.last?.failure
    let status = last == .timeout ? 504 : last == .rateLimited ? 503 : 502
    var response = Routes.response(
      .failure(
        status,
        "none of \(call.serving.attempts.count) calls was answered; the last one: \(last?.rawValue ?? "no answer")",
        next: "try again; GET /metrics counts the calls of each candidate"))
    call.mark(&response.headers)
    return response
  }

  /// Tells the policy, the metrics and the log what became of a request.
  func settle(_ call: ChatCall, _ end: ChatEnd) {
    state.metrics.add(.chats, labels: "result=\"\(end.rawValue)\"")
    if let paid = call.serving.paid { state.metrics.add(.spent, Int(paid)) }
    log?.record(call.record(end))
    // Whoever left before anybody answered shows nothing of the candidates.
    if end == .left && call.serving.accepted == nil { return }
    if let shared = call.route.policy as? LivePolicy {
      // Somebody who leaves a good answer has been answered, and the answer was paid for.
      var served = call.serving.served(call.request)
      if end == .cut, let accepted = served.accepted {
        served.attempts[accepted].failure = .error
        served.accepted = nil
      }
      shared.observe(served)
    }
    state.live.answered(
      call.serving, call.request, served: call.served, id: call.id, time: Clocks.wallTime(),
      nanoseconds: Clocks.now() - call.start, isComplete: end == .answered || end == .left)
  }
}

/// A place among the chat requests under way, given back when nobody holds it any more.
final class ChatPlace: Sendable {
  private let state: ServerState

  init(_ state: ServerState) { self.state = state }

  deinit { state.chats.subtract(1, ordering: .relaxed) }
}
