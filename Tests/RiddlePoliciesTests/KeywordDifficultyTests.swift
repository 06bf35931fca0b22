import RiddlePolicies
import Testing

@Suite struct KeywordDifficultyTests {
  @Test(
    "the documented examples",
    arguments: [
      ("How do I reset my password?", KeywordDifficulty.Verdict.simple),
      ("Design a system to reduce database latency by 50%", .simple),
      ("WHY compare this Strategy?", .complex),
      ("what is the status of the faq: why, design, code", .simple),
    ])
  func examples(text: String, expected: KeywordDifficulty.Verdict) {
    #expect(KeywordDifficulty.verdict(text) == expected)
  }

  @Test("the documented failure is 49 scalars long")
  func lengthOfTheFailure() {
    #expect(PromptLength.score("Design a system to reduce database latency by 50%") == 49)
  }

  @Test(
    "49 and 50, 500 and 501 scalars",
    arguments: [
      (49, KeywordDifficulty.Verdict.simple), (50, .borderline), (500, .borderline),
      (501, .complex),
    ])
  func lengths(count: Int, expected: KeywordDifficulty.Verdict) {
    #expect(KeywordDifficulty.verdict(String(repeating: "é", count: count)) == expected)
  }

  @Test("two hits do not decide, three do, and a repeated phrase counts once")
  func hits() {
    let padding = String(repeating: ".", count: 60)
    #expect(KeywordDifficulty.verdict("why design \(padding)") == .borderline)
    #expect(KeywordDifficulty.verdict("why why why why \(padding)") == .borderline)
    #expect(KeywordDifficulty.verdict("why design code \(padding)") == .complex)
  }

  @Test("a phrase inside a word counts, as substring rules do")
  func insideWords() {
    let padding = String(repeating: ".", count: 60)
    #expect(KeywordDifficulty.verdict("decoded designer whyever \(padding)") == .complex)
  }

  @Test("a phrase cut off by the end of the text does not count")
  func cutOff() {
    #expect(
      KeywordDifficulty.verdict("why design \(String(repeating: ".", count: 60)) cod")
        == .borderline)
  }

  @Test("scores are 0, one half and 1")
  func scores() {
    #expect(KeywordDifficulty.Verdict.allCases.map(\.score) == [0, 0.5, 1])
  }

  @Test("borderline goes down unless told")
  func borderline() {
    let request = Request(text: String(repeating: "x", count: 100), candidateCount: 3)
    #expect(KeywordDifficulty().pick(request)?.candidate == 0)
    #expect(KeywordDifficulty(borderline: .strongest).pick(request)?.candidate == 2)
  }
}
