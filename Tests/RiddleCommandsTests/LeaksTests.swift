import Foundation
import Testing

/// `riddle leaks`: a check that fails.
@Suite struct LeaksTests {
  static let secret = "zebra"

  static func text(_ seed: Int, _ words: Int = 30) -> String {
    var random = SyntheticLog.Stream(state: UInt64(seed))
    return (0..<words).map { _ in "\(secret)\(random.below(9000))" }.joined(separator: " ")
  }

  static func line(_ id: String, _ text: String, _ more: String = "") -> String {
    "{\"id\":\"\(id)\",\"query\":\"\(text)\"\(more),\"outcomes\":{\"a\":{\"quality\":0},\"b\":{\"quality\":1}}}\n"
  }

  @Test func sharedRowsAreNamedAndFail() throws {
    try withFolder { folder in
      try folder.write(
        "train.jsonl",
        Self.line("a1", Self.text(1)) + Self.line("a2", Self.text(2))
          + Self.line("a3", Self.text(3), ",\"conversation\":\"c\""))
      try folder.write(
        "test.jsonl",
        Self.line("b1", Self.text(1).uppercased()) + Self.line("b2", Self.text(2) + " more")
          + Self.line("b3", Self.text(4), ",\"conversation\":\"c\"") + Self.line("b4", Self.text(5))
      )
      let arguments = ["leaks", "--train", "train.jsonl", "--test", "test.jsonl", "--quiet"]
      let result = try runRiddle(arguments, in: folder)
      #expect(result.status == 1)
      for id in ["a1", "a2", "a3", "b1", "b2", "b3"] { #expect(result.output.contains(id)) }
      #expect(!result.output.contains("b4"))
      #expect(!(result.output + result.errors).lowercased().contains(Self.secret))
      let json = try runRiddle(arguments + ["--json"], in: folder)
      #expect(json.status == 1)
      let object = try json.object()
      #expect(object["clean"] as? Bool == false)
      let checks = try #require(object["checks"] as? [[String: Any]])
      let report = try #require(checks.first?["report"] as? [String: Any])
      func ids(_ finding: String) throws -> [String] {
        try #require((report[finding] as? [String: Any])?["test_ids"] as? [String])
      }
      #expect(try ids("prompts") == ["b1"])
      #expect(try ids("near_duplicates") == ["b2"])
      #expect(try ids("conversations") == ["b3"])
      try folder.write("new.jsonl", Self.line("n", Self.text(9)))
      let clean = try runRiddle(
        ["leaks", "--train", "train.jsonl", "--test", "new.jsonl", "--json"], in: folder)
      #expect(clean.status == 0)
      #expect(try clean.object()["clean"] as? Bool == true)
    }
  }

  @Test(arguments: ["text", "group", "conversation", "time", "segment"])
  func splitsOfALogAreClean(unit: String) throws {
    try withFolder { folder in
      var log = ""
      for i in 0..<240 {
        let context =
          ",\"group\":\"g\(i % 40)\",\(unit == "text" ? "" : "\"conversation\":\"c\(i % 40)\",")\"domain\":\"d\(i % 8)\",\"time\":\"2026-01-\(10 + i % 20)T00:00:00Z\""
        let text = i % 5 == 4 ? Self.text(1000 + i - 1) + " more" : Self.text(1000 + i)
        log += Self.line("r\(i)", text, context)
      }
      try folder.write("log.jsonl", log)
      let more = unit == "segment" ? ["--segment", "domain"] : []
      let result = try runRiddle(
        ["leaks", "log.jsonl", "--split-by", unit, "--seed", "3", "--json"] + more, in: folder)
      #expect(result.status == 0, "\(result.output) \(result.errors)")
      let split = try #require(try result.object()["split"] as? [String: Any])
      let kept = try #require(split["kept"] as? [String: Any])
      #expect(kept["near_duplicate_rows"] as? Int == 96)
      #expect((split["test"] as? Int ?? 0) > 0)
      #expect(kept["held_out_segments"] != nil || unit != "segment")
    }
  }

  @Test func aRoutersRowsAreRecognised() throws {
    let run = try Trained.pair.get()
    let folder = run.folder
    let seen = try runRiddle(["leaks", "pair", "--data", "log.jsonl", "--json"], in: folder)
    #expect(seen.status == 1)
    let object = try seen.object()
    let rows = try #require(
      try JSONSerialization.jsonObject(with: Data(folder.bytes("pair/run.json"))) as? [String: Any])
    let split = try #require(rows["split"] as? [String: Any])
    let fitted = (split["train"] as? Int ?? 0) + (split["calibrate"] as? Int ?? 0)
    #expect((object["prompts"] as? [String: Any])?["rows"] as? Int == fitted)
    try folder.write("fresh.jsonl", Self.line("f1", Self.text(77)))
    #expect(try runRiddle(["leaks", "pair", "--data", "fresh.jsonl"], in: folder).status == 0)
  }

  @Test func wrongUsageAndWrongDataAreTold() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", Self.line("a", Self.text(1)) + Self.line("b", Self.text(2)))
      for arguments in [
        [], ["--train", "log.jsonl"], ["--test", "log.jsonl"],
        ["log.jsonl", "--train", "log.jsonl", "--test", "log.jsonl"],
        ["m", "--data", "log.jsonl", "--split-by", "text"], ["log.jsonl", "--split-by", "moon"],
        ["--train", "log.jsonl", "--test", "log.jsonl", "--segment", "domain"],
      ] {
        #expect(try runRiddle(["leaks"] + arguments, in: folder).status == 64, "\(arguments)")
      }
      #expect(try runRiddle(["leaks", "none.jsonl"], in: folder).status == 66)
      #expect(try runRiddle(["leaks", "none", "--data", "log.jsonl"], in: folder).status == 66)
      for unit in ["time", "segment"] {
        let result = try runRiddle(["leaks", "log.jsonl", "--split-by", unit], in: folder)
        #expect(result.status == 65 && result.errors.contains(unit))
      }
      try folder.write("textless.jsonl", "{\"id\":\"a\",\"outcomes\":{\"a\":{\"quality\":1}}}\n")
      #expect(try runRiddle(["leaks", "textless.jsonl"], in: folder).status == 65)
    }
  }
}
