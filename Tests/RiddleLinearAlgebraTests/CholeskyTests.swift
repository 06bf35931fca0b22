import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@Suite struct CholeskyTests {
  @Test func `the factor of a known matrix`() throws {
    let a = Matrix(rowCount: 3, columnCount: 3, values: [4, 2, -2, 2, 10, 2, -2, 2, 6])
    let l = try Cholesky(a).lower
    let expected = [2, 0, 0, 1, 3, 0, -1, 1, 2].map(Double.init)
    for (found, wanted) in zip(l.values, expected) { expectClose(found, wanted, tolerance: 1e-14) }
  }

  @Test(arguments: [1, 2, 7, 30]) func `solutions satisfy their equations`(n: Int) throws {
    var numbers = Numbers(state: UInt64(n))
    var a = BLAS.gramian(
      of: Matrix(rowCount: 2 * n, columnCount: n, values: numbers.vector(2 * n * n)))
    for j in 0..<n { a[j, j] += 0.5 }
    let b = numbers.vector(n)
    let factor = try Cholesky(a)
    var product = [Double](repeating: 0, count: n)
    BLAS.multiply(a, factor.solve(b), into: &product)
    for j in 0..<n { expectClose(product[j], b[j], tolerance: 1e-10) }
    let twoSteps = factor.solveUpper(factor.solveLower(b))
    for (x, y) in zip(twoSteps, factor.solve(b)) { expectClose(x, y, tolerance: 1e-10) }
  }

  @Test func `a dependent column is named`() {
    let a = Matrix(rowCount: 3, columnCount: 3, values: [1, 0, 0, 0, 1, 1, 0, 1, 1])
    #expect(throws: Cholesky.Failure.notPositiveDefinite(order: 3, size: 3)) { try Cholesky(a) }
    let message = Cholesky.Failure.notPositiveDefinite(order: 3, size: 3).description
    #expect(message.contains("3 × 3") && message.contains("column 3"))
  }

  @Test(arguments: [Double.nan, .infinity, -1])
  func `a diagonal that is not a positive number is refused`(entry: Double) {
    #expect(throws: Cholesky.Failure.self) {
      try Cholesky(Matrix(rowCount: 1, columnCount: 1, values: [entry]))
    }
  }
}
