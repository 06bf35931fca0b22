import Foundation
import RiddleLearning
import RiddleTestSupport
import Testing

@Suite struct ErrorCostsTests {
  @Test func `the threshold is overspend over the sum`() throws {
    let costs = try ErrorCosts(failure: 9, overspend: 1)
    expectClose(costs.bayesThreshold, 0.1, tolerance: 1e-15)
    expectClose(try ErrorCosts(failure: 1, overspend: 1).bayesThreshold, 0.5, tolerance: 0)
    expectClose(
      try ErrorCosts(failure: 1.5e308, overspend: 1.5e308).bayesThreshold, 0.5, tolerance: 0)
  }

  @Test(arguments: [0.2, 1, 7]) func `at the threshold both errors cost the same`(failure: Double)
    throws
  {
    let costs = try ErrorCosts(failure: failure, overspend: 1)
    let p = costs.bayesThreshold
    expectClose(
      costs.expectedCost(routingUp: true, probability: p),
      costs.expectedCost(routingUp: false, probability: p), tolerance: 1e-15)
    #expect(
      costs.expectedCost(routingUp: true, probability: p + 0.01)
        < costs.expectedCost(routingUp: false, probability: p + 0.01))
  }

  /// Weighted labels turn a share p into q with odds failure · p : overspend · (1 − p).
  @Test(arguments: [0.3, 1, 4]) func `weighting moves the threshold to one half`(failure: Double)
    throws
  {
    let costs = try ErrorCosts(failure: failure, overspend: 1)
    let base = try sample(88, rows: 100)
    var targets = [Double](repeating: 0, count: 100)
    let positives = Int((100 * costs.bayesThreshold).rounded())
    for i in 0..<positives { targets[i] = 1 }
    var estimator = LogisticRegression(l2Penalty: 1e12)
    estimator.classWeights = costs.classWeights
    let model = try estimator.fit(replacing(base, targets: targets)).model
    let share = Double(positives) / 100
    let odds = failure * share / (1 - share)
    expectClose(1 / (1 + exp(-model.intercept)), odds / (1 + odds), tolerance: 1e-6)
    #expect(abs(model.intercept) < 0.05)
  }

  @Test func `costs must be positive, in files too`() throws {
    for (failure, overspend) in [(0.0, 1.0), (1, 0), (-1, 1), (.nan, 1), (1, .infinity)] {
      #expect(throws: LearningError.self) {
        try ErrorCosts(failure: failure, overspend: overspend)
      }
    }
    let costs = try ErrorCosts(failure: 3, overspend: 0.5)
    #expect(
      try JSONDecoder().decode(ErrorCosts.self, from: JSONEncoder().encode(costs)) == costs)
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(
        ErrorCosts.self, from: Data(#"{"failure":-1,"overspend":1}"#.utf8))
    }
  }
}
