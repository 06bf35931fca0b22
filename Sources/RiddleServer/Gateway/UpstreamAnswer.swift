import AsyncHTTPClient
import NIOCore

/// What an upstream sent back.
struct UpstreamAnswer: Sendable {
  /// HTTP status.
  var status: Int
  /// Its content type.
  var contentType: String
  /// The body.
  var body: Body

  enum Body: Sendable {
    /// All of it.
    case whole(ByteBuffer)
    /// What has not arrived yet, and the place at the upstream that it takes until then.
    case stream(HTTPClientResponse.Body, UpstreamPlace)
  }
}
