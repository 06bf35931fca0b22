import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct SparseLogisticRegressionTests {
  func data(_ golden: LinearGolden.Sparse, hashed: Bool) throws -> TrainingSet {
    try TrainingSet(
      dense: matrix(golden.rows.x), hashed: hashed ? golden.rows.hashed : nil,
      targets: golden.y, weights: golden.weights)
  }

  /// saga at tol 1e-12 leaves errors near 1e-6 in the values and none in the support.
  @Test func `support and values agree with scikit-learn`() throws {
    let golden = try LinearGolden.load().sparse
    for reference in golden.cases {
      var estimator = LogisticRegression(l2Penalty: reference.penalty)
      estimator.l1Ratio = reference.ratio
      estimator.tolerance = 1e-10
      let fitted = try estimator.fit(data(golden, hashed: reference.usesHashed))
      #expect(fitted.report.converged && fitted.report.solver == "proximal-newton")
      let expected = LogisticCoefficients(
        intercept: reference.intercept, dense: reference.dense, hashed: reference.hashed)
      expectClose(fitted.model, expected, tolerance: 1e-5)
      for (a, b) in zip(
        fitted.model.dense + fitted.model.hashed, reference.dense + reference.hashed)
      {
        #expect((a == 0) == (b == 0), "\(a) vs \(b)")
      }
    }
  }

  @Test func `default tolerance finds the same support`() throws {
    let golden = try LinearGolden.load().sparse
    for reference in golden.cases {
      var estimator = LogisticRegression(l2Penalty: reference.penalty)
      estimator.l1Ratio = reference.ratio
      let model = try estimator.fit(data(golden, hashed: reference.usesHashed)).model
      for (a, b) in zip(model.dense + model.hashed, reference.dense + reference.hashed) {
        #expect((a == 0) == (b == 0))
        expectClose(a, b, tolerance: 1e-4)
      }
    }
  }

  @Test func `a ratio near 0 is the squared penalty`() throws {
    let data = try sample(71, bucketBits: 5, weighted: true)
    var ridge = LogisticRegression(l2Penalty: 0.8)
    ridge.tolerance = 1e-10
    var nearly = ridge
    nearly.l1Ratio = 1e-12
    expectClose(try nearly.fit(data).model, try ridge.fit(data).model, tolerance: 1e-6)
  }

  @Test(arguments: [Int?.none, 5]) func `a large penalty leaves the base rate`(bits: Int?) throws {
    let data = try sample(72, bucketBits: bits)
    var estimator = LogisticRegression(l2Penalty: 1e4)
    estimator.l1Ratio = 1
    let model = try estimator.fit(data).model
    #expect((model.dense + model.hashed).allSatisfy { $0 == 0 })
    let share = data.targets.reduce(0, +) / Double(data.count)
    expectClose(LogisticLoss.probability(margin: model.intercept), share, tolerance: 1e-9)
  }

  /// Karush, Kuhn and Tucker: |∂f| = α with opposite sign where w ≠ 0, at most α elsewhere.
  @Test(arguments: [0.3, 1.0], [0.5, 3.0])
  func `the optimality conditions hold`(ratio: Double, penalty: Double) throws {
    var settings = LogisticRegression(l2Penalty: penalty)
    settings.l1Ratio = ratio
    settings.densePenaltyMultiplier = 2
    settings.tolerance = 1e-10
    let problem = try LogisticProblem(
      sample(73, rows: 200, bucketBits: 6, weighted: true), settings: settings)
    let solution = try problem.solve(settings)
    let w = solution.position.flat
    let objective = problem.flatObjective(settings)
    let gradient = objective.gradient(objective.evaluate(w).state)
    let absolute = problem.penalties(settings).absolute
    for j in w.indices {
      if w[j] == 0 {
        #expect(abs(gradient[j]) <= absolute[j] + 1e-7)
      } else {
        expectClose(gradient[j], w[j] > 0 ? -absolute[j] : absolute[j], tolerance: 1e-7)
      }
    }
    expectClose(
      solution.fitted.report.objective,
      objective.evaluate(w).value + zip(absolute, w).reduce(0) { $0 + $1.0 * abs($1.1) },
      tolerance: 1e-12)
  }

  @Test func `it behaves as an estimator must`() throws {
    var estimator = LogisticRegression(l2Penalty: 1.5)
    estimator.l1Ratio = 0.7
    estimator.tolerance = 1e-11
    try checkEstimator(estimator, on: sample(74, bucketBits: 5, weighted: true)) {
      expectClose($0, $1, tolerance: 1e-7)
    }
  }

  @Test func `ratios out of range are refused`() throws {
    for ratio in [-0.1, 1.1, .nan] {
      var estimator = LogisticRegression()
      estimator.l1Ratio = ratio
      #expect(throws: LearningError.self) { try estimator.fit(sample(75)) }
    }
  }
}
