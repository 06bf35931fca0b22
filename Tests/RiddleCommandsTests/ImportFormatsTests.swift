import Foundation
import Testing

/// `riddle import` on logs of other tools, as a user types it.
@Suite struct ImportFormatsTests {
  static let logs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("datasets/logs").path
  static let prices = logs + "/../prices.yaml"

  /// From somebody's results to a router, with what is said on the way.
  @Test func promptfooBecomesARouter() throws {
    try withFolder { folder in
      let imported = try succeed(
        ["import", Self.logs + "/promptfoo-results.json", "--store", "s.sqlite"], in: folder)
      #expect(
        imported.errors.contains("format: promptfoo (sniffed from its fields evalId, results)"))
      #expect(imported.output.contains("inserted 150"))
      #expect(imported.output.contains("left out: 6 calls that failed"))
      try succeed(
        ["label", "--store", "s.sqlite", "--candidates", "small,large", "--quiet"], in: folder)
      try succeed(
        [
          "train", "--store", "s.sqlite", "--candidates", "small,large", "--model", "logistic",
          "--output", "m", "--seed", "7", "--quiet",
        ], in: folder)
      let scored = try succeed(
        ["score", "m/router.riddle", "--json", "--quiet"],
        input: Array("Where is my parcel?\n".utf8),
        in: folder)
      #expect(scored.output.contains("candidate"))
    }
  }

  @Test func aDryRunSaysWhichFieldBecomesWhichAndWritesNothing() throws {
    try withFolder { folder in
      let result = try succeed(
        [
          "import", Self.logs + "/litellm-spend.csv", "--store", "s.sqlite", "--dry-run",
        ], in: folder)
      #expect(result.errors.contains("cost_usd ← spend"))
      #expect(result.output.contains("would insert 229"))
      #expect(result.errors.contains("rejected: "))
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/s.sqlite"))
    }
  }

  /// The price table that is shipped fills what spans do not say.
  @Test func theShippedPricesAreRead() throws {
    try withFolder { folder in
      let files = [Self.logs + "/otel-current.jsonl", Self.logs + "/otel-evaluations.jsonl"]
      let with = try succeed(
        ["import"] + files + ["--dry-run", "--json", "--prices", Self.prices], in: folder)
      let without = try succeed(["import"] + files + ["--dry-run", "--json"], in: folder)
      func priced(_ result: ProgramResult) throws -> Int {
        let report = try #require(try result.object()["report"] as? [String: Any])
        let candidates = try #require(report["candidates"] as? [[String: Any]])
        return candidates.reduce(0) { $0 + ($1["priced"] as? Int ?? 0) }
      }
      #expect(try priced(with) == 107)
      #expect(try priced(without) == 0)
      #expect(without.output.contains("--prices FILE"))
    }
  }

  @Test func aSuggestedMappingIsTypedBackIn() throws {
    try withFolder { folder in
      let suggested = try succeed(
        ["import", "--suggest-mapping", Self.logs + "/tickets.jsonl", "--quiet"], in: folder)
      try folder.write("mapping.yaml", Array(suggested.output.utf8))
      let result = try succeed(
        [
          "import", Self.logs + "/tickets.jsonl", "--mapping", "mapping.yaml", "--store",
          "s.sqlite",
        ], in: folder)
      #expect(result.errors.contains("format: mapped (the mapping mapping.yaml)"))
      #expect(result.output.contains("inserted 160"))
    }
  }

  @Test func patternsAndStandardInputAreRead() throws {
    try withFolder { folder in
      let log = try Data(contentsOf: URL(fileURLWithPath: Self.logs + "/arena.jsonl"))
      let lines = String(decoding: log, as: UTF8.self).split(separator: "\n")
      for part in 0..<4 {
        let text = lines[(part * 50)..<(part * 50 + 50)].joined(separator: "\n") + "\n"
        try folder.write("part-\(part).jsonl", Array(text.utf8))
      }
      let files = try succeed(["import", "part-*.jsonl", "--store", "a.sqlite"], in: folder)
      let piped = try succeed(
        ["import", "-", "--store", "b.sqlite"], input: Array(log), in: folder)
      #expect(files.output == piped.output)
      #expect(try runRiddle(["import", "none-*.jsonl", "--dry-run"], in: folder).status == 66)
    }
  }

  struct Mistake: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var status: Int32
    var says: String
    var testDescription: String { arguments.joined(separator: " ") }
  }

  @Test(arguments: [
    Mistake(arguments: ["langfuse-scores.jsonl"], status: 65, says: "Name it together"),
    Mistake(
      arguments: ["langfuse-observations.jsonl", "langfuse-scores.jsonl"], status: 65,
      says: "--score NAME"),
    Mistake(arguments: ["arena.jsonl", "--format", "langfuse"], status: 65, says: "prompts"),
    Mistake(arguments: ["arena.jsonl", "--score-range", "5,1"], status: 64, says: "1,5"),
    Mistake(
      arguments: ["tickets.tsv", "--format", "mapped"], status: 64, says: "--suggest-mapping"),
    Mistake(
      arguments: ["tickets.jsonl", "--mapping", "nothing.yaml"], status: 66, says: "nothing.yaml"),
    Mistake(
      arguments: ["arena.jsonl", "--prices", "arena.jsonl"], status: 65, says: "arena.jsonl"),
    Mistake(
      arguments: ["--suggest-mapping", "arena.jsonl", "tickets.tsv"], status: 64, says: "one file"),
  ])
  func mistakesAreNamed(mistake: Mistake) throws {
    try withFolder { folder in
      let arguments = mistake.arguments.map { word in
        FileManager.default.fileExists(atPath: Self.logs + "/" + word)
          ? Self.logs + "/" + word : word
      }
      let dry = arguments.contains("--suggest-mapping") ? [] : ["--dry-run"]
      let result = try runRiddle(["import"] + arguments + dry, in: folder)
      #expect(result.status == mistake.status, "\(result.errors)")
      #expect(result.errors.contains(mistake.says), "\(result.errors)")
    }
  }
}

/// What is left behind by an import that could not take place.
@Suite struct RefusedImportTests {
  @Test func aLogWithoutPromptsLeavesItsRejectsAndNoStore() throws {
    try withFolder { folder in
      let row =
        #"{"request_id":"1","call_type":"acompletion","spend":0.1,"startTime":"2026-01-01 00:00:00","model":"m","messages":{}}"#
      try folder.write("spend.jsonl", Array("\(row)\n\(row)\n".utf8))
      let result = try runRiddle(["import", "spend.jsonl", "--store", "s.sqlite"], in: folder)
      #expect(result.status == 65)
      #expect(result.errors.contains("store_prompts_in_spend_logs: true"))
      #expect(!FileManager.default.fileExists(atPath: folder.path + "/s.sqlite"))
      let rejects = folder.path + "/s.sqlite.rejects.jsonl"
      if let data = FileManager.default.contents(atPath: rejects) {
        #expect(String(decoding: data, as: UTF8.self).split(separator: "\n").count == 2)
      }
    }
  }
}
