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
      .init(name: "late", conditions: [.minimumTurn(5), .maximumLength(10)], candidate: 1),
    ], fallback: 0)

  private func pick(_ text: String, _ context: QueryContext = QueryContext()) -> Int {
    table.pick(Request(text: text, context: context, candidateCount: 2)).candidate
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

  @Test("a router decides what no rule claims")
  func router() {
    var routed = table
    routed.thresholds = [0.5]
    func pick(_ margin: Double, _ context: QueryContext = QueryContext()) -> Int {
      routed.pick(
        Request(text: "hello", context: context, candidateCount: 2, margins: [margin])
      ).candidate
    }
    #expect(pick(0.4) == 0 && pick(0.5) == 1)
    #expect(pick(0.4, QueryContext(userTier: "premium")) == 1)
  }
}
