import RiddleRuntime

/// A side of the split that keeps fitting, calibrating and judging apart.
public enum SplitSide: Int, Sendable, CaseIterable {
  /// Coefficients are fitted here.
  case train
  /// Calibration and thresholds are chosen here.
  case calibrate
  /// Only ever evaluated.
  case test
}

/// What must stay on one side together.
public enum SplitUnit: String, Sendable, Codable, CaseIterable {
  /// Queries with the same normalised text.
  case text
  /// Queries of one group: near-duplicates, or a subject.
  case group
  /// Queries of one conversation.
  case conversation

  /// Groups when they look like families of near-duplicates (at least 200, none above 5 % of the rows), else
  /// conversations when the log has them, else texts.
  public static func suggested(for contexts: [QueryContext]) -> SplitUnit {
    var sizes: [String: Int] = [:]
    var grouped = 0
    var inConversation = 0
    for context in contexts {
      if let group = context.group {
        sizes[group, default: 0] += 1
        grouped += 1
      }
      if context.conversation != nil { inConversation += 1 }
    }
    let largest = sizes.values.max() ?? 0
    if grouped == contexts.count && sizes.count >= 200 && largest * 20 <= contexts.count {
      return .group
    }
    return inConversation == contexts.count && !contexts.isEmpty ? .conversation : .text
  }
}

/// Assigns rows to sides by a stable hash of their unit: a pure function of (unit, seed), so importing a log
/// again, in another order or with more rows moves nothing that was there.
public struct Split: Equatable, Sendable {
  /// What stays together.
  public let unit: SplitUnit
  /// Seed of the assignment.
  public let seed: UInt64

  /// Hashes below this share of the range train; the next ``calibrateShare`` calibrates; the rest tests.
  public static let trainShare = 0.6
  /// Share of units that calibrate.
  public static let calibrateShare = 0.2

  /// A split.
  public init(unit: SplitUnit, seed: UInt64) {
    self.unit = unit
    self.seed = seed
  }

  /// The side of a row.
  public func side(text: String, context: QueryContext) -> SplitSide {
    let unitHash = RowFingerprint.unit(unit, text: text, context: context)
    let position =
      Double(StableHash.mixed(unitHash ^ StableHash.mixed(seed)) >> 11) / 9_007_199_254_740_992
    if position < Self.trainShare { return .train }
    return position < Self.trainShare + Self.calibrateShare ? .calibrate : .test
  }

  /// The side of every row.
  public func sides(_ dataset: Dataset) -> [SplitSide] {
    (0..<dataset.count).map { side(text: dataset.texts[$0], context: dataset.contexts[$0]) }
  }
}

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
  public static func unit(_ unit: SplitUnit, text: String, context: QueryContext) -> UInt64 {
    let field: String? =
      switch unit {
      case .text: nil
      case .group: context.group
      case .conversation: context.conversation
      }
    guard let field else { return Self.text(text) }
    return StableHash.hash(unit.rawValue.utf8 + [0] + field.utf8)
  }
}
