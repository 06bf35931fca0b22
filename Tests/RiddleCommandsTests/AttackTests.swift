import Foundation
import RiddleTestSupport
import Testing

/// `riddle attack` as a user runs it.
@Suite struct AttackTests {
  static let quick = ["--queries", "20", "--candidates-per-step", "4", "--gadget-tokens", "2"]

  /// A folder with a copy of the trained pair and a log of other queries.
  private func withRun(_ body: (TemporaryFolder) throws -> Void) throws {
    let run = try Trained.pair.get()
    try withFolder { folder in
      try FileManager.default.copyItem(
        at: run.folder.url("pair"), to: folder.url("pair"))
      try folder.write(
        "new.jsonl", SyntheticLog.text(SyntheticLog.rows(120, seed: 9, prefix: "n")))
      try body(folder)
    }
  }

  private func attack(_ arguments: [String], in folder: TemporaryFolder) throws -> ProgramResult {
    try runRiddle(["attack", "pair", "new.jsonl"] + Self.quick + arguments, in: folder)
  }

  @Test func theTableNamesEveryChangeAndTheJSONTheSame() throws {
    try withRun { folder in
      let text = try attack(["--quiet"], in: folder)
      #expect(text.status == 0 && text.errors.isEmpty, "\(text.errors)")
      let json = try attack(["--json", "--quiet"], in: folder).object()
      #expect(json["kind"] as? String == "robustness")
      let report = try #require(json["robustness"] as? [String: Any])
      #expect(report["format"] as? String == "riddle-robustness/1")
      #expect(report["queries"] as? Int == 120)
      let changes = try #require(report["changes"] as? [[String: Any]])
      #expect(changes.count == 15)
      for change in changes {
        #expect(text.output.contains(try #require(change["name"] as? String)))
        let figure = try #require(change["unchanged"] as? [String: Any])
        if (change["queries"] as? Int ?? 0) > 1 {
          let value = try #require(figure["value"] as? Double)
          #expect(try #require(figure["low"] as? Double) <= value)
          #expect(try #require(figure["high"] as? Double) >= value)
          #expect((change["dollars_per_query"] as? [String: Any])?["value"] is Double)
        }
      }
      let gadgets = try #require(report["gadgets"] as? [[String: Any]])
      #expect(gadgets.compactMap { $0["direction"] as? String } == ["upgrade", "downgrade"])
      #expect(text.output.contains("moved by random tokens"))
    }
  }

  @Test func theSameSeedGivesTheSameBytesAndAnotherOnesOthers() throws {
    try withRun { folder in
      let one = try attack(["--json", "--quiet"], in: folder).output
      #expect(try attack(["--json", "--quiet"], in: folder).output == one)
      #expect(try attack(["--json", "--quiet", "--seed", "2"], in: folder).output != one)
    }
  }

  @Test func theGateDecidesTheExitStatus() throws {
    try withRun { folder in
      let hard = try attack(["--require-unchanged", "1"], in: folder)
      #expect(hard.status == 1)
      #expect(hard.output.contains("unchanged under every benign change; the weakest is"))
      let easy = try attack(["--require-unchanged", "0", "--json", "--quiet"], in: folder)
      #expect(easy.status == 0)
      let gate = try #require(try easy.object()["gate"] as? [String: Any])
      #expect(gate["verdict"] as? String == "PASS")
      // Nothing applied proves nothing.
      let none = try attack(
        ["--require-unchanged", "0.5", "--families", "hostile"], in: folder)
      #expect(none.status == 1 && none.output.contains("UNDECIDED"))
    }
  }

  @Test func textsWithoutOutcomesAreEnough() throws {
    try withRun { folder in
      let rows = SyntheticLog.rows(120, seed: 9, prefix: "n")
      try folder.write(
        "texts.jsonl",
        rows.map { "{\"id\":\"\($0.id)\",\"query\":\"\($0.query)\"}\n" }.joined())
      try folder.write("texts.txt", rows.map { $0.query + "\n" }.joined())
      let plain = try runRiddle(
        ["attack", "pair/router.riddle", "texts.txt"] + Self.quick, in: folder)
      #expect(plain.status == 0 && plain.output.contains("120 queries"), "\(plain.errors)")
      let result = try runRiddle(
        ["attack", "pair/router.riddle", "texts.jsonl", "--json"] + Self.quick, in: folder)
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("dollars and quality are not known"))
      let report = try #require(try result.object()["robustness"] as? [String: Any])
      let changes = try #require(report["changes"] as? [[String: Any]])
      for change in changes {
        #expect((change["quality"] as? [String: Any])?["value"] is NSNull)
        let isEmpty = change["queries"] as? Int == 0
        #expect((change["unchanged"] as? [String: Any])?["value"] is Double || isEmpty)
      }
    }
  }

  @Test func paraphrasesAreFoundByIdAndByText() throws {
    try withRun { folder in
      let rows = SyntheticLog.rows(120, seed: 9, prefix: "n")
      try folder.write(
        "p.jsonl",
        """
        {"id":"\(rows[0].id)","paraphrases":["prove it","reset it"]}

        {"query":"\(rows[1].query)","paraphrase":"another question"}
        \(rows[2].id)\tyet another
        \(rows[3].query)\tand one more
        {"id":"nobody","paraphrase":"x"}
        {"id":"\(rows[0].id)","paraphrase":"prove it"}
        """)
      let result = try attack(
        ["--paraphrases", "p.jsonl", "--families", "paraphrase", "--json", "--quiet"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let report = try #require(try result.object()["robustness"] as? [String: Any])
      let changes = try #require(report["changes"] as? [[String: Any]])
      // The one that stands there twice counts once.
      #expect(changes.count == 1 && changes.first?["queries"] as? Int == 5)
    }
  }

  /// A query that was asked twice has every paraphrase of its text once, not once for each line that names it.
  @Test func paraphrasesOfAQueryThatWasAskedTwiceCountOnce() throws {
    try withRun { folder in
      var rows = SyntheticLog.rows(120, seed: 9, prefix: "n")
      rows[1].query = rows[0].query
      try folder.write("new.jsonl", SyntheticLog.text(rows))
      let line = "{\"query\":\"\(rows[0].query)\",\"paraphrase\":\"another question\"}\n"
      try folder.write("p.jsonl", line + line)
      let report = try robustness(
        attack(["--paraphrases", "p.jsonl", "--families", "paraphrase", "--json"], in: folder))
      let changes = try #require(report["changes"] as? [[String: Any]])
      #expect(changes.first?["queries"] as? Int == 2)
    }
  }

  @Test func gzipAndAByteOrderMarkAreRead() throws {
    try withRun { folder in
      let rows = SyntheticLog.rows(120, seed: 9, prefix: "n")
      try folder.write(
        "p.jsonl", "\u{feff}{\"id\":\"\(rows[0].id)\",\"paraphrase\":\"another question\"}\r\n")
      try folder.write("texts.txt", rows.map { $0.query + "\n" }.joined())
      for name in ["p.jsonl", "texts.txt"] {
        try packed(folder.file(name), to: folder.file(name + ".gz"))
      }
      for name in ["p.jsonl", "p.jsonl.gz"] {
        let report = try robustness(
          attack(["--paraphrases", name, "--families", "paraphrase", "--json"], in: folder))
        let changes = try #require(report["changes"] as? [[String: Any]])
        #expect(changes.first?["queries"] as? Int == 1)
      }
      let texts = try ["texts.txt", "texts.txt.gz"].map {
        try robustness(
          runRiddle(
            ["attack", "pair/router.riddle", $0, "--json", "--families", "case"] + Self.quick,
            in: folder))
      }
      #expect(texts[0]["queries"] as? Int == 120 && texts[1]["queries"] as? Int == 120)
    }
  }

  private func robustness(_ result: ProgramResult) throws -> [String: Any] {
    #expect(result.status == 0, "\(result.errors)")
    return try #require(try result.object()["robustness"] as? [String: Any])
  }

  @Test func outcomesInAnotherOrderAreRefused() throws {
    try withRun { folder in
      let result = try attack(["--candidates", "huge,tiny", "--families", "case"], in: folder)
      #expect(result.status == 64 && result.errors.contains("another order"), "\(result.errors)")
    }
  }

  @Test func nothingToJudgeIsSaid() throws {
    try withRun { folder in
      try folder.write("p.jsonl", "{\"id\":\"nobody\",\"paraphrase\":\"another question\"}\n")
      let result = try runRiddle(
        [
          "attack", "pair", "new.jsonl", "--paraphrases", "p.jsonl", "--families", "paraphrase",
          "--gadget-tokens", "0",
        ], in: folder)
      #expect(result.status == 65 && result.errors.contains("nothing to judge"), "\(result.errors)")
    }
  }

  @Test func aListThatHoldsNothingIsRefused() throws {
    try withRun { folder in
      for text in ["", "\n \n"] {
        try folder.write("p.txt", text)
        let result = try attack(["--paraphrases", "p.txt"], in: folder)
        #expect(result.status == 65 && result.errors.contains("no paraphrase in it"))
      }
    }
  }

  @Test(arguments: [
    "{\"id\":\"a\",\"paraphrase\":\"zebra\"}\nzebra without a tab\n",
    "{\"id\":\"a\",\"paraphrase\":\"zebra\"}\n{\"paraphrase\":\"zebra\"}\n",
    "{\"id\":\"a\",\"paraphrase\":\"zebra\"}\n{\"id\":\"zebra\"}\n",
    "{\"id\":\"a\",\"paraphrase\":\"zebra\"}\n{\"id\":\"zebra\",\"paraphrases\":7}\n",
    "{\"id\":\"a\",\"paraphrase\":\"zebra\"}\n{\"id\":\"zebra\n",
    "a\tzebra\nzebra\tzebra\tzebra\n",
    "a\tzebra\nzebra\t  \n",
    "a\tzebra\n{\"id\":\"zebra\",\"paraphrases\":[\"zebra\",\"\"]}\n",
    "a\tzebra\n[{\"id\":\"zebra\",\"paraphrase\":\"zebra\"}]\n",
  ])
  func badParaphrasesNameTheLineAndNotTheText(file: String) throws {
    try withRun { folder in
      try folder.write("p.txt", file)
      let result = try attack(["--paraphrases", "p.txt"], in: folder)
      #expect(result.status == 65)
      #expect(result.errors.contains("p.txt, line 2: "), "\(result.errors)")
      #expect(!result.errors.contains("zebra"))
    }
  }

  @Test(arguments: [
    ["--families", "nonsense"], ["--gadget-tokens", "65"], ["--candidates-per-step", "0"],
    ["--queries", "1"], ["--token-support", "4"], ["--require-unchanged", "95"],
    ["--confidence", "1"], ["--data", "x.jsonl"], ["--families", "paraphrase"],
    ["--families", "case", "--paraphrases", "new.jsonl"],
  ])
  func impossibleSettingsAreRefused(arguments: [String]) throws {
    try withRun { folder in
      let result = try attack(arguments, in: folder)
      #expect(result.status == 64, "\(result.errors)")
    }
  }

  @Test func missingFilesAreNamed() throws {
    try withRun { folder in
      let router = try runRiddle(["attack", "none.riddle", "new.jsonl"], in: folder)
      #expect(router.status == 66 && router.errors.contains("none.riddle"))
      let data = try runRiddle(["attack", "pair", "none.jsonl"], in: folder)
      #expect(data.status == 66 && data.errors.contains("none.jsonl"))
      let card = try runRiddle(
        ["export", "pair", "--to", "alone/router.riddle", "--quiet"], in: folder)
      #expect(card.status == 0, "\(card.errors)")
      let alone = try runRiddle(
        ["attack", "alone/router.riddle", "new.jsonl", "--card"] + Self.quick, in: folder)
      #expect(alone.status == 66 && alone.errors.contains("--card needs the folder of a run"))
    }
  }

  /// A word that few queries have is neither tried nor printed.
  @Test func rareWordsAreNotPrinted() throws {
    try withRun { folder in
      let rows = SyntheticLog.rows(120, seed: 9, prefix: "n").enumerated().map { i, row in
        var copy = row
        if i % 40 == 0 { copy.query = "canary8731 prove theorem " + row.query }
        return copy
      }
      try folder.write("new.jsonl", SyntheticLog.text(rows))
      for arguments in [["--quiet"], ["--json"], ["--card"]] {
        let result = try attack(arguments, in: folder)
        #expect(result.status == 0, "\(result.errors)")
        #expect(!(result.output + result.errors).contains("canary8731"))
      }
      #expect(!(try folder.text("pair/MODEL_CARD.md")).contains("canary8731"))
      #expect(!(try folder.text("pair/robustness.json")).contains("canary8731"))
    }
  }

  @Test func theCardIsToldOnceAndTheRunStaysWhole() throws {
    try withRun { folder in
      let before = try folder.text("pair/MODEL_CARD.md")
      #expect(try attack(["--card", "--quiet"], in: folder).status == 0)
      let card = try folder.text("pair/MODEL_CARD.md")
      #expect(card.components(separatedBy: "## Robustness of routes\n").count == 2)
      #expect(card.components(separatedBy: "## Gadgets: one prefix for every query\n").count == 2)
      // Nothing but the two sections is new.
      let start = try #require(card.range(of: "## Robustness of routes\n"))
      let end = try #require(card.range(of: "## Thresholds\n"))
      #expect(card[..<start.lowerBound] + card[end.lowerBound...] == before)
      let manifest = try folder.text("pair/run.json")
      #expect(manifest.contains("\"robustness.json\""))
      #expect(try attack(["--card", "--quiet"], in: folder).status == 0)
      #expect(try folder.text("pair/MODEL_CARD.md") == card)
      #expect(try folder.text("pair/run.json") == manifest)
      let verified = try runRiddle(["inspect", "pair", "--verify"], in: folder)
      #expect(verified.status == 0, "\(verified.errors)")
    }
  }

  @Test func trainingCanAttackAndHarden() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows()))
      func train(_ output: String, _ arguments: [String]) throws -> ProgramResult {
        try runRiddle(
          [
            "train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--output", output,
            "--seed", "7",
          ] + Trained.quick + ["--json", "--quiet"] + arguments, in: folder)
      }
      let result = try train("hard", ["--attack", "--harden", "clip", "augment"])
      #expect(result.status == 0, "\(result.errors)")
      let run = try #require(try result.object()["run"] as? [String: Any])
      let settings = try #require(run["settings"] as? [String: Any])
      #expect(settings["harden"] as? [String] == ["augment", "clip"])
      #expect(settings["clip_quantile"] as? Double == 0.9)
      #expect((run["artefacts"] as? [String: Any])?["robustness.json"] != nil)
      let printed = try result.object()["robustness"] as? [String: Any]
      #expect(printed?["format"] as? String == "riddle-robustness/1")
      let card = try folder.text("hard/MODEL_CARD.md")
      #expect(card.contains("## Robustness of routes\n") && card.contains("hardened: "))
      #expect(card.contains("These fits are not hardened; the router is."))
      let findings = try #require(run["findings"] as? [String: Any])
      let splits = try #require(findings["side_by_side"] as? [String: Any])
      #expect(splits["without_hardening"] as? Bool == true)
      // The page says so in a section of its own: these rows are those that judge.
      let page = try folder.text("hard/report.html")
      let section = try #require(page.range(of: "<h2 id=\"robustness\">Do routes hold?</h2>"))
      let later = try #require(page.range(of: "<h2 id=\"findings\">"))
      let table = try #require(page.range(of: "<caption>Robustness of routes</caption>"))
      #expect(section.upperBound < table.lowerBound && table.upperBound < later.lowerBound)
      #expect(page.contains("<a href=\"#robustness\">Robustness</a>"))
      // The same attack by hand finds the same.
      let report = try folder.text("hard/robustness.json")
      let again = try runRiddle(
        ["attack", "hard", "log.jsonl", "--seed", "7", "--card", "--quiet"], in: folder)
      #expect(again.status == 0, "\(again.errors)")
      #expect(try folder.text("hard/robustness.json") == report)
      #expect(try folder.text("hard/MODEL_CARD.md") == card)
      // A run without it leaves no trace of an earlier one, and says what is not known.
      let said = try runRiddle(
        [
          "train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--output", "said",
          "--no-side-by-side",
        ] + Trained.quick, in: folder)
      #expect(said.errors.contains("`riddle attack said LOG` says"), "\(said.errors)")
      let plain = try train("hard", [])
      #expect(plain.status == 0, "\(plain.errors)")
      #expect(!(try folder.text("hard/MODEL_CARD.md")).contains("hardened"))
      #expect(!(try folder.text("hard/report.html")).contains("#robustness"))
      #expect(!FileManager.default.fileExists(atPath: folder.url("hard/robustness.json").path))
      let plainRun = try #require(try plain.object()["run"] as? [String: Any])
      #expect((plainRun["settings"] as? [String: Any])?["harden"] == nil)
    }
  }
}
