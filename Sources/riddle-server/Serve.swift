import ArgumentParser
import Foundation
import Logging
import RiddleData
import RiddleServer

/// `riddle-server`: decisions and answers over HTTP.
@main
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "riddle-server",
    abstract:
      "Serve a router: decisions at /v1/route, an OpenAI-compatible gateway at /v1/chat/completions.",
    discussion: """
      The policy file's upstreams: section says where each candidate answers; without it the server only decides. SIGHUP and a changed file \
      load again, SIGTERM answers what is under way and stops. RIDDLE_SERVER_TOKEN, when set, is the bearer token that callers must send.
      """)

  @Argument(help: "Weight file, or folder of a run. Left out: the policy file's router.")
  var router: String?

  @Option(help: "Policy file. Left out: the router alone decides.")
  var policy: String?

  @Option(
    help: ArgumentHelp(
      "Refuse a weight file that this key did not sign (riddle sign). May be repeated: any of the keys will do.",
      valueName: "public-key"))
  var requireSignature: [String] = []

  @Option(help: "Address to listen on.")
  var host = "127.0.0.1"

  @Option(help: "Port to listen on; 0 lets the system choose.")
  var port = 8080

  @Option(help: "Candidate for queries without text. Default: the strongest.")
  var abstainTo: String?

  @Flag(help: "Decide and log, and let the control candidate answer everybody.")
  var shadow = false

  @Option(
    help: ArgumentHelp(
      "Route this share of the callers, by user or conversation; the control candidate answers the others.",
      valueName: "percent"))
  var rollout: Double?

  @Option(help: "Candidate that answers whoever is not routed. Default: the strongest.")
  var control: String?

  @Option(help: "Append every decision to this file of JSON lines.")
  var log: String?

  @Option(help: "Texts in the log: keep, hash or drop.")
  var logText: TextRedaction = .hash

  @Option(help: "Append feedback to this file of JSON lines.")
  var feedback: String?

  @Option(help: "Largest body of a decision request, in bytes.")
  var maxBody = 1 << 20

  @Option(help: "Largest body of a chat request or a batch, in bytes.")
  var maxChatBody = 16 << 20

  @Option(help: "Connections at the same time; more get 503.")
  var maxConnections = 1024

  @Option(help: "Chat requests at the same time; more get 503.")
  var maxChats = 256

  @Option(help: "Seconds for a request to arrive.")
  var readTimeout = 10.0

  @Option(help: "Seconds that an answer may lie unread before its connection is closed.")
  var writeTimeout = 30.0

  @Option(help: "Seconds between looks at the files; 0 waits for SIGHUP.")
  var watch = 1.0

  @Option(help: "Features that a decision names.")
  var topFeatures = 3

  @Flag(help: "Say nothing but warnings and errors.")
  var quiet = false

  func validate() throws {
    guard router != nil || policy != nil else {
      throw ValidationError("name a weight file, or a policy file with --policy")
    }
    guard !shadow || rollout == nil else {
      throw ValidationError("--shadow routes nobody; give it or --rollout")
    }
    guard control == nil || shadow || rollout != nil else {
      throw ValidationError("--control needs --shadow or --rollout")
    }
    guard (0...100).contains(rollout ?? 0) else {
      throw ValidationError("--rollout is a percentage, 0 to 100")
    }
    guard (0...65535).contains(port) else { throw ValidationError("--port is 0 to 65535") }
    guard maxBody > 0, maxChatBody > 0, maxConnections > 0, maxChats > 0, readTimeout > 0,
      writeTimeout > 0, watch >= 0, topFeatures >= 0
    else { throw ValidationError("limits and times are positive") }
  }

  func run() async throws {
    var settings = ServerSettings()
    settings.router = router
    settings.policy = policy
    settings.publicKeys = requireSignature
    settings.host = host
    settings.port = port
    settings.abstainTo = abstainTo
    settings.share = shadow ? 0 : (rollout ?? 100) / 100
    settings.control = control
    settings.log = log
    settings.logText = logText
    settings.feedback = feedback
    settings.largestBody = maxBody
    settings.largestChat = maxChatBody
    settings.mostConnections = maxConnections
    settings.mostChats = maxChats
    settings.readTimeout = readTimeout
    settings.writeTimeout = writeTimeout
    settings.watchInterval = watch
    settings.topFeatures = topFeatures
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    var logger = Logger(label: "riddle-server")
    logger.logLevel = quiet ? .warning : .info
    // A client that leaves while it is answered must not end the server.
    signal(SIGPIPE, SIG_IGN)
    do {
      try await RiddleServer(settings, logger: logger).run()
    } catch {
      logger.critical("\(error)")
      throw ExitCode(RiddleServer.exitStatus(of: error))
    }
  }
}

extension TextRedaction: ExpressibleByArgument {}
