import Foundation
import RiddleTestSupport
import Testing

/// `riddle train --embedding-model` from log to decision: 8 numbers that alone tell the label.
@Suite struct EmbeddingFeatureTests {
  /// Rows whose text says nothing and whose vector says all: easy when the first two numbers add up to less than 0.
  ///
  /// - Parameter dimension: length of every vector; 0 leaves them out.
  static func log(_ count: Int = 400, dimension: Int = 8, model: String? = "e", seed: UInt64 = 3)
    -> [String]
  {
    var random = SyntheticLog.Stream(state: seed)
    let words = ["please", "today", "our", "the", "shop", "team", "about", "with", "and", "my"]
    return (0..<count).map { i in
      let vector = (0..<max(2, dimension)).map { _ in random.unit() * 2 - 1 }
      let quality = vector[0] + vector[1] < 0 ? 1 : 0
      let text = (0..<8).map { _ in words[random.below(10)] }.joined(separator: " ")
      let numbers = vector.map { "\($0)" }.joined(separator: ",")
      let name = model.map { ",\"embedding_model\":\"\($0)\"" } ?? ""
      let embedding = dimension == 0 ? "" : ",\"embedding\":[\(numbers)]\(name)"
      return
        "{\"id\":\"q\(i)\",\"query\":\"\(text) n\(i)\"\(embedding),\"outcomes\":{\"tiny\":{\"quality\":\(quality),\"cost_usd\":0.0001},\"huge\":{\"quality\":1,\"cost_usd\":0.006}}}"
    }
  }

  static func text(_ lines: [String]) -> String { lines.map { $0 + "\n" }.joined() }

  static func auc(_ result: ProgramResult) throws -> Double {
    let object = try result.object()
    let evaluation = object["evaluation"] as? [String: Any] ?? object
    let router = try #require((evaluation["routers"] as? [[String: Any]])?.first)
    return try #require((router["auc"] as? [String: Any])?["value"] as? Double)
  }

  static func train(_ more: [String], to name: String, in folder: TemporaryFolder) throws
    -> ProgramResult
  {
    try succeed(
      ["train", "--candidates", "tiny,huge", "--output", name, "--seed", "7"] + Trained.quick
        + more + ["--json", "--quiet"], in: folder)
  }

  /// `log.jsonl`, and below `e` a router that reads its embeddings.
  static let run = Result { () throws -> Trained.Run in
    let folder = try TemporaryFolder()
    try folder.write("log.jsonl", text(log()))
    let result = try train(
      ["--data", "log.jsonl", "--embedding-model", "e"], to: "e", in: folder)
    return Trained.Run(folder: folder, result: result)
  }

  @Test(arguments: ["logistic", "tree", "stack"])
  func heldOutAccuracyRisesWithTheEmbedding(model: String) throws {
    try withFolder { folder in
      try folder.write("log.jsonl", Self.text(Self.log()))
      let data = ["--data", "log.jsonl", "--model", model]
      let without = try Self.auc(Self.train(data, to: "t", in: folder))
      let with = try Self.auc(
        Self.train(data + ["--embedding-model", "e"], to: "e", in: folder))
      #expect(without < 0.7, "the text says nothing: \(without)")
      #expect(with > (model == "tree" ? 0.8 : 0.9), "the vector says all: \(with)")
    }
  }

  /// The store keeps the vectors of the log: the same weight file from either, and the same figures from both.
  @Test func theStoreGivesTheSameRouterAsTheFile() throws {
    let run = try Self.run.get()
    try withFolder { folder in
      try succeed(
        ["import", run.folder.file("log.jsonl"), "--store", "s.sqlite", "--quiet"], in: folder)
      let trained = try Self.train(
        ["--store", "s.sqlite", "--embedding-model", "e"], to: "e", in: folder)
      #expect(try Self.auc(trained) == Self.auc(run.result))
      let router = run.folder.file("e/router.riddle")
      let settings = ["--replicates", "20", "--json", "--quiet"]
      let first = try succeed(["evaluate", router, "--store", "s.sqlite"] + settings, in: folder)
      let second = try succeed(
        ["evaluate", router, "--data", run.folder.file("log.jsonl")] + settings, in: folder)
      #expect(try Self.auc(first) == Self.auc(run.result))
      #expect(try Self.auc(second) == Self.auc(run.result))
      let unknown = try runRiddle(
        ["train", "--store", "s.sqlite", "--embedding-model", "f", "--output", "f"], in: folder)
      #expect(unknown.status != 0 && unknown.errors.contains("e"))
      #expect(!folder.has("f/router.riddle"))
    }
  }

  @Test func aLogThatNamesNoModelIsReadUnderTheNameLog() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", Self.text(Self.log(model: nil)))
      let data = ["--data", "log.jsonl", "--embedding-model"]
      #expect(try Self.auc(Self.train(data + ["log"], to: "e", in: folder)) > 0.9)
      let other = try runRiddle(["train", "--output", "f"] + data + ["e"], in: folder)
      #expect(other.status == 65)
      #expect(other.errors.contains("available: log"), "\(other.errors)")
    }
  }

  @Test func scoringReadsTheEmbeddingAndSaysWhenItIsUnknown() throws {
    let run = try Self.run.get()
    let rows = [
      "{\"query\":\"please\",\"embedding\":[0.9,0.9,0,0,0,0,0,0]}",
      "{\"query\":\"please\",\"embedding\":[-0.9,-0.9,0,0,0,0,0,0]}", "{\"query\":\"please\"}",
    ]
    let lines = try succeed(
      ["score", run.folder.file("e"), "--explain", "--quiet"], input: Array(Self.text(rows).utf8)
    ).lines()
    let margins = lines.compactMap { $0["margin"] as? Double }
    #expect(lines[0]["candidate"] as? String == "huge")
    #expect(lines[1]["candidate"] as? String == "tiny")
    #expect(margins[0] > margins[2] && margins[2] > margins[1])
    #expect(lines.map { $0["embedding"] as? String } == [nil, nil, "unknown"])
    let first = (lines[0]["features"] as? [[String: Any]])?.first
    #expect(first?["feature"] as? String == "embedding")
    #expect((first?["contribution"] as? Double ?? 0) > 0)
  }

  @Test(arguments: [
    ("[1,2]", "field embedding: expected 8 numbers, as the router was trained with, found 2"),
    ("[]", "expected 8 numbers"), ("[1,2,3,4,5,6,7,8,9]", "found 9"),
    ("[1,2,3,4,5,6,7,1e39]", "number 8 is beyond the range"), ("\"x\"", "expected"),
    ("[1,2,3,4,5,6,7,null]", "field embedding"), ("[1,2,3,4,5,6,7,NaN]", "not a JSON object"),
  ])
  func aBadEmbeddingIsRefusedByLine(vector: String, message: String) throws {
    let run = try Self.run.get()
    let result = try runRiddle(
      ["score", run.folder.file("e"), "--format", "jsonl", "--quiet"],
      input: Array("{\"query\":\"a\"}\n{\"query\":\"secret\",\"embedding\":\(vector)}\n".utf8))
    #expect(result.status == 65)
    let lines = try result.lines()
    #expect(lines[1]["line"] as? Int == 2)
    #expect((lines[1]["error"] as? String)?.contains(message) == true, "\(lines[1])")
    #expect(!result.output.contains("secret"))
  }

  @Test func rowsWithHostileVectorsAreRejectedByNumber() throws {
    try withFolder { folder in
      var lines = Self.log()
      lines[3] = Self.log(dimension: 7)[3]
      lines[5] = lines[5].replacingOccurrences(of: "\"embedding\":[", with: "\"embedding\":[1e300,")
      lines[7] = lines[7].replacingOccurrences(of: "\"embedding\":[", with: "\"embedding\":[NaN,")
      try folder.write("log.jsonl", Self.text(lines))
      let result = try succeed(
        ["train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--output", "e"]
          + ["--embedding-model", "e"] + Trained.quick, in: folder)
      for line in [4, 6, 8] {
        #expect(result.errors.contains("log.jsonl:\(line):"), "\(result.errors)")
      }
      #expect(try folder.text("e/run.json").contains("\"embedding_model\" : \"e\""))
    }
  }

  @Test func aRouterThatReadsEmbeddingsIsNotJudgedWithoutThem() throws {
    let run = try Self.run.get()
    try withFolder { folder in
      let router = run.folder.file("e/router.riddle")
      try folder.write("none.jsonl", Self.text(Self.log(60, dimension: 0, seed: 9)))
      try folder.write("short.jsonl", Self.text(Self.log(60, dimension: 4, seed: 9)))
      var part = Self.log(60, seed: 9)
      for i in 0..<20 { part[i] = Self.log(60, dimension: 0, seed: 11)[i] }
      try folder.write("part.jsonl", Self.text(part))
      let none = try runRiddle(["evaluate", router, "--data", "none.jsonl"], in: folder)
      #expect(none.status == 65 && none.errors.contains("no row has one"), "\(none.errors)")
      let short = try runRiddle(["evaluate", router, "--data", "short.jsonl"], in: folder)
      #expect(
        short.status == 65
          && short.errors.contains("reads embeddings of 8 dimensions, those of model \"e\" have 4"),
        "\(short.errors)")
      let some = try succeed(
        ["evaluate", router, "--data", "part.jsonl", "--replicates", "20", "--json", "--quiet"],
        in: folder
      ).object()
      #expect(
        (some["warnings"] as? [String])?.contains {
          $0.hasPrefix("20 of 60 judged rows have no embedding")
        } == true)
    }
  }

  /// Probes, export and inspection do not mind the block.
  @Test func theFileIsVerifiedAndExportedAsAnyOther() throws {
    let run = try Self.run.get()
    try withFolder { folder in
      try succeed(["inspect", run.folder.file("e"), "--verify", "--quiet"])
      let exported = try succeed(
        [
          "export", run.folder.file("e"), "--to", "r.riddle", "--data",
          run.folder.file("log.jsonl"), "--json", "--quiet",
        ], in: folder
      ).object()
      #expect(exported["changed_decisions"] as? Int == 0)
      let global = try succeed(["inspect", run.folder.file("e"), "--global", "--quiet"]).output
      #expect(global.contains("the embedding"))
      #expect(try run.folder.text("e/MODEL_CARD.md").contains("embedding of model e, 8 dimensions"))
    }
  }

  /// The log's vectors reach the suggestions: a query without one hangs where the average does.
  @Test func suggestionsReadTheVectorsOfFileAndStore() throws {
    let run = try Self.run.get()
    try withFolder { folder in
      let open = Self.log(60, seed: 21).enumerated().map { i, line in
        line.replacingOccurrences(of: "\"q\(i)\"", with: "\"o\(i)\"")
          .replacingOccurrences(of: "\"quality\":1,", with: "")
          .replacingOccurrences(of: "\"quality\":0,", with: "")
      }
      try folder.write("open.jsonl", Self.text(open))
      try succeed(["import", "open.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      func suggestions(_ source: [String]) throws -> [String: Double] {
        let found = try succeed(
          ["label", "--suggest", "60", "--router", run.folder.file("e"), "--json", "--quiet"]
            + source, in: folder
        ).object()
        let lines = try #require(found["suggestions"] as? [[String: Any]])
        return Dictionary(
          lines.map { ($0["id"] as? String ?? "", $0["probability"] as? Double ?? -1) },
          uniquingKeysWith: { first, _ in first })
      }
      let file = try suggestions(["--data", "open.jsonl"])
      #expect(file.count == 60)
      #expect((file.values.max() ?? 0) - (file.values.min() ?? 0) > 0.5)
      #expect(try suggestions(["--store", "s.sqlite"]) == file)
    }
  }

  @Test func streamingReadsNone() throws {
    let result = try runRiddle([
      "train", "--store", "s.sqlite", "--stream", "--embedding-model", "e", "--output", "m",
    ])
    #expect(result.status == 64)
  }
}
