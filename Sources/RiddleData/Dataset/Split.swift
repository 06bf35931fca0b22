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

/// What decides a row's side. Whatever it is, near-duplicates never straddle.
public enum SplitUnit: String, Sendable, Codable, CaseIterable {
  /// Queries with the same normalised text stay together.
  case text
  /// Queries of one group stay together: a family, or a subject.
  case group
  /// Queries of one conversation stay together.
  case conversation
  /// The oldest train, the newest test.
  case time
  /// Whole segments are held out.
  case segment

  /// Groups when they look like families of near-duplicates (at least 200, none above 5 % of the rows), else
  /// conversations when every row has one or any has several rows, else texts.
  public static func suggested(for contexts: [QueryContext]) -> SplitUnit {
    var sizes: [String: Int] = [:]
    var conversations: Set<String> = []
    var grouped = 0
    var inConversation = 0
    for context in contexts {
      if let group = context.group {
        sizes[group, default: 0] += 1
        grouped += 1
      }
      if let conversation = context.conversation {
        conversations.insert(conversation)
        inConversation += 1
      }
    }
    let largest = sizes.values.max() ?? 0
    if grouped == contexts.count && sizes.count >= 200 && largest * 20 <= contexts.count {
      return .group
    }
    return inConversation > conversations.count
      || (inConversation == contexts.count && !contexts.isEmpty) ? .conversation : .text
  }
}

/// A field whose values are segments of the traffic.
public enum SegmentField: String, Sendable, Codable, CaseIterable {
  /// The task, for example sql.
  case taskType = "task_type"
  /// The domain, for example billing.
  case domain
  /// The group: a subject, a benchmark.
  case group
  /// The user's tier, for example free.
  case userTier = "user_tier"

  /// The row's value; nil when the log does not say.
  public func value(of context: QueryContext) -> String? {
    switch self {
    case .taskType: context.taskType
    case .domain: context.domain
    case .group: context.group
    case .userTier: context.userTier
    }
  }

  /// The first field that most rows have, with at least two values and at most a tenth as many as rows.
  public static func suggested(for contexts: [QueryContext]) -> SegmentField? {
    allCases.first { field in
      let values = contexts.compactMap { field.value(of: $0) }
      let distinct = Set(values).count
      return values.count * 2 > contexts.count && distinct > 1 && distinct * 10 <= contexts.count
    }
  }
}

/// Assigns rows to sides by a stable hash of what must stay together, by time, or by segment: see
/// ``assignment(of:)``. A pure function of the rows, in any order.
public struct Split: Equatable, Sendable {
  /// What decides.
  public let unit: SplitUnit
  /// Seed of the assignment.
  public let seed: UInt64
  /// Field whose segments are held out, for ``SplitUnit/segment``.
  public let segmentField: SegmentField?

  /// Hashes below this share of the range train; the next ``calibrateShare`` calibrates; the rest tests.
  public static let trainShare = 0.6
  /// Share of units that calibrate.
  public static let calibrateShare = 0.2

  /// A split.
  public init(unit: SplitUnit, seed: UInt64, segmentField: SegmentField? = nil) {
    self.unit = unit
    self.seed = seed
    self.segmentField = unit == .segment ? segmentField : nil
  }

  /// The side of a row that is like no other row, for splits by hash; whole logs take ``assignment(of:)``.
  public func side(text: String, context: QueryContext) -> SplitSide {
    side(ofKey: RowFingerprint.unit(unit, text: text, context: context))
  }

  /// The side of a unit by its hash.
  public func side(ofKey key: UInt64) -> SplitSide {
    let position = position(ofKey: key)
    if position < Self.trainShare { return .train }
    return position < Self.trainShare + Self.calibrateShare ? .calibrate : .test
  }

  /// Where a hash falls in [0, 1).
  func position(ofKey key: UInt64) -> Double {
    Double(StableHash.mixed(key ^ StableHash.mixed(seed)) >> 11) / 9_007_199_254_740_992
  }
}
