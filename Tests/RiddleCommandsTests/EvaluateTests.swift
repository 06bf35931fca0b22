import Foundation
import RiddleTestSupport
import Testing

/// What `evaluate` judges, and what it refuses to judge.
@Suite struct EvaluateTests {
  static func evaluate(
    _ rows: [SyntheticLog.Row], _ more: [String] = [],
    run: Result<Trained.Run, any Error> = Trained.pair
  ) throws -> ProgramResult {
    let trained = try run.get().folder
    let name = trained.has("pair") ? "pair" : "ladder"
    return try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(rows))
      return try runRiddle(
        ["evaluate", trained.file(name), "--data", "log.jsonl", "--replicates", "20", "--json"]
          + more, in: folder)
    }
  }

  static func queries(_ result: ProgramResult) throws -> Int {
    #expect(result.status == 0, "\(result.errors)")
    return try #require(try result.object()["queries"] as? Int)
  }

  static func testRows() throws -> Int {
    let run = try #require(try Trained.pair.get().result.object()["run"] as? [String: Any])
    return try #require((run["split"] as? [String: Any])?["test"] as? Int)
  }

  @Test func theTrainingFileIsJudgedOnItsTestSideOnly() throws {
    let expected = try Self.testRows()
    let result = try Self.evaluate(SyntheticLog.rows())
    #expect(try Self.queries(result) == expected)
    let rows = try #require(try result.object()["rows"] as? [String: Any])
    #expect(rows["seen_in_training"] as? Int == 400 - expected)
    #expect(rows["total"] as? Int == 400)
    // The run's own evaluation is of the same rows.
    let own = try #require(
      try Trained.pair.get().result.object()["evaluation"] as? [String: Any])
    #expect(own["queries"] as? Int == expected)
  }

  /// New ids, other case, other spacing, another order: a seen text stays seen.
  @Test func aSeenTextIsRecognisedInDisguise() throws {
    let disguised = SyntheticLog.rows().reversed().map { row in
      var row = row
      row.id = "new-" + row.id
      row.query =
        "  " + row.query.uppercased().replacingOccurrences(of: " ", with: " \\t ") + "\\n"
      return row
    }
    let judged = try Self.queries(Self.evaluate(disguised))
    let expected = try Self.testRows()
    #expect(judged == expected)
  }

  @Test func newRowsAreJudgedWhole() throws {
    let result = try Self.evaluate(SyntheticLog.rows(60, seed: 9, prefix: "new"))
    #expect(try Self.queries(result) == 60)
    #expect((try result.object()["rows"] as? [String: Any])?["seen_in_training"] as? Int == 0)
  }

  @Test func judgingAllRowsWarns() throws {
    let result = try Self.evaluate(SyntheticLog.rows(), ["--rows", "all"])
    #expect(try Self.queries(result) == 400)
    let warnings = try #require(try result.object()["warnings"] as? [String])
    let seen = 400 - (try Self.testRows())
    #expect(warnings.contains { $0.contains("\(seen) of 400") })
  }

  @Test func onlySeenRowsAre65WithTheWayOut() throws {
    let rows = SyntheticLog.rows()
    // Four rows of five are seen: one of the first ten is found in practice at once.
    for row in rows.prefix(10) {
      let result = try Self.evaluate([row])
      if result.status == 0 { continue }
      #expect(result.status == 65)
      #expect(result.errors.contains("all 1 rows were seen"))
      #expect(result.errors.contains("--rows all"))
      #expect(result.output.isEmpty)
      return
    }
    Issue.record("none of ten rows was seen in training")
  }

  /// The list of training rows got lost: the split still proves the test side, and the report warns.
  @Test func aWeightFileAloneIsJudgedOnItsTestSideWithAWarning() throws {
    let trained = try Trained.pair.get().folder
    try withFolder { folder in
      try folder.write("r.riddle", try trained.bytes("pair/router.riddle"))
      let result = try runRiddle(
        [
          "evaluate", "r.riddle", "--data", trained.file("log.jsonl"), "--replicates", "0",
          "--json",
        ], in: folder)
      let judged = try Self.queries(result)
      let expected = try Self.testRows()
      #expect(judged == expected)
      let warnings = try #require(try result.object()["warnings"] as? [String])
      #expect(warnings.contains { $0.contains("training rows") })
      // Another router's list, or a damaged one, proves nothing about this router.
      let other = try Trained.ladder.get().folder.bytes("ladder/training-rows.bin")
      for list in [Array("garbage".utf8), Array(other.dropLast(800))] {
        try folder.write("training-rows.bin", list)
        let foreign = try runRiddle(
          [
            "evaluate", "r.riddle", "--data", trained.file("log.jsonl"), "--replicates", "0",
            "--json",
          ], in: folder)
        #expect(foreign.output == result.output)
      }
    }
  }

  @Test(arguments: ["tiny,middle,huge", "tiny", "tiny,tiny", "tiny,nobody", "huge,tiny"])
  func anotherLadderIsRefused(candidates: String) throws {
    let result = try Self.evaluate(SyntheticLog.rows(), ["--candidates", candidates])
    #expect(result.status == 65 || result.status == 64, "\(result.errors)")
    #expect(result.status == 64 || candidates.contains(",") && candidates != "tiny,tiny")
    #expect(result.output.isEmpty)
  }

  /// The same positions under other names: allowed, because prices and versions change, and said.
  @Test func otherCandidatesByPositionAreJudgedWithAWarning() throws {
    let result = try Self.evaluate(SyntheticLog.rows(), ["--candidates", "middle,huge"])
    let judged = try Self.queries(result)
    let expected = try Self.testRows()
    #expect(judged == expected)
    let warnings = try #require(try result.object()["warnings"] as? [String])
    #expect(warnings.contains { $0.contains("middle") && $0.contains("position") })
  }

  @Test func routersOfDifferentLaddersAreNotCompared() throws {
    let pair = try Trained.pair.get().folder
    let ladder = try Trained.ladder.get().folder
    let result = try runRiddle([
      "evaluate", pair.file("pair"), ladder.file("ladder"), "--data", pair.file("log.jsonl"),
      "--replicates", "0",
    ])
    #expect(result.status == 65)
    #expect(result.errors.contains("one by one"))
  }

  @Test func aRouterBesideItselfIsListedTwiceUnderTwoNames() throws {
    let pair = try Trained.pair.get().folder
    let result = try runRiddle([
      "evaluate", pair.file("pair"), pair.file("pair/router.riddle"), "--data",
      pair.file("log.jsonl"), "--replicates", "20", "--json",
    ])
    let routers = try #require(try result.object()["routers"] as? [[String: Any]])
    #expect(routers.map { $0["name"] as? String } == ["pair", "pair (2)"])
    #expect(
      (routers[0]["auc"] as? NSDictionary) == (routers[1]["auc"] as? NSDictionary))
  }

  @Test func theSameSeedGivesTheSameIntervalsAndAnotherDoesNot() throws {
    let one = try Self.evaluate(SyntheticLog.rows(), ["--seed", "3"]).output
    #expect(try Self.evaluate(SyntheticLog.rows(), ["--seed", "3"]).output == one)
    #expect(try Self.evaluate(SyntheticLog.rows(), ["--seed", "4"]).output != one)
  }

  @Test func segmentsFollowTheFieldAsked() throws {
    for field in ["task_type", "group"] {
      let found = try Self.evaluate(SyntheticLog.rows(), ["--segment", field]).object()
      #expect(found["segment_field"] as? String == field)
      let segments = try #require(found["segments"] as? [[String: Any]])
      #expect(!segments.isEmpty)
      #expect(
        segments.reduce(0) { $0 + ($1["queries"] as? Int ?? 0) } <= (found["queries"] as? Int ?? 0))
    }
  }

  @Test func theReportIsOnePageWithoutQueries() throws {
    let trained = try Trained.pair.get().folder
    try withFolder { folder in
      let log = SyntheticLog.rows(60, seed: 9, prefix: "<script>\(BadDataTests.canary)")
      try folder.write("log.jsonl", SyntheticLog.text(log))
      try succeed(
        [
          "evaluate", trained.file("pair"), "--data", "log.jsonl", "--report", "out/r.html",
          "--replicates", "20", "--quiet",
        ], in: folder)
      let page = try folder.text("out/r.html")
      #expect(page.contains("</html>"))
      // Identifiers of the worst queries are shown, as text; queries are not.
      #expect(!page.contains("<script>\(BadDataTests.canary)"))
      #expect(page.contains("&lt;script&gt;\(BadDataTests.canary)"))
      for row in log { #expect(!page.contains(String(row.query.prefix(40)))) }
      #expect(folder.files() == ["log.jsonl", "out/r.html"])
    }
  }
}
