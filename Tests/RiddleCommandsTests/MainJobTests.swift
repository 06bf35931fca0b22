import Foundation
import RiddleTestSupport
import Testing

/// From a log to a deployed router, as the help tells it, on data that the test makes.
@Suite struct MainJobTests {
  @Test(arguments: [
    ("logistic", ["tiny", "huge"]), ("tree", ["tiny", "huge"]),
    ("logistic", ["tiny", "middle", "huge"]), ("tree", ["tiny", "middle", "huge"]),
  ])
  func importLabelTrainEvaluateExportScoreInspect(model: String, ladder: [String]) throws {
    try withFolder { folder in
      let names = ladder.joined(separator: ",")
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows()))

      let imported = try succeed(
        ["import", "log.jsonl", "--store", "s.sqlite", "--json", "--quiet"], in: folder
      ).object()
      #expect(imported["inserted"] as? Int == 400)
      #expect(imported["rejected"] as? Int == 0)

      let label = try succeed(
        ["label", "--store", "s.sqlite", "--candidates", names, "--json", "--quiet"], in: folder
      ).object()
      let outcomes = try #require(label["outcomes"] as? [String: Any])
      #expect(outcomes["queries"] as? Int == 400)
      #expect(outcomes["candidates"] as? [String] == ladder)
      #expect((outcomes["positives"] as? [Int])?.count == ladder.count - 1)

      let trained = try succeed(
        ["train", "--store", "s.sqlite", "--model", model, "--output", "m", "--seed", "7"]
          + Trained.quick + ["--json", "--quiet"], in: folder
      ).object()
      let run = try #require(trained["run"] as? [String: Any])
      #expect((run["settings"] as? [String: Any])?["candidates"] as? [String] == ladder)
      #expect(
        folder.files().filter { $0.hasPrefix("m/") } == [
          "m/MODEL_CARD.md", "m/evaluation.json", "m/explanation.json", "m/judged-rows.bin",
        ] + (model == "logistic" ? ["m/ngrams.json"] : []) + [
          "m/report.html", "m/router.riddle", "m/run.json", "m/training-rows.bin",
        ])

      let evaluated = try succeed(
        [
          "evaluate", "m/router.riddle", "--store", "s.sqlite", "--candidates", names, "--report",
          "r.html", "--replicates", "40", "--json", "--quiet",
        ], in: folder
      ).object()
      try Contract.check(evaluated, ladder: ladder)
      #expect(folder.has("r.html"))

      let exported = try succeed(
        ["export", "m", "--to", "router.riddle", "--data", "log.jsonl", "--json", "--quiet"],
        in: folder
      ).object()
      #expect(exported["changed_decisions"] as? Int == 0)
      #expect(try folder.bytes("router.riddle") == folder.bytes("m/router.riddle"))

      let decisions = try succeed(
        ["score", "router.riddle", "--quiet"], input: Array("please reset\nprove it\n".utf8),
        in: folder
      ).lines()
      #expect(decisions.count == 2)
      for decision in decisions {
        #expect(ladder.contains(decision["candidate"] as? String ?? ""))
      }

      let inspected = try succeed(
        ["inspect", "router.riddle", "--verify", "--json", "--quiet"], in: folder
      ).object()
      #expect((inspected["verified"] as? [String: Any])?["checksum"] as? String == "ok")
      let description = try #require(inspected["router"] as? [String: Any])
      #expect(description["model"] as? String == model)
      #expect((description["heads"] as? [Any])?.count == ladder.count - 1)
    }
  }

  @Test func aRouterLearnsWhatTheDataHold() throws {
    let run = try Trained.pair.get()
    let evaluation = try #require(try run.result.object()["evaluation"] as? [String: Any])
    let router = try #require((evaluation["routers"] as? [[String: Any]])?.first)
    let auc = try #require((router["auc"] as? [String: Any])?["value"] as? Double)
    #expect(auc > 0.75)
  }

  @Test func allFormsOfInspectAnswerInJSON() throws {
    let run = try Trained.pair.get()
    try withFolder { folder in
      let log = run.folder.file("log.jsonl")
      try succeed(["import", log, "--store", "s.sqlite", "--quiet"], in: folder)
      for (path, kind) in [("s.sqlite", "store"), (log, "log"), (run.folder.file("pair"), "run")] {
        let found = try succeed(
          ["inspect", path, "--verify", "--json", "--quiet"], in: folder
        ).object()
        #expect(found["kind"] as? String == kind)
      }
    }
  }

  /// Without --json the result is for people, but still the only thing on standard output.
  @Test func quietCommandsSayNothingOnStandardError() throws {
    let run = try Trained.pair.get()
    let log = run.folder.file("log.jsonl")
    let router = run.folder.file("pair/router.riddle")
    try withFolder { folder in
      for arguments in [
        ["import", log, "--store", "s.sqlite"],
        ["label", "--store", "s.sqlite", "--candidates", "tiny,huge"],
        ["train", "--store", "s.sqlite", "--output", "m"] + Trained.quick,
        ["evaluate", router, "--data", log, "--replicates", "20"],
        ["export", router, "--to", "x.riddle"], ["score", router],
        ["inspect", router, "--verify"], ["inspect", "s.sqlite"], ["inspect", log],
        ["inspect", "m", "--verify"],
      ] {
        for json in [[], ["--json"]] {
          let result = try succeed(
            arguments + json + ["--quiet"], input: Array("hello\n".utf8), in: folder)
          #expect(result.errors.isEmpty, "\(arguments[0]): \(result.errors)")
          #expect(!result.output.isEmpty)
          if !json.isEmpty { _ = try result.object() }
        }
      }
    }
  }

  @Test func importingTwiceChangesNothing() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(30)))
      let arguments = ["import", "log.jsonl", "--store", "s.sqlite", "--json", "--quiet"]
      _ = try succeed(arguments, in: folder)
      let second = try succeed(arguments, in: folder).object()
      #expect(second["inserted"] as? Int == 0)
      #expect(second["unchanged"] as? Int == 30)
    }
  }

  @Test func dryRunWritesNothing() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(30)) + "{broken\n")
      let result = try succeed(
        ["import", "log.jsonl", "--store", "s.sqlite", "--dry-run", "--json"], in: folder
      ).object()
      #expect(result["inserted"] as? Int == 30)
      #expect(folder.files() == ["log.jsonl"])
    }
  }

  /// The file a log was exported to as JSON describes the same router.
  @Test func exportAsJSONIsReadable() throws {
    let run = try Trained.ladder.get()
    try withFolder { folder in
      try succeed(
        ["export", run.folder.file("ladder"), "--to", "r.json", "--as", "json", "--quiet"],
        in: folder)
      let text = try folder.bytes("r.json")
      let object = try JSONSerialization.jsonObject(with: Data(text)) as? [String: Any]
      #expect((object?["candidates"] as? [Any])?.count == 3)
    }
  }
}

/// What other programs rely on in `evaluate --json`.
enum Contract {
  static let figures = [
    "auc", "log_loss", "ece", "apgr", "apgr_routellm", "cpt50", "cpt80", "savings", "retention",
    "share_strong", "regret",
  ]

  static func check(_ evaluation: [String: Any], ladder: [String]) throws {
    #expect((evaluation["queries"] as? Int ?? 0) > 0)
    #expect(evaluation["candidates"] as? [String] == ladder)
    let routers = try #require(evaluation["routers"] as? [[String: Any]])
    let baselines = try #require(evaluation["baselines"] as? [[String: Any]])
    #expect(routers.count == 1)
    #expect(baselines.count >= 5)
    for policy in routers + baselines {
      let name = try #require(policy["name"] as? String)
      #expect(!name.isEmpty)
      for key in figures { try figure(policy[key], "\(name).\(key)") }
      let accuracy = try #require(policy["accuracy"] as? [String: Any])
      for key in ["label_match", "acceptable_set", "decisive_only"] {
        try figure(accuracy[key], "\(name).accuracy.\(key)")
      }
    }
    let router = try #require(routers.first)
    for key in ["auc", "log_loss", "ece", "apgr", "savings", "retention", "share_strong", "regret"]
    {
      let figure = try #require(router[key] as? [String: Any])
      let value = try #require(figure["value"] as? Double, "\(key) is undefined")
      if let low = figure["low"] as? Double, let high = figure["high"] as? Double {
        #expect(low <= high, "\(key)")
        if key != "ece" { #expect(low <= value + 1e-9 && value <= high + 1e-9, "\(key)") }
      }
    }
  }

  /// A figure has the keys value, low and high, each a number or null, and no other.
  static func figure(_ value: Any?, _ place: String) throws {
    let figure = try #require(value as? [String: Any], "\(place) is missing")
    #expect(Set(figure.keys) == ["value", "low", "high"], "\(place)")
    for part in figure.values { #expect(part is NSNull || part is NSNumber, "\(place)") }
  }
}
