import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import RiddleData
import RiddleServing
import Synchronization

/// Everything that is not answered on the event loop.
struct Routes: Sendable {
  let state: ServerState
  let log: LogQueue?
  let feedback: FeedbackFile?
  let chat: ChatEndpoint
  let live: LiveEndpoint

  /// Answers one request; never throws, since an error page must be JSON too. HEAD gets what GET would, without the body.
  func respond(to request: Request) async -> Response {
    guard request.method == .head else { return await respond(to: request, as: request.method) }
    return await respond(to: request, as: .get).createHeadResponse()
  }

  private func respond(to request: Request, as method: HTTPRequest.Method) async -> Response {
    let path = Endpoint.path(request.head)
    switch (method, path) {
    case (.post, "/v1/route"), (.post, "/v1/route/batch"):
      return await decide(request, isBatch: path.hasSuffix("/batch"))
    case (.post, "/v1/chat/completions"): return await chat.respond(to: request)
    case (.post, "/v1/feedback"): return await keepFeedback(request)
    case (.get, "/healthz"), (.get, "/readyz"):
      return Self.response(Endpoint.health(path, isReady: state.slot.version > 0))
    case (.get, "/metrics"): return metrics()
    case (.get, "/v1/models"): return models()
    case (.get, "/"): return live.whole()
    case (.get, "/live.json"): return live.snapshot()
    case (.get, "/live"):
      return live.events()
        ?? Self.response(
          .failure(
            503, "\(state.settings.mostListeners) pages listen already",
            next: "close one, or ask GET /live.json"))
    default:
      let known = [
        "/v1/route": "POST", "/v1/route/batch": "POST", "/v1/chat/completions": "POST",
        "/v1/feedback": "POST", "/healthz": "GET", "/readyz": "GET", "/metrics": "GET",
        "/v1/models": "GET", "/": "GET", "/live": "GET", "/live.json": "GET",
      ]
      if let method = known[path] {
        var response = state.refused(
          405, "\(path) takes \(method)", next: "send it with \(method)")
        response.headers[.allow] = method
        return response
      }
      return state.refused(
        404, "no such path", next: "known: \(known.keys.sorted().joined(separator: ", "))")
    }
  }

  /// A JSON response.
  static func response(_ reply: Decider.Reply) -> Response {
    let head = Endpoint.head(reply, retryAfter: reply.status == 503 ? "1" : nil)
    return Response(
      status: head.status, headers: head.headerFields,
      body: .init(byteBuffer: ByteBuffer(bytes: reply.body)))
  }

  private func decide(_ request: Request, isBatch: Bool) async -> Response {
    let most = isBatch ? state.settings.largestChat : state.settings.largestBody
    guard let body = try? await request.body.collect(upTo: most) else {
      return state.refused(
        413, "the body is too large or did not arrive", next: "send at most \(most) bytes")
    }
    let bytes = body.readableBytesUInt8Span
    let fields = request.headers
    let reply =
      isBatch
      ? state.decider.routeBatch(bytes) { $0.takeFacts(fields) }
      : state.decider.route(bytes) { $0.takeFacts(fields) }
    if reply.status >= 400 { state.metrics.add(.refused, labels: "status=\"\(reply.status)\"") }
    return Self.response(reply)
  }

  private func keepFeedback(_ request: Request) async -> Response {
    guard let feedback else {
      return state.refused(
        501, "feedback is not kept", next: "start the server with --feedback FILE")
    }
    guard let body = try? await request.body.collect(upTo: 64 << 10) else {
      return state.refused(413, "the feedback is too large", next: "send at most 65536 bytes")
    }
    do throws(BadRequest) {
      let line = try FeedbackLine(
        reading: body.readableBytesUInt8Span, time: Clocks.wallTime().timeText)
      guard await feedback.append(line.line) else {
        return state.refused(500, "the feedback could not be written", next: "check the disk")
      }
      state.metrics.add(.feedback)
      return Self.response(
        Decider.Reply(status: 202, body: Array(#"{"status":"kept"}"#.utf8)))
    } catch {
      return state.refused(400, error.message, next: error.next)
    }
  }

  private func metrics() -> Response {
    let text = state.metrics.text(
      log: log?.counts, inFlight: state.chats.load(ordering: .relaxed))
    return Response(
      status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: text)))
  }

  /// What a caller may name as `model`.
  private func models() -> Response {
    guard let served = state.slot.current else {
      return state.refused(
        503, "no router is loaded yet", next: "wait until GET /readyz answers 200")
    }
    let names = ["riddle", "auto"] + served.candidates
    let list = ModelList(data: names.map { ModelList.Entry(id: $0) })
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let bytes = (try? encoder.encode(list)).map { Array($0) } ?? Array("{}".utf8)
    return Self.response(Decider.Reply(status: 200, body: bytes))
  }

  private struct ModelList: Encodable {
    struct Entry: Encodable {
      var id: String
      var object = "model"
      var owned_by = "riddle"
    }

    var object = "list"
    var data: [Entry]
  }
}

extension ServerState {
  /// A refusal, counted.
  func refused(_ status: Int, _ message: String, next: String) -> Response {
    metrics.add(.refused, labels: "status=\"\(status)\"")
    return Routes.response(.failure(status, message, next: next))
  }
}

extension RouteQuery {
  /// Takes the facts that headers carry.
  mutating func takeFacts(_ fields: HTTPFields) {
    for field in fields where Endpoint.isFact(field.name) {
      setHeader(field.name.canonicalName, to: field.value)
    }
  }
}
