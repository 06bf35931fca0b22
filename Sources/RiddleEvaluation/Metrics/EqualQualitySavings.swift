import RiddleData

/// What a policy saves against a random mix of cheapest and strongest candidate that is exactly as good: the fair price of its quality.
///
/// With mean quality q and cost c of the policy, W and S, c_W and c_S of the two candidates, the mix of quality q costs
///
///     D = c_W + (q − W) (c_S − c_W) / (S − W),   saved = 1 − c / D
///
/// Above 0 the policy knows something about queries; savings against always-strongest alone do not show that, since any mix
/// saves. Beyond S the line is extended, though no mix is that good. Undefined where the strongest candidate is not
/// the better and dearer one, or where D ≤ 0.
///
/// - Parameters:
///   - quality: of what the user got, one a row.
///   - dollars: paid in all, one a row; NaN where unknown makes the figure undefined.
/// - Returns: the figure with an interval by linearisation (the delta method) and cluster-robust errors.
func equalQualitySavings(
  quality: [Double], dollars: [Double], table: OutcomeTable, robust: ClusterRobust
) -> Figure {
  let n = table.rowCount
  let top = table.candidates.count - 1
  // Per row: q, c, W, S, c_W, c_S.
  var columns = [[Double]](repeating: [Double](repeating: 0, count: n), count: 6)
  for i in 0..<n {
    guard let weak = table.cost(i, 0), let strong = table.cost(i, top) else { return .undefined }
    columns[0][i] = quality[i]
    columns[1][i] = dollars[i]
    columns[2][i] = table.quality(i, 0)
    columns[3][i] = table.quality(i, top)
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
  return Figure(value, low: figure.low, high: figure.high)
}
