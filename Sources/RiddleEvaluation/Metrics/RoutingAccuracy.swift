import RiddleData

/// Routing accuracy in the three definitions of METRICS §2, with the strict form of the second.
///
/// On real logs many rows have candidates of equal quality, and the definitions disagree exactly there:
/// - label-match: the pick is the oracle's;
/// - acceptable-set: quality of the pick ≥ best quality of the row − ε; strict: and no cheaper candidate is;
/// - decisive-only: label-match over the rows whose candidates differ in quality.
public struct RoutingAccuracy: Equatable, Sendable {
  /// Share of rows whose pick is the oracle's.
  public var labelMatch: Double
  /// Share of rows whose pick is acceptable.
  public var acceptableSet: Double
  /// Share of rows whose pick is the cheapest acceptable one.
  public var acceptableSetStrict: Double
  /// Label match over the decisive rows; nil when there is none.
  public var decisiveOnly: Double?

  /// Accuracy of `picks` on `table`, one pick a row. At least one row.
  public init(_ table: OutcomeTable, picks: [Int], oracle: Oracle, tolerance: Double = 0) {
    precondition(picks.count == table.rowCount, "\(picks.count) picks for \(table.rowCount) rows")
    var (match, acceptable, strict, decisiveMatch, decisive) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for (i, pick) in picks.enumerated() {
      let row = RowJudgement(table, row: i, oracle: oracle, tolerance: tolerance)
      match += row.matches(pick)
      acceptable += row.isAcceptable(pick, in: table, row: i)
      strict += row.isStrictlyAcceptable(pick)
      if row.isDecisive {
        decisive += 1
        decisiveMatch += row.matches(pick)
      }
    }
    let n = Double(picks.count)
    labelMatch = match / n
    acceptableSet = acceptable / n
    acceptableSetStrict = strict / n
    decisiveOnly = decisive > 0 ? decisiveMatch / decisive : nil
  }
}

/// What is right on one row; the verdicts are 1 or 0, ready to be summed.
struct RowJudgement: Sendable {
  /// The oracle's pick.
  let oraclePick: Int
  /// Best quality of the row.
  let bestQuality: Double
  /// Cheapest candidate within the tolerance of the best quality.
  let cheapestAcceptable: Int
  /// Whether the candidates differ in quality.
  let isDecisive: Bool
  /// Cheapest candidate of adequate quality; nil when there is none.
  let cheapestRight: Int?
  private let tolerance: Double

  init(
    _ table: OutcomeTable, row i: Int, oracle: Oracle, tolerance: Double,
    qualityThreshold: Double = 0.5
  ) {
    let width = table.candidates.count
    oraclePick = oracle.pick(table, row: i)
    var best = table.quality(i, 0)
    var worst = best
    for k in 1..<width {
      best = max(best, table.quality(i, k))
      worst = min(worst, table.quality(i, k))
    }
    bestQuality = best
    isDecisive = best != worst
    self.tolerance = tolerance
    cheapestRight = (0..<width).first { table.quality(i, $0) >= qualityThreshold }
    var first = 0
    while table.quality(i, first) < best - tolerance { first += 1 }  // ends: the best is acceptable
    cheapestAcceptable = first
  }

  func matches(_ pick: Int) -> Double { pick == oraclePick ? 1 : 0 }
  func isAcceptable(_ pick: Int, in table: OutcomeTable, row i: Int) -> Double {
    table.quality(i, pick) >= bestQuality - tolerance ? 1 : 0
  }
  func isStrictlyAcceptable(_ pick: Int) -> Double { pick == cheapestAcceptable ? 1 : 0 }
}
