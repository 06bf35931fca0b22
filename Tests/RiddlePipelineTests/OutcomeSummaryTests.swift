import RiddleData
import RiddlePipeline
import RiddleTestSupport
import Testing

/// Hand-made tables whose every number can be checked on paper.
@Suite struct OutcomeSummaryTests {
  @Test func aPairByHand() {
    // Rows: both adequate, only strong, only weak, neither, tie at 0.5.
    let table = OutcomeTable(
      candidates: ["weak", "strong"], quality: [1, 1, 0, 1, 1, 0, 0.25, 0.25, 0.5, 0.5],
      cost: [1, 10, 2, 20, 3, 30, 4, 40, 5, 50].map { $0 * 1_000_000_000 },
      latency: Array(repeating: OutcomeTable.missingLatency, count: 10))
    let summary = OutcomeSummary(
      table, oracle: .cheapestAdequate(qualityThreshold: 0.5), target: .weakFails,
      qualityThreshold: 0.5)
    #expect(summary.queries == 5)
    #expect(summary.candidates == ["weak", "strong"])
    expectClose(summary.meanQuality[0], 2.75 / 5)
    expectClose(summary.meanQuality[1], 2.75 / 5)
    #expect(summary.meanCostDollars == [3, 30])
    #expect(summary.adequateAgainst == [[3, 1], [1, 3]])
    #expect(summary.allAdequate == 2)
    #expect(summary.noneAdequate == 1)
    expectClose(summary.tieShare, 3.0 / 5)
    #expect(summary.oraclePicks == [4, 1])
    expectClose(summary.oracleQuality, 3.75 / 5)
    // The oracle pays 1 + 20 + 3 + 4 + 5 of 150 dollars.
    #expect(summary.oracleCostDollars == 33.0 / 5)
    expectClose(summary.headroomSavings ?? 0, 1 - 33.0 / 150)
    // Weak fails on rows 1 and 3; strong wins on row 1 alone.
    #expect(summary.positives == [2])
    let wins = OutcomeSummary(
      table, oracle: .bestQuality, target: .strongWins, qualityThreshold: 0.5)
    #expect(wins.positives == [1])
    #expect(wins.oraclePicks == [4, 1])
  }

  @Test func aLadderByHand() {
    let table = OutcomeTable(
      candidates: ["a", "b", "c"], quality: [1, 1, 1, 0, 1, 1, 0, 0, 1, 0, 0, 0],
      cost: [1, 2, 4, 1, 2, 4, 1, 2, 4, 1, 2, 4],
      latency: Array(repeating: OutcomeTable.missingLatency, count: 12))
    let summary = OutcomeSummary(
      table, oracle: .cheapestAdequate(qualityThreshold: 0.5), target: .weakFails,
      qualityThreshold: 0.5)
    #expect(summary.meanQuality == [0.25, 0.5, 0.75])
    #expect(summary.oraclePicks == [2, 1, 1])
    #expect(summary.adequateAgainst == [[1, 0, 0], [1, 2, 0], [2, 1, 3]])
    #expect(summary.positives == [3, 2])
    #expect(summary.tieShare == 0.5)
    expectClose(summary.headroomSavings ?? 0, 1 - (1.0 + 2 + 4 + 1) / 16)
  }

  @Test func aMissingCostMakesOnlyWhatNeedsItUndefined() {
    let missing = OutcomeTable.missingCost
    let table = OutcomeTable(
      candidates: ["weak", "strong"], quality: [1, 1, 0, 1], cost: [5, missing, missing, 10],
      latency: Array(repeating: OutcomeTable.missingLatency, count: 4))
    let summary = OutcomeSummary(
      table, oracle: .cheapestAdequate(qualityThreshold: 0.5), target: .weakFails,
      qualityThreshold: 0.5)
    #expect(summary.meanCostDollars == [nil, nil])
    // The oracle's own picks (weak, then strong) both have a price.
    #expect(summary.oracleCostDollars == 7.5e-9)
    #expect(summary.headroomSavings == nil)
  }

  @Test func freeCandidatesHaveNoHeadroom() {
    let table = OutcomeTable(
      candidates: ["weak", "strong"], quality: [1, 1], cost: [0, 0],
      latency: [OutcomeTable.missingLatency, OutcomeTable.missingLatency])
    let summary = OutcomeSummary(
      table, oracle: .bestQuality, target: .weakFails, qualityThreshold: 0.5)
    #expect(summary.headroomSavings == nil)
    #expect(summary.meanCostDollars == [0, 0])
  }
}
