import RiddleData
import RiddleEvaluation
import Testing

@testable import RiddlePipeline

/// What the probe reads off texts, and that it never judges rows that it was fitted on.
@Suite struct LearnabilityTests {
  static let settings = HeadroomSettings(replicates: 40)

  @Test func wordsThatDecideAreFound() throws {
    let found = try #require(
      try Learnability(World.dataset(800), settings: Self.settings))
    #expect(try #require(found.figures.auc.low) > 0.65)
    #expect(try #require(found.figures.apgr.value) > 0.6)
    #expect(found.penalties.count == 5)
    #expect(found.rows == 800)
  }

  /// Labels dealt at random: an in-sample fit on 2¹⁶ buckets would shine, an out-of-fold one must not.
  @Test func noiseIsNotLearned() throws {
    let data = World.dataset(800)
    var random = SplitMix64(seed: 4)
    let better = (0..<800).map { _ in random.unit() < 0.5 ? 1.0 : 0 }
    let noise = Dataset(
      log: (0..<800).map { i in
        LoggedQuery(
          id: "\(i)", text: data.texts[i],
          outcomes: (0..<2).map {
            CandidateOutcome(
              candidate: ["a", "b"][$0], outcome: Outcome(quality: $0 == 0 ? 0 : better[i]))
          })
      }, candidates: ["a", "b"])
    let found = try #require(try Learnability(noise, settings: Self.settings))
    let auc = try #require(found.figures.auc.value)
    #expect(auc > 0.42 && auc < 0.58)
    #expect(HeadroomReport.isLittle(found))
  }

  /// Ten copies of every text: folds that parted them would know the answers.
  @Test func equalTextsShareAFold() throws {
    var random = SplitMix64(seed: 8)
    let log = (0..<60).flatMap { i -> [LoggedQuery] in
      let better = random.unit() < 0.5 ? 1.0 : 0
      return (0..<10).map { copy in
        LoggedQuery(
          id: "\(i)-\(copy)", text: "word\(i) other\(i * 7)",
          outcomes: [
            CandidateOutcome(candidate: "a", outcome: Outcome(quality: 0)),
            CandidateOutcome(candidate: "b", outcome: Outcome(quality: better)),
          ])
      }
    }
    let found = try #require(
      try Learnability(Dataset(log: log, candidates: ["a", "b"]), settings: Self.settings))
    #expect(try #require(found.figures.auc.value) < 0.75)
  }

  @Test func aClassWithoutRowsIsNotLookedAt() throws {
    let log = (0..<50).map { i in
      LoggedQuery(
        id: "\(i)", text: "text \(i)",
        outcomes: [
          CandidateOutcome(candidate: "a", outcome: Outcome(quality: 0)),
          CandidateOutcome(candidate: "b", outcome: Outcome(quality: i < 5 ? 1 : 0)),
        ])
    }
    #expect(
      try Learnability(Dataset(log: log, candidates: ["a", "b"]), settings: Self.settings) == nil)
  }
}
