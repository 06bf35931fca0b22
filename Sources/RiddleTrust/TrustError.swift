/// Why a key or a signature is not trusted, and what to do.
public struct TrustError: Error, CustomStringConvertible {
  /// The reason, and the command to try next.
  public var description: String

  init(_ description: String) { self.description = description }
}
