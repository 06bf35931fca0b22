/// What a router learns from outcomes.
///
/// Weak-fails, strong-wins and utility-gap give a ladder of K − 1 binary heads; head `k` answers "must this query climb
/// above candidate k?". Success gives a head per candidate, four-way a head per class of a pair.
public enum LabelTarget: String, CaseIterable, Equatable, Sendable, Codable {
  /// Head `k` is 1 when every candidate up to `k` has quality below the threshold.
  /// For a pair: the weak candidate fails, whether or not the strong one would do better.
  case weakFails = "weak-fails"
  /// Head `k` is 1 when some dearer candidate beats every candidate up to `k`.
  /// For a pair: strong > weak.
  case strongWins = "strong-wins"
  /// Head `k` learns (1 + gap) / 2 with gap = (best utility above k) − (best utility up to k), clipped to [−1, 1];
  /// the utility of a candidate is quality − λ · cost in dollars. For a pair: (1 + s − w − λ · (c_s − c_w)) / 2.
  case utilityGap = "utility-gap"
  /// Head `k` learns the quality of candidate k; the choice weighs expected quality against price.
  case success = "success"
  /// For a pair: strong better, both bad, tie good, weak better, as four classes.
  case fourWay = "four-way"

  /// The yes-or-no question by which a router with this target is judged: targets on differences ask whether the
  /// dearer candidate does better.
  public var judged: LabelTarget { self == .weakFails ? .weakFails : .strongWins }

  /// Whether head `k`'s question is answered yes on row `i`; of targets that are not yes or no, ``judged``'s.
  ///
  /// - Parameters:
  ///   - table: outcomes, ladder order.
  ///   - i: row.
  ///   - k: head, in 0 ..< K − 1.
  ///   - qualityThreshold: quality from which an answer is adequate; used by `weakFails` only.
  public func isPositive(_ table: OutcomeTable, row i: Int, head k: Int, qualityThreshold: Double)
    -> Bool
  {
    let width = table.candidates.count
    var bestBelow = -Double.infinity
    for j in 0...k { bestBelow = max(bestBelow, table.quality(i, j)) }
    if judged == .weakFails { return bestBelow < qualityThreshold }
    for j in (k + 1)..<width where table.quality(i, j) > bestBelow { return true }
    return false
  }

  /// Labels of head `k` for every row: 1 = climb.
  public func labels(_ table: OutcomeTable, head k: Int, qualityThreshold: Double) -> [Double] {
    (0..<table.rowCount).map {
      isPositive(table, row: $0, head: k, qualityThreshold: qualityThreshold) ? 1 : 0
    }
  }
}
