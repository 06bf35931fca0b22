import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite struct RoutingAccuracyTests {
  // strong wins, tie good, tie bad, weak wins
  let table = OutcomeTable(
    candidates: ["weak", "strong"], quality: [0, 1, 1, 1, 0, 0, 1, 0],
    cost: [Int64](repeating: 1, count: 8), latency: [Int64](repeating: 0, count: 8))
  let oracle = Oracle.cheapestAdequate(qualityThreshold: 0.5)

  @Test(
    "always strong is acceptable on ties, but not the cheapest acceptable, nor the oracle's pick")
  func alwaysStrong() {
    let accuracy = RoutingAccuracy(table, picks: [1, 1, 1, 1], oracle: oracle)
    #expect(accuracy.labelMatch == 0.25)
    #expect(accuracy.acceptableSet == 0.75)
    #expect(accuracy.acceptableSetStrict == 0.25)
    #expect(accuracy.decisiveOnly == 0.5)
  }

  @Test("the oracle is right in every definition")
  func oraclePicks() {
    let accuracy = RoutingAccuracy(table, picks: oracle.picks(table), oracle: oracle)
    #expect(accuracy.labelMatch == 1 && accuracy.acceptableSet == 1)
    #expect(accuracy.acceptableSetStrict == 1 && accuracy.decisiveOnly == 1)
  }

  @Test("a tolerance of 1 accepts everything, strictly only the cheapest")
  func tolerance() {
    let accuracy = RoutingAccuracy(table, picks: [1, 0, 1, 0], oracle: oracle, tolerance: 1)
    #expect(accuracy.acceptableSet == 1)
    #expect(accuracy.acceptableSetStrict == 0.5)
  }

  @Test("ties everywhere leave decisive-only undefined")
  func noDecisiveRow() {
    let ties = OutcomeTable(
      candidates: ["a", "b"], quality: [1, 1], cost: [1, 2], latency: [0, 0])
    #expect(RoutingAccuracy(ties, picks: [0], oracle: oracle).decisiveOnly == nil)
  }
}
