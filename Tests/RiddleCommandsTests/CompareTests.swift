import Foundation
import Testing

@Suite struct CompareTests {
  @Test func aRunAgainstAnotherShowsWhatChanged() throws {
    let rows = SyntheticLog.rows(400, seed: 5)
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(rows))
      let train = [
        "train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--replicates", "0",
        "--quiet", "--model", "logistic",
      ]
      try succeed(train + ["--output", "a", "--threshold", "strong-share=0.2"], in: folder)
      try succeed(train + ["--output", "b", "--threshold", "strong-share=0.8"], in: folder)
      let text = try succeed(["compare", "a", "b", "--replicates", "50", "--quiet"], in: folder)
      #expect(text.output.contains("settings.threshold"))
      #expect(text.output.contains("Unchanged: "))
      #expect(text.output.contains("go to a dearer candidate"))
      let json = try succeed(["compare", "a", "b", "--replicates", "50", "--json"], in: folder)
      let found = try #require(
        try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
      let routers = try #require(found["routers"] as? [String: Any])
      let changes = try #require(routers["changes"] as? [[String: Any]])
      #expect(changes.contains { $0["metric"] as? String == "cost_usd" })
      #expect(!changes.contains { $0["metric"] as? String == "auc" })
      let markdown = try succeed(
        ["compare", "a", "b", "--replicates", "50", "--markdown"], in: folder)
      #expect(markdown.output.contains("| Figure | Before | After |"))
      let same = try succeed(["compare", "a", "a", "--replicates", "50"], in: folder)
      #expect(same.output.contains("the same decisions and scores"))
      try folder.write("a/judged-rows.bin", "RDLJUDG1")
      let damaged = try runRiddle(["compare", "a", "b"], in: folder)
      #expect(damaged.status == 65 && damaged.errors.contains("judged-rows.bin"))
      let missing = try runRiddle(["compare", "a/router.riddle", "nowhere"], in: folder)
      #expect(missing.status == 66)
    }
  }
}
