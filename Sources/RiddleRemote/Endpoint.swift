import Foundation

/// Where an OpenAI-compatible server is, and which of its models is meant.
public struct Endpoint: Sendable {
  /// Scheme, host, port and path without a slash at the end, for example `https://api.openai.com/v1`.
  public let base: String
  /// The model's name, as the server knows it.
  public let model: String
  /// The environment variable that holds the key, for messages.
  public let keyVariable: String
  /// The secret; nil for servers that want none.
  let key: APIKey?

  /// An endpoint whose key is read from `environment`.
  ///
  /// A URL without a path gets `/v1`, the place where such servers listen.
  ///
  /// - Throws: ``RemoteError/badEndpoint(reason:)`` for anything but an http or https URL with a host, for a user
  ///   name or password in it, for a query or fragment, and for a key that cannot stand in an HTTP header.
  public init(
    url: String, model: String, keyVariable: String = "OPENAI_API_KEY",
    environment: [String: String]
  ) throws(RemoteError) {
    guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
      scheme == "http" || scheme == "https", let host = parts.host, !host.isEmpty
    else {
      throw .badEndpoint(
        reason: "expected a URL such as https://api.openai.com/v1 or http://127.0.0.1:8000")
    }
    guard parts.user == nil, parts.password == nil else {
      throw .badEndpoint(
        reason: "the URL has a user or password in it; put the key into an environment variable "
          + "and name that with --api-key-env")
    }
    guard parts.query == nil, parts.fragment == nil else {
      throw .badEndpoint(reason: "the URL has a ? or # part; give the base alone")
    }
    guard !model.isEmpty else { throw .badEndpoint(reason: "the model's name is empty") }
    var path = parts.percentEncodedPath
    while path.hasSuffix("/") { path.removeLast() }
    if path.isEmpty { path = "/v1" }
    // A base that names the operation is a common slip.
    for operation in ["/chat/completions", "/embeddings"] where path.hasSuffix(operation) {
      path.removeLast(operation.count)
    }
    base = "\(scheme)://\(host)\(parts.port.map { ":\($0)" } ?? "")\(path)"
    self.model = model
    self.keyVariable = keyVariable
    key = try environment[keyVariable].flatMap { text throws(RemoteError) in
      let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
      if trimmed.isEmpty { return nil }
      guard trimmed.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
        throw RemoteError.badEndpoint(
          reason: "\(keyVariable) holds characters that cannot stand in an HTTP header")
      }
      return APIKey(secret: trimmed)
    }
    isLoopback = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host)
    isEncrypted = scheme == "https"
  }

  private let isLoopback: Bool
  private let isEncrypted: Bool

  /// Whether a key would leave this machine unencrypted.
  public var sendsKeyInClear: Bool { key != nil && !isEncrypted && !isLoopback }
  /// Whether there is a key.
  public var hasKey: Bool { key != nil }

  /// The address of an operation, for example `chat/completions`.
  func address(_ operation: String) throws(RemoteError) -> URL {
    guard let url = URL(string: base + "/" + operation) else {
      throw .badEndpoint(reason: "\(base) is no base of an address")
    }
    return url
  }
}

/// A secret that no description shows.
struct APIKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  let secret: String
  var description: String { "(hidden)" }
  var debugDescription: String { "(hidden)" }
  var customMirror: Mirror { Mirror(self, children: []) }
}
