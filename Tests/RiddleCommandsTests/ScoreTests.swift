import Foundation
import RiddleTestSupport
import Testing

/// `score` answers every line, in order, whatever stands in it.
@Suite struct ScoreTests {
  static func score(
    _ input: String, _ more: [String] = [], run: Result<Trained.Run, any Error> = Trained.pair
  ) throws -> ProgramResult {
    let folder = try run.get().folder
    let name = folder.has("pair") ? "pair" : "ladder"
    return try runRiddle(["score", folder.file(name)] + more, input: Array(input.utf8))
  }

  @Test func everyLineOfTextGetsOneLineInOrder() throws {
    let rows = SyntheticLog.rows(50, seed: 3)
    let result = try Self.score(rows.map { $0.query + "\n" }.joined())
    #expect(result.status == 0)
    let lines = try result.lines()
    #expect(lines.count == 50)
    for (row, line) in zip(rows, lines) {
      let alone = try #require(lines.first)
      #expect(
        Set(line.keys) == ["candidate", "probability", "margin", "threshold", "reason"])
      #expect(line["threshold"] as? Double == alone["threshold"] as? Double)
      let margin = try #require(line["margin"] as? Double)
      let threshold = try #require(line["threshold"] as? Double)
      let probability = try #require(line["probability"] as? Double)
      #expect(probability > 0 && probability < 1)
      #expect(line["candidate"] as? String == (margin >= threshold ? "huge" : "tiny"))
      #expect((line["reason"] as? String)?.contains(row.query) == false)
    }
    #expect(Set(lines.compactMap { $0["candidate"] as? String }) == ["tiny", "huge"])
  }

  @Test func jsonLinesAndTextAgreeAndKeepTheirIDs() throws {
    let rows = SyntheticLog.rows(20, seed: 4)
    let text = try Self.score(rows.map { $0.query + "\n" }.joined()).lines()
    let json = try Self.score(
      rows.map { "{\"id\":\"\($0.id)\",\"query\":\"\($0.query)\"}\n" }.joined()
    ).lines()
    #expect(json.compactMap { $0["id"] as? String } == rows.map(\.id))
    #expect(
      text.map { $0["margin"] as? Double } == json.map { $0["margin"] as? Double })
  }

  /// A whole log can be scored as it is; its context counts.
  @Test func rowsOfALogCanBeScored() throws {
    let rows = SyntheticLog.rows(20, seed: 5)
    let result = try Self.score(SyntheticLog.text(rows))
    #expect(result.status == 0)
    let bare = try Self.score(
      rows.map { "{\"id\":\"\($0.id)\",\"query\":\"\($0.query)\"}\n" }.joined())
    #expect(try result.lines().count == 20)
    #expect(result.output != bare.output)
  }

  @Test func aLastLineWithoutANewlineAndCarriageReturnsAreRead() throws {
    let plain = try Self.score("prove it\nhello\n")
    #expect(try Self.score("prove it\nhello").output == plain.output)
    #expect(try Self.score("prove it\r\nhello\r\n").output == plain.output)
  }

  @Test func aByteOrderMarkIsNotPartOfTheQuery() throws {
    let plain = try Self.score("{\"id\":\"a\",\"query\":\"prove it\"}\n")
    let marked = try Self.score("\u{FEFF}{\"id\":\"a\",\"query\":\"prove it\"}\n")
    #expect(marked.output == plain.output)
    #expect(try Self.score("\u{FEFF}prove it\n").output == (try Self.score("prove it\n").output))
  }

  @Test func compressedStandardInputIsNoText() throws {
    let run = try Trained.pair.get().folder.file("pair")
    for head: [UInt8] in [[0x1f, 0x8b, 8, 0], [0x28, 0xb5, 0x2f, 0xfd]] {
      let packed = try runRiddle(["score", run], input: head)
      #expect(packed.status == 65 && packed.output.isEmpty)
      #expect(packed.errors.contains("standard input is"), "\(packed.errors)")
    }
  }

  @Test func emptyInputIsNoDecisionAndNoFailure() throws {
    let result = try Self.score("")
    #expect(result.status == 0)
    #expect(result.output.isEmpty)
  }

  @Test func blankLinesOfTextAreDecidedToo() throws {
    #expect(try Self.score("\nhello\n\n").lines().count == 3)
  }

  @Test func blankJSONLinesAreSkippedAndKeepTheirNumbers() throws {
    let text = "{\"query\":\"prove it\"}\n\n \t\r\n{\"query\":\"hello\"}\n{broken\n"
    let (result, many) = (try Self.score(text), try Self.score(text + text))
    #expect(result.status == 65)
    #expect(try result.lines().count == 3)
    #expect(try result.lines()[2]["line"] as? Int == 5)
    #expect(try many.lines().count == 6)
    #expect(try many.lines()[5]["line"] as? Int == 10)
  }

  @Test(arguments: [
    ("SQLite format 3\u{0}0123456789", "a SQLite database"),
    ("[\n  {\"query\":\"hello\"}\n]\n", "a JSON array"),
    ("id,query,\"quality\"\n1,hello,1\n", "comma-separated"),
    ("id\tprompt\n1\thello\n", "tab-separated"),
  ]) func whatHoldsNoQueriesIsRefusedUnlessItIsCalledText(input: String, names: String) throws {
    let refused = try Self.score(input)
    #expect(refused.status == 65 && refused.output.isEmpty)
    #expect(refused.errors.contains(names), "\(refused.errors)")
    let run = try Trained.pair.get().folder.file("pair")
    let taken = try runRiddle(["score", run, "--format", "text"], input: Array(input.utf8))
    #expect(taken.status == 0 && !taken.output.isEmpty)
  }

  @Test(arguments: ["[INST] say hello", "hello, text", "text", "a,b", "[] is what", "\u{0}"])
  func textThatOnlyResemblesOtherThingsIsDecided(input: String) throws {
    #expect(try Self.score(input + "\n").status == 0)
  }

  @Test func badJSONLinesSayWhyAndTheOthersAreDecided() throws {
    let result = try Self.score(
      """
      {"id":"a","query":"prove the theorem"}
      {"id":"b","query":7}
      {"id":"c"}
      {broken CANARY
      {"id":"d","query":null}
      {"id":"e","query":"hi","turn":"first"}
      {"id":"f","query":"hi","turn":-1}
      ["query"]
      {"id":"g","query":"hello"}

      """)
    #expect(result.status == 65)
    let lines = try result.lines()
    #expect(lines.count == 9)
    for (index, line) in lines.enumerated() {
      if index == 0 || index == 8 {
        #expect(line["id"] as? String == (index == 0 ? "a" : "g"))
        #expect(line["candidate"] != nil)
      } else {
        #expect(line["line"] as? Int == index + 1)
        #expect((line["error"] as? String)?.isEmpty == false)
        #expect(line["candidate"] == nil)
      }
    }
    #expect(result.errors.contains("7 of 9"))
    #expect(!result.errors.contains("CANARY") && !result.output.contains("CANARY"))
  }

  /// A broken first line must not turn a file of JSON lines into "text" that is scored with its braces.
  @Test(arguments: [
    "{\"id\":\"a\",\"query\":7}", "{\"id\":\"a\"}", "{\"id\":\"a\",\"query\":\"torn",
    "{ \"id\": 3, \"query\": \"hi\"}",
  ])
  func aBadFirstLineIsStillRecognisedAsJSON(first: String) throws {
    let result = try Self.score(first + "\n{\"id\":\"b\",\"query\":\"hello\"}\n")
    #expect(result.status == 65)
    let lines = try result.lines()
    #expect(lines.first?["error"] != nil)
    #expect(lines.last?["id"] as? String == "b")
    #expect(try Self.score(first + "\n", ["--format", "text"]).status == 0)
  }

  @Test func textThatBeginsWithABraceIsText() throws {
    let result = try Self.score("{x | x > 0} is a set, prove it\n")
    #expect(result.status == 0)
    #expect(try result.lines().first?["candidate"] != nil)
  }

  @Test func hostileBytesAreDecided() throws {
    let folder = try Trained.pair.get().folder
    var input: [UInt8] = []
    for line in 0..<40 {
      var random = SyntheticLog.Stream(state: UInt64(line))
      input += (0..<200).map { _ in UInt8(random.below(256)) }.filter { $0 != 10 } + [10]
    }
    input += [0, 0, 10, 0xff, 10, 0xed, 0xa0, 0x80, 10]
    let result = try runRiddle(["score", folder.file("pair"), "--format", "text"], input: input)
    #expect(result.status == 0)
    #expect(try result.lines().count == 43)
  }

  @Test func netstringsCarryAnyBytes() throws {
    let folder = try Trained.pair.get().folder
    let texts: [[UInt8]] = [
      [], Array("prove it".utf8), [10, 0, 13, 10, 0xff], Array("2:ab,".utf8), [44],
      [UInt8](repeating: 97, count: 200_000), Array("prove it".utf8),
    ]
    var input: [UInt8] = []
    for text in texts { input += Array("\(text.count):".utf8) + text + [44] }
    let arguments = ["score", folder.file("pair"), "--format", "netstrings"]
    let result = try runRiddle(arguments, input: input)
    #expect(result.status == 0)
    let margins = try result.lines().map { try #require($0["margin"] as? Double) }
    #expect(margins.count == texts.count)
    #expect(margins[1] == margins[6] && margins[1] != margins[2])
    let line = try Self.score("prove it\n", ["--format", "text"]).lines()
    #expect(line.first?["margin"] as? Double == margins[1])
  }

  @Test(arguments: [
    "5:hello", "5:hell,", "5hello,", "x", "-1:,", ":,", "99999999999999999999:a,", "3:abcd,",
    "2:ab\n", "2:ab,3",
  ])
  func aTornNetstringIsMalformedAndSaysWhich(input: String) throws {
    let folder = try Trained.pair.get().folder
    let result = try runRiddle(
      ["score", folder.file("pair"), "--format", "netstrings"],
      input: Array(("1:a," + input).utf8))
    #expect(result.status == 65)
    #expect(try result.lines().count == (input == "2:ab,3" ? 2 : 1))
    #expect(result.errors.contains("netstring \(input == "2:ab,3" ? 3 : 2)"))
  }

  @Test func aMegabyteInOneLineIsDecided() throws {
    let result = try Self.score(String(repeating: "prove ", count: 170_000) + "\n")
    #expect(result.status == 0)
    #expect(try result.lines().count == 1)
  }

  @Test func explainNamesWhatMovedTheMargin() throws {
    for run in [Trained.pair, Trained.ladder] {
      let result = try Self.score(
        "prove the theorem please\n", ["--explain", "--top", "3"], run: run)
      let line = try #require(try result.lines().first)
      let features = try #require(line["features"] as? [[String: Any]])
      #expect(!features.isEmpty && features.count <= 3)
      let sizes = try features.map { abs(try #require($0["contribution"] as? Double)) }
      #expect(sizes == sizes.sorted(by: >))
      for feature in features { #expect((feature["feature"] as? String)?.isEmpty == false) }
    }
  }

  @Test func aRunsFolderAndItsWeightFileDecideTheSame() throws {
    let folder = try Trained.pair.get().folder
    let input = Array("prove it\nhello\n".utf8)
    let one = try succeed(["score", folder.file("pair")], input: input)
    let two = try succeed(["score", folder.file("pair/router.riddle")], input: input)
    #expect(one.output == two.output)
  }

  /// The reader of the output went away, or the disk is full: the second is a failure.
  @Test func aFullDiskIsNotSuccess() throws {
    guard FileManager.default.fileExists(atPath: "/dev/full") else { return }
    let folder = try Trained.pair.get().folder
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = [
      "-c", "echo hello | \"$0\" score \"$1\" > /dev/full 2> /dev/null",
      try riddleProgram().path, folder.file("pair"),
    ]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 74)
  }

  /// `riddle score … | head -1`: no message, no crash report.
  @Test func aReaderThatLeavesEarlyIsNoError() throws {
    let folder = try Trained.pair.get().folder
    try withFolder { own in
      try own.write("in", String(repeating: "prove it\n", count: 20_000))
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [
        "-c", "\"$0\" score \"$1\" < in 2> err | head -n 1 > out", try riddleProgram().path,
        folder.file("pair"),
      ]
      process.currentDirectoryURL = own.url("")
      try process.run()
      process.waitUntilExit()
      #expect(try own.text("err").isEmpty)
      #expect(try own.text("out").hasPrefix("{\"candidate\""))
    }
  }

  /// With standard error closed the work is done all the same.
  @Test func nobodyHasToListen() throws {
    let folder = try Trained.pair.get().folder
    try withFolder { own in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [
        "-c", "\"$0\" import \"$1\" --store s.sqlite > out 2> /dev/full",
        try riddleProgram().path, folder.file("log.jsonl"),
      ]
      process.currentDirectoryURL = own.url("")
      try process.run()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(try own.text("out").contains("inserted 400"))
    }
  }

  @Test func linksToWeightFilesAreFollowed() throws {
    let folder = try Trained.pair.get().folder
    try withFolder { own in
      try FileManager.default.createSymbolicLink(
        atPath: own.file("latest"), withDestinationPath: folder.file("pair"))
      try FileManager.default.createSymbolicLink(
        atPath: own.file("latest.riddle"), withDestinationPath: folder.file("pair/router.riddle"))
      for name in ["latest", "latest.riddle"] {
        #expect(try runRiddle(["inspect", name, "--verify"], in: own).status == 0)
        #expect(try runRiddle(["score", name], input: Array("hi\n".utf8), in: own).status == 0)
      }
    }
  }
}
