/// The rule that, knowing all outcomes of a query, names the right candidate.
public enum Oracle: Equatable, Sendable {
  /// The cheapest candidate whose quality is at least `qualityThreshold`; none adequate → the cheapest,
  /// because money cannot buy quality there.
  case cheapestAdequate(qualityThreshold: Double)
  /// The best quality, ties to the cheapest; no candidate above zero → the cheapest.
  case bestQuality

  /// Name in reports and on the command line.
  public var name: String {
    switch self {
    case .cheapestAdequate: "cheapest-adequate"
    case .bestQuality: "best-quality"
    }
  }

  /// Position in the ladder (0 = cheapest) of the right candidate for row `i`.
  ///
  /// "Cheapest" is ladder order, which is the order of prices: ties between candidates go to the lower rung.
  public func pick(_ table: OutcomeTable, row i: Int) -> Int {
    let width = table.candidates.count
    switch self {
    case .cheapestAdequate(let threshold):
      for k in 0..<width where table.quality(i, k) >= threshold { return k }
      return 0
    case .bestQuality:
      var best = 0
      for k in 1..<width where table.quality(i, k) > table.quality(i, best) { best = k }
      return best
    }
  }

  /// The oracle's pick for every row, as positions in the ladder.
  public func picks(_ table: OutcomeTable) -> [Int] {
    (0..<table.rowCount).map { pick(table, row: $0) }
  }
}
