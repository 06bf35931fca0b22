import Foundation
import Testing

/// `riddle evaluate DATA --routers …`: anything that decides can be judged.
@Suite struct EvaluateRoutersTests {
  private static let pair = ["--candidates", "tiny,huge", "--replicates", "80", "--quiet"]

  /// A log and its rows in a folder.
  private func withLog(_ body: (TemporaryFolder, [SyntheticLog.Row]) throws -> Void) throws {
    let rows = SyntheticLog.rows(120, seed: 3)
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(rows))
      try body(folder, rows)
    }
  }

  private func evaluate(_ entries: String, _ more: [String] = [], in folder: TemporaryFolder) throws
    -> ProgramResult
  {
    try runRiddle(["evaluate", "log.jsonl", "--routers", entries] + Self.pair + more, in: folder)
  }

  @Test func scoresChoicesPoliciesAndProgramsStandInOneTable() throws {
    try withLog { folder, rows in
      try folder.write(
        "scores.jsonl",
        rows.map { "{\"id\":\"\($0.id)\",\"score\":\(Double($0.query.count % 10) / 10)}\n" }
          .joined())
      try folder.write(
        "choice.jsonl",
        rows.enumerated().map {
          "{\"id\":\"\($1.id)\",\"candidate\":\"huge\",\"asked\":[\($0 % 2 == 0 ? "\"tiny\",\"huge\"" : "\"huge\"")]}\n"
        }.joined())
      try folder.write(
        "rules.yaml",
        "rules:\n  - when: {min_length: 1}\n    ask: huge\ndefault: tiny\n")
      let result = try evaluate(
        "scores.jsonl@0.4,choice.jsonl,mine=rules.yaml,cmd:sed -E 's/.*\"id\":\"([^\"]*)\".*/{\"id\":\"\\1\",\"score\":0.5}/'",
        ["--json"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
      let routers = try #require(report["routers"] as? [[String: Any]])
      #expect(routers.map { $0["name"] as? String } == ["scores", "choice", "mine", "sed"])
      func value(_ router: Int, _ metric: String) -> Double? {
        (routers[router][metric] as? [String: Any])?["value"] as? Double
      }
      #expect(value(2, "share_strong") == 1 && value(1, "share_strong") == 1)
      #expect(value(1, "escalation") == 0.5 && value(2, "escalation") == 0)
      #expect((value(1, "savings") ?? 1) < 0)  // both answers are paid for
      #expect(value(2, "savings") == 0)
      #expect(value(3, "auc") == 0.5)
    }
  }

  @Test func rowsWithoutAnAnswerAreLeftOutAloud() throws {
    try withLog { folder, rows in
      try folder.write(
        "part.jsonl",
        rows.prefix(60).map { "{\"id\":\"\($0.id)\",\"candidate\":\"tiny\"}\n" }.joined())
      let result = try evaluate("part.jsonl", ["--json"], in: folder)
      #expect(result.status == 0)
      #expect(result.output.contains("\"queries\" : 60"))
      #expect(result.output.contains("60 of 120 rows are left out"))
    }
  }

  @Test(arguments: [
    ("{\"id\":\"q0\",\"score\":\"high\"}", "field score"),
    ("{\"id\":\"q0\"}", "field score"),
    ("{\"score\":1}", "field id"),
    ("{\"id\":\"q0\",\"score\":1}\n{\"id\":\"q0\",\"score\":2}", "answered on line 1"),
    ("{\"id\":\"q0\",\"candidate\":\"giant\"}", "not one of the candidates"),
    ("{\"id\":\"nobody\",\"score\":1}", "none of its 1 identifiers"),
    ("{\"id\":\"q0\",\"score\":7}", "need a threshold"),
    ("{\"id\":\"q0\",\"score\":0.2,\"probability\":3}", "field probability"),
    ("[]", "column 1"),
    ("", "is empty"),
  ])
  func brokenScores(text: String, complaint: String) throws {
    try withLog { folder, _ in
      try folder.write("bad.jsonl", text)
      let result = try evaluate("bad.jsonl", in: folder)
      #expect([64, 65].contains(result.status))
      #expect(result.errors.contains("bad.jsonl"), "\(result.errors)")
      #expect(result.errors.contains(complaint), "\(result.errors)")
    }
  }

  @Test(arguments: [
    ("false", "status 1"),
    ("cat", "field score"),
    ("head -n 0", "answered 0 of"),
    ("echo '{\"id\":\"stranger\",\"score\":1}'", "was not asked"),
    ("echo nonsense", "column 1"),
    ("sleep 30", "no answer for 1 s"),
    ("/no/such/program", "status 127"),
  ])
  func brokenPrograms(command: String, complaint: String) throws {
    try withLog { folder, _ in
      let result = try evaluate("cmd:\(command)", ["--command-timeout", "1"], in: folder)
      #expect(result.status == 65)
      #expect(result.errors.contains(complaint), "\(result.errors)")
    }
  }

  @Test(arguments: [
    ("rules: [", "line"),
    ("- a", "mapping"),
    ("default: giant", "line 1"),
    ("default: tiny\nrulez: []", "line 2"),
    ("default: tiny\nrules:\n  - when: {lenght: 3}\n    ask: huge", "unknown condition"),
    ("default: tiny\nrules:\n  - when: {min_length: x}\n    ask: huge", "line 3"),
    ("default: tiny\nrules:\n  - ask: huge", "when is missing"),
    ("rules: []", "rules must be a list"), ("name: x", "nothing decides"),
    ("default: tiny\nthreshold: 0.5", "needs a router"),
  ])
  func brokenPolicies(text: String, complaint: String) throws {
    try withLog { folder, _ in
      try folder.write("p.yaml", text)
      let result = try evaluate("p.yaml", in: folder)
      #expect(result.status == 65)
      #expect(result.errors.contains("p.yaml"))
      #expect(result.errors.contains(complaint), "\(result.errors)")
    }
  }

  @Test func clustersAreWhatTheReaderSays() throws {
    try withLog { folder, rows in
      try folder.write("large.yaml", "default: huge\n")
      func clusters(_ more: [String]) throws -> Int? {
        let result = try evaluate("large.yaml", more + ["--json"], in: folder)
        let report =
          try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
        return (report?["intervals"] as? [String: Any])?["clusters"] as? Int
      }
      #expect(try clusters([]) == rows.count)
      #expect(try clusters(["--cluster-by", "group"]) == Set(rows.map(\.group)).count)
      #expect(try clusters(["--cluster-by", "query"]) == rows.count)
      #expect(try evaluate("large.yaml", ["--cluster-by", "day"], in: folder).status == 64)
    }
  }

  @Test func gatesDecideTheExitStatusAndAreWrittenForCI() throws {
    try withLog { folder, _ in
      try folder.write("small.yaml", "default: tiny\n")
      try folder.write("large.yaml", "default: huge\n")
      let fails = try evaluate(
        "small.yaml", ["--require", "C4", "--junit", "g.xml", "--markdown", "g.md"], in: folder)
      #expect(fails.status == 1)
      #expect(fails.output.contains("FAIL C4"))
      #expect(try folder.text("g.xml").contains("failures=\"1\""))
      #expect(try folder.text("g.md").contains("| FAIL |"))
      #expect(try evaluate("large.yaml", ["--require", "C4"], in: folder).status == 0)
      let open = ["--require", "acceptable_set >= 0.7"]
      let undecided = try evaluate("small.yaml", open, in: folder)
      if undecided.output.contains("UNDECIDED acceptable_set") {
        #expect(undecided.status == 0)
        #expect(
          try evaluate("small.yaml", open + ["--undecided", "fail"], in: folder).status == 1)
      }
      #expect(try evaluate("small.yaml", ["--require", "C99"], in: folder).status == 64)
      #expect(try evaluate("small.yaml", ["--junit", "x.xml"], in: folder).status == 64)
    }
  }
}
