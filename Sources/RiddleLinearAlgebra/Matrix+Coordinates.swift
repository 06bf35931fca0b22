import COpenBLAS

/// One row of a matrix at a time, for coordinate descent over a transposed design.
extension Matrix {
  /// Row `i` times `y` (`ddot`).
  public func dot(row i: Int, _ y: [Double]) -> Double {
    precondition((0..<rowCount).contains(i), "row \(i) of \(rowCount)")
    precondition(y.count == columnCount, "\(y.count) values for \(columnCount) columns")
    // Borrowed for the call; row i holds columnCount values from i · columnCount.
    return unsafe values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return 0 }
      return unsafe cblas_ddot(
        BLAS.int(columnCount), base + i * columnCount, 1, y, 1)
    }
  }

  /// y_j += δ · d_j · a_ij for the entries of row `i`.
  public func addRow(_ i: Int, scaledBy delta: Double, weights d: [Double], to y: inout [Double]) {
    precondition((0..<rowCount).contains(i), "row \(i) of \(rowCount)")
    precondition(
      d.count == columnCount && y.count == columnCount,
      "\(y.count) values and \(d.count) weights for \(columnCount) columns")
    let first = i * columnCount
    // Borrowed for the closures; all three hold columnCount values.
    unsafe values.withUnsafeBufferPointer { values in
      unsafe d.withUnsafeBufferPointer { d in
        unsafe y.withUnsafeMutableBufferPointer { y in
          for j in 0..<columnCount { unsafe y[j] += delta * d[j] * values[first + j] }
        }
      }
    }
  }
}
