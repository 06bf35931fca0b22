import RiddleData

/// Rows that two routers send to different candidates.
public struct ChangedDecisions: Equatable, Sendable, Codable {
  /// Judged rows.
  public var rows: Int
  /// Rows by old and new candidate, the most frequent first; equal decisions are left out.
  public var moves: [Move]
  /// Some of them by id, those first whose quality changes most. Never a text.
  public var examples: [Example]

  /// Rows that went from one candidate to another.
  public struct Move: Equatable, Sendable, Codable {
    /// Candidate before.
    public var from: String
    /// Candidate after.
    public var to: String
    /// Rows.
    public var rows: Int
    /// Mean quality of the new candidate's answer minus that of the old one's.
    public var quality: Double
    /// Mean cost of the new minus the old, in dollars; nil where a cost is unknown.
    public var costDollars: Double?

    private enum CodingKeys: String, CodingKey {
      case from, to, rows, quality
      case costDollars = "cost_usd"
    }
  }

  /// One row.
  public struct Example: Equatable, Sendable, Codable {
    /// Its identifier in the log.
    public var id: String
    /// Candidate before.
    public var from: String
    /// Candidate after.
    public var to: String
    /// Quality of the old candidate's answer.
    public var qualityBefore: Double
    /// Quality of the new one's.
    public var qualityAfter: Double
    /// The old router's margin of the lower of both steps, minus its threshold; nil without a score.
    public var marginBefore: Double?
    /// The same of the new router.
    public var marginAfter: Double?

    private enum CodingKeys: String, CodingKey {
      case id, from, to
      case qualityBefore = "quality_before"
      case qualityAfter = "quality_after"
      case marginBefore = "margin_before"
      case marginAfter = "margin_after"
    }
  }

  /// Compares decisions on the rows of `table`.
  ///
  /// - Parameter limit: most examples.
  public init(
    before: ScoredPolicy, after: ScoredPolicy, table: OutcomeTable, ids: [String], limit: Int = 12
  ) {
    precondition(
      before.picks.count == ids.count && after.picks.count == ids.count,
      "\(before.picks.count) and \(after.picks.count) decisions for \(ids.count) rows")
    rows = ids.count
    let names = table.candidates
    var sums: [Int: (rows: Int, quality: Double, cost: Int64?)] = [:]
    var changed: [(row: Int, change: Double)] = []
    for i in ids.indices where before.picks[i] != after.picks[i] {
      let (a, b) = (before.picks[i], after.picks[i])
      let gain = table.quality(i, b) - table.quality(i, a)
      var sum = sums[a * names.count + b] ?? (0, 0, 0)
      sum.rows += 1
      sum.quality += gain
      if let old = table.cost(i, a), let new = table.cost(i, b) {
        sum.cost? += new - old
      } else {
        sum.cost = nil
      }
      sums[a * names.count + b] = sum
      changed.append((i, gain))
    }
    moves = sums.map { key, sum in
      Move(
        from: names[key / names.count], to: names[key % names.count], rows: sum.rows,
        quality: sum.quality / Double(sum.rows),
        costDollars: sum.cost.map { NanoDollars($0).dollars / Double(sum.rows) })
    }.sorted { ($1.rows, $0.from, $0.to) < ($0.rows, $1.from, $1.to) }
    func distance(_ policy: ScoredPolicy, _ i: Int, _ step: Int) -> Double? {
      let steps = policy.thresholds.count
      guard step < steps else { return nil }
      return policy.margins[i * steps + step] - policy.thresholds[step]
    }
    examples = changed.sorted { (-abs($0.change), $0.row) < (-abs($1.change), $1.row) }
      .prefix(limit).map { i, _ in
        let (a, b) = (before.picks[i], after.picks[i])
        return Example(
          id: ids[i], from: names[a], to: names[b], qualityBefore: table.quality(i, a),
          qualityAfter: table.quality(i, b), marginBefore: distance(before, i, min(a, b)),
          marginAfter: distance(after, i, min(a, b)))
      }
  }
}
