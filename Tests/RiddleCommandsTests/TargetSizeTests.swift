import Foundation
import RiddleTestSupport
import Testing

/// `export --target-size`, and the policy and prices inside a weight file.
@Suite struct TargetSizeTests {
  static func export(_ more: [String], in folder: TemporaryFolder) throws -> ProgramResult {
    let run = try Trained.pair.get()
    return try runRiddle(
      ["export", run.folder.file("pair"), "--to", "small.riddle"] + more, in: folder)
  }

  /// The curve, the row that is marked and the file agree; a second export gives the same bytes.
  @Test func theChosenSizeFitsAndDecidesTheSame() throws {
    let log = try Trained.pair.get().folder.file("log.jsonl")
    try withFolder { folder in
      let more = ["--target-size", "5.2KB", "--data", log, "--tolerance", "1", "--json"]
      let result = try Self.export(more, in: folder)
      try #require(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("5200 bytes") && result.errors.contains("KiB = 1024"))
      let said = try result.object()
      let bytes = try folder.bytes("small.riddle")
      #expect(bytes.count <= 5200 && said["bytes"] as? Int == bytes.count)
      #expect(said["target_bytes"] as? Int == 5200)
      let rows = try #require(said["sizes"] as? [[String: Any]])
      #expect(rows.count >= 6)
      let chosen = rows.filter { $0["chosen"] as? Bool == true }
      try #require(chosen.count == 1)
      #expect(chosen[0]["bytes"] as? Int == bytes.count)
      #expect(chosen[0]["changed_decisions"] as? Int == said["changed_decisions"] as? Int)
      let fewest = rows.filter { $0["fits"] as? Bool == true }
        .compactMap { $0["changed_decisions"] as? Int }.min()
      #expect(chosen[0]["changed_decisions"] as? Int == fewest)
      for row in rows {
        #expect((0.4...1).contains(try #require(row["auc"] as? Double)))
        #expect((0.01...2).contains(try #require(row["log_loss"] as? Double)))
        let share = try #require(row["changed_share"] as? [String: Any])
        #expect(try #require(share["high"] as? Double) > 0)
      }
      #expect(rows[0]["form"] as? String == "original" && rows[0]["changed_decisions"] as? Int == 0)
      let again = try Self.export(more, in: folder)
      #expect(again.status == 0)
      #expect(try folder.bytes("small.riddle") == bytes)
      let shown = try succeed(["inspect", "small.riddle", "--verify", "--json"], in: folder)
        .object()
      let router = try #require(shown["router"] as? [String: Any])
      let card = try #require(router["metadata"] as? [String: String])
      #expect(card["exported_from"]?.count == 64)
      #expect(card["exported_precision"] == router["precision"] as? String)
      #expect(card["exported_buckets"]?.hasSuffix(" of 1024") ?? false)
    }
  }

  /// The strings count towards the size, stay whole, and still explain the smaller router's decisions.
  @Test func theStringsBehindBucketsCountTowardsTheSize() throws {
    try withFolder { folder in
      let free = try Self.export(["--with-ngrams", "--json"], in: folder)
      try #require(free.status == 0, "\(free.errors)")
      let whole = try folder.bytes("small.riddle").count
      let size = whole - 300
      let named = ["--with-ngrams", "--target-size", "\(size)", "--tolerance", "1", "--json"]
      let result = try Self.export(named, in: folder)
      try #require(result.status == 0, "\(result.errors)")
      let bytes = try folder.bytes("small.riddle")
      let said = try result.object()
      #expect(bytes.count <= size && said["bytes"] as? Int == bytes.count)
      let shown = try succeed(["inspect", "small.riddle", "--verify", "--json"], in: folder)
      let router = try #require(shown.object()["router"] as? [String: Any])
      let card = try #require(router["metadata"] as? [String: String])
      #expect(card["exported_buckets"] != nil || card["exported_precision"] != nil)
      #expect(card["ngrams"]?.hasSuffix("bytes of n-grams behind hash buckets") == true)
      let line = try succeed(
        ["score", "small.riddle", "--explain", "--top", "40", "--quiet"],
        input: Array("prove the theorem\n".utf8), in: folder
      ).lines()[0]
      let reasons = (line["features"] as? [[String: Any]]) ?? []
      #expect(reasons.contains { ($0["training_texts"] as? Int ?? 0) >= 5 })
      // Without them the same size leaves room for more weights.
      let bare = try Self.export(
        ["--target-size", "\(size)", "--tolerance", "1", "--json"], in: folder)
      try #require(bare.status == 0, "\(bare.errors)")
      let without = try #require(bare.object()["bytes"] as? Int)
      #expect(without < bytes.count)
      // What has no room for the strings alone fits nothing, and says so.
      let refused = try Self.export(["--with-ngrams", "--target-size", "2000"], in: folder)
      #expect(refused.status == 1 && refused.errors.contains("nothing fits"))
      #expect(refused.errors.contains("n-grams"))
    }
  }

  @Test func tooManyChangesWriteNothingAndStillShowTheCurve() throws {
    let log = try Trained.pair.get().folder.file("log.jsonl")
    try withFolder { folder in
      let refused = try Self.export(["--target-size", "4.85KB", "--data", log], in: folder)
      #expect(refused.status == 1, "\(refused.output)\(refused.errors)")
      #expect(refused.output.contains("buckets") && refused.output.contains("→"))
      #expect(refused.errors.contains("decisions change") && !folder.has("small.riddle"))
    }
  }

  @Test func nothingFitsSaysWhatTakesTheRoom() throws {
    try withFolder { folder in
      let refused = try Self.export(["--target-size", "600"], in: folder)
      #expect(refused.status == 1)
      for word in ["nothing fits", "smallest size possible", "dense weights", "metadata", "probes"]
      { #expect(refused.errors.contains(word), "\(word)") }
      #expect(!folder.has("small.riddle"))
      let trees = try Trained.ladder.get()
      let none = try runRiddle(
        ["export", trees.folder.file("ladder"), "--to", "t.riddle", "--target-size", "600"],
        in: folder)
      #expect(none.status == 1 && none.errors.contains("trees"))
    }
  }

  /// Without labels the columns stay empty and the reason is given; probes alone are warned of.
  @Test func withoutOutcomesThereAreNoFigures() throws {
    try withFolder { folder in
      let lines = ["prove it", "hello shop"].map { text in
        "{\"id\":\"\(text)\",\"query\":\"\(text)\",\"outcomes\":{\"tiny\":{\"quality\":1}}}\n"
      }
      try folder.write("texts.jsonl", lines.joined())
      let probes = try Self.export(["--target-size", "1MB"], in: folder)
      #expect(probes.status == 0 && probes.errors.contains("only 13 probes"))
      #expect(probes.output.contains("no AUC and no log loss"))
      let texts = try Self.export(["--target-size", "1MB", "--data", "texts.jsonl"], in: folder)
      #expect(texts.status == 0, "\(texts.errors)")
      #expect(texts.output.contains("no row of --data has a judged outcome"))
      #expect(texts.output.contains("13 probes, 2 of --data"))
      try folder.write("bad.jsonl", "{\"query\":\"no id\"}\n")
      let bad = try Self.export(["--target-size", "1MB", "--data", "bad.jsonl"], in: folder)
      #expect(bad.status == 65 && bad.errors.contains("nothing to compare"))
    }
  }

  @Test(arguments: [
    ["--target-size", "0"], ["--target-size", "64XB"], ["--target-size", "-3KB"],
    ["--target-size", "64KB", "--as", "json"], ["--prices", "tiny=1"],
  ])
  func badSizesAreRefused(more: [String]) throws {
    try withFolder { folder in
      let result = try Self.export(more, in: folder)
      #expect(result.status == 64, "\(result.errors)")
      #expect(!folder.has("small.riddle"))
    }
  }

  @Test func policyAndPricesTravelInside() throws {
    let run = try Trained.pair.get()
    try withFolder { folder in
      let policy = "name: careful\nstages:\n  - classifier\ndefault: huge\n"
      try folder.write("p.yaml", policy)
      try folder.write("prices.yaml", "tiny: {input: 0.15, cached_input: 0.075, output: 0.6}\n")
      let made = try Self.export(
        ["--policy", "p.yaml", "--prices", "prices.yaml", "huge=3/15"], in: folder)
      try #require(made.status == 0, "\(made.errors)")
      let shown = try succeed(["inspect", "small.riddle", "--json"], in: folder).object()
      let router = try #require(shown["router"] as? [String: Any])
      #expect(router["policy"] as? String == policy)
      let candidates = try #require(router["candidates"] as? [[String: Any]])
      let tiny = try #require(candidates[0]["prices"] as? [String: Double])
      #expect(tiny == ["input": 0.15, "cached_input": 0.075, "output": 0.6])
      let huge = try #require(candidates[1]["prices"] as? [String: Double])
      #expect(huge == ["input": 3, "output": 15])
      let text = try succeed(["inspect", "small.riddle"], in: folder).output
      #expect(text.contains("name: careful") && text.contains("cached input $0.075"))
      #expect(text.contains("cached input unknown, output $15"))
      // It still replays as a router, keeps both when it shrinks, and loses both on request.
      try succeed(
        ["simulate", run.folder.file("log.jsonl"), "--policy", "small.riddle", "--quiet"],
        in: folder)
      try succeed(
        [
          "export", "small.riddle", "--to", "s.riddle", "--precision", "float16", "--tolerance",
          "1",
        ],
        in: folder)
      #expect(try succeed(["inspect", "s.riddle"], in: folder).output.contains("name: careful"))
      try succeed(
        ["export", "small.riddle", "--to", "b.riddle", "--policy", "none", "--prices", "none"],
        in: folder)
      #expect(try folder.bytes("b.riddle") == run.folder.bytes("pair/router.riddle"))
    }
  }

  @Test func badPoliciesAndPricesAreRefused() throws {
    try withFolder { folder in
      try folder.write("p.yaml", "stages:\n  - user_tier: {tiers: {free: nobody}}\ndefault: huge\n")
      try folder.write("x.yaml", "other: {input: 1, output: 2}\n")
      let missing = try Self.export(["--policy", "no.yaml"], in: folder)
      #expect(missing.status == 66)
      let unknown = try Self.export(["--policy", "p.yaml"], in: folder)
      #expect(unknown.status == 65 && unknown.errors.contains("p.yaml, line 2"))
      let other = try Self.export(["--prices", "x.yaml"], in: folder)
      #expect(other.status == 65 && other.errors.contains("tiny, huge"))
      #expect(try Self.export(["--prices", "no.yaml"], in: folder).status == 66)
      #expect(!folder.has("small.riddle"))
    }
  }

  @Test(arguments: ["float32", "float16", "int8"])
  func trainingTakesEveryPrecision(precision: String) throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(200, seed: 3)))
      try succeed(
        [
          "train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--output", "m",
          "--precision", precision, "--quiet",
        ] + Trained.quick, in: folder)
      let shown = try succeed(["inspect", "m/router.riddle", "--verify", "--json"], in: folder)
      let router = try #require(shown.object()["router"] as? [String: Any])
      #expect(router["precision"] as? String == precision)
    }
  }
}
