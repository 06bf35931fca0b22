import RiddleData

/// The rows that are judged, with what the router earns and pays on each, and the folds in which choices are made.
struct AdviceWork: Sendable {
  let table: OutcomeTable
  let policy: ScoredPolicy
  let settings: AdviceSettings
  /// Units of resampling.
  let index: ClusterIndex
  /// Fold of each row; rows of a unit share one.
  let fold: [Int]
  /// Quality of what the router chose.
  let quality: [Double]
  /// Dollars that the router paid in all; 0 everywhere when ``costsKnown`` is false.
  let cost: [Double]
  /// Whether every cost is known.
  let costsKnown: Bool
  /// Quality that a dollar is worth.
  let price: Double

  init(_ table: OutcomeTable, policy: ScoredPolicy, rows: AdviceRows, settings: AdviceSettings) {
    self.table = table
    self.policy = policy
    self.settings = settings
    let n = table.rowCount
    let index = ClusterIndex(rows.clusters ?? Array(0..<n))
    self.index = index
    var stream = SplitMix64(seed: settings.seed, stream: "advice-folds")
    let foldOfUnit = (0..<index.count).map { _ in stream.below(settings.folds) }
    fold = index.ofRow.map { foldOfUnit[Int($0)] }
    quality = (0..<n).map { table.quality($0, policy.picks[$0]) }
    let paid = (0..<n).map { policy.paid($0, table) / 1e9 }
    let known = table.missingCostCount == 0 && paid.allSatisfy { $0.isFinite }
    costsKnown = known
    cost = known ? paid : [Double](repeating: 0, count: n)
    price = settings.pricePerQuality ?? Self.ownPrice(table, costsKnown: known)
  }

  var rowCount: Int { table.rowCount }

  /// (S − W) / (cost of S − cost of W), 0 where the strongest candidate is neither better nor dearer.
  private static func ownPrice(_ table: OutcomeTable, costsKnown: Bool) -> Double {
    let top = table.candidates.count - 1
    guard costsKnown else { return 0 }
    var (gap, rise) = (0.0, 0.0)
    for i in 0..<table.rowCount {
      gap += table.quality(i, top) - table.quality(i, 0)
      rise += Double((table.cost(i, top) ?? 0) - (table.cost(i, 0) ?? 0)) / 1e9
    }
    return gap > 0 && rise > 0 ? gap / rise : 0
  }

  /// What asking candidate `k` on row `i` costs; `withFee` when the router still decides.
  func dollars(_ i: Int, _ k: Int, withFee: Bool) -> Double {
    guard costsKnown, let nano = table.cost(i, k) else { return 0 }
    return Double(nano + (withFee ? policy.decisionCost.count : 0)) / 1e9
  }

  /// Quality and dollars of other picks; where the pick stays, so does what was paid.
  func outcomes(_ picks: [Int]) -> (quality: [Double], cost: [Double]) {
    var newQuality = quality
    var newCost = cost
    for i in 0..<rowCount where picks[i] != policy.picks[i] {
      newQuality[i] = table.quality(i, picks[i])
      newCost[i] = dollars(i, picks[i], withFee: true)
    }
    return (newQuality, newCost)
  }

  /// Units that have a row in `members`.
  func unitCount(_ members: [Bool]) -> Int {
    var seen = [Bool](repeating: false, count: index.count)
    for (i, c) in index.ofRow.enumerated() where members[i] { seen[Int(c)] = true }
    return seen.count { $0 }
  }

  /// Sums of `values` over each fold.
  func foldSums(_ values: (Int) -> Double) -> [Double] {
    var sums = [Double](repeating: 0, count: settings.folds)
    for i in 0..<rowCount { sums[fold[i]] += values(i) }
    return sums
  }
}
