import Foundation
import RiddleTestSupport
import Testing

/// A slip of the hand in the name of an output costs no file that is there.
@Suite struct OverwriteTests {
  private static let router = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../models/support-desk/router.riddle").standardizedFileURL.path

  private static func prepared(_ folder: TemporaryFolder) throws -> [UInt8] {
    try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(240)))
    try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
    try folder.write(
      "d.jsonl",
      (0..<40).map {
        "{\"request_id\":\"r\($0)\",\"time\":\"2026-05-01T00:00:\($0 + 10)Z\",\"candidate\":\"tiny\",\"propensity\":1,\"cost_usd\":0.1,\"quality\":1}\n"
      }.joined())
    try succeed(["decisions", "import", "d.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
    // Everything out of the journal.
    try succeed(["store", "vacuum", "s.sqlite", "--quiet"], in: folder)
    return try folder.bytes("s.sqlite")
  }

  @Test(
    "no result takes a store's place",
    arguments: [
      ["decisions", "export", "--store", "s.sqlite", "--output", "s.sqlite"],
      ["dashboard", "--store", "s.sqlite", "--output", "s.sqlite"],
      ["store", "export", "s.sqlite", "--output", "s.sqlite"],
      ["query", "--store", "s.sqlite", "--output", "s.sqlite"],
      ["headroom", "--store", "s.sqlite", "--report", "s.sqlite", "--replicates", "20"],
      ["promote", OverwriteTests.router, "--store", "s.sqlite", "--to", "s.sqlite"],
    ])
  func results(_ command: [String]) throws {
    try withFolder { folder in
      let before = try Self.prepared(folder)
      let result = try runRiddle(command, in: folder)
      #expect(result.status == 64, "\(result.errors)")
      #expect(try folder.bytes("s.sqlite") == before)
    }
  }

  @Test(
    "rejects are written over rejects and over nothing else", arguments: ["d.jsonl", "s.sqlite"])
  func rejects(_ name: String) throws {
    try withFolder { folder in
      _ = try Self.prepared(folder)
      let before = try folder.bytes(name)
      let command = ["decisions", "import", "d.jsonl", "--store", "new.sqlite", "--rejects", name]
      #expect(try runRiddle(command, in: folder).status == 0)
      #expect(try folder.bytes(name) == before)
      // With something to reject it is refused, and the file stays as well.
      try folder.write("bad.jsonl", "{\"request_id\":1}\n")
      let bad = try runRiddle(
        ["decisions", "import", "bad.jsonl", "--store", "new.sqlite", "--rejects", name],
        in: folder)
      #expect(bad.status == 74 && bad.errors.contains("--rejects"), "\(bad.errors)")
      #expect(try folder.bytes(name) == before)
      let own = [
        "decisions", "import", "bad.jsonl", "--store", "new.sqlite", "--rejects", "r.jsonl",
      ]
      for _ in 0..<2 { #expect(try runRiddle(own, in: folder).status == 65) }
      #expect(try folder.text("r.jsonl").split(separator: "\n").count == 1)
    }
  }

  @Test("a log of decisions is not the file whose lines are scored")
  func log() throws {
    try withFolder { folder in
      _ = try Self.prepared(folder)
      try succeed(
        [
          "train", "--store", "s.sqlite", "--candidates", "tiny,huge", "--output", "m",
          "--replicates", "0", "--quiet",
        ], in: folder)
      let before = try folder.bytes("log.jsonl")
      let result = try runRiddle(["score", "m", "log.jsonl", "--log", "log.jsonl"], in: folder)
      #expect(result.status == 64, "\(result.errors)")
      #expect(try folder.bytes("log.jsonl") == before)
    }
  }

  @Test("the same decisions again are no conflicts, whatever a policy is called")
  func again() throws {
    try withFolder { folder in
      let sum = String(repeating: "ab", count: 32)
      let line = { (id: String, more: String) in
        "{\"request_id\":\"\(id)\",\"time\":\"2026-05-01T00:00:10Z\",\"candidate\":\"tiny\",\"policy_sha256\":\"\(sum)\"\(more)}\n"
      }
      try folder.write("d.jsonl", line("a", "") + line("b", ",\"policy\":\"second name\""))
      let command = ["decisions", "import", "d.jsonl", "--store", "s.sqlite", "--json"]
      #expect(try succeed(command, in: folder).object()["inserted"] as? Int == 2)
      let second = try succeed(command, in: folder).object()
      #expect(second["unchanged"] as? Int == 2 && second["conflicts"] as? Int == 0)
    }
  }

  @Test("names out of files do not steer the terminal")
  func terminal() throws {
    try withFolder { folder in
      try folder.write(
        "d.jsonl", "{\"request_id\":\"a\",\"time\":\"2026-05-01T00:00:10Z\"}\n")
      try folder.write("\u{1b}[31m.jsonl", try folder.text("d.jsonl"))
      let result = try runRiddle(
        ["decisions", "import", "\u{1b}[31m.jsonl", "--store", "s.sqlite"], in: folder)
      #expect(result.status == 65 && !result.errors.contains("\u{1b}"), "\(result.errors)")
      #expect(!folder.has("s.sqlite"))
    }
  }

  @Test("a range of ratings that no number spans is a reason, not a defect")
  func ratings() throws {
    try withFolder { folder in
      _ = try Self.prepared(folder)
      try folder.write(
        "f.jsonl",
        "{\"request_id\":\"r1\",\"rating\":1e308,\"rating_min\":-1e308,\"rating_max\":1e308}\n")
      let result = try runRiddle(
        ["feedback", "import", "f.jsonl", "--store", "s.sqlite"], in: folder)
      #expect(result.status == 65, "\(result.errors)")
    }
  }
}
