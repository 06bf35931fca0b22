import RiddleData

/// What the outcomes say before anything is learned: who is adequate where, and what a perfect router would save.
public struct OutcomeSummary: Equatable, Sendable, Codable {
  /// Queries with complete outcomes.
  public var queries: Int
  /// The ladder, cheapest first.
  public var candidates: [String]
  /// Mean quality of each candidate.
  public var meanQuality: [Double]
  /// Mean cost of each candidate in dollars; nil where costs are missing.
  public var meanCostDollars: [Double?]
  /// Entry [a][b]: queries on which candidate a is adequate and b is not; on the diagonal, queries on which a is
  /// adequate.
  public var adequateAgainst: [[Int]]
  /// Queries on which every candidate is adequate.
  public var allAdequate: Int
  /// Queries on which none is.
  public var noneAdequate: Int
  /// Share of queries on which all candidates have the same quality.
  public var tieShare: Double
  /// Queries the oracle sends to each candidate.
  public var oraclePicks: [Int]
  /// Mean quality of the oracle.
  public var oracleQuality: Double
  /// Mean cost of the oracle in dollars; nil where costs are missing.
  public var oracleCostDollars: Double?
  /// 1 − cost of the oracle / cost of always-strongest: what a perfect router would save.
  public var headroomSavings: Double?
  /// Positive labels of each head: queries that must climb above candidate k.
  public var positives: [Int]

  private enum CodingKeys: String, CodingKey {
    case queries, candidates, positives
    case meanQuality = "mean_quality"
    case meanCostDollars = "mean_cost_usd"
    case adequateAgainst = "adequate_against"
    case allAdequate = "all_adequate"
    case noneAdequate = "none_adequate"
    case tieShare = "tie_share"
    case oraclePicks = "oracle_picks"
    case oracleQuality = "oracle_quality"
    case oracleCostDollars = "oracle_cost_usd"
    case headroomSavings = "headroom_savings"
  }

  /// Summarises `table` under an oracle and a label target.
  public init(
    _ table: OutcomeTable, oracle: Oracle, target: LabelTarget, qualityThreshold: Double
  ) {
    let n = table.rowCount
    let width = table.candidates.count
    let picks = oracle.picks(table)
    queries = n
    candidates = table.candidates
    meanQuality = (0..<width).map { k in
      (0..<n).reduce(0.0) { $0 + table.quality($1, k) } / Double(max(1, n))
    }
    let costs = (0..<width).map { k in Self.totalDollars(table) { _ in k } }
    meanCostDollars = costs.map { $0.map { $0 / Double(max(1, n)) } }
    var against = [[Int]](repeating: [Int](repeating: 0, count: width), count: width)
    var all = 0
    var none = 0
    var ties = 0
    for i in 0..<n {
      let adequate = (0..<width).map { table.quality(i, $0) >= qualityThreshold }
      for a in 0..<width where adequate[a] {
        for b in 0..<width where a == b || !adequate[b] { against[a][b] += 1 }
      }
      if adequate.allSatisfy({ $0 }) { all += 1 }
      if !adequate.contains(true) { none += 1 }
      if (1..<width).allSatisfy({ table.quality(i, $0) == table.quality(i, 0) }) { ties += 1 }
    }
    adequateAgainst = against
    allAdequate = all
    noneAdequate = none
    tieShare = Double(ties) / Double(max(1, n))
    oraclePicks = (0..<width).map { k in picks.count { $0 == k } }
    oracleQuality =
      (0..<n).reduce(0.0) { $0 + table.quality($1, picks[$1]) } / Double(max(1, n))
    let oracleTotal = Self.totalDollars(table) { picks[$0] }
    oracleCostDollars = oracleTotal.map { $0 / Double(max(1, n)) }
    if let oracleTotal, let strongest = costs[width - 1], strongest > 0 {
      headroomSavings = 1 - oracleTotal / strongest
    }
    positives = (0..<(width - 1)).map { head in
      target.labels(table, head: head, qualityThreshold: qualityThreshold).count { $0 > 0.5 }
    }
  }

  /// Exact sum of the picked candidates' costs, in dollars; nil when one is missing.
  private static func totalDollars(_ table: OutcomeTable, pick: (Int) -> Int) -> Double? {
    var sum: Int64 = 0
    for i in 0..<table.rowCount {
      guard let cost = table.cost(i, pick(i)) else { return nil }
      sum += cost
    }
    return NanoDollars(sum).dollars
  }
}
