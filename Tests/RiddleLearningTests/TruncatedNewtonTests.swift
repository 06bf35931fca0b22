import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct TruncatedNewtonTests {
  @Test(arguments: [Int?.none, 6], [0.02, 1, 30])
  func `it reaches the optimum of the other solvers`(bits: Int?, penalty: Double) throws {
    var settings = LogisticRegression(l2Penalty: penalty)
    settings.densePenaltyMultiplier = 3
    settings.tolerance = 1e-10
    let data = try sample(81, rows: 250, bucketBits: bits, weighted: true)
    let reference = try settings.fit(data)
    settings.solver = .truncatedNewton
    let fitted = try settings.fit(data)
    #expect(fitted.report.solver == "truncated-newton" && fitted.report.converged)
    expectClose(fitted.model, reference.model, tolerance: 1e-6)
    expectClose(fitted.report.objective, reference.report.objective, tolerance: 1e-10)
  }

  @Test(arguments: [Int?.none, 4]) func `derivatives are those of the value`(bits: Int?) throws {
    var settings = LogisticRegression(l2Penalty: 0.8)
    if let bits { settings.hashedPenaltyFactors = (0..<(1 << bits)).map { 0.5 + Double($0) } }
    let problem = try LogisticProblem(
      sample(82, bucketBits: bits, weighted: true, soft: true), settings: settings)
    let objective = problem.flatObjective(settings)
    checkDerivatives(
      objective, at: (0..<objective.map.weightCount).map { 0.3 - 0.1 * Double($0 % 7) })
  }

  @Test func `it is the objective of the plain form`() throws {
    var settings = LogisticRegression(l2Penalty: 0.8)
    settings.densePenaltyMultiplier = 0.3
    settings.hashedPenaltyFactors = (0..<32).map { 0.5 + 0.1 * Double($0) }
    let problem = try LogisticProblem(
      sample(83, bucketBits: 5, weighted: true), settings: settings)
    let plain = problem.objective(settings)
    let flat = problem.flatObjective(settings)
    let k = problem.design.columnCount
    let columns = try #require(problem.columns)
    let w = (0..<flat.map.weightCount).map { 0.3 - 0.1 * Double($0 % 7) }
    let point = LogisticObjective.Point(
      dense: Array(w[..<k]), hashed: columns.byBucket(Array(w[k...])))
    let (value, state) = flat.evaluate(w)
    expectClose(value, plain.value(at: point), tolerance: 1e-13)
    let gradient = plain.gradient(at: point)
    for (a, b) in zip(state.gradient, gradient.dense + columns.ranked(gradient.hashed)) {
      expectClose(a, b, tolerance: 1e-12)
    }
  }

  @Test func `it behaves as an estimator must`() throws {
    var estimator = LogisticRegression(l2Penalty: 0.7)
    estimator.solver = .truncatedNewton
    estimator.tolerance = 1e-10
    try checkEstimator(estimator, on: sample(84, bucketBits: 5, weighted: true)) {
      expectClose($0, $1, tolerance: 1e-7)
    }
  }

  @Test func `separable data stay finite without penalty`() throws {
    var estimator = LogisticRegression(l2Penalty: 0)
    estimator.solver = .truncatedNewton
    let fitted = try estimator.fit(
      TrainingSet(dense: matrix([[-2], [-1], [1], [2]]), targets: [0, 0, 1, 1]))
    #expect(fitted.model.dense[0].isFinite && fitted.model.dense[0] > 5)
  }

  @Test func `stopping early is a result`() throws {
    var estimator = LogisticRegression(l2Penalty: 0.01)
    estimator.solver = .truncatedNewton
    estimator.maximumIterations = 1
    estimator.tolerance = 1e-12
    let report = try estimator.fit(sample(85, bucketBits: 5)).report
    #expect(!report.converged && report.iterations == 1 && !report.remedies.isEmpty)
  }

  @Test func `a solver that cannot take the features is named`() throws {
    var estimator = LogisticRegression()
    estimator.solver = .rowSpaceLBFGS
    #expect(
      throws: LearningError.unsuitableSolver("row-space-lbfgs", hasHashedFeatures: false)
    ) {
      try estimator.fit(sample(86))
    }
    estimator.solver = .newtonCholesky
    #expect(
      throws: LearningError.unsuitableSolver("newton-cholesky", hasHashedFeatures: true)
    ) {
      try estimator.fit(sample(86, bucketBits: 4))
    }
  }

  @Test(arguments: [Int?.none, 5]) func `the shape chooses the solver`(bits: Int?) throws {
    var settings = LogisticRegression()
    let problem = try LogisticProblem(sample(88, bucketBits: bits), settings: settings)
    // 120 rows of 4 columns and ones.
    #expect(try problem.method(settings, copyLimit: 599) == .truncatedNewton)
    #expect(
      try problem.method(settings, copyLimit: 600)
        == (bits == nil ? .newtonCholesky : .rowSpaceLBFGS))
    settings.solver = bits == nil ? .newtonCholesky : .rowSpaceLBFGS
    #expect(try problem.method(settings, copyLimit: 0) != .truncatedNewton)
    settings.l1Ratio = 0.1
    #expect(try problem.method(settings) == .proximalNewton)
  }

  /// Blocks and shards: more rows than one block, columns left out, and steps that skip rows.
  @Test func `the gramian of the design is that of its matrix`() throws {
    let data = try sample(87, rows: 3000, columns: 5)
    var dense = data.dense
    for i in 0..<data.count { dense[i, 2] = 7 }
    let design = LogisticDesign(dense, weights: data.weights, standardizes: true)
    let d = (0..<3000).map { 0.1 + Double($0 % 5) }
    let full = design.matrix
    #expect(full.columnCount == 5)
    for limit in [Int.max, 700] {
      let step = limit == .max ? 1 : 4
      let used = stride(from: 0, to: 3000, by: step)
      let gramian = design.gramian(d, rowLimit: limit)
      for a in 0..<5 {
        for b in 0..<5 {
          let sum = used.reduce(0) { $0 + d[$1] * full[$1, a] * full[$1, b] }
          expectClose(gramian[a, b], sum * Double(step), tolerance: 1e-9)
        }
      }
    }
  }
}
