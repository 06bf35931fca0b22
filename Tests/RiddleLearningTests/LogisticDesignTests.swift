import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct LogisticDesignTests {
  @Test func `columns get weighted mean 0 and variance 1, ones stand last`() {
    let weights = [1.0, 2, 3, 0.5]
    let dense = matrix([[1, 10], [2, 30], [4, 20], [8, 0]])
    let design = LogisticDesign(dense, weights: weights, standardizes: true)
    #expect(design.matrix.columnCount == 3)
    for j in 0..<2 {
      var (mean, variance) = (0.0, 0.0)
      for i in 0..<4 {
        mean += weights[i] * design.matrix[i, j] / 6.5
        variance += weights[i] * design.matrix[i, j] * design.matrix[i, j] / 6.5
      }
      expectClose(mean, 0, tolerance: 1e-14)
      expectClose(variance, 1, tolerance: 1e-14)
    }
    #expect((0..<4).allSatisfy { design.matrix[$0, 2] == 1 })
  }

  @Test func `folding back gives the same margins on raw features`() {
    let dense = matrix([[1, 7, 10], [2, 7, 30], [4, 7, 20]])
    let design = LogisticDesign(dense, weights: [1, 1, 1], standardizes: true)
    #expect(design.columns == [0, 2])
    let w = [0.5, -2, 0.25]
    let (intercept, raw) = design.folded(w)
    #expect(raw[1] == 0)
    for i in 0..<3 {
      let standardised = BLAS.dot(Array(design.matrix.row(i)), w)
      expectClose(intercept + BLAS.dot(Array(dense.row(i)), raw), standardised, tolerance: 1e-13)
    }
  }

  @Test(arguments: [0, 0.1, -1e9, 1e-30, 12345.678])
  func `a constant column is left out whatever its size`(value: Double) {
    let dense = matrix((0..<10).map { [value, Double($0)] })
    let weights = (0..<10).map { 0.1 + 0.7 * Double($0 % 3) }
    #expect(LogisticDesign(dense, weights: weights, standardizes: true).columns == [1])
  }

  @Test func `tiny columns are kept`() {
    let dense = matrix((0..<4).map { [1e-20 * Double($0)] })
    #expect(
      LogisticDesign(dense, weights: [1, 1, 1, 1], standardizes: true).columns == [0])
  }
}
