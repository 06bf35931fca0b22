import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@testable import RiddleLearning

@Suite struct LogisticObjectiveTests {
  func objective(_ data: TrainingSet) throws -> LogisticObjective {
    var settings = LogisticRegression(l2Penalty: 0.8)
    settings.densePenaltyMultiplier = 0.3
    return try LogisticProblem(data, settings: settings).objective(settings)
  }

  func point(_ objective: LogisticObjective, buckets: Int) -> LogisticObjective.Point {
    .init(
      dense: (0..<objective.design.columnCount).map { 0.3 - 0.2 * Double($0) },
      hashed: (0..<buckets).map { 0.1 * Double($0 % 7) - 0.3 })
  }

  /// Central differences with step h err by h² f‴/6 ≈ 1e-9 of the scale here.
  @Test(arguments: [false, true]) func `the gradient is the derivative`(soft: Bool) throws {
    let objective = try objective(sample(31, bucketBits: 4, weighted: true, soft: soft))
    let at = point(objective, buckets: 16)
    let gradient = objective.gradient(at: at)
    let h = 1e-5
    for j in at.dense.indices {
      var (up, down) = (at, at)
      up.dense[j] += h
      down.dense[j] -= h
      let slope = (objective.value(at: up) - objective.value(at: down)) / (2 * h)
      expectClose(gradient.dense[j], slope, tolerance: 1e-6)
    }
    for b in at.hashed.indices {
      var (up, down) = (at, at)
      up.hashed[b] += h
      down.hashed[b] -= h
      let slope = (objective.value(at: up) - objective.value(at: down)) / (2 * h)
      expectClose(gradient.hashed[b], slope, tolerance: 1e-6)
    }
  }

  @Test func `the dense Hessian is the derivative of the gradient`() throws {
    let objective = try objective(sample(32, weighted: true))
    let at = point(objective, buckets: 0)
    let hessian = objective.denseHessian(margins: objective.margins(at: at))
    let h = 1e-5
    for j in at.dense.indices {
      var (up, down) = (at, at)
      up.dense[j] += h
      down.dense[j] -= h
      let (a, b) = (objective.gradient(at: up).dense, objective.gradient(at: down).dense)
      for i in at.dense.indices {
        expectClose(hessian[i, j], (a[i] - b[i]) / (2 * h), tolerance: 1e-6)
      }
    }
  }

  @Test(arguments: [-800, -40, -1, 0, 0.5, 40, 800], [0, 0.25, 1])
  func `loss, probability and curvature stay finite and consistent`(m: Double, t: Double) {
    let value = LogisticLoss.value(margin: m, target: t)
    #expect(value.isFinite && value >= 0)
    let p = LogisticLoss.probability(margin: m)
    let both = LogisticLoss.probabilityAndCurvature(margin: m)
    #expect(p == both.p && (0...1).contains(p))
    expectClose(both.curvature, p * (1 - p), tolerance: 1e-15)
    expectClose(p + LogisticLoss.probability(margin: -m), 1, tolerance: 1e-15)
  }
}
