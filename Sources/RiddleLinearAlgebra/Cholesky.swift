import COpenBLAS

/// The factor L of a symmetric positive definite matrix A = LLᵀ, and solutions with it (LAPACK `dpotrf`, `dpotrs`).
public struct Cholesky: Equatable, Sendable {
  /// L, lower-triangular, zeros above the diagonal.
  public let lower: Matrix

  /// Why a matrix has no factor.
  public enum Failure: Error, Equatable, CustomStringConvertible {
    /// The leading minor of this order (1-based) is not positive: the columns up to it are linearly dependent,
    /// or an entry is not finite.
    case notPositiveDefinite(order: Int, size: Int)

    /// What was wrong, where, and what to try.
    public var description: String {
      switch self {
      case .notPositiveDefinite(let order, let size):
        """
        the \(size) × \(size) matrix is not positive definite: its leading minor of order \(order) is not \
        positive, so column \(order) depends on those before it; add a penalty or remove the column
        """
      }
    }
  }

  /// Factors `a`; reads its lower triangle only.
  /// - Complexity: O(n³).
  public init(_ a: Matrix) throws(Failure) {
    precondition(
      a.rowCount == a.columnCount, "a \(a.rowCount) × \(a.columnCount) matrix has no factor")
    let n = a.rowCount
    var factor = a
    var size = BLAS.int(n)
    var info: Int32 = 0
    // LAPACK is column-major: its upper triangle "U", A = UᵀU, is our lower one with L = Uᵀ.
    // Borrowed for the call; `factor` holds n × n values.
    unsafe dpotrf_("U", &size, &factor.values, &size, &info, 1)
    if info > 0 || factor.values.contains(where: { !$0.isFinite }) {
      throw .notPositiveDefinite(order: max(Int(info), 1), size: n)
    }
    precondition(info == 0, "dpotrf rejected argument \(-info)")
    for i in 0..<n {
      for j in (i + 1)..<max(n, i + 1) { factor[i, j] = 0 }
    }
    lower = factor
  }

  /// x with Ax = `b`.
  public func solve(_ b: [Double]) -> [Double] {
    precondition(b.count == lower.rowCount, "\(b.count) values for \(lower.rowCount) equations")
    var x = b
    var size = BLAS.int(b.count)
    var one: Int32 = 1
    var info: Int32 = 0
    // Borrowed for the call; the factor holds n × n values, x holds n.
    unsafe dpotrs_("U", &size, &one, lower.values, &size, &x, &size, &info, 1)
    precondition(info == 0, "dpotrs rejected argument \(-info)")
    return x
  }

  /// x with Lx = `b`: forward substitution.
  public func solveLower(_ b: [Double]) -> [Double] {
    precondition(b.count == lower.rowCount, "\(b.count) values for \(lower.rowCount) equations")
    var x = b
    for i in x.indices {
      for j in 0..<i { x[i] -= lower[i, j] * x[j] }
      x[i] /= lower[i, i]
    }
    return x
  }

  /// x with Lᵀx = `b`: backward substitution.
  public func solveUpper(_ b: [Double]) -> [Double] {
    precondition(b.count == lower.rowCount, "\(b.count) values for \(lower.rowCount) equations")
    var x = b
    for i in x.indices.reversed() {
      for j in (i + 1)..<max(x.count, i + 1) { x[i] -= lower[j, i] * x[j] }
      x[i] /= lower[i, i]
    }
    return x
  }
}
