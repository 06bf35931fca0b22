import RiddleLinearAlgebra

/// The dense block as a solver sees it, and the way back to raw feature units.
///
/// Standardising subtracts each column's weighted mean and divides by its weighted standard deviation
/// (denominator Σc), both in two passes; a column that does not vary is left out and gets weight 0.
struct LogisticDesign: Sendable {
  /// `n × k`, kept columns then ones.
  let matrix: Matrix
  /// Raw column of each kept one.
  let columns: [Int]
  /// What was subtracted from each kept column.
  let centers: [Double]
  /// What each kept column was divided by.
  let spreads: [Double]
  /// Number of raw columns.
  let rawCount: Int

  init(_ dense: Matrix, weights: [Double], standardizes: Bool) {
    let n = dense.rowCount
    let d = dense.columnCount
    rawCount = d
    var means = [Double](repeating: 0, count: d)
    var variances = [Double](repeating: 1, count: d)
    var kept = Array(0..<d)
    if standardizes {
      let total = weights.reduce(0, +)
      for i in 0..<n {
        for j in 0..<d { means[j] += weights[i] * dense.values[i * d + j] }
      }
      for j in 0..<d { means[j] /= total }
      variances = [Double](repeating: 0, count: d)
      for i in 0..<n {
        for j in 0..<d {
          let difference = dense.values[i * d + j] - means[j]
          variances[j] += weights[i] * difference * difference
        }
      }
      for j in 0..<d { variances[j] /= total }
      // Rounding of the mean leaves a constant column a spread of about |mean| · 10⁻¹⁶: still constant.
      kept = kept.filter { variances[$0].squareRoot() > 1e-10 * abs(means[$0]) }
    }
    columns = kept
    centers = kept.map { means[$0] }
    spreads = kept.map { variances[$0].squareRoot() }
    let k = kept.count + 1
    var values = [Double](repeating: 1, count: n * k)
    for i in 0..<n {
      for (position, j) in kept.enumerated() {
        values[i * k + position] = (dense.values[i * d + j] - centers[position]) / spreads[position]
      }
    }
    matrix = Matrix(rowCount: n, columnCount: k, values: values)
  }

  /// Intercept and dense weights in raw units, from k solver weights, intercept last.
  func folded(_ w: [Double]) -> (intercept: Double, dense: [Double]) {
    var dense = [Double](repeating: 0, count: rawCount)
    var intercept = w[columns.count]
    for (position, j) in columns.enumerated() {
      dense[j] = w[position] / spreads[position]
      intercept -= dense[j] * centers[position]
    }
    return (intercept, dense)
  }
}
