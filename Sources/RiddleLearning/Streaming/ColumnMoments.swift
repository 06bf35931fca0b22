/// Weighted mean and variance of dense columns, batch after batch, without keeping a row.
///
/// A batch's own moments are computed in two passes and merged by the formula of Chan, Golub & LeVeque (1979):
/// M ← M + M_b + δ² · W W_b / (W + W_b). Never subtracts two large sums of squares.
struct ColumnMoments: Equatable, Sendable {
  private(set) var weight = 0.0
  /// Means, one a column.
  private(set) var means: [Double]
  /// Weighted sums of squared differences from the mean.
  private var squares: [Double]

  init(columns: Int) {
    means = [Double](repeating: 0, count: columns)
    squares = means
  }

  mutating func add(_ rows: CompactRows) {
    let d = means.count
    var batchWeight = 0.0
    var sums = [Double](repeating: 0, count: d)
    for i in 0..<rows.count {
      let c = rows.weight(i)
      batchWeight += c
      for j in 0..<d { sums[j] += c * Double(rows.dense[i * d + j]) }
    }
    guard batchWeight > 0 else { return }
    for j in 0..<d { sums[j] /= batchWeight }
    var differences = [Double](repeating: 0, count: d)
    for i in 0..<rows.count {
      let c = rows.weight(i)
      for j in 0..<d {
        let difference = Double(rows.dense[i * d + j]) - sums[j]
        differences[j] += c * difference * difference
      }
    }
    let total = weight + batchWeight
    for j in 0..<d {
      let shift = sums[j] - means[j]
      means[j] += shift * batchWeight / total
      squares[j] += differences[j] + shift * shift * weight * batchWeight / total
    }
    weight = total
  }

  /// 1/standard deviation (denominator Σc) of a column, or 0 when it does not vary: rounding of the mean alone
  /// leaves about |mean| · 10⁻¹⁶.
  func inverseSpread(_ j: Int) -> Double {
    guard weight > 0 else { return 0 }
    let spread = (squares[j] / weight).squareRoot()
    return spread > 1e-10 * abs(means[j]) ? 1 / spread : 0
  }
}
