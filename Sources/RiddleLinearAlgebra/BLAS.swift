import COpenBLAS

/// The BLAS routines that fitting uses, over Swift arrays.
///
/// All pointers handed to OpenBLAS are borrowed from arrays for the length of one call, and every call first
/// checks that the arrays hold what the sizes promise. Bits may differ between processors, not between runs
/// on one processor with one BLAS thread (``BLASThreads``).
public enum BLAS {
  /// xᵀy (`ddot`). The vectors have equal length.
  public static func dot(_ x: [Double], _ y: [Double]) -> Double {
    precondition(x.count == y.count, "dot of \(x.count) and \(y.count) values")
    // Borrowed for the call; both hold `x.count` values.
    return unsafe cblas_ddot(int(x.count), x, 1, y, 1)
  }

  /// y += αx (`daxpy`).
  public static func add(_ alpha: Double, _ x: [Double], to y: inout [Double]) {
    precondition(x.count == y.count, "sum of \(x.count) and \(y.count) values")
    // Borrowed for the call; both hold `x.count` values.
    unsafe cblas_daxpy(int(x.count), alpha, x, 1, &y, 1)
  }

  /// x *= α (`dscal`).
  public static func scale(_ x: inout [Double], by alpha: Double) {
    // Borrowed for the call; `x.count` values.
    unsafe cblas_dscal(int(x.count), alpha, &x, 1)
  }

  /// ‖x‖₂ without overflow (`dnrm2`).
  public static func norm(_ x: [Double]) -> Double {
    // Borrowed for the call; `x.count` values.
    unsafe cblas_dnrm2(int(x.count), x, 1)
  }

  /// y = αAx + βy, or αAᵀx + βy when `transposed`, with A's first `rowCount` rows or all (`dgemv`).
  public static func multiply(
    _ a: Matrix, firstRows rowCount: Int? = nil, transposed: Bool = false, alpha: Double = 1,
    _ x: [Double], beta: Double = 0, into y: inout [Double]
  ) {
    let rows = rowCount ?? a.rowCount
    precondition((0...a.rowCount).contains(rows), "\(rows) rows of \(a.rowCount)")
    let (m, n) = transposed ? (a.columnCount, rows) : (rows, a.columnCount)
    precondition(
      x.count == n && y.count == m,
      "an \(m) × \(n) product needs \(n) and \(m) values, got \(x.count) and \(y.count)")
    if rows == 0 || a.columnCount == 0 {
      for i in y.indices { y[i] = beta == 0 ? 0 : beta * y[i] }
      return
    }
    // Borrowed for the call; sizes checked above, the matrix holds rows × columns values by construction.
    WorkBuffers.working {
      unsafe cblas_dgemv(
        CblasRowMajor, transposed ? CblasTrans : CblasNoTrans, int(rows), int(a.columnCount),
        alpha, a.values, int(a.columnCount), x, 1, beta, &y, 1)
    }
  }

  /// AᵀA, `columnCount × columnCount`, both triangles filled (`dsyrk`).
  public static func gramian(of a: Matrix) -> Matrix {
    let k = a.columnCount
    var c = Matrix(rowCount: k, columnCount: k)
    if a.values.isEmpty { return c }
    // Borrowed for the call; `a` holds rows × k values, `c` holds k × k.
    WorkBuffers.working {
      unsafe cblas_dsyrk(
        CblasRowMajor, CblasUpper, CblasTrans, int(k), int(a.rowCount), 1, a.values, int(k), 0,
        &c.values, int(k))
    }
    for i in 0..<k {
      for j in 0..<i { c[i, j] = c[j, i] }
    }
    return c
  }

  /// ABᵀ with the first `rowCount` rows of B, or all (`dgemm`).
  public static func product(
    _ a: Matrix, transposedOf b: Matrix, firstRows rowCount: Int? = nil
  ) -> Matrix {
    let n = rowCount ?? b.rowCount
    precondition((0...b.rowCount).contains(n), "\(n) rows of \(b.rowCount)")
    precondition(
      a.columnCount == b.columnCount, "rows of \(a.columnCount) and \(b.columnCount) values")
    var c = Matrix(rowCount: a.rowCount, columnCount: n)
    if c.values.isEmpty || a.columnCount == 0 { return c }
    // Borrowed for the call; a is m × inner, b at least n × inner, c m × n.
    WorkBuffers.working {
      unsafe cblas_dgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, int(a.rowCount), int(n), int(a.columnCount), 1,
        a.values, int(a.columnCount), b.values, int(b.columnCount), 0, &c.values, int(n))
    }
    return c
  }

  /// Replaces A by A·L⁻ᵀ for a lower-triangular L (`dtrsm`): whitens the rows of A when LLᵀ is their gramian.
  public static func solveTransposed(_ a: inout Matrix, lower l: Matrix) {
    precondition(
      l.rowCount == a.columnCount && l.columnCount == a.columnCount,
      "\(a.columnCount) columns against a \(l.rowCount) × \(l.columnCount) factor")
    if a.values.isEmpty { return }
    // Borrowed for the call; l is k × k, a rows × k.
    WorkBuffers.working {
      unsafe cblas_dtrsm(
        CblasRowMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, int(a.rowCount),
        int(a.columnCount), 1, l.values, int(l.columnCount), &a.values, int(a.columnCount))
    }
  }

  /// A size as the C interface takes it.
  static func int(_ count: Int) -> Int32 {
    precondition(count <= Int32.max, "\(count) exceeds the 2³¹ − 1 that this BLAS addresses")
    return Int32(count)
  }
}
