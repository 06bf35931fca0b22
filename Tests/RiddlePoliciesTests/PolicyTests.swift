import RiddlePolicies
import Testing

@Suite struct PolicyTests {
  @Test("a picking policy asks once, then accepts the answer it got")
  func steps() {
    let request = Request(text: "hello", candidateCount: 2)
    let policy = Static(candidate: 1)
    #expect(policy.next(request, after: []) == .ask([1], Reason("static")))
    let attempt = Attempt(candidate: 1)
    #expect(policy.next(request, after: [attempt]) == .accept(0, Reason("static")))
  }

  @Test("picks over a log are ladder positions in order")
  func picks() {
    let requests = ["a", "abcdef", "abc"].map { Request(text: $0, candidateCount: 4) }
    #expect(requests.map { PromptLength(threshold: 3).pick($0)?.candidate } == [0, 3, 3])
    #expect(requests.map { Static(candidate: 9).pick($0)?.candidate } == [3, 3, 3])
  }
}
