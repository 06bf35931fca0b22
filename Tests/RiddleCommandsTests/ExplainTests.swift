import Foundation
import RiddleTestSupport
import Testing

/// What a run says about itself: `inspect --global --odds`, `score --explain`, `export --with-ngrams`.
@Suite struct ExplainTests {
  @Test func theGlobalViewNamesTheWordsThatTheDataFollow() throws {
    let run = try Trained.pair.get()
    let path = run.folder.file("pair")
    let found = try succeed(["inspect", path, "--global", "--odds", "--json", "--quiet"]).object()
    let global = try #require(found["global"] as? [String: Any])
    let ngrams = try #require((global["ngrams"] as? [[String: Any]])?.first)
    func texts(_ key: String) -> [String] {
      ((ngrams[key] as? [[String: Any]]) ?? []).compactMap { $0["text"] as? String }
    }
    let hard = [
      "prove", "deadlock", "integral", "migrate", "optimise", "derive", "theorem", "race",
    ]
    let easy = ["reset", "opening", "invoice", "address", "hello", "password", "price", "order"]
    #expect(texts("towards").contains { hard.contains($0) })
    #expect(texts("against").contains { easy.contains($0) })
    let odds = try #require((found["odds"] as? [[String: Any]])?.first?["odds"] as? [String: Any])
    #expect((odds["columns"] as? [Any])?.isEmpty == false)
    let text = try succeed(["inspect", path, "--global", "--odds", "--quiet"]).output
    for part in ["features by effect", "n-grams for and against", "odds ratios"] {
      #expect(text.contains("above tiny: \(part)"))
    }
    let page = try run.folder.text("pair/report.html")
    #expect(page.contains("<h2 id=\"model\">What the router looks at</h2>"))
    #expect(page.contains("above tiny: odds ratios"))
  }

  @Test func treesHaveAGlobalViewAndNoOdds() throws {
    let run = try Trained.ladder.get()
    let path = run.folder.file("ladder")
    let text = try succeed(["inspect", path, "--global", "--quiet"]).output
    #expect(text.contains("above tiny: features by effect"))
    #expect(text.contains("above middle: features by effect"))
    let odds = try runRiddle(["inspect", path, "--odds"])
    #expect(odds.status == 64)
    #expect(odds.errors.contains("no head has odds ratios"))
  }

  /// Without the strings the view stays; what an earlier run left is gone.
  @Test func theStringsCanBeLeftOut() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows()))
      let arguments =
        ["train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--output", "m", "--quiet"]
        + Trained.quick
      try succeed(arguments, in: folder)
      let router = try folder.bytes("m/router.riddle")
      #expect(folder.has("m/ngrams.json"))
      try succeed(arguments + ["--no-ngrams"], in: folder)
      #expect(!folder.has("m/ngrams.json"))
      #expect(try folder.bytes("m/router.riddle") == router)
      #expect(!(try folder.text("m/report.html").contains("n-grams for and against")))
      let text = try succeed(["inspect", "m", "--global", "--verify", "--quiet"], in: folder).output
      #expect(text.contains("features by effect") && !text.contains("n-grams for and against"))
    }
  }

  @Test func aWeightFileAloneHasNoGlobalView() throws {
    let run = try Trained.pair.get()
    let result = try runRiddle(["inspect", run.folder.file("pair/router.riddle"), "--global"])
    #expect(result.status == 64)
  }

  /// Beside its run, and in a file that was asked to carry them, reasons know the training texts; a bare file names
  /// the query's own n-grams all the same.
  @Test func reasonsKnowTheTrainingTextsWhereTheStringsAre() throws {
    let run = try Trained.pair.get()
    try withFolder { folder in
      try succeed(
        ["export", run.folder.file("pair"), "--to", "with.riddle", "--with-ngrams", "--quiet"],
        in: folder)
      try succeed(
        ["export", run.folder.file("pair"), "--to", "bare.riddle", "--quiet"], in: folder)
      func reasons(_ path: String) throws -> [[String: Any]] {
        let line = try succeed(
          ["score", path, "--explain", "--top", "40", "--quiet"],
          input: Array("prove the theorem\n".utf8), in: folder
        ).lines()[0]
        return (line["features"] as? [[String: Any]]) ?? []
      }
      for path in [run.folder.file("pair"), "with.riddle"] {
        let own = try reasons(path).first { $0["feature"] as? String == "\"prove\"" }
        #expect((own?["training_texts"] as? Int ?? 0) >= 5, "\(path)")
        #expect((own?["says"] as? String)?.contains("training texts, pushes above tiny") == true)
      }
      let bare = try reasons("bare.riddle").first { $0["feature"] as? String == "\"prove\"" }
      #expect(bare?["says"] as? String == "\"prove\" pushes above tiny")
      #expect(bare?["training_texts"] == nil)
      let card = try succeed(["inspect", "with.riddle", "--json", "--quiet"], in: folder).output
      #expect(card.contains("bytes of n-grams"))
      #expect(try folder.bytes("bare.riddle") == run.folder.bytes("pair/router.riddle"))
    }
  }

  @Test func aDamagedOrForeignListIsNotBelieved() throws {
    let run = try Trained.pair.get()
    try withFolder { folder in
      try folder.write("router.riddle", run.folder.bytes("pair/router.riddle"))
      try folder.write("ngrams.json", "{\"format\":1}")
      let damaged = try runRiddle(["score", "router.riddle", "--explain"], in: folder)
      #expect(damaged.status == 65 && damaged.errors.contains("ngrams.json"))
      let other = try run.folder.text("pair/ngrams.json")
        .replacingOccurrences(of: "\"schema\" : \"0x", with: "\"schema\" : \"0x1")
      try folder.write("ngrams.json", other)
      let line = try succeed(
        ["score", "router.riddle", "--explain", "--quiet"], input: Array("prove it\n".utf8),
        in: folder)
      #expect(!line.output.contains("training_texts"))
      let export = try runRiddle(
        ["export", "router.riddle", "--to", "x.riddle", "--with-ngrams"], in: folder)
      #expect(export.status == 66 && !folder.has("x.riddle"))
    }
  }
}
