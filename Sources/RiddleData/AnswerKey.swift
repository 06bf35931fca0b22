import RiddleRuntime

/// A short extracted answer, such as `42` or `B`, reduced to what agreement compares: white space at its ends and letter case
/// do not matter.
public struct AnswerKey: Hashable, Sendable {
  /// A stable hash of the reduced answer.
  public let hash: UInt64

  /// The key of this hash.
  init(hash: UInt64) { self.hash = hash }

  /// The key of `answer`; nil when nothing but white space was extracted.
  public init?(_ answer: String) {
    let trimmed = answer.lowercased().utf8.drop { Self.isSpace($0) }
    guard let last = trimmed.lastIndex(where: { !Self.isSpace($0) }) else { return nil }
    hash = StableHash.hash(trimmed[...last])
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 9 && byte <= 13) }
}
