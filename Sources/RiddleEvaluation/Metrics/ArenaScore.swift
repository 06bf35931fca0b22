import Glibc
import RiddleData

/// RouterArena's score (arXiv 2510.00202): 1.1 · A · C / (0.1 · A + C), a harmonic mean of accuracy A and cheapness C that
/// weighs accuracy ten times.
///
/// C = (log₂ 200 − log₂ c) / (log₂ 200 − log₂ 0.0044), c = dollars per 1000 queries clipped to [0.0044, 200].
///
/// - Parameters:
///   - accuracy: share of right answers, in [0, 1].
///   - dollarsPerThousand: mean cost of 1000 queries.
/// - Returns: 0 when A and C are both 0; nil when an argument is not a number.
public func arenaScore(accuracy: Double, dollarsPerThousand: Double) -> Double? {
  guard accuracy.isFinite, !dollarsPerThousand.isNaN else { return nil }
  let c = min(max(dollarsPerThousand, 0.0044), 200)
  let cheapness = (log2(200.0) - log2(c)) / (log2(200.0) - log2(0.0044))
  let denominator = 0.1 * accuracy + cheapness
  return denominator == 0 ? 0 : 1.1 * accuracy * cheapness / denominator
}

/// RouterArena's three optimality ratios over the rows that some candidate answers correctly (quality ≥ threshold).
public struct ArenaOptimality: Equatable, Sendable {
  /// Opt.Sel: share of those rows on which the pick is the cheapest correct candidate.
  public var selection: Double?
  /// Opt.Acc: share of those rows on which the pick is correct.
  public var accuracy: Double?
  /// Opt.Cost: Σ cost of the cheapest correct candidate / Σ cost of the pick, over the rows where the pick is correct;
  /// nil when a cost is missing or the picks cost nothing.
  public var cost: Double?

  /// The ratios of `picks`, one a row of `table`. "Cheapest" is ladder order.
  public init(_ table: OutcomeTable, picks: [Int], qualityThreshold: Double) {
    let oracle = Oracle.cheapestAdequate(qualityThreshold: qualityThreshold)
    var (solvable, selected, correct) = (0, 0, 0)
    var (due, spent) = (0.0, 0.0)
    for (i, pick) in picks.enumerated() {
      let right = oracle.pick(table, row: i)
      guard table.quality(i, right) >= qualityThreshold else { continue }
      solvable += 1
      selected += pick == right ? 1 : 0
      guard table.quality(i, pick) >= qualityThreshold else { continue }
      correct += 1
      due += table.cost(i, right).map(Double.init) ?? .nan
      spent += table.cost(i, pick).map(Double.init) ?? .nan
    }
    selection = solvable > 0 ? Double(selected) / Double(solvable) : nil
    accuracy = solvable > 0 ? Double(correct) / Double(solvable) : nil
    cost = spent > 0 && due.isFinite ? due / spent : nil
  }
}
