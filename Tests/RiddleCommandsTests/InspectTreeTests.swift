import RiddleTestSupport
import Testing

/// `inspect --tree` shows what a router's trees ask.
@Suite struct InspectTreeTests {
  @Test func treesArePrintedAndDrawn() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows()))
      try succeed(
        [
          "train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--model", "tree",
          "--output", "m", "--seed", "7",
        ] + Trained.quick + ["--quiet"], in: folder)
      for path in ["m", "m/router.riddle"] {
        let printed = try succeed(
          ["inspect", path, "--tree", "--tree-svg", "tree.svg", "--quiet"], in: folder)
        let text = printed.output
        #expect(text.contains("climb above tiny\nall rows: 0."))
        #expect(text.contains("└─ ") && text.contains(" → climb"))
        let svg = try folder.text("tree.svg")
        #expect(svg.hasPrefix("<svg ") && svg.hasSuffix("</svg>\n"))
        #expect(svg.contains("climb above tiny"))
      }
      let both = try runRiddle(["inspect", "m", "--tree", "--json"], in: folder)
      #expect(both.status == 64)
      let log = try runRiddle(["inspect", "log.jsonl", "--tree"], in: folder)
      #expect(log.status == 64)
    }
  }

  @Test func aRouterWithoutTreesSaysSo() throws {
    let folder = try Trained.pair.get().folder
    let result = try runRiddle(["inspect", folder.file("pair"), "--tree"])
    #expect(result.status == 64)
    #expect(result.errors.contains("has no trees"))
  }
}
