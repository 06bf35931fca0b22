import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct MoneyTests {
  @Test(
    "worked figures: routed cost, always-strongest, savings",
    arguments: [
      (0.7 * 0.0003 + 0.3 * 0.003, 0.003, 0.63),
      (0.0002 + 0.25 * 0.02, 0.02, 0.74),
      (0.75 * 0.0002 + 0.25 * 0.02, 0.02, 0.7425),
      (0.7 * 0.8 + 0.3 * 3, 3.0, 0.51333333333333),
      (0.7 * 0.8 + 0.2 * 3 + 0.1 * 15, 15.0, 0.82266666666667),
    ])
  func worked(cost: Double, strongest: Double, expected: Double) throws {
    expectClose(
      try #require(savings(cost: cost, strongest: strongest)), expected, tolerance: 1e-12)
  }

  @Test("savings are signed, and undefined when the strongest is free or a cost is missing")
  func edges() {
    #expect(savings(cost: 3, strongest: 2) == -0.5)
    #expect(savings(cost: 3, strongest: 0) == nil)
    #expect(savings(cost: .nan, strongest: 2) == nil)
    #expect(retention(quality: 0.4, strongest: 0) == nil)
    #expect(retention(quality: 0.9, strongest: 0.6) == 1.5)
  }

  @Test("regret is what the best utility of the row has over the pick's")
  func regrets() {
    #expect(regret(quality: [0.5, 1], dollars: [.nan, .nan], pick: 0, price: 0) == 0.5)
    #expect(regret(quality: [0.5, 1], dollars: [0, 1], pick: 1, price: 2) == 1.5)
    #expect(regret(quality: [0.5, 1], dollars: [0, 1], pick: 0, price: 2) == 0)
  }
}
