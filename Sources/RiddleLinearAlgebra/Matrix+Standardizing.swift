/// Weighted means and variances of columns, and blocks of rows standardised by them.
///
/// A standardised copy of a large matrix would double the memory of a fit; solvers standardise a block of rows
/// that fits the cache instead, as often as they need it.
extension Matrix {
  /// Weighted means and variances (denominator Σ weights) of all columns, each in two passes over the rows.
  ///
  /// Columns are divided among shards and every sum runs over the rows in order, so no thread count changes a bit.
  public func moments(weights: [Double]) -> (means: [Double], variances: [Double]) {
    precondition(weights.count == rowCount, "\(weights.count) weights for \(rowCount) rows")
    let total = weights.reduce(0, +)
    let d = columnCount
    let parts = Shards.map(count: min(Shards.count, max(d, 1))) { shard -> [[Double]] in
      let range = Shards.ranges(of: d, shards: min(Shards.count, max(d, 1)))[shard]
      var means = [Double](repeating: 0, count: range.count)
      var variances = means
      // Borrowed for the closure; i·d + j < rowCount · columnCount.
      unsafe values.withUnsafeBufferPointer { values in
        for i in 0..<rowCount {
          let weight = weights[i]
          let row = unsafe UnsafeBufferPointer(rebasing: values[(i * d + range.lowerBound)...])
          for j in means.indices { unsafe means[j] += weight * row[j] }
        }
        for j in means.indices { means[j] /= total }
        for i in 0..<rowCount {
          let weight = weights[i]
          let row = unsafe UnsafeBufferPointer(rebasing: values[(i * d + range.lowerBound)...])
          for j in means.indices {
            let difference = unsafe row[j] - means[j]
            variances[j] += weight * difference * difference
          }
        }
      }
      for j in means.indices { variances[j] /= total }
      return [means, variances]
    }
    return (parts.flatMap { $0[0] }, parts.flatMap { $0[1] })
  }

  /// (x_ij − center_j) · scale_j of the chosen columns, then a 1, for the rows `first`, `first + step`, …
  ///
  /// - Parameters:
  ///   - rowCount: how many rows; they must exist and fit `scratch`.
  ///   - columns: indices of columns, ascending.
  ///   - centers: what to subtract, one per chosen column.
  ///   - scales: what to multiply by, one per chosen column.
  ///   - scratch: `columns.count + 1` columns; its first `rowCount` rows are overwritten.
  public func standardize(
    first: Int, step: Int = 1, rowCount count: Int, columns: [Int], centers: [Double],
    scales: [Double], into scratch: inout Matrix
  ) {
    let k = columns.count
    precondition(
      centers.count == k && scales.count == k && scratch.columnCount == k + 1,
      "\(centers.count) centers, \(scales.count) scales, \(scratch.columnCount - 1) places for \(k)"
    )
    precondition(
      first >= 0 && step >= 1 && count <= scratch.rowCount
        && (count == 0 || first + (count - 1) * step < rowCount),
      "\(count) rows from \(first) in steps of \(step) of \(rowCount), room for \(scratch.rowCount)"
    )
    precondition(columns.allSatisfy { (0..<columnCount).contains($0) }, "a column does not exist")
    if count == 0 { return }
    let isWhole = k == columnCount
    // All arrays outlive the closures; rows and columns were checked above. Row pointers, not indices into the
    // whole, let the compiler vectorise: index sums carry overflow checks.
    unsafe values.withUnsafeBufferPointer { source in
      unsafe scratch.values.withUnsafeMutableBufferPointer { target in
        unsafe centers.withUnsafeBufferPointer { centers in
          unsafe scales.withUnsafeBufferPointer { scales in
            for i in 0..<count {
              let from = unsafe UnsafeBufferPointer(
                rebasing: source[((first + i * step) * columnCount)...])
              let to = unsafe UnsafeMutableBufferPointer(
                rebasing: target[(i * (k + 1))..<((i + 1) * (k + 1))])
              if isWhole {
                for j in 0..<k { unsafe to[j] = (from[j] - centers[j]) * scales[j] }
              } else {
                for j in 0..<k { unsafe to[j] = (from[columns[j]] - centers[j]) * scales[j] }
              }
              unsafe to[k] = 1
            }
          }
        }
      }
    }
  }

  /// Multiplies each of the first rows by its own factor.
  public mutating func scaleRows(by factors: [Double]) {
    precondition(factors.count <= rowCount, "\(factors.count) factors for \(rowCount) rows")
    let k = columnCount
    // In bounds: i · k + j < factors.count · k ≤ values.count.
    unsafe values.withUnsafeMutableBufferPointer { values in
      for i in factors.indices {
        let factor = factors[i]
        let row = unsafe UnsafeMutableBufferPointer(rebasing: values[(i * k)..<((i + 1) * k)])
        for j in 0..<k { unsafe row[j] *= factor }
      }
    }
  }
}
