import RiddleData

/// What writing queries differently does to their routes, and what that costs.
///
/// Shares are over the queries whose text the perturbation changes: lower-casing a lower-case query proves nothing. Intervals
/// are Wilson's at the effective number of queries, those of one conversation, group or family of near-duplicates counting
/// as they depend on one another (``ClusterRobust``).
public struct RouteChanges: Equatable, Sendable, Codable {
  /// The perturbation, or `paraphrases`.
  public var name: String
  /// Its kind.
  public var family: Perturbation.Family
  /// Queries whose text it changes.
  public var queries: Int
  /// Share of them that keep their candidate.
  public var unchanged: Figure
  /// Share that goes to a dearer one.
  public var upgraded: Figure
  /// Share that goes to a cheaper one.
  public var downgraded: Figure
  /// Mean change of the dollars per query, from the recorded outcomes of the candidates; undefined without them.
  public var dollars: Figure
  /// Mean change of the quality per query, likewise.
  public var quality: Figure

  /// Compares candidates before and after.
  ///
  /// - Parameters:
  ///   - before: rung of the ladder by row.
  ///   - after: rung of the ladder by row; nil where the text did not change.
  ///   - outcomes: what each candidate is worth on each row; nil when unknown.
  ///   - clusters: the unit of each row; nil when rows stand for themselves.
  ///   - confidence: coverage of the intervals.
  public init(
    _ name: String, family: Perturbation.Family, before: [Int], after: [Int?],
    outcomes: OutcomeTable?, clusters: [Int]?, confidence: Double
  ) {
    precondition(
      before.count == after.count && outcomes.map { $0.rowCount == before.count } ?? true,
      "\(before.count) rows before and \(after.count) after")
    let rows = after.indices.filter { after[$0] != nil }
    let moves = rows.map { (after[$0] ?? 0) - before[$0] }
    let shares = ClusterRobust(
      clusters: ClusterIndex(rows.map { clusters?[$0] ?? $0 }), confidence: confidence)
    self.name = name
    self.family = family
    queries = rows.count
    unchanged = shares.share(moves.map { $0 == 0 })
    upgraded = shares.share(moves.map { $0 > 0 })
    downgraded = shares.share(moves.map { $0 < 0 })
    dollars = .undefined
    quality = .undefined
    guard let outcomes else { return }
    var costs: [Double] = []
    var gains: [Double] = []
    for (row, move) in zip(rows, moves) {
      let (old, new) = (before[row], before[row] + move)
      gains.append(outcomes.quality(row, new) - outcomes.quality(row, old))
      if move == 0 {
        costs.append(0)
      } else if let was = outcomes.cost(row, old), let now = outcomes.cost(row, new) {
        costs.append(NanoDollars(now).dollars - NanoDollars(was).dollars)
      }
    }
    quality = shares.mean(gains)
    // One unknown price would make the mean that of other rows.
    if costs.count == rows.count { dollars = shares.mean(costs) }
  }

  private enum CodingKeys: String, CodingKey {
    case name, family, queries, unchanged, upgraded, downgraded, quality
    case dollars = "dollars_per_query"
  }
}
