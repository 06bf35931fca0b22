import RiddleData
import RiddleLinearAlgebra
import Testing

@Suite struct BLASBlocksTests {
  @Test("products and rank-one updates of a block touch that block alone")
  func blocks() {
    var a = Matrix(rowCount: 7, columnCount: 3, values: (0..<21).map { Double($0 % 5) - 1 })
    let x = [2.0, -1, 0.5]
    var y = [9.0, 9, 9, 9]
    BLAS.multiply(a, rows: 2..<6, x, into: &y)
    for i in 0..<4 {
      #expect(y[i] == 2 * a[i + 2, 0] - a[i + 2, 1] + 0.5 * a[i + 2, 2])
    }
    let before = a
    BLAS.addOuterProduct(-0.5, x, to: &a, firstRow: 4)
    for i in 0..<7 {
      for j in 0..<3 {
        #expect(a[i, j] == before[i, j] - (i >= 4 ? 0.5 * x[i - 4] * x[j] : 0))
      }
    }
    var none: [Double] = []
    BLAS.multiply(a, rows: 3..<3, x, into: &none)
    #expect(none.isEmpty)
  }

  @Test("single-precision products of blocks of rows")
  func single() {
    let a: [Float] = [1, 2, 3, 4, 5, 6]
    let b: [Float] = [1, 0, 0, 1, 1, 1, -1, 2]
    var c = [Float](repeating: 7, count: 5)
    BLAS.products(a, rows: 1..<3, b, rows: 2..<4, dimension: 2, into: &c)
    #expect(c == [7, 5, 11, 7, 7])
    #expect(BLAS.dot(a, row: 2, b, row: 3, dimension: 2) == 7)
  }
}
