import Foundation
import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct DenseInferenceTests {
  /// statsmodels' Newton at tol 1e-14; ours at 1e-9 a row, λ = 0.
  @Test(arguments: [true, false])
  func `unpenalised errors and intervals agree with statsmodels`(standardizes: Bool) throws {
    let golden = try LinearGolden.load().inference
    let data = try TrainingSet(dense: matrix(golden.x), targets: golden.y)
    var estimator = LogisticRegression(l2Penalty: 0)
    estimator.standardizesDense = standardizes
    let fitted = try estimator.fit(data)
    let found = try estimator.inference(of: fitted.model, on: data)
    #expect(found.map(\.column) == [0, 1, 2])
    for (j, row) in found.enumerated() {
      expectClose(row.weight, golden.coef[j], tolerance: 1e-7)
      expectClose(row.standardError, golden.se[j], tolerance: 1e-7)
      expectClose(row.low, golden.low[j], tolerance: 1e-7)
      expectClose(row.high, golden.high[j], tolerance: 1e-7)
      expectClose(row.deviation, golden.spread[j], tolerance: 1e-12)
      expectClose(row.weightPerDeviation, row.weight * golden.spread[j], tolerance: 1e-12)
      expectClose(row.perDeviation.oddsRatio, exp(row.weightPerDeviation), tolerance: 1e-12)
    }
    expectClose(try #require(fitted.report.effectiveDegreesOfFreedom), 4, tolerance: 1e-9)
  }

  @Test func `penalised errors and degrees of freedom agree with their formulas`() throws {
    let golden = try LinearGolden.load().inference
    let data = try TrainingSet(dense: matrix(golden.x), targets: golden.y)
    let estimator = LogisticRegression(l2Penalty: golden.penalty)
    let fitted = try estimator.fit(data)
    for (j, row) in try estimator.inference(of: fitted.model, on: data).enumerated() {
      expectClose(row.standardError, golden.penalisedSE[j], tolerance: 1e-8)
    }
    expectClose(
      try #require(fitted.report.effectiveDegreesOfFreedom), golden.degrees, tolerance: 1e-8)
  }

  /// The inverse of the whole penalised Hessian, hashed buckets as explicit columns.
  @Test func `hashed weights are accounted for`() throws {
    let data = try sample(94, rows: 150, columns: 3, bucketBits: 4, weighted: true)
    var estimator = LogisticRegression(l2Penalty: 0.5)
    estimator.tolerance = 1e-10
    let model = try estimator.fit(data).model
    let problem = try LogisticProblem(data, settings: estimator)
    let objective = problem.flatObjective(estimator)
    let d = objective.curvature(margins: model.margins(of: data))
    let size = objective.map.weightCount
    var hessian = Matrix(rowCount: size, columnCount: size)
    for j in 0..<size {
      var unit = [Double](repeating: 0, count: size)
      unit[j] = 1
      let column = objective.hessianProduct(.init(gradient: [], curvature: d), unit)
      for i in 0..<size { hessian[i, j] = column[i] }
    }
    let factor = try Cholesky(hessian)
    let found = try estimator.inference(of: model, on: data)
    let fixed = try estimator.inference(of: model, on: data, accountingForHashed: false)
    for j in 0..<3 {
      var unit = [Double](repeating: 0, count: size)
      unit[j] = 1
      let expected = factor.solve(unit)[j].squareRoot() / problem.design.spreads[j]
      expectClose(found[j].standardError / expected, 1, tolerance: 1e-3)
      #expect(fixed[j].standardError < found[j].standardError)
    }
  }

  @Test func `twice the rows divide the errors by √2`() throws {
    let data = try sample(95, rows: 150)
    let estimator = LogisticRegression(l2Penalty: 0)
    let all = Array(0..<150)
    let twice = data.rows(all + all)
    let a = try estimator.inference(of: estimator.fit(data).model, on: data)
    let b = try estimator.inference(of: estimator.fit(twice).model, on: twice)
    for (x, y) in zip(a, b) {
      expectClose(x.standardError / y.standardError, 2.0.squareRoot(), tolerance: 1e-6)
    }
  }

  @Test func `constant columns are absent, dependent ones refused`() throws {
    let data = try sample(96, rows: 150)
    var dense = data.dense
    for i in 0..<data.count { dense[i, 1] = 4 }
    let constant = try replacing(data, dense: dense)
    var estimator = LogisticRegression()
    let model = try estimator.fit(constant).model
    #expect(try estimator.inference(of: model, on: constant).map(\.column) == [0, 2, 3])
    for i in 0..<data.count { dense[i, 1] = dense[i, 0] }
    let copied = try replacing(data, dense: dense)
    estimator.l2Penalty = 0
    #expect(throws: LearningError.self) {
      try estimator.inference(of: estimator.fit(copied).model, on: copied)
    }
    estimator.l1Ratio = 0.5
    #expect(throws: LearningError.self) { try estimator.inference(of: model, on: constant) }
    #expect(
      throws: LearningError.countMismatch(what: "dense weights", expected: 4, found: 2)
    ) {
      try LogisticRegression().inference(of: .init(intercept: 0, dense: [1, 2]), on: data)
    }
  }

  @Test func `it survives JSON`() throws {
    let data = try sample(97)
    let estimator = LogisticRegression()
    let found = try estimator.inference(of: estimator.fit(data).model, on: data)
    #expect(
      try JSONDecoder().decode([DenseInference].self, from: JSONEncoder().encode(found))
        == found)
  }

  /// Between nothing and everything, falling with the penalty; L1 counts what is left.
  @Test(arguments: [Int?.none, 5]) func `degrees of freedom fall with the penalty`(bits: Int?)
    throws
  {
    let data = try sample(98, rows: 200, bucketBits: bits)
    var last = Double.infinity
    for penalty in [1e-4, 0.1, 1, 10, 1e8] {
      let report = try LogisticRegression(l2Penalty: penalty).fit(data).report
      let degrees = try #require(report.effectiveDegreesOfFreedom)
      #expect(degrees <= last + 1e-6 && degrees >= 1 - 1e-9)
      last = degrees
    }
    expectClose(last, 1, tolerance: 1e-3)
    var lasso = LogisticRegression(l2Penalty: 6)
    lasso.l1Ratio = 1
    let fitted = try lasso.fit(data)
    let kept = (fitted.model.dense + fitted.model.hashed).count { $0 != 0 }
    expectClose(
      try #require(fitted.report.effectiveDegreesOfFreedom), Double(kept + 1), tolerance: 1e-9)
  }
}
