import RiddlePolicies
import Testing

@Suite struct PromptLengthTests {
  @Test(
    "length counts Unicode scalars, not bytes and not characters",
    arguments: [
      ("", 0.0), ("abc", 3), ("é", 1), ("e\u{301}", 2), ("👩‍🚀", 3), ("\r\n", 2),
    ])
  func scalars(text: String, expected: Double) {
    #expect(PromptLength.score(text) == expected)
    #expect(Double(text.unicodeScalars.count) == expected)
  }

  @Test("a length equal to the threshold goes up")
  func boundary() {
    let request = Request(text: "12345", candidateCount: 2)
    #expect(PromptLength(threshold: 5).pick(request)?.candidate == 1)
    #expect(PromptLength(threshold: 5.5).pick(request)?.candidate == 0)
  }
}
