import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct PenaltyFactorsTests {
  let factors: [Double] = (0..<64).map { 0.25 + Double($0 % 5) }

  @Test(arguments: [LogisticRegression.Solver.rowSpaceLBFGS, .truncatedNewton])
  func `the gradient vanishes with every bucket's own penalty`(
    solver: LogisticRegression.Solver
  ) throws {
    var settings = LogisticRegression(l2Penalty: 0.4)
    settings.hashedPenaltyFactors = factors
    settings.solver = solver
    settings.tolerance = 1e-10
    let problem = try LogisticProblem(
      sample(101, rows: 200, bucketBits: 6, weighted: true), settings: settings)
    let solution = try problem.solve(settings)
    let gradient = problem.objective(settings).gradient(
      at: .init(dense: solution.position.dense, hashed: solution.fitted.model.hashed))
    #expect(solution.fitted.report.converged)
    #expect(BLAS.norm(gradient.dense + gradient.hashed) <= 1e-9 * problem.totalWeight)
  }

  @Test func `one factor for all is another penalty`() throws {
    let data = try sample(102, bucketBits: 6)
    var plain = LogisticRegression(l2Penalty: 3)
    plain.densePenaltyMultiplier = 1.0 / 3
    plain.tolerance = 1e-10
    var factored = LogisticRegression(l2Penalty: 1)
    factored.hashedPenaltyFactors = [Double](repeating: 3, count: 64)
    factored.tolerance = 1e-10
    expectClose(try factored.fit(data).model, try plain.fit(data).model, tolerance: 1e-7)
  }

  @Test func `a huge factor silences its bucket`() throws {
    let data = try sample(103, bucketBits: 6)
    var estimator = LogisticRegression(l2Penalty: 0.1)
    let free = try estimator.fit(data).model
    var factors = [Double](repeating: 1, count: 64)
    let loudest = try #require(
      free.hashed.indices.max { abs(free.hashed[$0]) < abs(free.hashed[$1]) })
    factors[loudest] = 1e9
    estimator.hashedPenaltyFactors = factors
    #expect(abs(try estimator.fit(data).model.hashed[loudest]) < 1e-6)
  }

  @Test func `warm starts keep the factors`() throws {
    var settings = LogisticRegression(l2Penalty: 1)
    settings.hashedPenaltyFactors = factors
    settings.tolerance = 1e-9
    let problem = try LogisticProblem(sample(104, bucketBits: 6), settings: settings)
    let first = try problem.solve(settings)
    let again = try problem.solve(settings, from: first.position)
    #expect(again.fitted.report.iterations <= 1)
    expectClose(again.fitted.model, first.fitted.model, tolerance: 1e-7)
  }

  @Test func `factors must fit the buckets and be positive`() throws {
    var estimator = LogisticRegression()
    estimator.hashedPenaltyFactors = [1, 2]
    #expect(
      throws: LearningError.countMismatch(what: "hashedPenaltyFactors", expected: 16, found: 2)
    ) {
      try estimator.fit(sample(105, bucketBits: 4))
    }
    for bad in [0, -1, Double.nan, .infinity] {
      estimator.hashedPenaltyFactors = [Double](repeating: 1, count: 15) + [bad]
      #expect(throws: LearningError.self) { try estimator.fit(sample(105, bucketBits: 4)) }
    }
  }
}
