import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct ArenaScoreTests {
  @Test(
    "the published scores, to their four digits",
    arguments: [(0.11, 0.7597, 0.7538), (0.26, 0.7513, 0.7371), (0.20, 0.7205, 0.7128)])
  func vectors(cost: Double, accuracy: Double, expected: Double) throws {
    let score = try #require(arenaScore(accuracy: accuracy, dollarsPerThousand: cost))
    expectClose(score, expected, tolerance: 5.1e-5)
  }

  @Test("costs beyond the range count as its ends; nothing right scores 0")
  func clipped() {
    #expect(
      arenaScore(accuracy: 0.5, dollarsPerThousand: 0)
        == arenaScore(accuracy: 0.5, dollarsPerThousand: 0.0044))
    #expect(arenaScore(accuracy: 0.5, dollarsPerThousand: 1e6) == 0)
    #expect(arenaScore(accuracy: 0, dollarsPerThousand: 1e6) == 0)
    #expect(arenaScore(accuracy: .nan, dollarsPerThousand: 1) == nil)
  }

  @Test("optimality looks at solvable rows only, and at cost only where the pick is right")
  func optimality() throws {
    let table = OutcomeTable(
      candidates: ["weak", "strong"], quality: [1, 1, 0, 1, 0, 0, 1, 0],
      cost: [10, 40, 10, 40, 10, 40, 10, 40], latency: [Int64](repeating: 0, count: 8))
    let result = ArenaOptimality(table, picks: [1, 1, 1, 1], qualityThreshold: 0.5)
    expectClose(try #require(result.selection), 1.0 / 3)
    expectClose(try #require(result.accuracy), 2.0 / 3)
    expectClose(try #require(result.cost), 50.0 / 80)
  }
}
