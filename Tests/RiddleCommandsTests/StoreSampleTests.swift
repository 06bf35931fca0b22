import RiddleTestSupport
import Testing

/// Stores with more queries than a command holds in memory.
@Suite struct StoreSampleTests {
  private func headroom(_ rows: String, in folder: TemporaryFolder) throws -> ProgramResult {
    try succeed(
      [
        "headroom", "--store", "s.sqlite", "--candidates", "tiny,huge", "--replicates", "20",
        "--most-rows", rows, "--json",
      ], in: folder)
  }

  @Test func aLongStoreIsSampledAlikeEveryTimeAndItIsSaid() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(400)))
      try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      let sampled = try headroom("200", in: folder)
      #expect(sampled.output.contains("of 400 queries were read"), "\(sampled.output)")
      #expect(try headroom("200", in: folder).output == sampled.output)
      let whole = try headroom("400", in: folder)
      #expect(!whole.output.contains("queries were read"))
      #expect(try headroom("5000", in: folder).output == whole.output)
      let report = try #require(try sampled.object()["headroom"] as? [String: Any])
      let figures = try #require(report["headroom"] as? [String: Any])
      let rows = try #require(figures["rows"] as? Int)
      // Binomial with standard deviation 10, wider for texts that come twice.
      #expect((140...260).contains(rows), "\(rows)")
    }
  }

  @Test(
    "commands that judge a router say it in their results",
    arguments: [
      ["attack"], ["compare", "m", "--replicates", "20"],
      ["threshold", "--costs", "5:1", "--replicates", "20"],
    ])
  func judged(_ command: [String]) throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(400)))
      try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      try succeed(
        [
          "train", "--store", "s.sqlite", "--candidates", "tiny,huge", "--output", "m", "--quiet",
          "--replicates", "20",
        ], in: folder)
      let arguments =
        [command[0], "m"] + command.dropFirst()
        + ["--store", "s.sqlite", "--json", "--quiet", "--most-rows"]
      #expect(try succeed(arguments + ["200"], in: folder).output.contains("queries were read"))
      #expect(try !succeed(arguments + ["400"], in: folder).output.contains("queries were read"))
    }
  }

  /// A labelling names every query, whatever fits into memory.
  @Test func labelsLeaveNoQueryOut() throws {
    try withFolder { folder in
      let tiers = (0..<300).map { i in
        "{\"id\":\"t\(i)\",\"query\":\"\(i % 2 == 0 ? "prove number" : "reset") \(i)\",\"tier\":\"\(i % 2 == 0 ? "hard" : "easy")\",\"outcomes\":{\"a\":{\"quality\":1,\"cost_usd\":0.1},\"b\":{\"quality\":1,\"cost_usd\":0.2}}}"
      }
      try folder.write("tiers.jsonl", tiers.joined(separator: "\n"))
      try succeed(["import", "tiers.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      try succeed(
        [
          "label", "--store", "s.sqlite", "--tiers", "easy,hard", "--candidates", "a,b",
          "--most-rows", "100", "--quiet",
        ], in: folder)
      let counted = try succeed(
        ["store", "sql", "s.sqlite", "SELECT count(*) FROM labels", "--json"], in: folder)
      #expect(counted.output.contains("300"), "\(counted.output)")
    }
  }

  @Test func tooFewRowsAreNoSample() throws {
    #expect(try runRiddle(["headroom", "--store", "s", "--most-rows", "5"]).status == 64)
  }
}
