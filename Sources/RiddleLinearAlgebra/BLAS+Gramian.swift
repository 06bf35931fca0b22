import COpenBLAS

extension BLAS {
  /// C += AᵀA over A's first `rowCount` rows, upper triangle only (`dsyrk`): for sums over blocks of rows.
  ///
  /// ``Matrix/mirrorUpperTriangle()`` completes C once all blocks are in.
  public static func addGramian(of a: Matrix, firstRows rowCount: Int, to c: inout Matrix) {
    let k = a.columnCount
    precondition((0...a.rowCount).contains(rowCount), "\(rowCount) rows of \(a.rowCount)")
    precondition(
      c.rowCount == k && c.columnCount == k,
      "a gramian of \(k) columns into \(c.rowCount) × \(c.columnCount)")
    if rowCount == 0 || k == 0 { return }
    // Borrowed for the call; `a` holds at least rowCount × k values, `c` holds k × k.
    WorkBuffers.working {
      unsafe cblas_dsyrk(
        CblasRowMajor, CblasUpper, CblasTrans, int(k), int(rowCount), 1, a.values, int(k), 1,
        &c.values, int(k))
    }
  }
}

extension Matrix {
  /// Copies the upper triangle of a square matrix into the lower one.
  public mutating func mirrorUpperTriangle() {
    for i in 0..<rowCount {
      for j in 0..<i { self[i, j] = self[j, i] }
    }
  }
}
