import Foundation
import Testing

/// `label --suggest` picks among the queries that have no complete outcomes.
@Suite struct SuggestTests {
  /// A store of 60 labelled and 90 unlabelled queries: half of those answered by the cheap one but not judged, half judged
  /// for the cheap one only.
  static func store(_ folder: TemporaryFolder) throws -> Set<String> {
    let labelled = SyntheticLog.rows(60, seed: 21, prefix: "l")
    let open = SyntheticLog.rows(90, seed: 22, prefix: "u")
    var text = SyntheticLog.text(labelled)
    for (i, row) in open.enumerated() {
      let outcome = i % 2 == 0 ? "\"cost_usd\":0.0001" : "\"quality\":1,\"cost_usd\":0.0001"
      text += "{\"id\":\"\(row.id)\",\"query\":\"\(row.query)\","
      text += "\"outcomes\":{\"tiny\":{\(outcome)}}}\n"
    }
    try folder.write("log.jsonl", text)
    try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
    return Set(open.map(\.id))
  }

  static func suggest(_ folder: TemporaryFolder, _ more: [String]) throws -> ProgramResult {
    let router = try Trained.pair.get().folder.file("pair")
    return try runRiddle(
      ["label", "--suggest", "20", "--router", router, "--store", "s.sqlite"] + more, in: folder)
  }

  @Test func picksAreUnlabelledDistinctAndTheSameEveryTime() throws {
    try withFolder { folder in
      let open = try Self.store(folder)
      let result = try Self.suggest(folder, ["--json", "--quiet"])
      #expect(result.status == 0, "\(result.errors)")
      let object = try result.object()
      #expect(object["unlabelled"] as? Int == 90 && object["labelled"] as? Int == 60)
      let picks = try #require(object["suggestions"] as? [[String: Any]])
      let ids = picks.compactMap { $0["id"] as? String }
      #expect(ids.count == 20 && Set(ids).count == 20 && Set(ids).isSubset(of: open))
      for pick in picks {
        let p = try #require(pick["probability"] as? Double)
        #expect(p > 0 && p < 1 && pick["query"] == nil)
        #expect(["uncertain", "different", "random"].contains(pick["reason"] as? String))
        #expect(["tiny", "huge"].contains(pick["candidate"] as? String))
      }
      #expect(try Self.suggest(folder, ["--json", "--quiet"]).output == result.output)
      let other = try Self.suggest(folder, ["--json", "--quiet", "--suggest-seed", "2"])
      #expect(other.output != result.output)
    }
  }

  @Test func textsAreShownOnlyWhenAskedFor() throws {
    try withFolder { folder in
      _ = try Self.store(folder)
      let plain = try Self.suggest(folder, [])
      #expect(plain.status == 0 && plain.output.contains("20 of 90 unlabelled queries"))
      #expect(!plain.output.contains("please"))
      #expect(try Self.suggest(folder, ["--show-text"]).output.contains("please"))
      let written = try Self.suggest(folder, ["--output", "tasks.jsonl"])
      #expect(written.status == 0 && !written.output.contains("please"))
      let tasks = try folder.text("tasks.jsonl").split(separator: "\n")
      #expect(tasks.count == 20)
      for task in tasks {
        let object = try JSONSerialization.jsonObject(with: Data(task.utf8)) as? [String: Any]
        #expect(object.map { Set($0.keys) } == ["id", "query"])
      }
    }
  }

  @Test func aLabelledLogLeavesNothingToSuggest() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(30, seed: 23)))
      let router = try Trained.pair.get().folder.file("pair")
      let result = try runRiddle(
        ["label", "--suggest", "5", "--router", router, "--data", "log.jsonl", "--json"],
        in: folder)
      #expect(result.status == 0 && result.errors.contains("nothing to suggest"))
      #expect((try result.object()["suggestions"] as? [Any])?.isEmpty == true)
    }
  }

  @Test(arguments: [
    ["--suggest", "0", "--router", "m"], ["--suggest", "3"], ["--router", "m"],
    ["--suggest", "x", "--router", "m"], ["--show-text"],
  ])
  func wrongUsageIsRefused(arguments: [String]) throws {
    let result = try runRiddle(["label", "--store", "s.sqlite"] + arguments)
    #expect(result.status == 64 && result.output.isEmpty)
  }

  @Test func aMissingRouterIsNamed() throws {
    try withFolder { folder in
      _ = try Self.store(folder)
      let result = try runRiddle(
        ["label", "--suggest", "3", "--router", "absent.riddle", "--store", "s.sqlite"], in: folder)
      #expect(result.status == 66 && result.errors.contains("absent.riddle"))
    }
  }
}
