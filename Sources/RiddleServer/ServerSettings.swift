import RiddleData

/// How a server runs. Limits are for one server; times are in seconds.
public struct ServerSettings: Sendable {
  /// Weight file, or folder of a run; nil when the policy file names one, or decides without.
  public var router: String?
  /// Policy file; nil lets the router alone decide.
  public var policy: String?
  /// Public keys one of which must have signed the weight file; empty asks for no signature.
  public var publicKeys: [String] = []
  /// Address that connections are taken from; others than this machine must be asked for.
  public var host = "127.0.0.1"
  /// Port; 0 lets the system choose one.
  public var port = 8080
  /// Candidate that answers when a query has no text; nil means the strongest.
  public var abstainTo: String?
  /// Share of the callers whose requests are routed: 1 all, 0 none (shadow mode).
  public var share = 1.0
  /// Candidate that answers whoever is not routed; nil means the strongest.
  public var control: String?
  /// Name of the environment variable with the bearer token that callers must know.
  public var tokenVariable = "RIDDLE_SERVER_TOKEN"
  /// File of JSON lines that decisions are appended to; nil keeps none.
  public var log: String?
  /// What becomes of texts in the log.
  public var logText = TextRedaction.hash
  /// Decisions that may wait to be written; what comes beyond is dropped and counted.
  public var logQueue = 1 << 14
  /// Bytes of texts that may wait to be written, where texts are kept; what comes beyond is dropped and counted.
  public var logBytes = 64 << 20
  /// File of JSON lines that feedback is appended to; nil refuses feedback.
  public var feedback: String?
  /// Largest body of a decision request, in bytes.
  public var largestBody = 1 << 20
  /// Largest body of a chat request, in bytes: images are part of it.
  public var largestChat = 16 << 20
  /// Connections that are served at the same time.
  public var mostConnections = 1024
  /// Chat requests under way at the same time.
  public var mostChats = 256
  /// Streams of the live page at the same time.
  public var mostListeners = 16
  /// Time for a request to arrive.
  public var readTimeout = 10.0
  /// Time that an answer may lie unread before its connection is closed.
  public var writeTimeout = 30.0
  /// Time a connection may be silent between requests.
  public var keepAliveTimeout = 75.0
  /// Time for requests under way when the server is told to stop.
  public var shutdownTimeout = 30.0
  /// Time between looks at the files; 0 looks only when told to by SIGHUP.
  public var watchInterval = 1.0
  /// Features that a decision names.
  public var topFeatures = 3

  /// The defaults.
  public init() {}
}
