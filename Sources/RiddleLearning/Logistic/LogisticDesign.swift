import RiddleLinearAlgebra

/// The dense block as a solver sees it, and the way back to raw feature units.
///
/// Standardising subtracts each column's weighted mean and divides by its weighted standard deviation
/// (denominator Σc), both in two passes; a column that does not vary is left out and gets weight 0. The raw
/// matrix is shared, not copied: solvers ask for standardised blocks of rows.
struct LogisticDesign: Sendable {
  /// Raw features, `n × rawCount`.
  let raw: Matrix
  /// Raw column of each kept one.
  let columns: [Int]
  /// What is subtracted from each kept column.
  let centers: [Double]
  /// What each kept column is divided by.
  let spreads: [Double]
  /// 1 / ``spreads``.
  private let scales: [Double]
  /// Number of raw columns.
  var rawCount: Int { raw.columnCount }
  /// Number of rows.
  var rowCount: Int { raw.rowCount }
  /// k: kept columns and the column of ones.
  var columnCount: Int { columns.count + 1 }

  init(_ dense: Matrix, weights: [Double], standardizes: Bool) {
    let d = dense.columnCount
    raw = dense
    var kept = Array(0..<d)
    if standardizes {
      let (means, variances) = dense.moments(weights: weights)
      // Rounding of the mean leaves a constant column a spread of about |mean| · 10⁻¹⁶: still constant.
      kept = kept.filter { variances[$0].squareRoot() > 1e-10 * abs(means[$0]) }
      centers = kept.map { means[$0] }
      spreads = kept.map { variances[$0].squareRoot() }
    } else {
      centers = [Double](repeating: 0, count: d)
      spreads = [Double](repeating: 1, count: d)
    }
    columns = kept
    scales = spreads.map { 1 / $0 }
  }

  /// `n × k`, kept columns then ones: a copy, for problems of few columns.
  var matrix: Matrix {
    let (n, d, k) = (rowCount, rawCount, columnCount)
    var values = [Double](repeating: 1, count: n * k)
    for i in 0..<n {
      for (position, j) in columns.enumerated() {
        values[i * k + position] = (raw.values[i * d + j] - centers[position]) / spreads[position]
      }
    }
    return Matrix(rowCount: n, columnCount: k, values: values)
  }

  /// Standardised rows `first`, `first + step`, … into the first `count` rows of `scratch` (k columns).
  func fill(first: Int, step: Int = 1, count: Int, into scratch: inout Matrix) {
    raw.standardize(
      first: first, step: step, rowCount: count, columns: columns, centers: centers,
      scales: scales, into: &scratch)
  }

  /// Rows of a block that stays in the second-level cache: 256 KB.
  var blockRows: Int { max(8, 32_768 / columnCount) }

  /// ZᵀDZ for D = diag(`d`), d ≥ 0, `k × k`, both triangles.
  ///
  /// - Parameter limit: at most about this many evenly spaced rows are read, and the sum is scaled up to all of
  ///   them: a preconditioner needs no more.
  func gramian(_ d: [Double], rowLimit limit: Int = .max) -> Matrix {
    let n = rowCount
    let step = max(1, n / max(limit, 1))
    let used = (n + step - 1) / step
    let block = max(256, blockRows)
    let k = columnCount
    let ranges = Shards.ranges(of: used)
    let parts = Shards.map(count: ranges.count) { shard in
      var sum = Matrix(rowCount: k, columnCount: k)
      if ranges[shard].isEmpty { return sum }
      var scratch = Matrix(rowCount: min(block, ranges[shard].count), columnCount: k)
      var start = ranges[shard].lowerBound
      while start < ranges[shard].upperBound {
        let count = min(block, ranges[shard].upperBound - start)
        fill(first: start * step, step: step, count: count, into: &scratch)
        scratch.scaleRows(by: (start..<(start + count)).map { d[$0 * step].squareRoot() })
        BLAS.addGramian(of: scratch, firstRows: count, to: &sum)
        start += count
      }
      return sum
    }
    var total = Matrix(rowCount: k, columnCount: k)
    for part in parts { BLAS.add(1, part.values, to: &total.values) }
    if step > 1 { BLAS.scale(&total.values, by: Double(n) / Double(used)) }
    total.mirrorUpperTriangle()
    return total
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
