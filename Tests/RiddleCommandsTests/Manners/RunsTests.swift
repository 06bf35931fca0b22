import Foundation
import Testing

/// Runs listed, shown, compared, rebuilt.
@Suite struct RunsTests {
  private static let settings = ["--l2", "1", "--bucket-bits", "8", "--no-side-by-side"]

  /// A folder with a log and the run `models/desk`, of one test's own.
  private func withRun(_ body: (TemporaryFolder) throws -> Void) throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(200)))
      try succeed(
        [
          "train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--output", "models/desk",
          "--seed", "7", "--replicates", "20", "--quiet",
        ] + Self.settings, in: folder)
      try body(folder)
    }
  }

  private func repro(_ folder: TemporaryFolder, _ more: [String] = []) throws -> ProgramResult {
    try runRiddle(["runs", "repro", "models/desk"] + more, in: folder)
  }

  @Test func aRunIsListedShownAndRebuiltByteForByte() throws {
    try withRun { folder in
      let list = try succeed(["runs", "list", "--json"], in: folder).object()
      let runs = try #require(list["runs"] as? [[String: Any]])
      #expect(runs.count == 1)
      #expect(runs[0]["folder"] as? String == "models/desk")
      #expect(runs[0]["rows"] as? Int == 200)
      let shown = try succeed(["runs", "show", "models/desk"], in: folder).output
      for part in ["tiny → huge", "log.jsonl, sha256", "AUC", "router.riddle", "riddle train"] {
        #expect(shown.contains(part), "\(part)")
      }
      let before = folder.files()
      let rebuilt = try repro(folder, ["--all-files", "--json"])
      #expect(rebuilt.status == 0, "\(rebuilt.errors)\(rebuilt.output)")
      let files = try #require(try rebuilt.object()["files"] as? [[String: Any]])
      #expect(files.count == 8)
      #expect(files.allSatisfy { $0["same"] as? Bool == true })
      #expect(folder.files() == before)
    }
  }

  @Test func otherDataAreRefusedBeforeTraining() throws {
    try withRun { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(200, seed: 2)))
      let result = try repro(folder)
      #expect(result.status == 1)
      #expect(result.errors.contains("other data than the run was trained on"))
      #expect(result.errors.contains("sha256"))
      #expect(!result.errors.contains("training again"))
      try FileManager.default.removeItem(atPath: folder.file("log.jsonl"))
      let missing = try repro(folder)
      #expect(missing.status == 66)
      #expect(missing.errors.contains("--root"))
    }
  }

  @Test func anotherSettingGivesOtherBytesAndIsNamed() throws {
    try withRun { folder in
      let manifest = try folder.text("models/desk/run.json")
      try folder.write(
        "models/desk/run.json", manifest.replacing("--seed 7", with: "--seed 8"))
      let result = try repro(folder)
      #expect(result.status == 1)
      #expect(result.output.contains("ANOTHER weight file"))
      #expect(result.output.contains("settings.seed: 7 → 8"))
    }
  }

  @Test func aWeightFileThatIsNotTheManifestsIsSaid() throws {
    try withRun { folder in
      try folder.write("models/desk/router.riddle", "something else")
      let result = try repro(folder)
      #expect(result.status == 1)
      #expect(result.output.contains("not the file of its manifest"))
    }
  }

  /// Nothing of a manifest reaches a shell, and only training is run.
  @Test(arguments: [
    "riddle train --data log.jsonl --output m; touch stolen", "riddle train $(touch stolen)",
    "riddle train `touch stolen` --output m", "touch stolen", "riddle import log.jsonl --store s",
    "riddle train --data log.jsonl --output 'm", "riddle train --data log.jsonl > stolen",
    "riddle train | tee stolen", "riddle", "", "riddle train --nonsense --output m",
  ])
  func aForgedCommandIsNotRun(command: String) throws {
    try withRun { folder in
      let text = try folder.text("models/desk/run.json")
      var manifest = try #require(
        try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      manifest["command"] = command
      try folder.write(
        "models/desk/run.json", [UInt8](try JSONSerialization.data(withJSONObject: manifest)))
      let before = folder.files()
      let result = try repro(folder)
      #expect(result.status == 65, "\(command): \(result.status) \(result.errors)")
      #expect(folder.files() == before)
    }
  }

  /// Wherever the recorded output points, the rebuilt run goes to a folder of its own.
  @Test(arguments: ["models", ".", "../outside", "ABSOLUTE/elsewhere", "log.jsonl/x"])
  func aForgedOutputReachesNoOtherFolder(output: String) throws {
    try withRun { folder in
      let place = output.replacing("ABSOLUTE", with: folder.path)
      let manifest = try folder.text("models/desk/run.json")
      try folder.write(
        "models/desk/run.json",
        manifest.replacing(
          "--output models/desk", with: "--output \(place)"))
      let before = folder.files()
      let result = try repro(folder)
      #expect(result.status != 70, "\(result.errors)")
      #expect(folder.files() == before)
    }
  }

  @Test func twoRunsAreCompared() throws {
    try withRun { folder in
      try succeed(
        [
          "train", "--data", "log.jsonl", "--candidates", "tiny,huge", "--output", "models/tree",
          "--seed", "7", "--replicates", "20", "--quiet", "--model", "tree",
        ] + Self.settings, in: folder)
      let text = try succeed(["runs", "diff", "models/desk", "models/tree"], in: folder).output
      for part in ["settings.model", "logistic", "tree", "AUC", "Features that moved most"] {
        #expect(text.contains(part), "\(part)")
      }
      let same = try succeed(
        ["runs", "diff", "models/desk", "models/desk", "--json"], in: folder
      ).object()
      #expect(same["same_weights"] as? Bool == true)
      #expect((same["settings"] as? [Any])?.isEmpty == true)
      #expect((same["features"] as? [Any])?.isEmpty == true)
      let list = try succeed(["runs", "list"], in: folder).output
      #expect(list.hasPrefix("2 runs"))
    }
  }

  @Test func aDamagedRunIsSetAsideAndTheOthersAreListed() throws {
    try withRun { folder in
      try FileManager.default.createDirectory(
        atPath: folder.file("models/bad"), withIntermediateDirectories: true)
      try folder.write("models/bad/run.json", "{}")
      let list = try succeed(["runs", "list", "--json"], in: folder).object()
      #expect((list["runs"] as? [Any])?.count == 1)
      #expect((list["unreadable"] as? [Any])?.count == 1)
      #expect(try runRiddle(["runs", "show", "models/bad"], in: folder).status == 65)
    }
  }

  @Test func aRunFromAStoreIsRebuiltFromItsContent() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(200)))
      try succeed(["import", "log.jsonl", "--store", "s.sqlite"], in: folder)
      try succeed(
        ["label", "--store", "s.sqlite", "--candidates", "tiny,huge"], in: folder)
      try succeed(
        ["train", "--store", "s.sqlite", "--output", "models/desk", "--replicates", "20"]
          + Self.settings, in: folder)
      #expect(try repro(folder).status == 0)
      try folder.write(
        "more.jsonl", SyntheticLog.text(SyntheticLog.rows(5, seed: 3, prefix: "z")))
      try succeed(["import", "more.jsonl", "--store", "s.sqlite"], in: folder)
      let grown = try repro(folder)
      #expect(grown.status == 1)
      #expect(grown.errors.contains("s.sqlite: other data"))
    }
  }
}
