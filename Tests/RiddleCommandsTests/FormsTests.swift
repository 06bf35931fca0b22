import Foundation
import RiddleTestSupport
import Testing

/// `score --features` and the generated forms of `export --as`.
@Suite struct FormsTests {
  static func features(_ name: String, _ input: String, _ more: [String]) throws -> ProgramResult {
    let run = try (name == "pair" ? Trained.pair : Trained.ladder).get()
    return try runRiddle(
      ["score", run.folder.file(name), "--features"] + more, input: Array(input.utf8))
  }

  /// The trace repeats the decision that `score` prints, and its scales and keys belong together.
  @Test(arguments: ["pair", "ladder"])
  func everyLineTellsWhatTheModelWasGiven(name: String) throws {
    let run = try (name == "pair" ? Trained.pair : Trained.ladder).get()
    let input = SyntheticLog.text(SyntheticLog.rows(40, seed: 9))
    let lines = try Self.features(name, input, []).lines()
    let decisions = try runRiddle(
      ["score", run.folder.file(name)], input: Array(input.utf8)
    ).lines()
    let shown = try runRiddle(["inspect", run.folder.file(name + "/router.riddle"), "--json"])
      .object()
    let router = try #require(shown["router"] as? [String: Any])
    let schema = try #require(router["schema"] as? [String: Any])
    let columns = try #require(schema["columns"] as? [String])
    #expect(lines.count == 40 && decisions.count == 40)
    for (line, decision) in zip(lines, decisions) {
      #expect(line["candidate"] as? String == decision["candidate"] as? String)
      #expect(line["id"] as? String == decision["id"] as? String)
      #expect((line["dense"] as? [Double])?.count == columns.count)
      let steps = try #require(line["step_margins"] as? [Double])
      #expect(steps.contains { $0 == decision["margin"] as? Double })
      let probabilities = try #require(line["probabilities"] as? [Double])
      #expect(probabilities.count == (line["margins"] as? [Double])?.count)
      #expect(probabilities.allSatisfy { $0 >= 0 && $0 <= 1 })
      let keys = try #require(line["word_keys"] as? [Int])
      let scale = try #require(line["word_scale"] as? Double)
      #expect(abs(scale - (keys.isEmpty ? 0 : 1 / Double(keys.count).squareRoot())) < 1e-7)
    }
  }

  @Test func theTableHasAHeaderAndARowPerQuery() throws {
    let input = SyntheticLog.text(SyntheticLog.rows(15, seed: 10))
    let traced = try Self.features("pair", input, []).lines()
    let table = try Self.features("pair", input, ["--csv"]).output
      .split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    try #require(table.count == 16)
    #expect(table[0][0] == "id" && table[0].contains("log_words"))
    let place = try #require(table[0].firstIndex(of: "log_words"))
    for (row, line) in zip(table.dropFirst(), traced) {
      #expect(row.count == table[0].count)
      #expect(String(row[0]) == line["id"] as? String)
      // The second dense column; the table writes the same double.
      #expect(Double(row[place]) == (line["dense"] as? [Double])?[1])
    }
  }

  /// A bad line costs its own line alone, in a table too, and the exit status says that there was one.
  @Test func badLinesAreSaidBesideTheTable() throws {
    let input = "{\"query\":\"hello\"}\n{\"query\":3}\n{\"id\":\"a,\\\"b\",\"query\":\"again\"}\n"
    let result = try Self.features("pair", input, ["--csv"])
    #expect(result.status == 65)
    #expect(result.errors.contains("line 2: field query"))
    #expect(result.output.contains("\n1,") && result.output.contains("\n\"a,\"\"b\","))
    #expect(result.output.split(separator: "\n").count == 3)
  }

  @Test func formsAreWritten() throws {
    let run = try Trained.ladder.get()
    try withFolder { folder in
      for (form, mark) in [("swift", "public enum Desk {"), ("onnx", "ai.onnx.ml")] {
        try succeed(
          [
            "export", run.folder.file("ladder"), "--to", "r." + form, "--as", form, "--name",
            "Desk",
          ], in: folder)
        let bytes = try folder.bytes("r." + form)
        #expect(String(decoding: bytes, as: UTF8.self).contains(mark), "\(form)")
      }
      try succeed(
        ["export", run.folder.file("ladder"), "--to", "r.c", "--as", "c", "--name", "desk"],
        in: folder)
      #expect(try folder.text("r.c").contains("void riddle_desk_decide("))
      let hashing = try Trained.pair.get()
      let refused = try runRiddle(
        ["export", hashing.folder.file("pair"), "--to", "r.sql", "--as", "sql"], in: folder)
      #expect(refused.status == 64)
      #expect(
        refused.errors.contains("n-grams") && refused.errors.contains("--features statistics"))
      #expect(!folder.has("r.sql"))
    }
  }

  /// A router over statistics goes all the way into SQL.
  @Test func aPlainRouterBecomesAQuery() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(300, seed: 12)))
      try succeed(
        [
          "train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--model", "tree",
          "--output", "m", "--quiet", "--replicates", "40",
        ], in: folder)
      try succeed(
        ["export", "m", "--to", "r.sql", "--as", "sql", "--table", "asked", "--key", "query_id"],
        in: folder)
      let query = try folder.text("r.sql")
      #expect(query.contains("FROM \"asked\"") && query.contains("\"query_id\""))
      #expect(query.contains("AS margin_0") && query.contains("'huge'"))
    }
  }

  @Test(arguments: [
    ["score", "m", "--csv"], ["score", "m", "--features", "--explain"],
    ["export", "m", "--to", "x", "--name", "9x"], ["export", "m", "--to", "x", "--name", "a b"],
    ["export", "m", "--to", "x", "--as", "fortran"], ["export", "m", "--to", "x", "--table", ""],
    ["export", "m", "--to", "x", "--as", "c", "--policy", "p.yaml"], ["export", "m", "--to", "-"],
    ["attack", "m", "-"],
  ])
  func badUsageIsRefused(arguments: [String]) throws {
    #expect(try runRiddle(arguments).status == 64)
  }

  @Test func aRunKeepsTheWeightFileItsManifestNames() throws {
    let run = try Trained.pair.get().folder
    let own = run.file("pair/router.riddle")
    let before = try run.bytes("pair/router.riddle")
    let refused = try runRiddle([
      "export", run.file("pair"), "--to", own, "--prices", "none", "--precision", "int8",
    ])
    let same = try runRiddle(["export", run.file("pair"), "--to", own])
    #expect(try run.bytes("pair/router.riddle") == before)
    #expect(refused.status == 64 && refused.errors.contains("run.json"), "\(refused.errors)")
    #expect(same.status == 0)
  }

  @Test func wordsOfSwiftAreNoNamesOfTypes() throws {
    let run = try Trained.pair.get().folder
    for name in ["class", "Self", "where"] {
      let refused = try runRiddle([
        "export", run.file("pair"), "--to", run.file("r.swift"), "--as", "swift", "--name", name,
      ])
      #expect(refused.status == 64 && !run.has("r.swift"), "\(refused.errors)")
    }
  }
}
