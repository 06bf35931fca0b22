import Foundation
import Testing

/// What a run finds out beside its router: targets compared, features left out, labels to buy, tiers by hand.
@Suite struct FindingsTests {
  @Test func targetsFeaturesAndLabelsAreWeighed() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(700)))
      let train = [
        "train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--seed", "7",
        "--target", "auto", "--ablate", "--learning-curve", "--output", "m",
      ]
      let result = try succeed(train + Trained.quick, in: folder)
      for part in ["Targets", "Blocks of features", "What more labels would buy", "ties"] {
        #expect(result.output.contains(part), "\(part)")
      }
      let run = try #require(
        try JSONSerialization.jsonObject(with: Data(folder.bytes("m/run.json"))) as? [String: Any])
      let findings = try #require(run["findings"] as? [String: Any])
      let targets = try #require(findings["targets"] as? [String: Any])
      let settings = try #require(run["settings"] as? [String: Any])
      #expect(settings["target"] as? String == targets["reference"] as? String)
      #expect(findings["ablation"] != nil && findings["learning_curve"] != nil)
      #expect(try folder.text("m/report.html").contains("Blocks of features"))
    }
  }

  @Test func tiersByHandAreLearnedAndJudged() throws {
    try withFolder { folder in
      let words = ["reset password please", "compare two plans", "prove the theorem rigorously"]
      let names = ["simple", "moderate", "complex"]
      let text = (0..<300).map { i in
        "{\"id\":\"q\(i)\",\"query\":\"\(words[i % 3]) \(i)\",\"tier\":\"\(names[i % 3])\"}\n"
      }.joined()
      try folder.write("tiers.jsonl", text)
      let result = try succeed(
        ["train", "--data", "tiers.jsonl", "--tiers", "simple,moderate,complex", "--output", "m"]
          + Trained.quick + ["--json", "--quiet"], in: folder
      ).object()
      let evaluation = try #require(result["evaluation"] as? [String: Any])
      #expect(evaluation["candidates"] as? [String] == names)
      let scored = try succeed(
        ["score", "m/router.riddle", "--quiet"],
        input: Array("prove the theorem rigorously 7\n".utf8),
        in: folder)
      #expect(scored.output.contains("complex"))
      let judged = try succeed(
        [
          "evaluate", "m", "--data", "tiers.jsonl", "--tiers", "simple,moderate,complex", "--json",
          "--quiet", "--replicates", "20",
        ], in: folder)
      #expect(!judged.output.isEmpty)
      // The same through a store.
      try succeed(["import", "tiers.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      try succeed(
        [
          "train", "--store", "s.sqlite", "--tiers", "simple,moderate,complex", "--output",
          "stored/m",
        ] + Trained.quick + ["--quiet"], in: folder)
      #expect(try folder.bytes("stored/m/router.riddle").count > 100)
      let wrong = try runRiddle(
        ["train", "--data", "tiers.jsonl", "--tiers", "simple,complex", "--output", "n"],
        in: folder)
      #expect(wrong.status != 0 && wrong.errors.contains("\"moderate\""))
    }
  }

  @Test(arguments: ["label", "evaluate"])
  func onlyTrainingCanChooseATarget(command: String) throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows()))
      let words = command == "label" ? ["label"] : ["evaluate", "m"]
      let result = try runRiddle(
        words + ["--data", "log.jsonl", "--target", "auto"], in: folder)
      #expect(result.status == 64 && result.errors.contains("riddle train"))
    }
  }
}
