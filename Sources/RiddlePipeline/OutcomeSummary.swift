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
    var builder = OutcomeSummaryBuilder(
      candidates: table.candidates, oracle: oracle, target: target,
      qualityThreshold: qualityThreshold)
    builder.add(table)
    self = builder.summary
  }

  fileprivate init(candidates: [String]) {
    let width = candidates.count
    queries = 0
    self.candidates = candidates
    meanQuality = [Double](repeating: 0, count: width)
    meanCostDollars = [Double?](repeating: nil, count: width)
    adequateAgainst = [[Int]](repeating: [Int](repeating: 0, count: width), count: width)
    allAdequate = 0
    noneAdequate = 0
    tieShare = 0
    oraclePicks = [Int](repeating: 0, count: width)
    oracleQuality = 0
    positives = [Int](repeating: 0, count: max(0, width - 1))
  }
}

/// An ``OutcomeSummary`` of a log that comes piece by piece: sums run in row order, so that the pieces' sizes change no bit.
public struct OutcomeSummaryBuilder {
  private let oracle: Oracle
  private let target: LabelTarget
  private let qualityThreshold: Double
  // Counts stand here from the start; means and shares are sums until `summary`.
  private var counts: OutcomeSummary
  private var quality: [Double]
  private var oracleQuality = 0.0
  private var ties = 0
  // Exact sums of nano-dollars; nil once a cost was missing.
  private var costs: [Int64?]
  private var oracleCost: Int64? = 0

  /// Nothing yet.
  public init(
    candidates: [String], oracle: Oracle, target: LabelTarget, qualityThreshold: Double
  ) {
    self.oracle = oracle
    self.target = target
    self.qualityThreshold = qualityThreshold
    counts = OutcomeSummary(candidates: candidates)
    quality = [Double](repeating: 0, count: candidates.count)
    costs = [Int64?](repeating: 0, count: candidates.count)
  }

  /// Adds the next rows, of the same candidates.
  ///
  /// - Returns: the oracle's pick for each of them.
  @discardableResult
  public mutating func add(_ table: OutcomeTable) -> [Int] {
    let width = counts.candidates.count
    let picks = oracle.picks(table)
    for (i, pick) in picks.enumerated() {
      let adequate = (0..<width).map { table.quality(i, $0) >= qualityThreshold }
      for a in 0..<width {
        quality[a] += table.quality(i, a)
        costs[a] = Self.sum(costs[a], table.cost(i, a))
        guard adequate[a] else { continue }
        for b in 0..<width where a == b || !adequate[b] { counts.adequateAgainst[a][b] += 1 }
      }
      if adequate.allSatisfy({ $0 }) { counts.allAdequate += 1 }
      if !adequate.contains(true) { counts.noneAdequate += 1 }
      if (1..<width).allSatisfy({ table.quality(i, $0) == table.quality(i, 0) }) { ties += 1 }
      counts.oraclePicks[pick] += 1
      oracleQuality += table.quality(i, pick)
      oracleCost = Self.sum(oracleCost, table.cost(i, pick))
    }
    for head in 0..<(width - 1) {
      counts.positives[head] += target.labels(
        table, head: head, qualityThreshold: qualityThreshold
      ).count { $0 > 0.5 }
    }
    counts.queries += table.rowCount
    return picks
  }

  private static func sum(_ a: Int64?, _ b: Int64?) -> Int64? {
    guard let a, let b else { return nil }
    return a + b
  }

  /// The summary of what was added so far.
  public var summary: OutcomeSummary {
    var summary = counts
    let n = Double(max(1, counts.queries))
    let dollars = costs.map { $0.map { NanoDollars($0).dollars } }
    summary.meanQuality = quality.map { $0 / n }
    summary.meanCostDollars = dollars.map { $0.map { $0 / n } }
    summary.tieShare = Double(ties) / n
    summary.oracleQuality = oracleQuality / n
    let total = oracleCost.map { NanoDollars($0).dollars }
    summary.oracleCostDollars = total.map { $0 / n }
    if let total, let strongest = dollars.last ?? nil, strongest > 0 {
      summary.headroomSavings = 1 - total / strongest
    }
    return summary
  }
}
