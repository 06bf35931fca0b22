/// The training target compiled from outcomes. A ladder of K candidates gives K − 1 binary heads; head `k`
/// answers "must this query climb above candidate k?". A pair is the ladder with one head.
public enum LabelTarget: String, CaseIterable, Equatable, Sendable, Codable {
  /// Head `k` is 1 when every candidate up to `k` has quality below the threshold.
  /// For a pair: the weak candidate fails, whether or not the strong one would do better.
  case weakFails = "weak-fails"
  /// Head `k` is 1 when some dearer candidate beats every candidate up to `k`.
  /// For a pair: strong > weak.
  case strongWins = "strong-wins"

  /// Label of head `k` on row `i`.
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
    switch self {
    case .weakFails:
      return bestBelow < qualityThreshold
    case .strongWins:
      for j in (k + 1)..<width where table.quality(i, j) > bestBelow { return true }
      return false
    }
  }

  /// Labels of head `k` for every row: 1 = climb.
  public func labels(_ table: OutcomeTable, head k: Int, qualityThreshold: Double) -> [Double] {
    (0..<table.rowCount).map {
      isPositive(table, row: $0, head: k, qualityThreshold: qualityThreshold) ? 1 : 0
    }
  }
}
