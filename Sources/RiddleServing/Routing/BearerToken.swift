/// A secret that callers must know.
public struct BearerToken: Sendable {
  private let expected: [UInt8]

  /// A secret; nil for an empty one, which would let everybody in.
  public init?(_ secret: String) {
    guard !secret.isEmpty else { return nil }
    expected = Array("Bearer \(secret)".utf8)
  }

  /// Whether `header`, the value of `Authorization`, carries the secret.
  ///
  /// Every byte of the header is compared whatever the earlier ones were, so that the time does not tell how much of a guess is right.
  public func isCarried(by header: String?) -> Bool {
    guard let header else { return false }
    var difference: UInt8 = header.utf8.count == expected.count ? 0 : 1
    var index = 0
    for byte in header.utf8 {
      difference |= byte ^ expected[index]
      index = index + 1 == expected.count ? 0 : index + 1
    }
    return difference == 0
  }
}
