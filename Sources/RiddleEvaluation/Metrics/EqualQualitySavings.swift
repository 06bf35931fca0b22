import RiddleData

/// What a policy saves against the cheapest random mix of fixed candidates that is exactly as good: the fair price of its quality.
///
/// Mixes of candidates reach every point under the upper convex hull of their (mean cost, mean quality). With mean quality q and cost c of
/// the policy, and W, S, c_W, c_S of the two neighbours on the hull between which q lies, the mix of quality q costs
///
///     D = c_W + (q − W) (c_S − c_W) / (S − W),   saved = 1 − c / D
///
/// Above 0 the policy knows something about queries; savings against always-strongest alone do not show that, since any mix
/// saves. Beyond the ends of the hull its first or last edge is extended, though no mix is that good. Undefined where no
/// candidate is better than the cheapest, where D ≤ 0 or so uncertain that the interval is wider than 200 points, and where a cost
/// is missing.
///
/// - Parameters:
///   - quality: of what the user got, one a row.
///   - dollars: paid in all, one a row; NaN where unknown makes the figure undefined.
/// - Returns: the figure with an interval by linearisation (the delta method, the edge taken as given) and cluster-robust errors.
func equalQualitySavings(
  quality: [Double], dollars: [Double], table: OutcomeTable, robust: ClusterRobust
) -> Figure {
  let n = table.rowCount
  let mean = quality.reduce(0, +) / Double(n)
  guard let (low, high) = hullEdge(table, around: mean) else { return .undefined }
  // Per row: q, c, W, S, c_W, c_S.
  var columns = [[Double]](repeating: [Double](repeating: 0, count: n), count: 6)
  for i in 0..<n {
    guard let weak = table.cost(i, low), let strong = table.cost(i, high) else {
      return .undefined
    }
    columns[0][i] = quality[i]
    columns[1][i] = dollars[i]
    columns[2][i] = table.quality(i, low)
    columns[3][i] = table.quality(i, high)
    columns[4][i] = Double(weak) / 1e9
    columns[5][i] = Double(strong) / 1e9
  }
  let m = columns.map { $0.reduce(0, +) / Double(n) }
  let (gap, rise) = (m[3] - m[2], m[5] - m[4])
  guard gap > 0, rise > 0 else { return .undefined }
  let share = (m[0] - m[2]) / gap
  let due = m[4] + share * rise
  guard due > 0, m[1].isFinite else { return .undefined }
  let value = 1 - m[1] / due
  // Derivatives of `value` in the six means.
  let byDue = m[1] / (due * due)
  let slope = rise / gap
  let gradient = [
    byDue * slope, -1 / due, byDue * (share - 1) * slope, -byDue * share * slope,
    byDue * (1 - share), byDue * share,
  ]
  let linear = (0..<n).map { i in
    var sum = value
    for k in 0..<6 { sum += gradient[k] * (columns[k][i] - m[k]) }
    return sum
  }
  let figure = robust.mean(linear)
  // Where the mix costs next to nothing a ratio says nothing, and the linearisation fails.
  if let low = figure.low, let high = figure.high, high - low > 2 { return .undefined }
  return Figure(value, low: figure.low, high: figure.high)
}

/// The two neighbours on the hull of the candidates between which `quality` lies; nil when the hull is one point, or a cost is
/// missing.
private func hullEdge(_ table: OutcomeTable, around quality: Double) -> (low: Int, high: Int)? {
  let width = table.candidates.count
  var cost = [Double](repeating: 0, count: width)
  var worth = cost
  for i in 0..<table.rowCount {
    for k in 0..<width {
      guard let own = table.cost(i, k) else { return nil }
      cost[k] += Double(own)
      worth[k] += table.quality(i, k)
    }
  }
  // From the cheapest, of equals the best, always along the steepest edge upwards.
  var at = (0..<width).min { (cost[$0], -worth[$0]) < (cost[$1], -worth[$1]) } ?? 0
  var edge: (low: Int, high: Int)?
  while true {
    var next: Int?
    var steepest = 0.0
    for k in 0..<width where worth[k] > worth[at] && cost[k] > cost[at] {
      let slope = (worth[k] - worth[at]) / (cost[k] - cost[at])
      if slope > steepest {
        next = k
        steepest = slope
      }
    }
    guard let next else { return edge }
    edge = (at, next)
    if worth[next] / Double(table.rowCount) >= quality { return edge }
    at = next
  }
}
