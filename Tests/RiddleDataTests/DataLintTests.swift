import RiddleData
import Testing

@Suite("Marks of logs whose figures mean nothing")
struct DataLintTests {
  private func log(
    _ count: Int, judge: String? = nil, _ outcome: (Int, String) -> Outcome
  ) -> [LoggedQuery] {
    (0..<count).map { i in
      var query = LoggedQuery(
        id: "\(i)", text: "text",
        outcomes: ["a", "b"].map { CandidateOutcome(candidate: $0, outcome: outcome(i, $0)) })
      query.judge = judge
      return query
    }
  }

  @Test("a clean log has none")
  func clean() {
    let rows = log(100) { i, name in
      Outcome(
        quality: 1, cost: NanoDollars(Int64(i + (name == "a" ? 1 : 500))),
        outputTokens: Int64(i))
    }
    #expect(DataLint.warnings(rows, candidates: ["a", "b"]) == [])
  }

  @Test("constant tokens and constant costs are named with their candidate")
  func constants() {
    let rows = log(100) { i, name in
      Outcome(
        quality: 1, cost: NanoDollars(name == "a" ? 1000 : Int64(5000 + i)),
        outputTokens: name == "b" ? 512 : Int64(i))
    }
    let found = DataLint.warnings(rows, candidates: ["a", "b"])
    #expect(found.count == 2)
    #expect(found[0].contains("'a'") && found[0].contains("costs exactly"))
    #expect(found[1].contains("'b'") && found[1].contains("512 output tokens"))
    #expect(DataLint.warnings(rows.prefix(20), candidates: ["a", "b"]) == [])
  }

  @Test("a ladder against its prices is questioned")
  func order() {
    let rows = log(100) { i, name in
      Outcome(quality: 1, cost: NanoDollars(Int64(i + (name == "a" ? 1 : 500))))
    }
    #expect(
      DataLint.warnings(rows, candidates: ["b", "a"]).contains {
        $0.contains("'a' stands above 'b'")
      })
  }

  @Test("a judge that is a candidate is named, whatever its provider's prefix")
  func judges() {
    let rows = log(60, judge: "openai/B") { i, _ in
      Outcome(quality: 1, cost: NanoDollars(Int64(i)))
    }
    #expect(
      DataLint.warnings(rows, candidates: ["a", "b"]).contains {
        $0.contains("judged by 'openai/B'")
      })
    #expect(DataLint.judgeWarnings(["c"], candidates: ["a", "b"]) == [])
  }
}
