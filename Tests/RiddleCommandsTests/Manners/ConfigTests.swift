import Foundation
import Testing

/// Settings: who wins, what is refused, what is recorded.
@Suite struct ConfigTests {
  /// The settings in effect, by name: value and origin.
  private func settings(
    _ folder: TemporaryFolder, _ environment: [String: String] = [:]
  ) throws -> [String: (value: String?, origin: String)] {
    let result = try runRiddle(
      ["config", "show", "--json"], in: folder, environment: environment)
    let list = try #require(try result.object()["settings"] as? [[String: Any]])
    return Dictionary(
      uniqueKeysWithValues: list.map {
        ($0["name"] as? String ?? "", ($0["value"] as? String, $0["origin"] as? String ?? ""))
      })
  }

  @Test func environmentOverProjectOverUserOverDefault() throws {
    try withFolder { folder in
      try folder.write("user.yaml", "seed: 1\nconfidence: 0.9\nreplicates: 50\nthreads: 2\n")
      let user = ["RIDDLE_CONFIG": folder.file("user.yaml")]
      #expect(try settings(folder)["seed"]?.origin == "default")
      #expect(try settings(folder, user)["seed"]?.value == "1")
      try folder.write("riddle.yaml", "# ours\nseed: 2\nconfidence: 0.8\nreplicates: 60\n")
      var found = try settings(folder, user)
      #expect(found["seed"]?.value == "2")
      #expect(found["seed"]?.origin == "riddle.yaml:2")
      #expect(found["threads"]?.value == "2")
      #expect(found["threads"]?.origin == "\(folder.file("user.yaml")):4")
      found = try settings(folder, user.merging(["RIDDLE_SEED": "3"]) { $1 })
      #expect(found["seed"]?.value == "3")
      #expect(found["seed"]?.origin == "environment RIDDLE_SEED")
      #expect(found["confidence"]?.value == "0.8")
      let shown = try runRiddle(
        ["config", "show", "--origin"], in: folder,
        environment: user.merging(["RIDDLE_SEED": "3"]) { $1 }
      ).output
      #expect(
        shown.contains(
          "3  # environment RIDDLE_SEED, hides 2 of riddle.yaml:2, hides 1 of \(folder.file("user.yaml")):1"
        ))
    }
  }

  @Test func aTypedOptionWinsOverAll() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(60)))
      try folder.write("riddle.yaml", "confidence: 0.5\nreplicates: 200\njson: true\nquiet: true\n")
      /// Width of an interval: it grows with the confidence, all else being equal.
      func width(_ more: [String], _ environment: [String: String] = [:]) throws -> Double {
        let result = try runRiddle(
          ["headroom", "log.jsonl", "--candidates", "tiny,huge"] + more, in: folder,
          environment: environment)
        let outer = try #require(try result.object()["headroom"] as? [String: Any])
        let inner = try #require(outer["headroom"] as? [String: Any])
        let gap = try #require(inner["gap"] as? [String: Double])
        return try #require(gap["high"]) - #require(gap["low"])
      }
      let project = try width([])
      let variable = try width([], ["RIDDLE_CONFIDENCE": "0.7"])
      let typed = try width(["--confidence", "0.9"], ["RIDDLE_CONFIDENCE": "0.7"])
      #expect(project < variable && variable < typed)
      #expect(try width(["--confidence=0.9"]) == typed)
      let text = try runRiddle(
        ["headroom", "log.jsonl", "--candidates", "tiny,huge", "--no-json"], in: folder)
      #expect(!text.output.hasPrefix("{"))
      #expect(text.status == 0)
    }
  }

  @Test func theProjectFileIsFoundAboveAndItsPathsBeginThere() throws {
    try withFolder { folder in
      try folder.write("riddle.yaml", "store: logs.sqlite\n")
      try FileManager.default.createDirectory(
        atPath: folder.file("a/b"), withIntermediateDirectories: true)
      let below = URL(fileURLWithPath: folder.file("a/b"))
      let process = Process()
      process.executableURL = try riddleProgram()
      process.arguments = ["config", "show", "--origin"]
      process.currentDirectoryURL = below
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      #expect(text.contains("../../logs.sqlite  # ../../riddle.yaml:1"))
    }
  }

  @Test func aStoreOfTheSettingsIsUsedUnlessDataAreGiven() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(60)))
      try folder.write("riddle.yaml", "store: logs.sqlite\ncandidates: [tiny, huge]\n")
      try succeed(["import", "log.jsonl"], in: folder)
      #expect(folder.has("logs.sqlite"))
      try succeed(["label"], in: folder)
      try succeed(["headroom", "--replicates", "20"], in: folder)
      // Log files, as arguments or with --data, take the store's place.
      try succeed(["headroom", "log.jsonl", "--replicates", "20"], in: folder)
      try succeed(["label", "--data", "log.jsonl"], in: folder)
      let none = try runRiddle(
        ["headroom", "--replicates", "20"], in: folder, environment: ["RIDDLE_PROJECT": "none"])
      #expect(none.status != 0)
    }
  }

  /// Text, the message's parts.
  @Test(arguments: [
    ("seeds: 7\n", ["riddle.yaml, line 1, column 1", "'seeds'", "did you mean 'seed'"]),
    ("seed: 1\n\nquitt: true\n", ["line 3", "'quitt'", "did you mean 'quiet'"]),
    ("nothing_like_it: 7\n", ["line 1", "known: store, candidates", "riddle config keys"]),
    ("seed: seven\n", ["line 1, column 7", "seed must be a whole number", "'seven'", "seed: 7"]),
    ("seed: -1\n", ["line 1", "seed must be a whole number"]),
    ("seed: [1, 2]\n", ["line 1", "got a list"]),
    ("store: {a: b}\n", ["line 1", "got a mapping"]),
    ("quiet: yes\n", ["line 1", "true or false", "'yes'"]),
    ("confidence: 95\n", ["line 1", "between 0 and 1"]),
    ("candidates: small\n", ["line 1", "two to 64 different names"]),
    ("candidates: [a, a]\n", ["line 1", "different"]),
    ("replicates: 1\n", ["line 1", "replicates must be"]),
    ("threads: 0\n", ["line 1", "from 1 to 1024"]),
    ("seed: 1\nseed: 2\n", ["seed", "keep one"]),
    ("- seed\n", ["line 1", "expected settings"]),
    ("seed: 'open\n", ["line", "not YAML"]),
    ("a: &x 1\nseed: *x\n", ["line 1", "anchors"]),
  ])
  func mistakesAreNamedWithTheirPlace(text: String, parts: [String]) throws {
    try withFolder { folder in
      try folder.write("riddle.yaml", text)
      for arguments in [["config", "show"], ["headroom", "log.jsonl"]] {
        let result = try runRiddle(arguments, in: folder)
        #expect(result.status == 65, "\(result.errors)")
        for part in parts { #expect(result.errors.contains(part), "\(result.errors)") }
        #expect(result.output.isEmpty)
      }
      // Help and the doctor work all the same; the doctor says it.
      #expect(try runRiddle(["headroom", "--help"], in: folder).status == 0)
      let doctor = try runRiddle(["doctor"], in: folder)
      #expect(doctor.status == 1)
      #expect(doctor.output.contains(parts[0]))
    }
  }

  @Test func aWrongVariableIsNamed() throws {
    let result = try runRiddle(
      ["headroom", "log.jsonl"], environment: ["RIDDLE_CONFIDENCE": "2"])
    #expect(result.status == 64)
    #expect(result.errors.contains("RIDDLE_CONFIDENCE"))
    #expect(result.errors.contains("RIDDLE_CONFIDENCE=0.95"))
  }

  @Test func aNamedFileMustBeThere() throws {
    let result = try runRiddle(
      ["config", "show"], environment: ["RIDDLE_CONFIG": "/nowhere/config.yaml"])
    #expect(result.status == 66)
    #expect(result.errors.contains("/nowhere/config.yaml"))
  }

  @Test func everySettingConcernsACommandAndIsDocumented() throws {
    let keys = try #require(
      try succeed(["config", "keys", "--json"]).object()["keys"] as? [[String: Any]])
    #expect(keys.count == 9)
    for key in keys {
      #expect(!((key["commands"] as? [String] ?? []).isEmpty), "\(key)")
      #expect(!((key["meaning"] as? String ?? "").isEmpty))
    }
  }

  @Test func aRunRecordsWhatSettingsAdded() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(200)))
      try folder.write("riddle.yaml", "candidates: tiny,huge\nseed: 5\nreplicates: 20\n")
      try succeed(
        ["train", "--data", "log.jsonl", "--output", "m", "--quiet", "--no-side-by-side"]
          + ["--l2", "1", "--bucket-bits", "10"], in: folder)
      let manifest = try folder.text("m/run.json")
      #expect(manifest.contains("--candidates tiny,huge --seed 5 --replicates 20"))
      #expect(manifest.contains("\"seed\" : 5"))
    }
  }
}
