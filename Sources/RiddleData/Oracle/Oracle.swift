/// The rule that, knowing all outcomes of a query, names the right candidate.
public enum Oracle: Equatable, Sendable {
  /// The cheapest candidate whose quality is at least `qualityThreshold`; none adequate → the cheapest,
  /// because money cannot buy quality there.
  case cheapestAdequate(qualityThreshold: Double)
  /// The best quality, ties to the cheapest; no candidate above zero → the cheapest.
  case bestQuality
  /// The best utility, quality − λ · cost in dollars, ties to the cheaper; a candidate without a cost is never chosen
  /// while another has one.
  case utility(pricePerQuality: Double)

  /// Name in reports and on the command line.
  public var name: String {
    switch self {
    case .cheapestAdequate: "cheapest-adequate"
    case .bestQuality: "best-quality"
    case .utility: "utility"
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
    case .utility(let price):
      var best = (k: 0, value: -Double.infinity)
      for k in 0..<width {
        guard let cost = table.cost(i, k) else { continue }
        let value = table.quality(i, k) - price * Double(cost) / 1e9
        if value > best.value + 1e-12 { best = (k, value) }
      }
      return best.k
    }
  }

  /// The oracle's pick for every row, as positions in the ladder.
  public func picks(_ table: OutcomeTable) -> [Int] {
    (0..<table.rowCount).map { pick(table, row: $0) }
  }
}
