import HTTPTypes
import NIOCore
import RiddleServing

/// Limits of the HTTP parser.
enum HTTPLimits {
  /// Bytes of one header's name and value.
  static let headerField = 16 << 10
  /// Bytes of all headers.
  static let headerList = 32 << 10
  /// Number of headers.
  static let headerCount = 100
}

/// What requests and responses have in common.
enum Endpoint {
  /// The path without the query string.
  static func path(_ head: HTTPRequest) -> String {
    guard let path = head.path else { return "/" }
    guard let mark = path.utf8.firstIndex(of: UInt8(ascii: "?")) else { return path }
    return String(path[..<mark])
  }

  /// Whether a header may carry a fact for routing: its name begins with `x-`.
  static func isFact(_ name: HTTPField.Name) -> Bool { name.canonicalName.utf8.starts(with: xDash) }

  private static let xDash = Array("x-".utf8)

  /// The name of a header of our own.
  static func name(_ text: String) -> HTTPField.Name {
    guard let name = HTTPField.Name(text) else { preconditionFailure("bad header name \(text)") }
    return name
  }

  /// Whether the client wants the connection closed after this answer.
  static func wantsClose(_ head: HTTPRequest) -> Bool {
    head.headerFields[.connection]?.lowercased() == "close"
  }

  /// `/healthz` says that the process lives, `/readyz` that it can decide.
  static func health(_ path: String, isReady: Bool) -> Decider.Reply {
    if path == "/healthz" {
      return Decider.Reply(status: 200, body: Array(#"{"status":"ok"}"#.utf8))
    }
    return isReady
      ? Decider.Reply(status: 200, body: Array(#"{"status":"ready"}"#.utf8))
      : .failure(503, "no router is loaded yet", next: "wait; GET /metrics counts failed loads")
  }

  /// Writes a whole JSON response: status line, headers and body.
  static func write(
    _ reply: Decider.Reply, closes: Bool, retryAfter: String?, to out: inout ByteBuffer
  ) {
    if reply.status == 200 {
      out.writeStaticString("HTTP/1.1 200 OK\r\n")
    } else {
      let status = HTTPResponse.Status(code: reply.status)
      out.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
    }
    out.writeStaticString("content-type: application/json\r\ncontent-length: ")
    out.writeString(String(reply.body.count))
    out.writeStaticString("\r\n")
    // Digits of our own: nothing of a request stands in these headers.
    if let retryAfter { out.writeString("retry-after: \(retryAfter)\r\n") }
    if reply.status == 401 { out.writeStaticString("www-authenticate: Bearer\r\n") }
    if closes { out.writeStaticString("connection: close\r\n") }
    out.writeStaticString("\r\n")
    out.writeBytes(reply.body)
  }

  /// The head of a JSON response.
  static func head(_ reply: Decider.Reply, retryAfter: String? = nil) -> HTTPResponse {
    var fields = HTTPFields()
    fields[.contentType] = "application/json"
    fields[.contentLength] = String(reply.body.count)
    if let retryAfter { fields[.retryAfter] = retryAfter }
    if reply.status == 401 { fields[.wwwAuthenticate] = "Bearer" }
    return HTTPResponse(status: .init(code: reply.status), headerFields: fields)
  }
}
