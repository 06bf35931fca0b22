import RiddleData
import Testing

/// Rows whose right candidate was given by hand.
@Suite struct TierDatasetTests {
  private let tiers = ["simple", "moderate", "complex"]

  private func row(_ id: String, tier: String?) -> LoggedQuery {
    LoggedQuery(
      id: id, text: "text \(id)", context: QueryContext(),
      outcomes: [
        CandidateOutcome(candidate: "b", outcome: Outcome(quality: nil, cost: NanoDollars(7)))
      ], tier: tier)
  }

  @Test func aCandidateIsGoodEnoughFromItsTierOn() throws {
    let log = tiers.map { row($0, tier: $0) } + [row("none", tier: nil)]
    let data = try Dataset(log: log, tiers: tiers, candidates: ["a", "b", "c"])
    #expect(data.ids == tiers && data.omitted.withoutQuality == 1)
    let quality = (0..<3).map { i in (0..<3).map { data.outcomes.quality(i, $0) } }
    #expect(quality == [[1, 1, 1], [0, 1, 1], [0, 0, 1]])
    let picks = Oracle.cheapestAdequate(qualityThreshold: 0.5).picks(data.outcomes)
    #expect(picks == [0, 1, 2])
    #expect(data.outcomes.cost(0, 1) == 7 && data.outcomes.cost(0, 0) == nil)
  }

  @Test func aTierThatNobodyAnnouncedIsNamedWithItsRow() {
    let log = [row("x", tier: "simple"), row("y", tier: "hard")]
    #expect(throws: TierError(row: 1, tier: "hard", expected: tiers)) {
      try Dataset(log: log, tiers: tiers, candidates: tiers)
    }
    #expect(
      TierError(row: 1, tier: "hard", expected: tiers).description.hasPrefix("row 2: tier \"hard\"")
    )
  }
}
