import Foundation
import RiddleTestSupport
import Testing

/// Rows that cannot be right: named, left out, and never quoted.
@Suite struct BadDataTests {
  /// Stands in the query of every bad row: no message, report or weight file may hold it.
  static let canary = "CANARY7f3a"

  struct BadRow: Sendable, CustomTestStringConvertible {
    var fact: String
    var line: [UInt8]
    /// Word that the message must hold, so that a person finds the fault.
    var names: String

    init(_ fact: String, _ line: String, names: String) {
      self.init(fact, Array(line.utf8), names: names)
    }

    init(_ fact: String, _ line: [UInt8], names: String) {
      self.fact = fact
      self.line = line
      self.names = names
    }

    var testDescription: String { fact }
  }

  static func row(
    id: String = "\"bad\"", query: String = "\"\(canary) hello\"", quality: String = "1",
    cost: String = "0.001", more: String = ""
  ) -> String {
    "{\"id\":\(id),\"query\":\(query),\"outcomes\":{\"tiny\":{\"quality\":\(quality),\"cost_usd\":\(cost)},\"huge\":{\"quality\":1,\"cost_usd\":0.01}\(more)}}"
  }

  static let badRows: [BadRow] = [
    BadRow("torn line", "{\"id\":\"bad\",\"query\":\"\(canary) hel", names: "query"),
    BadRow("not JSON", "\(canary)", names: "expected"),
    BadRow("an array", "[\"\(canary)\"]", names: "object"),
    BadRow("id is a number", row(id: "7"), names: "id"),
    BadRow("query is a number", row(query: "7"), names: "query"),
    BadRow("query is a list", row(query: "[\"\(canary)\"]"), names: "query"),
    BadRow("quality is NaN", row(quality: "NaN"), names: "quality"),
    BadRow("quality above 1", row(quality: "1.5"), names: "quality"),
    BadRow("quality below 0", row(quality: "-0.5"), names: "quality"),
    BadRow("quality is a word", row(quality: "\"\(canary)\""), names: "quality"),
    BadRow("cost is negative", row(cost: "-0.1"), names: "cost_usd"),
    BadRow("cost is NaN", row(cost: "NaN"), names: "cost_usd"),
    BadRow("cost is Infinity", row(cost: "Infinity"), names: "cost_usd"),
    BadRow("cost is 1e400", row(cost: "1e400"), names: "cost_usd"),
    BadRow("cost in another unit", row(cost: "25000"), names: "cost_usd"),
    BadRow("cost is a word", row(cost: "\"\(canary)\""), names: "cost_usd"),
    BadRow("candidate twice", row(more: ",\"tiny\":{\"quality\":1}"), names: "twice"),
    BadRow("no outcomes", "{\"id\":\"bad\",\"query\":\"\(canary)\"}", names: "outcomes"),
    BadRow(
      "no id", "{\"query\":\"\(canary)\",\"outcomes\":{\"tiny\":{\"quality\":1}}}", names: "id"),
    BadRow(
      "invalid UTF-8",
      Array("{\"id\":\"bad\",\"query\":\"\(canary) ".utf8) + [0xff, 0xfe]
        + Array("\",\"outcomes\":{\"tiny\":{\"quality\":1}}}".utf8), names: "UTF-8"),
    BadRow("NUL inside a query", row(query: "\"\(canary)\\u0000\""), names: "NUL"),
    BadRow("lone surrogate", row(query: "\"\(canary)\\ud800\""), names: "surrogate"),
    BadRow(
      "deep nesting",
      "{\"id\":\"bad\",\"query\":\"\(canary)\",\"x\":" + String(repeating: "[", count: 100_000),
      names: "deep"),
  ]

  /// One import per bad row: the row is rejected with its line, the others go in, and nothing quotes it.
  @Test(arguments: badRows)
  func aBadRowIsNamedAndTheOthersGoIn(bad: BadRow) throws {
    try withFolder { folder in
      let good = SyntheticLog.rows(6).map { Array(SyntheticLog.line($0).utf8) + [10] }
      try folder.write(
        "log.jsonl", good[..<3].flatMap { $0 } + bad.line + [10] + good[3...].flatMap { $0 })
      let result = try runRiddle(
        ["import", "log.jsonl", "--store", "s.sqlite", "--json"], in: folder)
      #expect(result.status == 0, "\(result.errors)")
      let object = try result.object()
      #expect(object["inserted"] as? Int == 6)
      #expect(object["rejected"] as? Int == 1)
      let rejects = try folder.text("s.sqlite.rejects.jsonl")
      #expect(rejects.contains("\"line\":4"), "\(rejects)")
      #expect(rejects.contains("log.jsonl"))
      #expect(rejects.localizedCaseInsensitiveContains(bad.names), "\(rejects)")
      for said in [result.output, result.errors, rejects] { #expect(!said.contains(Self.canary)) }
      #expect(
        try runRiddle(["import", "log.jsonl", "--store", "t.sqlite", "--strict"], in: folder).status
          == 65)
    }
  }

  @Test func anImportOfNothingButBadRowsIs65AndKeepsWhatWasStored() throws {
    try withFolder { folder in
      try folder.write("good.jsonl", SyntheticLog.text(SyntheticLog.rows(5)))
      try folder.write("bad.jsonl", Self.badRows.dropFirst(3).flatMap { $0.line + [10] })
      try succeed(["import", "good.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      let before = try succeed(["inspect", "s.sqlite", "--json"], in: folder).object()
      let result = try runRiddle(["import", "bad.jsonl", "--store", "s.sqlite"], in: folder)
      #expect(result.status == 65)
      #expect(result.errors.contains("bad.jsonl:1"))
      #expect(!(result.errors + result.output).contains(Self.canary))
      let after = try succeed(["inspect", "s.sqlite", "--verify", "--json"], in: folder).object()
      #expect(after["content"] as? String == before["content"] as? String)
      #expect(after["queries"] as? Int == 5)
    }
  }

  @Test func anIDWithAnotherBodyIsAConflictAndTheFirstStays() throws {
    try withFolder { folder in
      try folder.write("a.jsonl", SyntheticLog.text(SyntheticLog.rows(5)))
      try folder.write("b.jsonl", SyntheticLog.text(SyntheticLog.rows(5, seed: 2)))
      try succeed(["import", "a.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      let before = try succeed(["inspect", "s.sqlite", "--json"], in: folder).object()
      let result = try runRiddle(
        ["import", "b.jsonl", "--store", "s.sqlite", "--json"], in: folder)
      #expect(result.status == 65)
      #expect(try result.object()["conflicts"] as? Int == 5)
      let after = try succeed(["inspect", "s.sqlite", "--json"], in: folder).object()
      #expect(after["content"] as? String == before["content"] as? String)
    }
  }

  /// Sources that are no log as a whole.
  @Test(arguments: [
    ("empty", ""), ("blank", "\n  \n"), ("array", "[{\"id\":\"a\"}]\n"),
    ("pretty", "{\n  \"id\": \"a\"\n}\n"), ("zip", "PK\u{3}\u{4}xxxxxxxx"),
    ("other log", "{\"model_a\":\"x\",\"model_b\":\"y\",\"winner\":\"x\"}\n"),
    ("unknown columns", "alpha,beta\n1,2\n"),
  ])
  func aSourceOfTheWrongKindIsRefusedByEveryReader(kind: String, content: String) throws {
    try withFolder { folder in
      try folder.write("log", content)
      for arguments in [
        ["import", "log", "--store", "s.sqlite"], ["label", "--data", "log"],
        ["train", "--data", "log", "--output", "m"], ["inspect", "log"],
      ] {
        let result = try runRiddle(arguments, in: folder)
        #expect(result.status == 65, "\(arguments[0]): \(result.errors)")
        #expect(result.errors.contains("log"))
        #expect(result.output.isEmpty)
      }
      #expect(folder.files() == ["log"])
    }
  }

  @Test func missingFilesAre66() throws {
    let run = try Trained.pair.get()
    let router = run.folder.file("pair")
    for arguments in [
      ["import", "no.jsonl", "--store", "s.sqlite"], ["label", "--data", "no.jsonl"],
      ["label", "--store", "no.sqlite"], ["train", "--data", "no.jsonl", "--output", "m"],
      ["train", "--store", "no.sqlite", "--output", "m"],
      ["evaluate", router, "--data", "no.jsonl"], ["evaluate", "no.riddle", "--data", "no.jsonl"],
      ["export", "no.riddle", "--to", "x"], ["export", router, "--to", "x", "--data", "no.jsonl"],
      ["score", "no.riddle"], ["inspect", "no.riddle"], ["inspect", "no.riddle", "--verify"],
    ] {
      try withFolder { folder in
        let result = try runRiddle(arguments, in: folder)
        #expect(result.status == 66, "\(arguments): \(result.errors)")
        #expect(result.errors.contains("no."))
        #expect(result.output.isEmpty)
        #expect(folder.files().isEmpty)
      }
    }
  }
}

/// Data that read well and still cannot make, or judge, a router.
@Suite struct UnfitDataTests {
  static func train(
    _ rows: [SyntheticLog.Row], _ more: [String] = ["--candidates", "tiny,huge"]
  ) throws -> (result: ProgramResult, files: [String]) {
    try withFolder { folder in
      try folder.write(
        "log.jsonl",
        SyntheticLog.text(
          rows.map {
            var row = $0
            row.query = BadDataTests.canary + " " + row.query
            return row
          }))
      let result = try runRiddle(
        ["train", "--data", "log.jsonl", "--output", "m"] + Trained.quick + more, in: folder)
      let said = result.output + result.errors
      #expect(!said.contains(BadDataTests.canary))
      for name in folder.files() where name != "log.jsonl" {
        #expect(!(try folder.text(name).contains(BadDataTests.canary)), "\(name)")
      }
      return (result, folder.files())
    }
  }

  @Test(arguments: [1, 2, 15])
  func tooFewRowsAre65(count: Int) throws {
    let (result, files) = try Self.train(Array(SyntheticLog.rows(count)))
    #expect(result.status == 65)
    #expect(result.errors.contains("\(count)") && result.errors.contains("needed"))
    #expect(files == ["log.jsonl"])
  }

  @Test(arguments: [0.0, 1.0])
  func oneClassOnlyIs65(quality: Double) throws {
    let rows = SyntheticLog.rows(200).map { row in
      var row = row
      row.quality[0] = quality
      return row
    }
    for model in ["logistic", "tree"] {
      let (result, files) = try Self.train(rows, ["--candidates", "tiny,huge", "--model", model])
      #expect(result.status == 65, "\(result.errors)")
      #expect(result.errors.contains("tiny"))
      #expect(files == ["log.jsonl"])
    }
  }

  @Test func noUsableRowIs65AndCountsWhy() throws {
    try withFolder { folder in
      let text = (0..<30).map {
        "{\"id\":\"\($0)\",\"outcomes\":{\"tiny\":{\"quality\":1},\"huge\":{\"quality\":0}}}\n"
      }.joined()
      try folder.write("log.jsonl", text)
      for arguments in [["label"], ["train", "--output", "m"]] {
        let result = try runRiddle(arguments + ["--data", "log.jsonl"], in: folder)
        #expect(result.status == 65)
        #expect(result.errors.contains("30 without text"))
        #expect(!folder.has("m"))
      }
    }
  }

  @Test(arguments: [
    ("tiny,nobody", Int32(65)), ("tiny,tiny", 64), ("tiny", 64), ("", 64), (",", 64),
    ("tiny,huge,tiny", 64),
  ])
  func candidatesMustExistAndDiffer(candidates: String, status: Int32) throws {
    let (result, files) = try Self.train(SyntheticLog.rows(60), ["--candidates", candidates])
    #expect(result.status == status, "\(result.errors)")
    if candidates.contains("nobody") {
      #expect(result.errors.contains("nobody") && result.errors.contains("middle"))
    }
    #expect(files == ["log.jsonl"])
  }

  @Test func threeCandidatesAndNoneNamedAsksForNames() throws {
    let (result, files) = try Self.train(SyntheticLog.rows(60), [])
    #expect(result.status == 64)
    for name in SyntheticLog.candidates { #expect(result.errors.contains(name)) }
    #expect(files == ["log.jsonl"])
  }

  /// No file of a run holds a query, nor a word that only one query has: every synthetic query ends in a number of its own.
  /// Nor does a run's folder name rows.
  @Test func noArtefactHoldsAQuery() throws {
    let rows = SyntheticLog.rows(300, prefix: "uniqueword", ids: "row")
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(rows))
      try succeed(
        ["train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--output", "m"]
          + Trained.quick, in: folder)
      let files = folder.files().filter { $0.hasPrefix("m/") }
      #expect(files.count == 9)
      for file in files {
        let content = try folder.text(file)
        #expect(!content.contains("uniqueword") && !content.contains("row1"), "\(file)")
        for row in rows { #expect(!content.contains(row.query), "\(file)") }
      }
    }
  }

  @Test func aRunWithoutCostsStillTrainsAndSaysWhatIsMissing() throws {
    try withFolder { folder in
      let text = SyntheticLog.rows().map { row in
        "{\"id\":\"\(row.id)\",\"query\":\"\(row.query)\",\"outcomes\":{\"tiny\":{\"quality\":\(row.quality[0])},\"huge\":{\"quality\":\(row.quality[2])}}}\n"
      }.joined()
      try folder.write("log.jsonl", text)
      let label = try succeed(["label", "--data", "log.jsonl"], in: folder)
      #expect(label.output.contains("--price"))
      let bare = try succeed(
        ["train", "--data", "log.jsonl", "--output", "m"] + Trained.quick + ["--json"], in: folder
      ).object()
      let evaluation = try #require(bare["evaluation"] as? [String: Any])
      let router = try #require((evaluation["routers"] as? [[String: Any]])?.first)
      try Contract.figure(router["savings"], "savings")
      #expect((router["savings"] as? [String: Any])?["value"] is NSNull)
      let priced = try succeed(
        [
          "evaluate", "m", "--data", "log.jsonl", "--price", "tiny=0.0001", "--price",
          "huge=0.004", "--replicates", "20", "--json",
        ], in: folder
      ).object()
      let again = try #require((priced["routers"] as? [[String: Any]])?.first)
      #expect((again["savings"] as? [String: Any])?["value"] is NSNumber)
    }
  }

  @Test(arguments: ["tiny", "tiny=", "tiny=-1", "tiny=nan", "tiny=inf", "nobody=1", "=1"])
  func pricesMustBePrices(price: String) throws {
    let (result, files) = try Self.train(
      SyntheticLog.rows(60), ["--candidates", "tiny,huge", "--price", price])
    #expect(result.status == 64, "\(result.errors)")
    #expect(files == ["log.jsonl"])
  }
}
