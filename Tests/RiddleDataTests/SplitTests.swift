import RiddleData
import Testing

@Suite struct SplitTests {
  static func dataset(_ rows: [(String, QueryContext)]) -> Dataset {
    Dataset(
      log: rows.enumerated().map { index, row in
        LoggedQuery(
          id: "\(index)", text: row.0, context: row.1,
          outcomes: [
            CandidateOutcome(candidate: "a", outcome: Outcome(quality: 0)),
            CandidateOutcome(candidate: "b", outcome: Outcome(quality: 1)),
          ])
      }, candidates: ["a", "b"])
  }

  @Test func caseAndSpacingOfATextDoNotMoveIt() {
    let split = Split(unit: .text, seed: 7)
    for i in 0..<200 {
      let text = "Query number \(i) about X"
      #expect(
        split.side(text: text, context: QueryContext())
          == split.side(text: "  query   NUMBER \(i)\nabout x ", context: QueryContext()))
    }
  }

  @Test func sharesAreNearSixtyTwentyTwenty() {
    let split = Split(unit: .text, seed: 7)
    var counts = [0, 0, 0]
    for i in 0..<10_000 {
      counts[split.side(text: "row \(i)", context: QueryContext()).rawValue] += 1
    }
    #expect(abs(counts[0] - 6000) < 200)
    #expect(abs(counts[1] - 2000) < 160)
  }

  @Test func aGroupNeverStraddles() {
    let split = Split(unit: .group, seed: 1)
    for group in 0..<50 {
      let sides = (0..<20).map {
        split.side(text: "text \(group) \($0)", context: QueryContext(group: "g\(group)"))
      }
      #expect(Set(sides).count == 1)
    }
  }

  @Test func anotherSeedIsAnotherSplit() {
    let sides = (0..<2).map { seed in
      (0..<100).map {
        Split(unit: .text, seed: UInt64(seed)).side(text: "row \($0)", context: QueryContext())
      }
    }
    #expect(sides[0] != sides[1])
  }

  @Test func theSuggestedUnitFollowsTheData() {
    let families = (0..<1000).map { QueryContext(group: "g\($0 / 4)", conversation: "c\($0 / 2)") }
    let subjects = (0..<1000).map { QueryContext(group: "s\($0 % 57)") }
    let conversations = (0..<1000).map { QueryContext(conversation: "c\($0 / 3)") }
    #expect(SplitUnit.suggested(for: families) == .group)
    #expect(SplitUnit.suggested(for: subjects) == .text)
    #expect(SplitUnit.suggested(for: conversations) == .conversation)
    #expect(SplitUnit.suggested(for: []) == .text)
  }

  @Test func trainingRowsAreRecognisedAgain() throws {
    let data = Self.dataset(
      (0..<100).map { ("question \($0)", QueryContext(group: "g\($0 / 10)")) })
    let rows = TrainingRows(data, rows: Array(0..<50), split: Split(unit: .group, seed: 3))
    let decoded = try #require(TrainingRows(decoding: rows.encoded))
    #expect(decoded == rows)
    #expect(decoded.contains(text: "QUESTION  3", context: QueryContext()))
    #expect(decoded.contains(text: "never seen", context: QueryContext(group: "g1")))
    #expect(!decoded.contains(text: "question 77", context: QueryContext(group: "g7")))
  }

  @Test func hashesCollectedOneByOneAreTheSameList() {
    let split = Split(unit: .text, seed: 3)
    let hashes: [UInt64] = [9, 2, 9, 7, 2, .max, 0]
    let rows = TrainingRows(split: split, hashes: hashes)
    #expect(rows == TrainingRows(split: split, hashes: [0, 2, 7, 9, .max]))
    #expect(TrainingRows(decoding: rows.encoded) == rows)
    #expect(TrainingRows(split: split, hashes: []).encoded.count == 32)
  }

  @Test func damagedTrainingRowsAreRefused() {
    let rows = TrainingRows(
      Self.dataset([("a", QueryContext()), ("b", QueryContext())]), rows: [0, 1],
      split: Split(unit: .text, seed: 3)
    ).encoded
    for length in 0..<rows.count { #expect(TrainingRows(decoding: Array(rows[..<length])) == nil) }
  }
}
