import RiddleRuntime

/// The side of every row of a data set, and what was kept together.
public struct SplitAssignment: Equatable, Sendable {
  /// What decided.
  public let split: Split
  /// The side of each row; nil for a row that is left out because it is too like a row of an earlier side.
  public let sides: [SplitSide?]
  /// What a reader should know.
  public let summary: SplitSummary

  /// Sides that were found in another way.
  package init(split: Split, sides: [SplitSide?], summary: SplitSummary) {
    self.split = split
    self.sides = sides
    self.summary = summary
  }

  /// The rows of a side, ascending.
  public func rows(_ side: SplitSide) -> [Int] { sides.indices.filter { sides[$0] == side } }
}

/// What a split kept together and left out.
public struct SplitSummary: Equatable, Sendable, Codable {
  /// Rows that share their normalised text with another row.
  public var equalTextRows = 0
  /// Rows that have a near-duplicate with another text (Jaccard ≥ 0.8 of word 5-grams, directly or in a chain).
  public var nearDuplicateRows = 0
  /// Families of near-duplicates with more than one text.
  public var nearDuplicateFamilies = 0
  /// Units (texts, groups or conversations) that near-duplicates joined with others.
  public var joinedUnits = 0
  /// Rows of the largest set that stays together; 0 in splits by time and segment.
  public var largestComponent = 0
  /// Rows of the calibrate side left out: they repeat a training row or share its conversation.
  public var droppedFromCalibrate = 0
  /// Rows of the test side left out: they repeat a row of another side or share its conversation.
  public var droppedFromTest = 0
  /// Segments on the test side, sorted; nil unless the split is by segment.
  public var heldOutSegments: [String]?

  /// Nothing yet.
  public init() {}

  private enum CodingKeys: String, CodingKey {
    case equalTextRows = "equal_text_rows"
    case nearDuplicateRows = "near_duplicate_rows"
    case nearDuplicateFamilies = "near_duplicate_families"
    case joinedUnits = "joined_units"
    case largestComponent = "largest_component"
    case droppedFromCalibrate = "dropped_from_calibrate"
    case droppedFromTest = "dropped_from_test"
    case heldOutSegments = "held_out_segments"
  }
}

extension Split {
  /// Puts every row on a side.
  ///
  /// * By text, group, conversation: the side is a stable hash of the row's component (``SplitUnits``), so near-duplicates
  ///   never straddle. A component of one unit has that unit's hash: importing a log again, in another order or with
  ///   more rows, moves nothing but what a new near-duplicate joins. Where near-duplicates would chain units into one huge
  ///   component, units keep their own hash and repeats are left out, as below.
  /// * By time: the oldest 60 % train, the next 20 % calibrate, the newest 20 % test. Rows of equal time share a side, the
  ///   one that holds the middle of them; rows without a time count as the oldest.
  /// * By segment: segments in the order of their hash test until they hold 20 % of the rows, skipping those that would
  ///   lead beyond 30 %; never all of them. The rest, and rows without a value, train and calibrate 3 : 1 by their
  ///   component's hash.
  ///
  /// Left out, with a nil side: a row that has a near-duplicate on an earlier side, or shares its unit (by time and by
  /// segment: its conversation).
  public func assignment(of dataset: Dataset) -> SplitAssignment {
    let dataset = dataset.withDuplicateKeys()
    let units = SplitUnits(dataset, unit: unit)
    var summary = SplitSummary()
    summary.countDuplicates(dataset)
    var sides: [SplitSide?]
    switch unit {
    case .text, .group, .conversation:
      sides = units.keys.map { side(ofKey: $0) }
      summary.joinedUnits = units.joinedUnits
      summary.largestComponent = units.largest
    case .time: sides = Self.sidesByTime(dataset.contexts)
    case .segment:
      let held = heldOutSegments(dataset.contexts)
      let trainShare = Self.trainShare / (Self.trainShare + Self.calibrateShare)
      summary.heldOutSegments = held.sorted()
      sides = units.keys.indices.map { i in
        if let value = segmentField?.value(of: dataset.contexts[i]), held.contains(value) {
          return .test
        }
        return position(ofKey: units.keys[i]) < trainShare ? .train : .calibrate
      }
    }
    leaveOutRepeats(dataset, &sides, &summary)
    return SplitAssignment(split: self, sides: sides, summary: summary)
  }

  /// Takes rows off their side that repeat a row which stays on an earlier one.
  private func leaveOutRepeats(
    _ dataset: Dataset, _ sides: inout [SplitSide?], _ summary: inout SplitSummary
  ) {
    let families = dataset.duplicateKeys ?? []
    let units = dataset.texts.indices.map {
      RowFingerprint.unit(unit, text: dataset.texts[$0], context: dataset.contexts[$0])
    }
    var seenFamilies: Set<UInt64> = []
    var seenUnits: Set<UInt64> = []
    for side in SplitSide.allCases {
      var kept: [Int] = []
      for i in sides.indices where sides[i] == side {
        if !seenFamilies.contains(families[i]) && !seenUnits.contains(units[i]) {
          kept.append(i)
          continue
        }
        sides[i] = nil
        if side == .test { summary.droppedFromTest += 1 } else { summary.droppedFromCalibrate += 1 }
      }
      for i in kept {
        seenFamilies.insert(families[i])
        seenUnits.insert(units[i])
      }
    }
  }

  private static func sidesByTime(_ contexts: [QueryContext]) -> [SplitSide?] {
    let times = contexts.map { $0.time?.count ?? .min }
    let order = times.indices.sorted { (times[$0], $0) < (times[$1], $1) }
    var sides = [SplitSide?](repeating: nil, count: times.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count && times[order[end]] == times[order[start]] { end += 1 }
      let middle = Double(start + end) / 2 / Double(order.count)
      let isUnknown = times[order[start]] == .min
      let side: SplitSide =
        isUnknown || middle < trainShare
        ? .train : middle < trainShare + calibrateShare ? .calibrate : .test
      for position in start..<end { sides[order[position]] = side }
      start = end
    }
    return sides
  }

  /// The segments of the test side.
  private func heldOutSegments(_ contexts: [QueryContext]) -> Set<String> {
    guard let segmentField else { return [] }
    var sizes: [String: Int] = [:]
    for context in contexts {
      if let value = segmentField.value(of: context) { sizes[value, default: 0] += 1 }
    }
    if sizes.count < 2 { return [] }
    let order = sizes.keys.map { (hash: position(ofKey: StableHash.hash($0.utf8)), value: $0) }
      .sorted { $0.hash != $1.hash ? $0.hash < $1.hash : $0.value < $1.value }
    let n = contexts.count
    var held: Set<String> = []
    var rows = 0
    for (_, value) in order where rows * 5 < n && held.count < sizes.count - 1 {
      let size = sizes[value] ?? 0
      if (rows + size) * 10 > n * 3 { continue }
      held.insert(value)
      rows += size
    }
    if held.isEmpty,
      let smallest = order.min(by: { (sizes[$0.value] ?? 0) < (sizes[$1.value] ?? 0) })
    {
      held = [smallest.value]
    }
    return held
  }
}

extension SplitSummary {
  /// Counts equal and near-equal texts of a data set whose near-duplicates are known.
  fileprivate mutating func countDuplicates(_ dataset: Dataset) {
    var rowsOfText: [UInt64: Int] = [:]
    var family: [UInt64: (rows: Int, texts: Int)] = [:]
    for (i, key) in (dataset.duplicateKeys ?? []).enumerated() {
      let text = RowFingerprint.text(dataset.texts[i])
      let isNew = rowsOfText[text] == nil
      rowsOfText[text, default: 0] += 1
      family[key, default: (0, 0)].rows += 1
      if isNew { family[key, default: (0, 0)].texts += 1 }
    }
    for rows in rowsOfText.values where rows > 1 { equalTextRows += rows }
    for (rows, texts) in family.values where texts > 1 {
      nearDuplicateRows += rows
      nearDuplicateFamilies += 1
    }
  }
}
