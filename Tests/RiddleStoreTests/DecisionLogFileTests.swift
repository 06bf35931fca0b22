import RiddleData
import Testing

@testable import RiddleStore

@Suite("decision logs")
struct DecisionLogFileTests {
  func read(_ lines: [String], name: String = "log.jsonl") throws -> (
    log: DecisionLog, report: DecisionLogFile.Report
  ) {
    let scratch = try Scratch()
    let path = try scratch.file(name, lines.joined(separator: "\n") + "\n")
    return try DecisionLogFile.read(paths: [path])
  }

  /// What is wrong with the second of two lines.
  func reject(_ line: String) throws -> RejectedRow {
    let (log, report) = try read([#"{"id":"good","candidate":"a"}"#, line])
    #expect(log.decisions.map(\.id) == ["good"])
    #expect(report.rejected == 1 && report.lines == 2)
    return try #require(report.firstRejects.first)
  }

  @Test("every field is read")
  func fields() throws {
    let (log, report) = try read([
      #"{"id":7,"query_id":"q","query":"hé","policy":"ucb","step":3,"model":"big","reward":-2.5,"quality":true,"cost_usd":0.0013,"latency_ms":2198,"propensity":0.25,"propensities":{"big":0.25,"small":0.75},"conversation":"c","group":"g","task_type":"t","domain":"d","user_tier":"u","turn":2,"success":true}"#,
      "",
      #"{"candidate":"small","query_id":12}"#,
      #"{"candidate":"small","model":"small","reward":null,"propensity":null,"propensities":null,"id":null}"#,
    ])
    #expect(report == DecisionLogFile.Report(lines: 3))
    let first = log.decisions[0]
    #expect(first.id == "7" && first.queryID == "q" && first.text == "hé")
    #expect(first.policy == "ucb" && first.step == 3 && first.candidate == "big")
    #expect(first.reward == -2.5 && first.quality == 1)
    #expect(first.cost == NanoDollars(1_300_000) && first.latency == Microseconds(2_198_000))
    #expect(first.propensity == 0.25 && first.propensities?.map(\.candidate) == ["big", "small"])
    #expect(
      first.context
        == QueryContext(
          group: "g", conversation: "c", turn: 2, userTier: "u", taskType: "t", domain: "d"))
    #expect(log.decisions[1].id == "12")
    #expect(log.decisions[2].id == "line 4" && log.decisions[2].reward == nil)
    #expect(log.candidates == ["big", "small"] && log.policies == ["ucb"])
  }

  @Test("gzip, several files, and repeated lines are counted once")
  func files() throws {
    let scratch = try Scratch()
    let a = #"{"id":"1","candidate":"a","reward":1}"#
    let other = #"{"id":"1","candidate":"b","reward":0}"#
    let first = try scratch.file("a.jsonl.gz", gzip(Array("\(a)\n\(other)\n".utf8)))
    // Without an id, equal lines are decisions of their own.
    let bare = #"{"query_id":"q","candidate":"a","reward":1}"#
    let second = try scratch.file("b.jsonl", "\(a)\n\(a)\n\(bare)\n\(bare)")
    let (log, report) = try DecisionLogFile.read(paths: [first, second])
    #expect(log.decisions.map(\.id) == ["1", "1", "q", "q"])
    #expect(report.repeated == 2 && report.lines == 6 && report.rejected == 0)
  }

  @Test(
    "bad lines are counted and named by file, line and field",
    arguments: [
      (#"{"id":"x"}"#, "candidate"),
      (#"{"id":"x","outcomes":{"a":{"quality":1}}}"#, "candidate"),
      (#"{"candidate":"a","model":"b"}"#, "candidate"),
      (#"{"candidate":""}"#, "candidate"),
      (#"{"candidate":"a","propensity":0}"#, "propensity"),
      (#"{"candidate":"a","propensity":1e-300}"#, "propensity"),
      (#"{"candidate":"a","propensities":{"a":1e-13,"b":1}}"#, "propensities"),
      (#"{"candidate":"a","propensity":1.5}"#, "propensity"),
      (#"{"candidate":"a","propensity":"0.5"}"#, "propensity"),
      (#"{"candidate":"a","propensities":{"a":0.5,"b":0.4}}"#, "propensities"),
      (#"{"candidate":"a","propensities":{"b":1}}"#, "propensities"),
      (#"{"candidate":"a","propensities":{"a":0,"b":1}}"#, "propensities"),
      (#"{"candidate":"a","propensities":{"a":-1,"b":2}}"#, "propensities.a"),
      (#"{"candidate":"a","propensities":{"a":0.5,"a":0.5}}"#, "propensities.a"),
      (#"{"candidate":"a","propensity":0.3,"propensities":{"a":0.5,"b":0.5}}"#, "propensities"),
      (#"{"candidate":"a","quality":1.2}"#, "quality"),
      (#"{"candidate":"a","reward":"good"}"#, "reward"),
      (#"{"candidate":"a","reward":1e300}"#, "reward"),
      (#"{"candidate":"a","cost_usd":-1}"#, "cost_usd"),
      (#"{"candidate":"a","step":-1}"#, "step"),
      (#"{"candidate":"a","id":1.5}"#, "id"),
      (#"{"candidate":"a","reward":1,"reward":0}"#, "reward"),
    ])
  func badLines(line: String, field: String) throws {
    let row = try reject(line)
    #expect(row.field == field && row.line == 2 && row.file.hasSuffix("log.jsonl"))
  }

  @Test("torn lines never crash, at any length")
  func torn() throws {
    let line =
      #"{"id":"1","candidate":"a","propensities":{"a":0.5,"b":0.5},"reward":1,"query":"é"}"#
    let bytes = Array(line.utf8)
    let scratch = try Scratch()
    for length in 1..<bytes.count {
      let path = try scratch.file(
        "log.jsonl", Array((#"{"id":"good","candidate":"a"}"# + "\n").utf8) + bytes[..<length])
      #expect(try DecisionLogFile.read(paths: [path]).report.rejected == 1)
    }
  }

  @Test("a file that is no decision log is an error that says so")
  func foreign() throws {
    let scratch = try Scratch()
    let table = try scratch.file("log.csv", "id,candidate\n1,a\n")
    #expect(throws: StoreError.self) { _ = try DecisionLogFile.read(paths: [table]) }
    let outcomes = try scratch.file(
      "o.jsonl",
      String(repeating: #"{"id":"1","query":"q","outcomes":{"a":{"quality":1}}}"# + "\n", count: 30)
    )
    do {
      _ = try DecisionLogFile.read(paths: [outcomes])
      Issue.record("a log of outcomes was read")
    } catch {
      #expect(
        "\(error)".contains("riddle evaluate") && "\(error)".contains("o.jsonl:1:")
          && error.exitCode == 65)
    }
    #expect(throws: StoreError.inputMissing(path: scratch.at("none"))) {
      _ = try DecisionLogFile.read(paths: [scratch.at("none")])
    }
  }

  @Test("choices and predictions by identifier")
  func candidateNumbers() throws {
    let scratch = try Scratch()
    let scores = try scratch.file(
      "s.jsonl",
      """
      {"id":"1","candidate":"a","probability":0.7,"margin":1}
      {"probabilities":{"a":0.25,"b":0.75},"id":2}
      {"3":"b","4":{"a":1}}
      """)
    #expect(
      try CandidateNumbers.read(path: scores, kind: .choices) == [
        "1": ["a": 1], "2": ["a": 0.25, "b": 0.75], "3": ["b": 1], "4": ["a": 1],
      ])
    let model = try scratch.file(
      "q.jsonl", #"{"id":"1","q":{"a":-3,"b":0.5}}"# + "\n" + #"{"2":{"a":7}}"#)
    #expect(
      try CandidateNumbers.read(path: model, kind: .predictions) == [
        "1": ["a": -3, "b": 0.5], "2": ["a": 7],
      ])
    for bad in [
      #"{"id":"1"}"#, #"{"candidate":"a"}"#, #"{"id":"1","probabilities":{"a":0.5}}"#,
      #"{"id":"1","probabilities":{"a":2,"b":-1}}"#, #"{"id":"1","probabilities":{}}"#, "[]", "{}",
      #"{"id":"1","candidate":"a"}"# + "\n" + #"{"id":"1","candidate":"b"}"#, "",
    ] {
      let path = try scratch.file("bad.jsonl", bad)
      #expect(throws: StoreError.self, "\(bad)") {
        _ = try CandidateNumbers.read(path: path, kind: .choices)
      }
    }
  }

  @Test("the published bandit log", .enabled(if: realData != nil))
  func bandit() throws {
    let (log, report) = try DecisionLogFile.read(
      paths: ["\(realData ?? "")/bandit_conduit_gsm8k.jsonl.gz"])
    #expect(log.decisions.count == 781 && report.rejected == 0 && report.repeated == 0)
    #expect(log.policies.count == 11 && log.candidates.count == 9)
    #expect(log.decisions.allSatisfy { $0.propensity == nil && $0.reward != nil && $0.cost != nil })
  }
}
