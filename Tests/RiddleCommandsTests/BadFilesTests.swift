import Foundation
import RiddleTestSupport
import Testing

/// Weight files, stores and places that are not what they should be.
@Suite struct BadFilesTests {
  static func check(
    _ result: ProgramResult, _ status: Int32, names: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(result.status == status, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.errors.contains(names), "\(result.errors)", sourceLocation: sourceLocation)
    #expect(result.output.isEmpty, sourceLocation: sourceLocation)
  }

  @Test func damagedWeightFilesAreRefusedByEveryCommand() throws {
    let run = try Trained.ladder.get()
    let whole = try run.folder.bytes("ladder/router.riddle")
    var random = SyntheticLog.Stream(state: 11)
    try withFolder { folder in
      for sample in 0..<20 {
        var bytes = whole
        if sample % 2 == 0 {
          bytes.removeLast(1 + random.below(bytes.count))
        } else {
          bytes[random.below(bytes.count)] ^= 1 << UInt8(random.below(8))
        }
        try folder.write("r.riddle", bytes)
        let arguments = [
          ["score", "r.riddle"], ["inspect", "r.riddle"], ["export", "r.riddle", "--to", "x"],
          ["evaluate", "r.riddle", "--data", run.folder.file("log.jsonl")],
        ][sample % 4]
        let result = try runRiddle(arguments, input: Array("hello\n".utf8), in: folder)
        Self.check(result, 65, names: "r.riddle")
        #expect(folder.files() == ["r.riddle"])
      }
    }
  }

  @Test func aDamagedRouterWithItsChecksumMadeRightIsStillRefused() throws {
    let run = try Trained.ladder.get()
    try withFolder { folder in
      try folder.write("r.riddle", try run.folder.bytes("ladder/router.riddle") + [0])
      Self.check(try runRiddle(["score", "r.riddle"], in: folder), 65, names: "states")
    }
  }

  @Test(arguments: [
    ("", "bytes"), ("PK\u{3}\u{4}" + String(repeating: "x", count: 60), "zip"),
    ("{\"a\":1}" + String(repeating: " ", count: 60), "JSON"),
    (String(repeating: "hello ", count: 20), "not a weight file"),
  ])
  func foreignFilesAreNamedForWhatTheyAre(content: String, names: String) throws {
    try withFolder { folder in
      try folder.write("r.riddle", content)
      for arguments in [["score", "r.riddle"], ["inspect", "r.riddle"]] {
        Self.check(try runRiddle(arguments, in: folder), 65, names: names)
      }
    }
  }

  @Test func devicesFoldersAndPipesAreNoWeightFiles() throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder.file("empty"), withIntermediateDirectories: true)
      #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
      for path in ["/dev/null", "/dev/zero", "empty", "pipe"] {
        Self.check(
          try runRiddle(["score", path], in: folder, seconds: 20), 66, names: path)
      }
      for path in ["/dev/null", "/dev/zero", "empty"] {
        let result = try runRiddle(["inspect", path], in: folder, seconds: 20)
        #expect(result.status == 65 || result.status == 66, "\(path): \(result.errors)")
        #expect(result.errors.contains(path))
      }
    }
  }

  @Test func whatIsNotAStoreIsRefusedAndLeftAlone() throws {
    let run = try Trained.pair.get()
    try withFolder { folder in
      try folder.write("text.sqlite", "not a store\n")
      try folder.write("gzip.sqlite", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
      try folder.write("router.sqlite", try run.folder.bytes("pair/router.riddle"))
      try FileManager.default.createDirectory(
        atPath: folder.file("folder.sqlite"), withIntermediateDirectories: true)
      for name in ["text.sqlite", "gzip.sqlite", "router.sqlite", "folder.sqlite"] {
        let before = name == "folder.sqlite" ? [] : try folder.bytes(name)
        for arguments in [
          ["import", run.folder.file("log.jsonl"), "--store", name],
          ["label", "--store", name, "--candidates", "tiny,huge"],
          ["train", "--store", name, "--output", "m"],
          ["evaluate", run.folder.file("pair"), "--store", name],
        ] {
          Self.check(try runRiddle(arguments, in: folder), 65, names: name)
        }
        if name != "folder.sqlite" { #expect(try folder.bytes(name) == before) }
      }
      #expect(folder.files() == ["gzip.sqlite", "router.sqlite", "text.sqlite"])
    }
  }

  @Test func anotherProgramsDatabaseIsLeftAlone() throws {
    let run = try Trained.pair.get()
    try withFolder { folder in
      try folder.write("other.sqlite", OtherDatabase.bytes)
      for arguments in [
        ["import", run.folder.file("log.jsonl"), "--store", "other.sqlite"],
        ["label", "--store", "other.sqlite"], ["inspect", "other.sqlite"],
      ] {
        Self.check(try runRiddle(arguments, in: folder), 65, names: "other.sqlite")
      }
      #expect(try folder.bytes("other.sqlite") == OtherDatabase.bytes)
      #expect(folder.files() == ["other.sqlite"])
    }
  }

  /// A path below a regular file cannot be made by anyone, root included.
  @Test func outputThatCannotBeWrittenIs74AndLeavesNothing() throws {
    let run = try Trained.pair.get()
    let log = run.folder.file("log.jsonl")
    try withFolder { folder in
      try folder.write("file", "x")
      for arguments in [
        ["train", "--data", log, "--candidates", "tiny,huge", "--output", "file/m"]
          + Trained.quick,
        [
          "evaluate", run.folder.file("pair"), "--data", log, "--report", "file/r.html",
          "--replicates", "0",
        ],
        ["export", run.folder.file("pair"), "--to", "file/r.riddle"],
        ["import", log, "--store", "file/s.sqlite"],
      ] {
        let result = try runRiddle(arguments, in: folder)
        Self.check(result, 74, names: "file/")
        // Why, in words: not an error number of a library.
        #expect(!result.errors.contains("Domain"), "\(result.errors)")
        #expect(folder.files() == ["file"])
        #expect(try folder.text("file") == "x")
      }
    }
  }

  /// A folder stands where a file is to be written: what stood there stays, and no temporary file is left.
  @Test func aFolderInTheWayIs74AndNoTemporaryFileIsLeft() throws {
    let run = try Trained.pair.get()
    try withFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder.file("r.riddle/inside"), withIntermediateDirectories: true)
      Self.check(
        try runRiddle(["export", run.folder.file("pair"), "--to", "r.riddle"], in: folder), 74,
        names: "r.riddle")
      #expect(folder.files().isEmpty)
      #expect(folder.has("r.riddle/inside"))
    }
  }

  /// A second training that fails leaves the first run as it was.
  @Test func aFailedRetrainingLeavesTheOldRunWhole() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(200)))
      try folder.write("few.jsonl", SyntheticLog.text(SyntheticLog.rows(5)))
      try succeed(
        ["train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--output", "m", "--quiet"]
          + Trained.quick, in: folder)
      let before = try folder.files().map { try folder.bytes($0) }
      let result = try runRiddle(
        ["train", "--data", "few.jsonl", "--candidates", "tiny,huge", "--output", "m"],
        in: folder)
      #expect(result.status == 65)
      #expect(try folder.files().map { try folder.bytes($0) } == before)
    }
  }

  @Test func aChangedFileOfARunIsFoundByItsManifest() throws {
    let run = try Trained.pair.get()
    try withFolder { folder in
      for name in DeterminismTests.artefacts(of: "logistic") {
        try folder.write(name, try run.folder.bytes("pair/\(name)"))
      }
      #expect(try runRiddle(["inspect", ".", "--verify"], in: folder).status == 0)
      try folder.write("report.html", "another")
      let changed = try runRiddle(["inspect", ".", "--verify"], in: folder)
      #expect(changed.status == 65)
      #expect(changed.errors.contains("report.html"))
      try FileManager.default.removeItem(atPath: folder.file("report.html"))
      let missing = try runRiddle(["inspect", ".", "--verify"], in: folder)
      #expect(missing.status == 65)
      #expect(missing.errors.contains("missing"))
      try folder.write("run.json", "{}")
      #expect(try runRiddle(["inspect", "."], in: folder).status == 65)
    }
  }

  /// The smallest database another program could have made, built from SQLite's file format: one page, no table.
  enum OtherDatabase {
    static let bytes: [UInt8] = {
      var page = [UInt8](repeating: 0, count: 4096)
      page.replaceSubrange(0..<16, with: Array("SQLite format 3\0".utf8))
      page[16] = 0x10  // page size 4096
      page[18] = 1
      page[19] = 1
      page[21] = 64
      page[22] = 32
      page[23] = 32
      page[27] = 1  // file change counter
      page[31] = 1  // pages
      page[47] = 4  // schema format
      page[59] = 1  // UTF-8
      page[63] = 7  // user version
      page[68] = 0x12  // application id of somebody else
      page[71] = 0x34
      page[95] = 1  // version valid for
      page[98] = 0x2e
      page[100] = 13  // leaf table page
      page[105] = 0x10  // cell content begins at the page's end
      return page
    }()
  }
}
