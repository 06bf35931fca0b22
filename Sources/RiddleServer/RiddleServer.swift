import AsyncHTTPClient
import Foundation
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import RiddleServing
import RiddleStore
import ServiceLifecycle
import UnixSignals

/// The HTTP server around a router and a policy.
public struct RiddleServer: Sendable {
  private let settings: ServerSettings
  private let logger: Logger

  /// A server; nothing is opened before ``run()``.
  public init(_ settings: ServerSettings, logger: Logger) {
    self.settings = settings
    self.logger = logger
  }

  /// Serves until SIGTERM or SIGINT; then requests under way are answered and the log is written to its end.
  public func run() async throws {
    let loader = RouterLoader(settings: settings)
    let first = try ReloadService.Loaded(loader)
    let loops = MultiThreadedEventLoopGroup.singleton
    let ids = RequestIDs()
    var deciding = Decider.Settings(
      now: Clocks.now, wallTime: Clocks.wallTime, makeID: { ids.next() })
    deciding.topFeatures = settings.topFeatures
    let log = try openLog()
    if let log { deciding.keep = { log.record($0) } }
    let feedback = try settings.feedback.map { try FeedbackFile(path: $0) }
    let token = ProcessInfo.processInfo.environment[settings.tokenVariable].flatMap {
      BearerToken($0)
    }
    if token == nil && settings.host != "127.0.0.1" && settings.host != "::1"
      && settings.host != "localhost"
    {
      logger.warning(
        "listening on \(settings.host) without a token: set \(settings.tokenVariable), or everybody who reaches the port can use it"
      )
    }
    let state = ServerState(
      settings: settings, slot: RouterSlot(), metrics: ServerMetrics(), token: token, ids: ids,
      loops: loops, deciding: deciding, live: LiveBoard(since: Clocks.wallTime()))
    let client = HTTPClient(eventLoopGroup: loops, configuration: clientConfiguration)
    let routes = Routes(
      state: state, log: log, feedback: feedback,
      chat: ChatEndpoint(state: state, client: client, log: log), live: LiveEndpoint(state))
    let reload = ReloadService(first, loader, state, logger)
    let app = application(routes, state: state, loops: loops)
    var configuration = ServiceGroupConfiguration(
      // Stopped from the last one to the first.
      services: [
        .init(service: reload), .init(service: app), .init(service: LiveService(state: state)),
      ], gracefulShutdownSignals: [.sigterm, .sigint], logger: quiet)
    configuration.maximumGracefulShutdownDuration = .seconds(settings.shutdownTimeout)
    let group = ServiceGroup(configuration: configuration)
    do {
      try await group.run()
    } catch {
      try? await client.shutdown()
      _ = try? log?.finish()
      throw error
    }
    try await client.shutdown()
    if let counts = try log?.finish() {
      logger.info(
        "log: \(counts.written) written, \(counts.dropped) dropped, \(counts.refused) refused")
    }
    logger.info("stopped")
  }

  /// What the libraries below have to say is not for operators unless it is wrong.
  private var quiet: Logger {
    var quiet = logger
    quiet.logLevel = max(.warning, logger.logLevel)
    return quiet
  }

  private func openLog() throws -> LogQueue? {
    guard let path = settings.log else { return nil }
    let sink: any DecisionSink =
      [".sqlite", ".sqlite3", ".db"].contains { path.hasSuffix($0) }
      ? StoreSink(try Store.open(path: path, mode: .create)) : try DecisionFile(path: path)
    return LogQueue(sink, settings)
  }

  /// No limit of time for reading: every call has the policy file's, see ``Deadline``, and a stream has one of its own, see ``ChatStream``.
  private var clientConfiguration: HTTPClient.Configuration {
    var configuration = HTTPClient.Configuration()
    // The key must not go where nobody sent it.
    configuration.redirectConfiguration = .disallow
    configuration.timeout.connect = .seconds(5)
    // Trying again is the policy's business: an upstream that is down costs a refusal, not five seconds an attempt.
    configuration.connectionPool.retryConnectionEstablishment = false
    // Who has a place among the chats finds a connection too.
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = max(
      256, settings.mostChats)
    return configuration
  }

  private func application(
    _ routes: Routes, state: ServerState, loops: MultiThreadedEventLoopGroup
  ) -> some ApplicationProtocol {
    let channel = HTTP1Channel.Configuration(
      additionalChannelHandlers: [DecisionChannelHandler(state)],
      httpDecoderConfiguration: .init(
        maxHeaderFieldSize: HTTPLimits.headerField, maxHeaderListSize: HTTPLimits.headerList,
        maxHeaderFieldCount: HTTPLimits.headerCount))
    let logger = logger
    let host = settings.host
    return Application(
      responder: CallbackResponder<BasicRequestContext> { request, _ in
        await routes.respond(to: request)
      },
      server: .http1(configuration: channel),
      configuration: .init(address: .hostname(host, port: settings.port)),
      onServerRunning: { channel in
        let port = channel.localAddress?.port ?? 0
        logger.info("listening on http://\(host):\(port)")
      },
      eventLoopGroupProvider: .shared(loops), logger: quiet)
  }
}
