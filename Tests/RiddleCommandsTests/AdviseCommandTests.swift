import Foundation
import RiddleTestSupport
import Testing

/// `riddle advise` as a user runs it.
@Suite struct AdviseCommandTests {
  /// A log and scores by identifier; the threshold is the router's.
  private func advise(_ threshold: String, _ arguments: [String] = []) throws -> ProgramResult {
    try withFolder { folder in
      let rows = SyntheticLog.rows(900)
      try folder.write("log.jsonl", SyntheticLog.text(rows))
      // A score that knows the outcome, blurred by the length of the query.
      let scores = rows.map { row in
        let score = (1 - row.quality[0]) * 0.5 + Double(row.query.utf8.count % 50) / 100
        return "{\"id\":\"\(row.id)\",\"score\":\(score)}\n"
      }
      try folder.write("scores.jsonl", scores.joined())
      return try runRiddle(
        [
          "advise", "log.jsonl", "--candidates", "tiny,huge", "--routers",
          "r=scores.jsonl@\(threshold)", "--replicates", "200",
        ] + arguments, in: folder)
    }
  }

  @Test func aThresholdThatIsTooHighIsLoweredToWhereItShouldBe() throws {
    let result = try advise("0.95", ["--json", "--quiet"])
    #expect(result.status == 0, "\(result.errors)")
    let reports = try #require(try result.object()["advice"] as? [[String: Any]])
    let report = try #require(reports.first)
    let actions = try #require(report["actions"] as? [[String: Any]])
    let first = try #require(actions.first)
    #expect(first["kind"] as? String == "tighten")
    let threshold = try #require((first["thresholds"] as? [Double])?.first)
    #expect(threshold > 0.4 && threshold < 0.6, "\(threshold)")
    let gain = try #require(first["gain"] as? [String: Any])
    #expect(try #require((gain["quality"] as? [String: Any])?["low"] as? Double) > 0)
    #expect(actions.count <= 5)
    let text = try advise("0.95")
    #expect(text.output.contains("1. Lower the threshold: ask tiny less"))
    #expect(text.output.contains("riddle threshold --strong-share"))
    #expect(text.output.contains("Looked at and not advised:"))
    #expect(try advise("0.95").output == text.output)
  }

  @Test func aGoodThresholdIsLeftAlone() throws {
    let result = try advise("0.5")
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("Nothing these data support."))
    #expect(result.output.contains("p is corrected for"))
  }

  @Test func complexQueriesCanBeNamed() throws {
    let named = try advise("0.95", ["--complex", "task_type=reasoning"])
    #expect(named.output.contains("quality of tiny on task_type=reasoning"))
    let unknown = try advise("0.95", ["--complex", "task_type=nothing"])
    #expect(unknown.status == 65 && unknown.errors.contains("none of the"))
  }

  @Test(arguments: [
    (["advise"], 64), (["advise", "log.jsonl"], 64),
    (["advise", "log.jsonl", "--routers", "missing.riddle"], 66),
    (["advise", "missing.jsonl", "--routers", "scores.jsonl@0.5"], 66),
    (["advise", "log.jsonl", "--routers", "scores.jsonl@0.5", "--replicates", "10"], 64),
    (["advise", "log.jsonl", "--routers", "scores.jsonl@0.5", "--lambda", "-1"], 64),
    (["advise", "log.jsonl", "--routers", "scores.jsonl@0.5", "--complex", "x=1"], 64),
    (["advise", "log.jsonl", "--routers", "scores.jsonl@0.5", "--confidence", "1"], 64),
    (["advise", "log.jsonl", "--routers", "scores.jsonl@0.5", "--tolerance", "0"], 64),
  ])
  func badUsageSaysWhatToDo(arguments: [String], status: Int) throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(20)))
      try folder.write("scores.jsonl", "{\"id\":\"q1\",\"score\":0.5}\n")
      let result = try runRiddle(arguments, in: folder)
      #expect(result.status == Int32(status), "\(result.errors)\(result.output)")
      #expect(!result.errors.isEmpty && result.output.isEmpty)
    }
  }
}
