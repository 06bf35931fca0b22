import Foundation
import Testing

/// `riddle promote`, `rollback` and `deployments`.
@Suite struct DeploymentCommandTests {
  /// A store with a log, and two runs trained on it.
  private static func prepared(_ folder: TemporaryFolder) throws {
    try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(160)))
    try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
    for (name, seed) in [("a", "1"), ("b", "2")] {
      try succeed(
        [
          "train", "--store", "s.sqlite", "--candidates", "tiny,huge", "--model", "tree",
          "--no-side-by-side", "--replicates", "0", "--seed", seed, "--output", "m/\(name)",
          "--quiet",
        ], in: folder)
    }
  }

  private static func current(_ folder: TemporaryFolder) throws -> String {
    try #require(
      try succeed(["deployments", "--store", "s.sqlite", "--json"], in: folder).object()[
        "deployment"] as? [String: Any])["router"] as? String ?? ""
  }

  @Test("train registers, promote switches and is idempotent, rollback needs no file")
  func loop() throws {
    try withFolder { folder in
      try Self.prepared(folder)
      let none = try runRiddle(["deployments", "show", "--store", "s.sqlite"], in: folder)
      #expect(none.status == 66)
      let promote = { (run: String, more: [String]) in
        try runRiddle(
          ["promote", run, "--store", "s.sqlite", "--json", "--quiet"] + more, in: folder)
      }
      let first = try promote("m/a", ["--to", "live/current.riddle", "--reason", "first"])
      #expect(first.status == 0, "\(first.errors)")
      #expect(try first.object()["changed"] as? Bool == true)
      #expect(try folder.bytes("live/current.riddle") == folder.bytes("m/a/router.riddle"))
      let again = try promote("m/a", [])
      #expect(try again.object()["changed"] as? Bool == false)
      #expect(try again.object()["switched"] as? Bool == false)
      // The path is remembered.
      #expect(try promote("m/b", []).object()["switched"] as? Bool == true)
      #expect(try folder.bytes("live/current.riddle") == folder.bytes("m/b/router.riddle"))
      let shown = try succeed(["deployments", "--store", "s.sqlite", "--json"], in: folder).object()
      let said = try succeed(["deployments", "--store", "s.sqlite"], in: folder).output
      #expect(said.contains("nothing promised") && !said.contains("{"), "\(said)")
      let run = try #require(shown["run"] as? [String: Any])
      let splits = try #require(run["splits"] as? [[String: Any]])
      #expect(splits.map { $0["part"] as? String } == ["train", "calibrate", "test"])
      #expect(splits.compactMap { $0["query_count"] as? Int }.reduce(0, +) == 160)
      #expect((run["log_hash"] as? String)?.count == 16)
      // A pointer that something else wrote over is healed.
      try folder.write("live/current.riddle", "broken")
      #expect(try promote("m/b", []).object()["switched"] as? Bool == true)
      let good = try folder.bytes("m/a/router.riddle")
      try FileManager.default.removeItem(atPath: folder.file("m"))
      let digits = try Self.current(folder).prefix(8)
      let other = try succeed(
        ["rollback", "--store", "s.sqlite", "--from", "00000000", "--json"], in: folder)
      #expect(try other.object()["changed"] as? Bool == false)
      let back = try succeed(
        ["rollback", "--store", "s.sqlite", "--from", String(digits), "--json"], in: folder)
      #expect(try back.object()["changed"] as? Bool == true)
      #expect(try folder.bytes("live/current.riddle") == good)
      #expect(try runRiddle(["rollback", "--store", "s.sqlite"], in: folder).status == 66)
      let list = try succeed(["deployments", "list", "--store", "s.sqlite", "--json"], in: folder)
      let all = try #require(try list.object()["deployments"] as? [[String: Any]])
      #expect(all.map { $0["kind"] as? String } == ["promote", "promote", "rollback"])
      #expect(!folder.files().contains { $0.hasSuffix(".tmp") })
    }
  }

  @Test("a second pointer of the same router is no step to roll back to")
  func pointers() throws {
    try withFolder { folder in
      try Self.prepared(folder)
      for words in [["m/a"], ["m/b"], ["m/b", "--to", "other.riddle"]] {
        try succeed(["promote"] + words + ["--store", "s.sqlite", "--quiet"], in: folder)
      }
      let newest = try Self.current(folder)
      try succeed(["rollback", "--store", "s.sqlite", "--quiet"], in: folder)
      #expect(try Self.current(folder) != newest)
    }
  }

  @Test("damaged files, folders in the way, missing stores and held locks change nothing")
  func refused() throws {
    try withFolder { folder in
      try Self.prepared(folder)
      var bytes = try folder.bytes("m/a/router.riddle")
      bytes[bytes.count / 2] ^= 1
      try folder.write("bad.riddle", bytes)
      func status(_ words: [String]) throws -> (Int32, String) {
        let result = try runRiddle(words, in: folder)
        return (result.status, result.errors)
      }
      #expect(try status(["promote", "bad.riddle", "--store", "s.sqlite"]).0 == 65)
      #expect(try status(["promote", "m/a", "--store", "none.sqlite"]).0 == 66)
      #expect(!folder.has("none.sqlite"))
      #expect(try status(["promote", "m/a", "--store", "s.sqlite", "--to", "m"]).0 == 64)
      #expect(
        try status(["promote", "m/a", "--store", "s.sqlite", "--environment", "a b"]).0 == 64)
      #expect(try status(["rollback", "--store", "s.sqlite"]).0 == 66)
      // A lock that this process holds.
      let descriptor = open(folder.file("s.sqlite.deploy.lock"), O_RDWR | O_CREAT, 0o644)
      defer { close(descriptor) }
      #expect(flock(descriptor, LOCK_EX | LOCK_NB) == 0)
      let held = try status(["promote", "m/a", "--store", "s.sqlite"])
      #expect(held.0 == 74)
      #expect(held.1.contains("another riddle deploy is under way"))
      flock(descriptor, LOCK_UN)
      let list = try succeed(["deployments", "list", "--store", "s.sqlite", "--json"], in: folder)
      #expect((try list.object()["deployments"] as? [Any])?.isEmpty == true)
    }
  }

  @Test("a link at the pointer is replaced, not written through")
  func link() throws {
    try withFolder { folder in
      try Self.prepared(folder)
      try FileManager.default.createSymbolicLink(
        atPath: folder.file("live.riddle"), withDestinationPath: "m/a/router.riddle")
      let before = try folder.bytes("m/a/router.riddle")
      try succeed(
        ["promote", "m/b", "--store", "s.sqlite", "--to", "live.riddle", "--quiet"], in: folder)
      #expect(try folder.bytes("m/a/router.riddle") == before)
      #expect(try folder.bytes("live.riddle") == folder.bytes("m/b/router.riddle"))
    }
  }

  @Test("a weight file made by threshold or export is registered with the run behind it")
  func derived() throws {
    try withFolder { folder in
      try Self.prepared(folder)
      try succeed(
        [
          "export", "m/a", "--to", "e.riddle", "--prices", "tiny=1/2", "huge=3/4", "--store",
          "s.sqlite", "--quiet",
        ], in: folder)
      try succeed(["promote", "e.riddle", "--store", "s.sqlite", "--quiet"], in: folder)
      let shown = try succeed(["deployments", "--store", "s.sqlite", "--json"], in: folder).object()
      let run = try #require(shown["run"] as? [String: Any])
      #expect((run["folder"] as? String)?.hasSuffix("/m/a") == true)
    }
  }

  @Test("a run trained without the store is registered when it is promoted")
  func trainedElsewhere() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(160)))
      try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      let made = try runRiddle(
        [
          "train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--model", "tree",
          "--no-side-by-side", "--replicates", "0", "--output", "m", "--quiet",
        ], in: folder)
      #expect(made.status == 0)
      try succeed(["promote", "m", "--store", "s.sqlite", "--quiet"], in: folder)
      let shown = try succeed(["deployments", "--store", "s.sqlite", "--json"], in: folder).object()
      #expect(((shown["run"] as? [String: Any])?["splits"] as? [Any])?.count == 3)
    }
  }
}
