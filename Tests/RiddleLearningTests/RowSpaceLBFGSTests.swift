import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct RowSpaceLBFGSTests {
  /// The solver works in whitened coordinates and in the span of the rows; the plain objective judges it.
  @Test(arguments: [3, 20], [0.05, 1, 20])
  func `the reported gradient and value are those of the plain objective`(
    history: Int, penalty: Double
  ) throws {
    var settings = LogisticRegression(l2Penalty: penalty)
    settings.historyLength = history
    settings.maximumIterations = 6  // far from the end, where the gradient is not yet noise
    settings.tolerance = 1e-12
    let problem = try LogisticProblem(
      sample(41, rows: 200, bucketBits: 7, weighted: true), settings: settings)
    let objective = problem.objective(settings)
    let solution = try problem.solve(settings)
    let point = LogisticObjective.Point(
      dense: solution.position.dense, hashed: solution.fitted.model.hashed)
    let gradient = objective.gradient(at: point)
    let norm = BLAS.norm(gradient.dense + gradient.hashed) / problem.totalWeight
    expectClose(solution.fitted.report.gradientNorm / norm, 1, tolerance: 1e-6)
    expectClose(solution.fitted.report.objective, objective.value(at: point), tolerance: 1e-10)
  }

  @Test func `the gradient vanishes at the solution`() throws {
    var settings = LogisticRegression(l2Penalty: 0.1)
    settings.tolerance = 1e-10
    let problem = try LogisticProblem(sample(42, bucketBits: 8), settings: settings)
    let solution = try problem.solve(settings)
    let gradient = problem.objective(settings).gradient(
      at: .init(dense: solution.position.dense, hashed: solution.fitted.model.hashed))
    #expect(BLAS.norm(gradient.dense + gradient.hashed) <= 2e-10 * problem.totalWeight)
  }

  @Test func `a warm start ends where a cold one does, sooner`() throws {
    var settings = LogisticRegression(l2Penalty: 1)
    settings.tolerance = 1e-9
    let problem = try LogisticProblem(
      sample(43, rows: 300, bucketBits: 7), settings: settings)
    let first = try problem.solve(settings)
    settings.l2Penalty = 0.9
    let cold = try problem.solve(settings)
    let warm = try problem.solve(settings, from: first.position)
    expectClose(warm.fitted.model, cold.fitted.model, tolerance: 1e-6)
    #expect(warm.fitted.report.iterations < cold.fitted.report.iterations)
    let again = try problem.solve(settings, from: warm.position)
    #expect(again.fitted.report.iterations <= 1)
  }

  @Test func `the objective never rises with more iterations`() throws {
    var settings = LogisticRegression(l2Penalty: 0.05)
    settings.tolerance = 1e-12
    let problem = try LogisticProblem(
      sample(44, rows: 150, bucketBits: 6), settings: settings)
    var last = Double.infinity
    for iterations in 1...25 {
      settings.maximumIterations = iterations
      let value = try problem.solve(settings).fitted.report.objective
      #expect(value <= last * (1 + 1e-12))
      last = value
    }
  }

  @Test func `history length does not change the answer`() throws {
    var settings = LogisticRegression(l2Penalty: 0.5)
    settings.tolerance = 1e-10
    let data = try sample(45, bucketBits: 6)
    let reference = try settings.fit(data).model
    for length in [1, 2, 7, 60] {
      settings.historyLength = length
      let fitted = try settings.fit(data)
      #expect(fitted.report.converged)
      expectClose(fitted.model, reference, tolerance: 1e-6)
    }
  }
}
