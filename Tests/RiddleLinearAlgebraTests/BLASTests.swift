import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@Suite struct BLASTests {
  @Test func `vector routines do what their formulas say`() {
    var y = [1.0, 2, 3]
    #expect(BLAS.dot([1, 2, 3], y) == 14)
    BLAS.add(2, [1, 0, -1], to: &y)
    #expect(y == [3, 2, 1])
    BLAS.scale(&y, by: -2)
    #expect(y == [-6, -4, -2])
    #expect(BLAS.norm([3, 4]) == 5)
    expectClose(BLAS.norm([3e200, 4e200]) / 5e200, 1, tolerance: 1e-15)
  }

  @Test(arguments: [false, true], [Int?.none, 3])
  func `matrix times vector agrees with the sums`(transposed: Bool, firstRows: Int?) {
    var numbers = Numbers(state: 7)
    let a = Matrix(rowCount: 5, columnCount: 4, values: numbers.vector(20))
    let rows = firstRows ?? 5
    let x = numbers.vector(transposed ? rows : 4)
    var y = numbers.vector(transposed ? 4 : rows)
    let before = y
    BLAS.multiply(
      a, firstRows: firstRows, transposed: transposed, alpha: 0.5, x, beta: -2, into: &y)
    for i in y.indices {
      var sum = 0.0
      for j in x.indices { sum += (transposed ? a[j, i] : a[i, j]) * x[j] }
      expectClose(y[i], 0.5 * sum - 2 * before[i], tolerance: 1e-14)
    }
  }

  @Test func `a product with no rows only scales`() {
    var y = [1.0, 2]
    BLAS.multiply(
      Matrix(rowCount: 4, columnCount: 2), firstRows: 0, transposed: true, [], beta: 3, into: &y)
    #expect(y == [3, 6])
  }

  @Test func `the gramian is symmetric and holds the columns' inner products`() {
    var numbers = Numbers(state: 3)
    let a = Matrix(rowCount: 6, columnCount: 3, values: numbers.vector(18))
    let g = BLAS.gramian(of: a)
    for i in 0..<3 {
      for j in 0..<3 {
        var sum = 0.0
        for r in 0..<6 { sum += a[r, i] * a[r, j] }
        expectClose(g[i, j], sum, tolerance: 1e-14)
        #expect(g[i, j] == g[j, i])
      }
    }
  }

  @Test func `a product with a transpose holds the rows' inner products`() {
    var numbers = Numbers(state: 4)
    let a = Matrix(rowCount: 2, columnCount: 5, values: numbers.vector(10))
    let b = Matrix(rowCount: 4, columnCount: 5, values: numbers.vector(20))
    let c = BLAS.product(a, transposedOf: b, firstRows: 3)
    #expect((c.rowCount, c.columnCount) == (2, 3))
    for i in 0..<2 {
      for j in 0..<3 {
        expectClose(c[i, j], BLAS.dot(Array(a.row(i)), Array(b.row(j))), tolerance: 1e-14)
      }
    }
  }

  @Test func `whitening by the factor of the gramian makes it the identity`() throws {
    var numbers = Numbers(state: 5)
    var a = Matrix(rowCount: 9, columnCount: 4, values: numbers.vector(36))
    BLAS.solveTransposed(&a, lower: try Cholesky(BLAS.gramian(of: a)).lower)
    let g = BLAS.gramian(of: a)
    for i in 0..<4 {
      for j in 0..<4 { expectClose(g[i, j], i == j ? 1 : 0, tolerance: 1e-12) }
    }
  }
}
