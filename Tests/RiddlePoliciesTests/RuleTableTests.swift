import RiddleData
import RiddlePolicies
import Testing

@Suite("Rule tables")
struct RuleTableTests {
  private let table = RuleTable(
    rules: [
      .init(
        name: "premium", conditions: [.field("user_tier", ["premium"])], candidate: 1),
      .init(
        name: "code", conditions: [.contains(["```", "Stack Trace"]), .minimumLength(20)],
        candidate: 1),
      .init(
        name: "late", conditions: [.number("turn", from: 5, below: .infinity), .maximumLength(10)],
        candidate: 1),
    ])

  private func pick(_ text: String, _ context: QueryContext = QueryContext()) -> Int {
    table.pick(Request(text: text, context: context, candidateCount: 2))?.candidate ?? 0
  }

  @Test("the first rule whose conditions all hold decides, else the default")
  func rules() {
    #expect(pick("hello") == 0)
    #expect(pick("hello", QueryContext(userTier: "premium")) == 1)
    #expect(pick("hello", QueryContext(userTier: "free")) == 0)
    #expect(pick("stack trace") == 0)
    #expect(pick("here is a STACK TRACE of it") == 1)
    #expect(pick("ok", QueryContext(turn: 5)) == 1)
    #expect(pick("ok", QueryContext(turn: 4)) == 0)
    #expect(pick("a longer turn", QueryContext(turn: 9)) == 0)
  }
}
