import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import RiddleServing
import Synchronization

/// Stands between the HTTP parser and Hummingbird on every connection: answers decisions and health checks on the event loop, without a
/// task or a thread change, enforces the limits of size and time, and lets everything else through.
///
/// A request is answered here only when no earlier one of its connection is still with Hummingbird, and refused when those have their
/// answers, so answers keep their order.
final class DecisionChannelHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  /// What becomes of the parts that come in.
  private enum Phase {
    /// Between requests.
    case idle
    /// The body of a decision request.
    case collecting(HTTPRequest, ByteBuffer?)
    /// The body of a health check, which is ignored.
    case ignoring
    /// The body of a request that Hummingbird handles.
    case passing(HTTPRequest, bytes: Int)
    /// A refusal is on its way, or waits for earlier answers; what still comes is thrown away until the connection closes.
    case closing
  }

  /// A refusal that waits for the answers to earlier requests.
  private struct Refusal {
    var reply: Decider.Reply
    var retryAfter: String?
    /// What ``unanswered`` is when all of them are out.
    var rest: Int
  }

  private let state: ServerState
  private var decider: Decider
  private var phase = Phase.idle
  /// Requests that Hummingbird has not answered yet.
  private var unanswered = 0
  private var closesAfterAnswer = false
  private var refusal: Refusal?
  private var hasRefused = false
  private var holdsRead = false
  private var since = NIODeadline.now()
  /// Since when an answer waits for its reader; nil while nothing does.
  private var unreadSince: NIODeadline?
  /// Bytes of it at the last look.
  private var unreadBytes = 0
  private var hasServed = false
  private var isCounted = false
  /// Whether there were too many connections already when this one came.
  private var isExcess = false
  /// Whether a stream of the live page was asked for.
  private var isListening = false
  private var timer: Scheduled<Void>?
  /// Where finished bytes can be written.
  private var encoder: ChannelHandlerContext?

  init(_ state: ServerState) {
    self.state = state
    decider = state.decider
  }

  // MARK: the connection

  func handlerAdded(context: ChannelHandlerContext) {
    if context.channel.isActive { open(context) }
  }

  func channelActive(context: ChannelHandlerContext) {
    open(context)
    context.fireChannelActive()
  }

  private func open(_ context: ChannelHandlerContext) {
    guard !isCounted else { return }
    isCounted = true
    decider = state.decider(on: context.eventLoop)
    isExcess =
      state.connections.add(1, ordering: .relaxed).newValue > state.settings.mostConnections
    since = .now()
    watch(context, after: seconds(state.settings.readTimeout))
  }

  func handlerRemoved(context: ChannelHandlerContext) { release() }

  func channelInactive(context: ChannelHandlerContext) {
    release()
    context.fireChannelInactive()
  }

  private func release() {
    encoder = nil
    timer?.cancel()
    timer = nil
    if isCounted {
      isCounted = false
      state.connections.subtract(1, ordering: .relaxed)
    }
  }

  /// Somebody who sends requests and does not read the answers gets no further ones.
  func read(context: ChannelHandlerContext) {
    if context.channel.isWritable { context.read() } else { holdsRead = true }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    unreadSince = context.channel.isWritable ? nil : .now()
    if context.channel.isWritable, holdsRead {
      holdsRead = false
      context.read()
    }
    context.fireChannelWritabilityChanged()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent, case .collecting = phase {
      // Hummingbird would close a connection that it knows no request of.
      closesAfterAnswer = true
      return
    }
    if event is ChannelShouldQuiesceEvent, isListening, isCounted {
      // Its stream ends now. Whoever does not read it must not hold up the end of the server.
      timer?.cancel()
      timer = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(2)) {
        context.close(promise: nil)
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    guard error is HTTPParserError else { return context.fireErrorCaught(error) }
    // Nothing more is read of a connection that is refused.
    if case .closing = phase { return }
    guard unanswered == 0 else { return context.fireErrorCaught(error) }
    if case HTTPParserError.headerOverflow = error {
      refuse(
        context, 431, "the headers are too large",
        next: "send at most \(HTTPLimits.headerList) bytes of headers")
    } else {
      refuse(context, 400, "this is not HTTP/1.1", next: "check the request line and the headers")
    }
  }

  // MARK: time

  private func seconds(_ value: Double) -> TimeAmount { .nanoseconds(Int64(value * 1e9)) }

  private func watch(_ context: ChannelHandlerContext, after delay: TimeAmount) {
    timer = context.eventLoop.assumeIsolated().scheduleTask(in: delay) { [self] in
      checkTime(context)
    }
  }

  /// Looks at the clock once per limit, not once per request.
  private func checkTime(_ context: ChannelHandlerContext) {
    guard isCounted else { return }
    if isUnread(context) { return context.close(promise: nil) }
    let limit: TimeAmount
    switch phase {
    case .idle where unanswered > 0: return watch(context, after: .seconds(1))
    case .idle:
      limit = seconds(hasServed ? state.settings.keepAliveTimeout : state.settings.readTimeout)
    case .collecting, .ignoring, .passing: limit = seconds(state.settings.readTimeout)
    case .closing where refusal != nil: return watch(context, after: .seconds(1))
    case .closing: return context.close(promise: nil)
    }
    let left = (since + limit) - .now()
    if left > .zero {
      watch(context, after: min(left, seconds(state.settings.readTimeout)))
    } else if case .idle = phase, hasServed {
      context.close(promise: nil)
    } else {
      refuse(
        context, 408, "the request did not arrive in time",
        next: "send it within \(state.settings.readTimeout) seconds")
    }
  }

  /// Whether not a byte of an answer has been taken for too long: whoever does not read holds a place among the chats or the listeners.
  private func isUnread(_ context: ChannelHandlerContext) -> Bool {
    guard unreadSince != nil else { return false }
    let bytes =
      (try? context.channel.syncOptions?.getOption(ChannelOptions.bufferedWritableBytes)) ?? 0
    // Whoever reads slowly reads.
    if bytes < unreadBytes { unreadSince = .now() }
    unreadBytes = bytes
    guard let unreadSince else { return false }
    return NIODeadline.now() - unreadSince > seconds(state.settings.writeTimeout)
  }

  // MARK: requests

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    let part = unwrapInboundIn(data)
    switch (phase, part) {
    case (.closing, _): return
    case (_, .head(let head)): begin(head, context, data)
    case (.collecting(let head, let earlier), .body(var bytes)):
      let total = (earlier?.readableBytes ?? 0) + bytes.readableBytes
      guard total <= state.settings.largestBody else { return refuseBody(context) }
      guard var body = earlier else {
        phase = .collecting(head, bytes)
        return
      }
      // One owner of the buffer: no copy.
      phase = .ignoring
      body.writeBuffer(&bytes)
      phase = .collecting(head, body)
    case (.collecting(let head, let body), .end):
      phase = .idle
      since = .now()
      hasServed = true
      answer(head, body, context)
    case (.passing(let head, let before), .body(let bytes)):
      let total = before + bytes.readableBytes
      guard total <= state.settings.largestChat else { return refuseBody(context) }
      phase = .passing(head, bytes: total)
      context.fireChannelRead(data)
    case (.passing, .end):
      phase = .idle
      since = .now()
      hasServed = true
      context.fireChannelRead(data)
    case (.ignoring, .end):
      phase = .idle
      since = .now()
      hasServed = true
      if closesAfterAnswer { context.close(promise: nil) }
    default: return
    }
  }

  private func begin(_ head: HTTPRequest, _ context: ChannelHandlerContext, _ data: NIOAny) {
    since = .now()
    let path = Endpoint.path(head)
    let isHealth = path == "/healthz" || path == "/readyz"
    // A full server is alive: whoever asks for its health must not end it.
    if isExcess, !isHealth {
      state.metrics.add(.shed)
      return refuse(
        context, 503, "too many connections", next: "try again in a second, with fewer connections",
        retryAfter: "1")
    }
    // The live page asks its reader for the token.
    let isPublic = isHealth || path == "/"
    if let token = state.token, !isPublic,
      !token.isCarried(by: head.headerFields[.authorization])
    {
      return refuse(
        context, 401, "the bearer token is missing or wrong",
        next: "send the header Authorization: Bearer TOKEN")
    }
    let isDecision = path == "/v1/route" && head.method == .post
    let limit = isDecision ? state.settings.largestBody : state.settings.largestChat
    if let length = head.headerFields[.contentLength].flatMap({ Int($0) }), length > limit {
      return refuseBody(context)
    }
    // Not into the middle of an earlier answer: whoever expects it must not wait for it for ever.
    if unanswered == 0, head.headerFields[.expect]?.lowercased() == "100-continue" {
      context.writeAndFlush(
        wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }
    if unanswered == 0, isDecision {
      phase = .collecting(head, nil)
    } else if unanswered == 0, isHealth, head.method == .get {
      answerHealth(path, head, context)
    } else {
      if path == "/live" { isListening = true }
      unanswered += 1
      phase = .passing(head, bytes: 0)
      context.fireChannelRead(data)
    }
  }

  private func answer(_ head: HTTPRequest, _ body: ByteBuffer?, _ context: ChannelHandlerContext) {
    let body = body ?? ByteBuffer()
    let reply = decider.route(body.readableBytesUInt8Span) { $0.takeFacts(head.headerFields) }
    if reply.status >= 400 {
      state.metrics.add(.refused, labels: "status=\"\(reply.status)\"")
    }
    send(context, reply, closing: closesAfterAnswer || Endpoint.wantsClose(head))
  }

  private func answerHealth(_ path: String, _ head: HTTPRequest, _ context: ChannelHandlerContext) {
    phase = .ignoring
    let reply = Endpoint.health(path, isReady: state.slot.version > 0)
    closesAfterAnswer = closesAfterAnswer || Endpoint.wantsClose(head)
    send(context, reply, closing: false)
  }

  // MARK: answers

  /// Counts the answers of requests that were let through.
  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    // The request was refused while Hummingbird had it: one answer is enough.
    guard !hasRefused else {
      promise?.fail(ChannelError.ioOnClosedChannel)
      return
    }
    let isEnd = if case .end = unwrapOutboundIn(data) { true } else { false }
    context.write(data, promise: promise)
    guard isEnd else { return }
    unanswered -= 1
    since = .now()
    if unanswered == 0 { isListening = false }
    if let refusal, unanswered <= refusal.rest { finish(context, refusal) }
  }

  private func refuseBody(_ context: ChannelHandlerContext) {
    refuse(
      context, 413, "the body is too large",
      next: "send at most \(state.settings.largestBody) bytes, or split the batch")
  }

  /// Answers with an error, behind the answers to earlier requests, and closes.
  private func refuse(
    _ context: ChannelHandlerContext, _ status: Int, _ message: String, next: String,
    retryAfter: String? = nil
  ) {
    // A request whose body is refused was let through: it waits for an answer itself, unless it has got one before all of it came.
    let rest = if case .passing = phase { 1 } else { 0 }
    phase = .closing
    guard unanswered >= rest else { return context.close(promise: nil) }
    state.metrics.add(.refused, labels: "status=\"\(status)\"")
    let refusal = Refusal(
      reply: .failure(status, message, next: next), retryAfter: retryAfter, rest: rest)
    if unanswered == rest { return finish(context, refusal) }
    self.refusal = refusal
    timer?.cancel()
    watch(context, after: .seconds(1))
  }

  /// Sends a refusal; what still comes is thrown away for a second, so that the client reads it before the connection is gone.
  private func finish(_ context: ChannelHandlerContext, _ refusal: Refusal) {
    self.refusal = nil
    hasRefused = true
    send(context, refusal.reply, closing: false, isLast: true, retryAfter: refusal.retryAfter)
    timer?.cancel()
    watch(context, after: .seconds(1))
  }

  private func send(
    _ context: ChannelHandlerContext, _ reply: Decider.Reply, closing: Bool, isLast: Bool = false,
    retryAfter: String? = nil
  ) {
    let wait = retryAfter ?? (reply.status == 503 ? "1" : nil)
    if encoder == nil {
      encoder = try? context.pipeline.syncOperations.context(
        handlerType: HTTPResponseEncoder.self)
    }
    var sent: EventLoopPromise<Void>?
    if closing {
      phase = .closing
      let promise = context.eventLoop.makePromise(of: Void.self)
      let channel = context.channel
      promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
      sent = promise
    }
    if let encoder {
      // Head and body as one piece of bytes, behind the encoder: an answer has no parts that would need it.
      var bytes = context.channel.allocator.buffer(capacity: reply.body.count + 192)
      Endpoint.write(reply, closes: closing || isLast, retryAfter: wait, to: &bytes)
      encoder.writeAndFlush(NIOAny(IOData.byteBuffer(bytes)), promise: sent)
      return
    }
    var head = Endpoint.head(reply, retryAfter: wait)
    if closing || isLast { head.headerFields[.connection] = "close" }
    context.write(wrapOutboundOut(.head(head)), promise: nil)
    context.write(wrapOutboundOut(.body(ByteBuffer(bytes: reply.body))), promise: nil)
    context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
  }
}
