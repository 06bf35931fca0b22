/// What can go wrong between this program and an endpoint: what, where, and what to try.
///
/// Never holds what was sent or the body that came back, because both can hold users' words; of a refusal only the
/// server's own error type and code are kept. Never holds the key.
public enum RemoteError: Error, Equatable, Sendable {
  /// The endpoint's address or key cannot be used.
  case badEndpoint(reason: String)
  /// No connection came about.
  case unreachable(address: String, reason: String, attempts: Int)
  /// The connection ended before the reply did: the call may have been billed.
  case connectionLost(address: String, attempts: Int)
  /// No reply in time: the call may have been billed.
  case timedOut(address: String, seconds: Double, attempts: Int)
  /// The server refused the call for good: 3xx or 4xx other than 408 and 429.
  case refused(address: String, status: Int, code: String?, keyVariable: String, hasKey: Bool)
  /// Too many requests, also after waiting as asked.
  case rateLimited(address: String, attempts: Int, code: String?)
  /// 5xx, also after retries.
  case serverFailed(address: String, status: Int, attempts: Int)
  /// A reply that is no reply of this interface.
  case badReply(address: String, reason: String)
  /// The task was cancelled.
  case cancelled

  /// Whether the provider may charge for the call although nothing usable came back.
  public var mayBeBilled: Bool {
    switch self {
    case .connectionLost, .timedOut, .badReply, .cancelled: true
    case .badEndpoint, .unreachable, .refused, .rateLimited, .serverFailed: false
    }
  }

  /// Whether the server found fault with this one call: another call may succeed.
  public var concernsOneCall: Bool {
    switch self {
    case .refused(_, let status, let code, _, _):
      [400, 413, 422].contains(status) && code != "model_not_found"
    case .badReply: true
    default: false
    }
  }
}

extension RemoteError: CustomStringConvertible {
  /// A message for a person.
  public var description: String {
    switch self {
    case .badEndpoint(let reason):
      "endpoint: \(reason)"
    case .unreachable(let address, let reason, let attempts):
      "\(address) cannot be reached (\(reason)), \(Self.tries(attempts))\n"
        + "  Check the host, the port and that the server runs."
    case .connectionLost(let address, let attempts):
      "\(address) closed the connection before it replied, \(Self.tries(attempts))\n"
        + "  Check the server's log; run the same command again to go on."
    case .timedOut(let address, let seconds, let attempts):
      "\(address) did not reply within \(Self.plain(seconds)) s, \(Self.tries(attempts))\n"
        + "  Give it longer with --timeout, or ask less at once with --concurrency 1."
    case .refused(let address, let status, let code, let variable, let hasKey):
      "\(address) refused the call: HTTP \(status)\(code.map { ", \($0)" } ?? "")\n  "
        + Self.remedy(status, variable, hasKey)
    case .rateLimited(let address, let attempts, let code):
      "\(address) allows no more calls now: HTTP 429\(code.map { ", \($0)" } ?? ""), "
        + "\(Self.tries(attempts))\n"
        + "  Lower --rpm or --concurrency, or check the account's quota; the same command goes on."
    case .serverFailed(let address, let status, let attempts):
      "\(address) failed: HTTP \(status), \(Self.tries(attempts))\n"
        + "  Try again later; the same command goes on where this one stopped."
    case .badReply(let address, let reason):
      "\(address) sent a reply that cannot be used: \(reason)\n"
        + "  Check that it speaks the OpenAI interface and that the model fits the operation."
    case .cancelled: "stopped; the same command goes on where this one stopped"
    }
  }

  private static func tries(_ attempts: Int) -> String {
    attempts == 1 ? "tried once" : "tried \(attempts) times"
  }

  private static func plain(_ seconds: Double) -> String {
    seconds == seconds.rounded() ? "\(Int(seconds))" : "\(seconds)"
  }

  private static func remedy(_ status: Int, _ variable: String, _ hasKey: Bool) -> String {
    switch status {
    case 300..<400:
      "Redirects are not followed, so that the key goes nowhere else; give the final URL."
    case 401, 403:
      hasKey
        ? "Check the key in \(variable) and what it may use."
        : "No key was sent: put it into \(variable), or name another variable with --api-key-env."
    case 402: "Check the account's credit."
    case 404:
      "Check the model's name, and that the URL ends where /chat/completions follows, often /v1."
    case 400, 413, 422:
      "The model may not know an option that is sent: see --token-field and --no-json-mode; "
        + "or the text is too long for it."
    default: "Check the server's documentation for this status."
    }
  }
}
