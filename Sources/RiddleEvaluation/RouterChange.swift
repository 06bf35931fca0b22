import RiddleData

/// What changed between two routers on the rows that both were judged on.
public struct RouterChange: Equatable, Sendable, Codable {
  /// Name of the first router.
  public var before: String
  /// Name of the second.
  public var after: String
  /// Rows judged by both, with the same outcomes.
  public var rows: Int
  /// Rows that only the first was judged on.
  public var onlyBefore: Int
  /// Rows that only the second was judged on.
  public var onlyAfter: Int
  /// Rows whose outcomes differ between the two: relabelled or priced anew, left out.
  public var changedOutcomes: Int
  /// Share of rows sent to a dearer candidate than before.
  public var movedUp: Figure
  /// Share of rows sent to a cheaper one.
  public var movedDown: Figure
  /// Figures that differ: after − before, paired by row.
  public var changes: [Change]
  /// Figures that are the same.
  public var unchanged: [String]
  /// What a reader must be warned of.
  public var warnings: [String]
  /// How the intervals were made.
  public var intervals: EvaluationReport.IntervalSettings

  private enum CodingKeys: String, CodingKey {
    case before, after, rows, changes, unchanged, warnings, intervals
    case onlyBefore = "only_before"
    case onlyAfter = "only_after"
    case changedOutcomes = "changed_outcomes"
    case movedUp = "moved_up"
    case movedDown = "moved_down"
  }

  /// One figure before and after.
  public struct Change: Equatable, Sendable, Codable {
    /// Name in JSON.
    public var metric: String
    /// Before.
    public var before: Figure
    /// After.
    public var after: Figure
    /// After − before, paired.
    public var difference: Figure
    /// `better`, `worse` or `undecided`.
    public var verdict: String
  }

  /// Judges both on their common rows.
  ///
  /// - Returns: nil when they share no row, or their ladders differ.
  /// - Throws: ``EvaluationError``.
  public init?(
    before: RecordedRows, after: RecordedRows, settings: EvaluationSettings
  ) throws(EvaluationError) {
    guard before.table.candidates == after.table.candidates else { return nil }
    let pairs = Self.commonRows(before, after)
    let same = pairs.filter { i, j in Self.haveSameOutcomes(before.table, i, after.table, j) }
    guard !same.isEmpty else { return nil }
    let old = before.rows(same.map(\.0))
    var new = after.rows(same.map(\.1))
    if new.policy.name == old.policy.name { new.policy.name += " (after)" }
    let report = try evaluate(
      old.table, routers: [new.policy, old.policy], wall: old.wall, settings: settings)
    self.before = old.policy.name
    self.after = new.policy.name
    rows = same.count
    onlyBefore = before.table.rowCount - pairs.count
    onlyAfter = after.table.rowCount - pairs.count
    changedOutcomes = pairs.count - same.count
    func moved(_ isMove: (Int, Int) -> Bool) -> Figure {
      let count = zip(old.policy.picks, new.policy.picks).count { isMove($0, $1) }
      return wilsonInterval(
        successes: count, trials: same.count, confidence: settings.confidence)
    }
    movedUp = moved { $1 > $0 }
    movedDown = moved { $1 < $0 }
    changes = []
    unchanged = []
    for comparison in report.comparisons where comparison.baseline == old.policy.name {
      if comparison.difference.value == 0, comparison.difference.low == comparison.difference.high {
        unchanged.append(comparison.metric)
        continue
      }
      changes.append(
        Change(
          metric: comparison.metric,
          before: Self.figure(comparison.metric, report.routers[1]),
          after: Self.figure(comparison.metric, report.routers[0]),
          difference: comparison.difference, verdict: comparison.verdict))
    }
    warnings = report.warnings.filter { !$0.contains("is not shown to beat") }
    if changedOutcomes > 0 {
      warnings.append("\(changedOutcomes) rows have other outcomes now and are left out")
    }
    intervals = report.intervals
  }

  private static func figure(_ metric: String, _ policy: PolicyFigures) -> Figure {
    metric == "utility at same cost"
      ? policy.gainOverRandom
      : Gate(metric: metric, comparison: .atLeast, bound: 0).figure(of: policy)
  }

  /// Positions of the rows that both hold, by key; equal keys are matched in order.
  private static func commonRows(_ a: RecordedRows, _ b: RecordedRows) -> [(Int, Int)] {
    func order(_ keys: [UInt64]) -> [Int] {
      keys.indices.sorted { keys[$0] != keys[$1] ? keys[$0] < keys[$1] : $0 < $1 }
    }
    let (left, right) = (order(a.wall.rowKeys), order(b.wall.rowKeys))
    var pairs: [(Int, Int)] = []
    var (i, j) = (0, 0)
    while i < left.count && j < right.count {
      let (x, y) = (a.wall.rowKeys[left[i]], b.wall.rowKeys[right[j]])
      if x == y {
        pairs.append((left[i], right[j]))
        i += 1
        j += 1
      } else if x < y {
        i += 1
      } else {
        j += 1
      }
    }
    return pairs
  }

  private static func haveSameOutcomes(
    _ a: OutcomeTable, _ i: Int, _ b: OutcomeTable, _ j: Int
  ) -> Bool {
    (0..<a.candidates.count).allSatisfy {
      a.quality(i, $0) == b.quality(j, $0) && a.cost(i, $0) == b.cost(j, $0)
    }
  }
}
