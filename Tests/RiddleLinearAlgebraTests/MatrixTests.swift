import RiddleLinearAlgebra
import Testing

@Suite struct MatrixTests {
  let matrix = Matrix(rowCount: 2, columnCount: 3, values: [1, 2, 3, 4, 5, 6])

  @Test func `entries are row-major`() {
    #expect(matrix[0, 2] == 3)
    #expect(matrix[1, 0] == 4)
    #expect(Array(matrix.row(1)) == [4, 5, 6])
  }

  @Test func `picking rows keeps their order and allows repeats`() {
    #expect(matrix.rows([1, 0, 1]).values == [4, 5, 6, 1, 2, 3, 4, 5, 6])
  }

  @Test func `transposing twice changes nothing`() {
    #expect(matrix.transposed.values == [1, 4, 2, 5, 3, 6])
    #expect(matrix.transposed.transposed == matrix)
  }

  @Test func `widening keeps the float's value exactly`() {
    let wide = Matrix(rowCount: 1, columnCount: 2, widening: [0.1, .leastNonzeroMagnitude])
    #expect(wide.values == [Double(Float(0.1)), Double(Float.leastNonzeroMagnitude)])
  }

  @Test func `a matrix without columns has empty rows`() {
    #expect(Matrix(rowCount: 3, columnCount: 0).rows([0, 2]).rowCount == 2)
  }
}
