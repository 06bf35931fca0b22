import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct OrdinalLogisticRegressionTests {
  /// statsmodels' Newton and scipy's BFGS leave errors near 1e-7; ours stops at 1e-11 a row.
  @Test func `coefficients agree with statsmodels and with scipy`() throws {
    let golden = try LinearGolden.load().ordinal
    for reference in golden.cases {
      var estimator = OrdinalLogisticRegression(l2Penalty: reference.penalty)
      estimator.tolerance = 1e-11
      let data = try ClassTrainingSet(
        dense: matrix(golden.rows.x), hashed: reference.hashed ? golden.rows.hashed : nil,
        classes: golden.classes, classCount: 4,
        weights: reference.weighted ? golden.weights : nil)
      let fitted = try estimator.fit(data)
      #expect(fitted.report.converged, "\(reference.reference) λ \(reference.penalty)")
      expectClose(
        LogisticCoefficients(
          intercept: 0, dense: fitted.model.dense, hashed: fitted.model.hashed),
        LogisticCoefficients(intercept: 0, dense: reference.dense, hashed: reference.weights),
        tolerance: 1e-5)
      for (a, b) in zip(fitted.model.cutPoints, reference.cuts) {
        expectClose(a, b, tolerance: 1e-5)
      }
    }
  }

  @Test(arguments: [Int?.none, 3], [2, 3, 5])
  func `derivatives are those of the value`(bits: Int?, classes: Int) throws {
    let estimator = OrdinalLogisticRegression(l2Penalty: 0.7)
    let problem = try ClassProblem(
      classSample(61, classes: classes, bucketBits: bits), balance: .uniform,
      standardizesDense: true)
    let objective = estimator.objective(problem)
    let weights: [Double] = (0..<objective.weightCount).map { 0.4 - 0.1 * Double($0 % 9) }
    let cuts: [Double] = (0..<objective.cutCount).map { -0.5 + 0.6 * Double($0) }
    checkDerivatives(objective, at: weights + cuts)
  }

  @Test func `cut-points out of order have no likelihood`() throws {
    let problem = try ClassProblem(
      classSample(62), balance: .uniform, standardizesDense: true)
    let objective = OrdinalLogisticRegression().objective(problem)
    let weights = [Double](repeating: 0, count: objective.weightCount)
    #expect(objective.evaluate(weights + [1, 0]).value == .infinity)
    #expect(objective.evaluate(weights + [1, 1]).value == .infinity)
    #expect(objective.evaluate(weights + [0, 1]).value.isFinite)
  }

  @Test func `two classes are the binary regression`() throws {
    let binary = try sample(63, bucketBits: 5, weighted: true)
    let data = try ClassTrainingSet(
      dense: binary.dense, hashed: binary.hashed, classes: binary.targets.map { Int($0) },
      classCount: 2, weights: binary.weights)
    var ordinal = OrdinalLogisticRegression(l2Penalty: 0.6)
    ordinal.tolerance = 1e-11
    var one = LogisticRegression(l2Penalty: 0.6)
    one.tolerance = 1e-11
    expectClose(
      try ordinal.fit(data).model.heads[0], try one.fit(binary).model, tolerance: 1e-6)
  }

  @Test func `heads share weights and fall, probabilities add up to 1`() throws {
    let data = try classSample(64, rows: 200, classes: 4, bucketBits: 5)
    let model = try OrdinalLogisticRegression().fit(data).model
    #expect(zip(model.cutPoints, model.cutPoints.dropFirst()).allSatisfy { $0 < $1 })
    let heads = model.heads
    #expect(heads.count == 3)
    #expect(heads.allSatisfy { $0.dense == model.dense && $0.hashed == model.hashed })
    let p = model.probabilities(dense: data.dense, hashed: data.hashed)
    let margins = heads.map { $0.margins(dense: data.dense, hashed: data.hashed) }
    for i in 0..<data.count {
      expectClose(p.row(i).reduce(0, +), 1, tolerance: 1e-12)
      for k in 0..<3 {
        let above = (k + 1..<4).reduce(0) { $0 + p[i, $1] }
        expectClose(above, LogisticLoss.probability(margin: margins[k][i]), tolerance: 1e-12)
      }
    }
  }

  @Test func `reversing the ladder negates weights and cut-points`() throws {
    let data = try classSample(65, rows: 160, bucketBits: 4)
    var estimator = OrdinalLogisticRegression()
    estimator.tolerance = 1e-11
    let model = try estimator.fit(data).model
    let reversed = try ClassTrainingSet(
      dense: data.dense, hashed: data.hashed, classes: data.classes.map { 2 - $0 },
      classCount: 3, weights: data.weights)
    let other = try estimator.fit(reversed).model
    for (a, b) in zip(model.dense + model.hashed, other.dense + other.hashed) {
      expectClose(a, -b, tolerance: 1e-6)
    }
    for (a, b) in zip(model.cutPoints, other.cutPoints.reversed()) {
      expectClose(a, -b, tolerance: 1e-6)
    }
  }

  @Test func `hashed features alone can be fitted, and bits repeat`() throws {
    let data = try classSample(66, bucketBits: 4)
    let only = try ClassTrainingSet(
      dense: Matrix(rowCount: data.count, columnCount: 0), hashed: data.hashed,
      classes: data.classes, classCount: 3)
    let estimator = OrdinalLogisticRegression()
    let fitted = try estimator.fit(only)
    #expect(fitted.report.converged && fitted.model.dense.isEmpty)
    for other in Shards.map(count: 4, { _ in try? estimator.fit(only) }) {
      #expect(other == fitted)
    }
  }

  @Test func `separable ladders stay finite`() throws {
    let data = try ClassTrainingSet(
      dense: matrix((0..<12).map { [Double($0)] }), classes: (0..<12).map { $0 / 4 },
      classCount: 3)
    let fitted = try OrdinalLogisticRegression(l2Penalty: 1e-6).fit(data)
    #expect(fitted.model.dense[0].isFinite && fitted.model.dense[0] > 1)
    #expect(fitted.model.cutPoints[0] < fitted.model.cutPoints[1])
  }
}
