import COpenBLAS

/// Products and updates of some consecutive rows of a matrix: several square matrices may stand on top of each other.
extension BLAS {
  /// y = A x over A's rows in `rows` (`dgemv`).
  public static func multiply(
    _ a: Matrix, rows: Range<Int>, _ x: [Double], into y: inout [Double]
  ) {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= a.rowCount, "rows \(rows) of \(a.rowCount)")
    precondition(
      x.count == a.columnCount && y.count == rows.count,
      "a \(rows.count) × \(a.columnCount) product, got \(x.count) and \(y.count) values")
    if rows.isEmpty || x.isEmpty { return }
    // Borrowed for the call; the rows were checked to lie within the matrix.
    unsafe a.values.withUnsafeBufferPointer { values in
      guard let base = values.baseAddress else { return }
      WorkBuffers.working {
        unsafe cblas_dgemv(
          CblasRowMajor, CblasNoTrans, int(rows.count), int(a.columnCount), 1,
          base + rows.lowerBound * a.columnCount, int(a.columnCount), x, 1, 0, &y, 1)
      }
    }
  }

  /// A += α x xᵀ, where A is the square matrix of `x.count` rows from `firstRow` on (`dger`, both triangles).
  public static func addOuterProduct(
    _ alpha: Double, _ x: [Double], to a: inout Matrix, firstRow: Int = 0
  ) {
    let n = x.count
    precondition(
      n == a.columnCount && firstRow >= 0 && firstRow + n <= a.rowCount,
      "\(n) values into rows \(firstRow) … of \(a.rowCount) × \(a.columnCount)")
    if n == 0 { return }
    let width = a.columnCount
    // Borrowed for the call; the block was checked to lie within the matrix.
    unsafe a.values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      WorkBuffers.working {
        unsafe cblas_dger(
          CblasRowMajor, int(n), int(n), alpha, x, 1, x, 1, base + firstRow * width, int(width))
      }
    }
  }
}
