import RiddlePolicies
import Testing

@Suite struct PolicyTests {
  @Test("a picking policy asks once, then accepts the answer it got")
  func steps() {
    let request = Request(text: "hello", candidateCount: 2)
    let policy = Static(candidate: 1)
    #expect(policy.next(request, after: []) == .ask([1], Reason("static")))
    let attempt = Attempt(candidate: 1, quality: 0.5)
    #expect(policy.next(request, after: [attempt]) == .accept(0, Reason("static")))
  }

  @Test("picks over a log are ladder positions in order")
  func picks() {
    let requests = ["a", "abcdef", "abc"].map { Request(text: $0, candidateCount: 4) }
    #expect(PromptLength(threshold: 3).picks(requests) == [0, 3, 3])
    #expect(Static(candidate: 9).picks(requests) == [3, 3, 3])
  }
}
