import RiddleRuntime

/// Stable hashes by which a row is recognised again.
public enum RowFingerprint {
  /// Hash of the text with ASCII letters lowered, runs of white space as one space, and none at the ends.
  public static func text(_ text: String) -> UInt64 {
    var state = StableHash.start
    var pendingSpace = false
    var isEmpty = true
    for byte in text.utf8 {
      switch byte {
      case 9...13, 32: pendingSpace = !isEmpty
      default:
        if pendingSpace {
          state = StableHash.adding(32, to: state)
          pendingSpace = false
        }
        state = StableHash.adding(byte >= 65 && byte <= 90 ? byte | 32 : byte, to: state)
        isEmpty = false
      }
    }
    return StableHash.mixed(state)
  }

  /// Hash of the row's unit; a row without the field stands for itself, by its text.
  ///
  /// In splits by time and by segment that is its conversation: only what was learned is seen, not its segment.
  public static func unit(_ unit: SplitUnit, text: String, context: QueryContext) -> UInt64 {
    let field: String? =
      switch unit {
      case .text: nil
      case .group: context.group
      case .conversation, .time, .segment: context.conversation
      }
    guard let field else { return Self.text(text) }
    let name = unit == .group ? unit.rawValue : SplitUnit.conversation.rawValue
    return StableHash.hash(name.utf8 + [0] + field.utf8)
  }
}
