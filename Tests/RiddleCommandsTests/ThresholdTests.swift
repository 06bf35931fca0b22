import Foundation
import RiddleTestSupport
import Testing

/// `riddle threshold` as a user runs it: promises, rules, and what the new file says of itself.
@Suite struct ThresholdTests {
  /// A folder with a trained pair and `new.jsonl`, 3000 rows that it did not see.
  private static let prepared = Result { () throws -> TemporaryFolder in
    let run = try Trained.pair.get()
    let folder = run.folder
    try folder.write(
      "new.jsonl", SyntheticLog.text(SyntheticLog.rows(3000, seed: 99, prefix: "n")))
    return folder
  }

  private func threshold(_ arguments: [String], json: Bool = true) throws -> ProgramResult {
    try runRiddle(
      ["threshold", "pair", "--data", "new.jsonl", "--replicates", "40", "--quiet"] + arguments
        + (json ? ["--json"] : []), in: Self.prepared.get())
  }

  private func report(_ result: ProgramResult) throws -> [String: Any] {
    try #require(try result.object()["threshold"] as? [String: Any])
  }

  private func figure(_ option: Any?, _ name: String) throws -> Double {
    let figures = try #require((option as? [String: Any])?["figures"] as? [String: Any])
    return try #require((figures[name] as? [String: Any])?["value"] as? Double)
  }

  @Test(arguments: ["wsr", "clt", "binomial"])
  func aPromiseIsWrittenShownAndTheRowsAreLeftOutAfterwards(method: String) throws {
    let folder = try Self.prepared.get()
    let file = "promised-\(method)/new.riddle"
    let result = try threshold([
      "--max-quality-loss", "0.1", "--method", method, "--output", file,
    ])
    #expect(result.status == 0, "\(result.errors)")
    let report = try report(result)
    let promise = try #require(report["promise"] as? [String: Any])
    #expect(promise["is_made"] as? Bool == true)
    #expect(promise["units"] as? Int == 3000)
    #expect(report["is_proven_unseen"] as? Bool == true)
    let chosen = try #require(report["chosen"] as? [String: Any])
    #expect(try figure(chosen, "loss") < 0.1)
    #expect(try figure(chosen, "savings") > 0)
    #expect(try figure(report["best_on_validation"], "savings") >= figure(chosen, "savings"))

    let inspected = try succeed(["inspect", file, "--verify", "--json", "--quiet"], in: folder)
      .object()
    let router = try #require(inspected["router"] as? [String: Any])
    let head = try #require((router["heads"] as? [[String: Any]])?.first)
    let kinds = ["wsr": "mean-loss", "clt": "asymptotic-mean-loss", "binomial": "loss-share"]
    #expect(head["guarantee"] as? String == kinds[method])
    let stored = try #require((chosen["thresholds"] as? [Double])?.first)
    #expect(head["threshold"] as? Double == stored)
    let metadata = try #require(router["metadata"] as? [String: String])
    #expect(metadata["promise"] == promise["sentence"] as? String)
    #expect(metadata["promise_method"] == method)
    #expect(metadata["promise_units"] == "3000")
    #expect(metadata["promise_relative_to"] == "always huge")
    #expect(
      metadata["threshold_rule"] == "max-quality-loss=0.1 confidence=0.95 method=\(method)")
    let text = try succeed(["inspect", file, "--quiet"], in: folder).output
    #expect(text.contains("guarantee \(try #require(kinds[method]))"))
    #expect(text.contains("at most 0.1"))
    #expect(try folder.text("promised-\(method)/MODEL_CARD.md").contains("at most 0.1"))

    // All new rows are now seen: nothing is left to judge there, the old test side still is.
    let again = try runRiddle(
      ["evaluate", file, "--data", "new.jsonl", "--replicates", "0", "--quiet"], in: folder)
    #expect(again.status == 65)
    #expect(again.errors.contains("all 3000 rows were seen"))
    let old = try succeed(
      ["evaluate", file, "--data", "log.jsonl", "--replicates", "0", "--json", "--quiet"],
      in: folder)
    #expect(try old.object()["routers"] != nil)
  }

  @Test func aShareKeepsTheOtherRowsUnseen() throws {
    let folder = try Self.prepared.get()
    let result = try threshold([
      "--max-quality-loss", "0.1", "--use", "0.5", "--output", "half/new.riddle",
    ])
    #expect(result.status == 0, "\(result.errors)")
    let report = try report(result)
    let used = try #require(report["rows_used"] as? Int)
    #expect(used > 1350 && used < 1650)
    #expect(report["rows_kept_unseen"] as? Int == 3000 - used)
    let judged = try succeed(
      [
        "evaluate", "half/new.riddle", "--data", "new.jsonl", "--replicates", "0", "--json",
        "--quiet",
      ], in: folder
    ).object()
    let rows = try #require(judged["rows"] as? [String: Any])
    #expect(rows["seen_in_training"] as? Int == used)
  }

  @Test func noPromiseIsStatusOneAndWritesNothing() throws {
    let folder = try Self.prepared.get()
    let result = try threshold([
      "--max-quality-loss", "0.0001", "--output", "none/new.riddle",
    ])
    #expect(result.status == 1)
    #expect(result.errors.contains("nothing was written"))
    #expect(result.errors.contains("keep asking huge always"))
    #expect(try report(result)["chosen"] == nil)
    #expect(!folder.files().contains { $0.hasPrefix("none/") })
  }

  @Test(arguments: [
    (["--strong-share", "0.3"], "strong_share", 0.295, 0.305),
    (["--retention", "0.9"], "quality", 0.85, 1.0), (["--budget", "3"], "cost_usd", 0.0028, 0.003),
  ])
  func rulesMeetTheirAimAndPromiseNothing(
    arguments: [String], name: String, low: Double, high: Double
  ) throws {
    let result = try threshold(arguments)
    #expect(result.status == 0, "\(result.errors)")
    let value = try figure(try report(result)["chosen"], name)
    #expect(value >= low && value <= high, "\(value)")
    #expect(try report(result)["promise"] == nil)
  }

  @Test func aRuleTakesTheOldPromiseOutOfTheFile() throws {
    let folder = try Self.prepared.get()
    let first = try threshold([
      "--max-quality-loss", "0.1", "--use", "0.5", "--output", "a/r.riddle",
    ])
    #expect(first.status == 0)
    try succeed(
      [
        "threshold", "a/r.riddle", "--data", "new.jsonl", "--costs", "5:1", "--output",
        "b/r.riddle",
        "--replicates", "0", "--quiet",
      ], in: folder)
    let router = try #require(
      try succeed(["inspect", "b/r.riddle", "--json", "--quiet"], in: folder).object()["router"]
        as? [String: Any])
    let head = try #require((router["heads"] as? [[String: Any]])?.first)
    #expect(head["guarantee"] as? String == "none")
    let p = try #require(head["probability_at_threshold"] as? Double)
    #expect(abs(p - 1.0 / 6) < 1e-9)
    let metadata = try #require(router["metadata"] as? [String: String])
    #expect(metadata.keys.filter { $0.hasPrefix("promise") }.isEmpty)
    #expect(metadata["threshold_rule"] == "costs=5.0:1.0")
  }

  @Test func rowsSeenInTrainingCarryNoGuarantee() throws {
    let folder = try Self.prepared.get()
    let result = try runRiddle(
      [
        "threshold", "pair", "--data", "log.jsonl", "--rows", "all", "--max-quality-loss", "0.2",
        "--output", "seen/r.riddle", "--replicates", "0",
      ], in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.errors.contains("no guarantee is written"))
    #expect(result.output.contains("promise, unproven"))
    let inspected = try succeed(["inspect", "seen/r.riddle", "--quiet"], in: folder).output
    #expect(inspected.contains("guarantee none"))
  }

  @Test func anUnknownOriginIsRefusedUnlessTold() throws {
    let folder = try Self.prepared.get()
    try succeed(["export", "pair", "--to", "alone/r.riddle", "--quiet"], in: folder)
    let common = [
      "threshold", "alone/r.riddle", "--data", "new.jsonl", "--max-quality-loss", "0.1",
    ]
    let refused = try runRiddle(common + ["--output", "x/r.riddle", "--quiet"], in: folder)
    #expect(refused.status == 66)
    #expect(refused.errors.contains("training-rows.bin"))
    let told = try runRiddle(
      common + ["--rows", "all", "--output", "told/r.riddle", "--replicates", "0"], in: folder)
    #expect(told.status == 0, "\(told.errors)")
    #expect(told.errors.contains("cannot be checked"))
    #expect(!folder.has("told/training-rows.bin"))
    // The new file cannot say what it saw: a threshold on it needs the word of its user again.
    let next = try runRiddle(
      [
        "threshold", "told/r.riddle", "--data", "new.jsonl", "--max-quality-loss", "0.1", "--quiet",
      ],
      in: folder)
    #expect(next.status == 65)
    #expect(next.errors.contains("--rows all"))
  }

  @Test func anotherRoutersFolderIsNotOverwritten() throws {
    let folder = try Self.prepared.get()
    let before = try folder.bytes("pair/training-rows.bin")
    let result = try threshold(["--strong-share", "0.5", "--output", "pair/other.riddle"])
    #expect(result.status == 64)
    #expect(result.errors.contains("another router's files"))
    #expect(try folder.bytes("pair/training-rows.bin") == before)
    #expect(!folder.has("pair/other.riddle"))
  }

  @Test func aLadderMovesAllItsThresholdsTogether() throws {
    let run = try Trained.ladder.get()
    let folder = run.folder
    try folder.write(
      "new.jsonl", SyntheticLog.text(SyntheticLog.rows(2000, seed: 98, prefix: "n")))
    let result = try succeed(
      [
        "threshold", "ladder", "--data", "new.jsonl", "--max-quality-loss", "0.15", "--replicates",
        "40", "--json", "--quiet",
      ], in: folder)
    let report = try report(result)
    func thresholds(_ key: String) throws -> [Double] {
      try #require((report[key] as? [String: Any])?["thresholds"] as? [Double])
    }
    let (chosen, stored) = (try thresholds("chosen"), try thresholds("stored"))
    #expect(chosen.count == 2)
    #expect(abs((chosen[0] - stored[0]) - (chosen[1] - stored[1])) < 1e-9)
    #expect(try figure(report["chosen"], "loss") <= 0.15)
  }

  @Test func conversationsAreTheUnits() throws {
    let folder = try Self.prepared.get()
    let lines = SyntheticLog.rows(3000, seed: 97, prefix: "c").enumerated().map { i, row in
      SyntheticLog.line(row).replacingOccurrences(
        of: "{\"id\"", with: "{\"conversation\":\"t\(i / 3)\",\"id\"")
    }
    try folder.write("talks.jsonl", lines.joined(separator: "\n") + "\n")
    let result = try succeed(
      [
        "threshold", "pair", "--data", "talks.jsonl", "--max-quality-loss", "0.1", "--replicates",
        "40", "--json", "--quiet",
      ], in: folder)
    let promise = try #require(try report(result)["promise"] as? [String: Any])
    #expect(promise["unit"] as? String == "conversation")
    #expect(promise["units"] as? Int == 1000)
    #expect((promise["sentence"] as? String)?.contains("conversations like these 1000") == true)
  }

  @Test func sameInputsSameBytes() throws {
    let folder = try Self.prepared.get()
    for name in ["one", "two"] {
      let result = try threshold(["--max-quality-loss", "0.1", "--output", "\(name)/r.riddle"])
      #expect(result.status == 0)
    }
    #expect(try folder.bytes("one/r.riddle") == folder.bytes("two/r.riddle"))
    #expect(
      try folder.bytes("one/training-rows.bin") == folder.bytes("two/training-rows.bin"))
  }
}
