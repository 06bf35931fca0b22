import RiddleData

/// The evaluated rows in canonical order, with everything about them that no policy changes.
struct Judged: Sendable {
  let table: OutcomeTable
  let settings: EvaluationSettings
  /// What is right on each row.
  let judgements: [RowJudgement]
  /// The oracle's picks.
  let oraclePicks: [Int]
  /// Head-0 label of each row, 0 or 1.
  let labels: [Double]
  /// Clusters of rows that belong together.
  let clusters: ClusterIndex
  /// What is resampled: clusters, or blocks of them where there are very many.
  let units: ClusterIndex
  /// Cells without a cost.
  let missingCosts: Int
  /// Cells with a cost of zero.
  let zeroCosts: Int
  /// Position of each cell between cheapest and strongest, row-major: dollars where every cost is known and the strongest
  /// candidate is dearer than the cheapest, else rung / (K − 1).
  let axis: [Double]
  /// Whether `axis` is in dollars.
  let axisIsCost: Bool

  init(_ table: OutcomeTable, wall: BaselineInputs, settings: EvaluationSettings) {
    let n = table.rowCount
    let width = table.candidates.count
    self.table = table
    self.settings = settings
    judgements = (0..<n).map {
      RowJudgement(
        table, row: $0, oracle: settings.oracle, tolerance: settings.tolerance,
        qualityThreshold: settings.qualityThreshold)
    }
    oraclePicks = judgements.map(\.oraclePick)
    labels = settings.target.labels(
      table, head: 0, qualityThreshold: settings.qualityThreshold)
    clusters = ClusterIndex(wall.clusters ?? Array(0..<n))
    units = clusters.merged(toAtMost: Resampling.mostUnits)
    missingCosts = table.missingCostCount
    zeroCosts = table.cost.reduce(0) { $0 + ($1 == 0 ? 1 : 0) }
    var rise: Int64 = 0
    if missingCosts == 0 {
      for i in 0..<n { rise += table.cost[i * width + width - 1] - table.cost[i * width] }
    }
    let usesCost = rise > 0
    axisIsCost = usesCost
    axis = table.cost.indices.map {
      usesCost ? Double(table.cost[$0]) / 1e9 : Double($0 % width) / Double(width - 1)
    }
  }

  /// Position of an accepted answer of candidate `k` for which `paid` nano-dollars were paid in all.
  func axisPosition(_ i: Int, _ k: Int, paid: Double) -> Double {
    axisIsCost ? paid / 1e9 : axis[i * candidateCount + k]
  }

  var rowCount: Int { table.rowCount }
  var candidateCount: Int { table.candidates.count }
  var isPair: Bool { table.candidates.count == 2 }
  var costsKnown: Bool { missingCosts == 0 }

  /// Column of candidate `k`'s quality.
  func quality(of k: Int) -> [Double] { (0..<rowCount).map { table.quality($0, k) } }

  /// strong − weak of each row.
  var gains: [Double] {
    (0..<rowCount).map { table.quality($0, candidateCount - 1) - table.quality($0, 0) }
  }

  /// Distance from always-cheapest to always-strongest on the axis, summed over rows.
  var reach: Double {
    (0..<rowCount).reduce(0) {
      $0 + axis[($1 + 1) * candidateCount - 1] - axis[$1 * candidateCount]
    }
  }

  /// Share of rows whose candidates all have the same quality.
  var tieShare: Double {
    Double(judgements.reduce(0) { $0 + ($1.isDecisive ? 0 : 1) }) / Double(rowCount)
  }

  /// Outcome of a pair's row: 0 both adequate, 1 only strong, 2 only weak, 3 neither; of a ladder's the oracle's pick.
  func outcomeClass(_ i: Int) -> Int {
    guard isPair else { return oraclePicks[i] }
    let weak = table.quality(i, 0) >= settings.qualityThreshold
    let strong = table.quality(i, 1) >= settings.qualityThreshold
    return weak ? (strong ? 0 : 2) : (strong ? 1 : 3)
  }

  /// Dollars of the cell, NaN where the log does not say.
  func dollars(_ i: Int, _ k: Int) -> Double { table.cost(i, k).map { Double($0) / 1e9 } ?? .nan }

  /// Rows in an order that does not depend on the order of the input: by key, duplicates by outcomes, then as given.
  static func canonicalOrder(_ table: OutcomeTable, keys: [UInt64]) -> [Int] {
    let width = table.candidates.count
    return Array(0..<table.rowCount).sorted { a, b in
      if keys[a] != keys[b] { return keys[a] < keys[b] }
      for k in 0..<width {
        let (x, y) = (a * width + k, b * width + k)
        if table.quality[x] != table.quality[y] { return table.quality[x] < table.quality[y] }
        if table.cost[x] != table.cost[y] { return table.cost[x] < table.cost[y] }
      }
      return a < b
    }
  }
}
