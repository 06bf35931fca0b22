import Foundation
import RiddleTestSupport
import Testing

/// `riddle train --stream`.
@Suite struct StreamTests {
  @Test func aStoreIsLearnedInOnePass() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows()))
      _ = try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      let train =
        ["train", "--store", "s.sqlite", "--candidates", "tiny,middle,huge", "--seed", "7"]
        + Trained.quick + ["--json", "--quiet"]
      let streamed = try succeed(train + ["--stream", "--output", "a"], in: folder).object()
      _ = try succeed(train + ["--stream", "--output", "again/a"], in: folder)
      let batch = try succeed(train + ["--output", "c"], in: folder).object()
      // The same rows on the same sides as without --stream, judged on all unseen rows: none had to be sampled away.
      // The streamed list has no signatures, so the files differ; the rows they know are the same.
      func seen(_ run: String) throws -> NSDictionary {
        let found = try runRiddle(
          ["leaks", run, "--data", "log.jsonl", "--json", "--quiet"], in: folder)
        #expect(found.status == 1)
        return try #require(try found.object()["prompts"] as? NSDictionary)
      }
      #expect(try seen("a") == seen("c"))
      let (mine, other) = (
        try #require(streamed["evaluation"] as? [String: Any]),
        try #require(batch["evaluation"] as? [String: Any])
      )
      #expect(mine["queries"] as? Int == other["queries"] as? Int)
      #expect(mine["queries"] as? Int != nil)
      #expect(try folder.bytes("a/router.riddle") == folder.bytes("again/a/router.riddle"))
      let verified = try succeed(
        ["inspect", "a/router.riddle", "--verify", "--quiet"], in: folder)
      #expect(!verified.output.isEmpty)
    }
  }

  @Test(arguments: [
    (["--data", "log.jsonl"], "import the log first"),
    (["--store", "s.sqlite", "--price", "tiny=1"], "--price"),
  ])
  func whatCannotBeStreamedIsAUsageError(options: [String], expected: String) throws {
    try withFolder { folder in
      let result = try runRiddle(["train", "--stream", "--output", "m"] + options, in: folder)
      #expect(result.status == 64)
      #expect(result.errors.contains(expected))
    }
  }

  @Test func aTreeCannotBeStreamed() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows()))
      _ = try succeed(["import", "log.jsonl", "--store", "s.sqlite", "--quiet"], in: folder)
      let result = try runRiddle(
        [
          "train", "--stream", "--store", "s.sqlite", "--candidates", "tiny,huge", "--model",
          "tree",
          "--output", "m",
        ], in: folder)
      #expect(result.status != 0 && result.errors.contains("without --stream"))
      #expect(!folder.has("m/router.riddle"))
    }
  }
}
