import Foundation
import RiddleTestSupport
import Testing

/// `export --as litellm`. What the files do inside a running proxy is the matter of `make litellm-check`.
@Suite struct LiteLLMExportTests {
  static let names = [
    "SHA256SUMS", "config.yaml", "libriddle.so.1", "riddle.py", "riddle_hook.py", "riddle_http.py",
    "riddle_litellm.py", "riddle_pick.py", "router.riddle", "verify.sh",
  ]
  static let adapters = ["riddle_hook.py", "riddle_http.py", "riddle_litellm.py", "riddle_pick.py"]

  /// Runs `body` with `plug` in a folder, made with a stand-in for the library.
  static func exported(
    _ run: String = "pair", _ more: [String] = [],
    _ body: (TemporaryFolder, ProgramResult) throws -> Void
  ) throws {
    let trained = try (run == "pair" ? Trained.pair : Trained.ladder).get()
    try withFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder.file("library"), withIntermediateDirectories: true)
      try folder.write("library/libriddle.so.1", "stands in for the library\n")
      try folder.write("library/riddle.py", "stands_in = True\n")
      let result = try succeed(
        [
          "export", trained.folder.file(run), "--as", "litellm", "--to", "plug", "--library",
          "library",
        ] + more, in: folder)
      try body(folder, result)
    }
  }

  @Test func theFolderHasEverythingAndNothingElse() throws {
    try Self.exported { folder, result in
      let found = folder.files().filter { $0.hasPrefix("plug/") }.map { String($0.dropFirst(5)) }
      #expect(found == Self.names)
      #expect(result.errors.contains("verify.sh") && result.output.contains("plug/router.riddle"))
      #expect(try folder.bytes("plug/libriddle.so.1") == folder.bytes("library/libriddle.so.1"))
      try succeed(["inspect", "plug/router.riddle", "--verify"], in: folder)
    }
  }

  /// An operator reads what runs inside the proxy.
  @Test func adaptersAreShortAndNameTheLadder() throws {
    try Self.exported("ladder") { folder, _ in
      for name in Self.adapters {
        let text = try folder.text("plug/" + name)
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count <= 41)
        #expect(!text.contains("@") && text.hasSuffix("\n"), "\(name)")
      }
      let pick = try folder.text("plug/riddle_pick.py")
      #expect(pick.contains("CANDIDATES = (\"tiny\", \"middle\", \"huge\")  # cheapest first\n"))
      let hook = try folder.text("plug/riddle_litellm.py")
      #expect(
        hook.contains("async_pre_call_hook(self, user_api_key_dict, cache, data, call_type)"))
    }
  }

  @Test func theConfigurationListsEveryCandidateAndFailsTowardsTheStrongest() throws {
    try Self.exported("ladder") { folder, _ in
      let lines = try folder.text("plug/config.yaml").split(separator: "\n").map(String.init)
      for (rank, name) in ["tiny", "middle", "huge"].enumerated() {
        #expect(lines.contains("  - model_name: \"\(name)\""))
        #expect(lines.contains("      model: os.environ/RIDDLE_MODEL_\(rank)"))
        #expect(lines.contains("          \"\(name)\": \"\(name)\""))
      }
      let place = try #require(lines.firstIndex(of: "  - model_name: \"huge\""))
      #expect(lines[place + 1] == "    litellm_params: &strongest")
      #expect(lines.filter { $0 == "    litellm_params: *strongest" }.count == 2)
      #expect(lines.contains("        fallback_tier: \"huge\""))
      #expect(lines.last?.hasPrefix("  callbacks: [riddle_hook.hook]") == true)
    }
  }

  @Test func theAnswerInJSONNamesTheFilesAndTheirChecksums() throws {
    try Self.exported("pair", ["--json"]) { folder, result in
      let answer = try result.object()
      let files = try #require(answer["files"] as? [[String: Any]])
      #expect(files.compactMap { $0["file"] as? String }.sorted() == Self.names)
      let sums = try folder.text("plug/SHA256SUMS").split(separator: "\n").map(String.init)
      #expect(sums.count == Self.names.count - 2)
      for file in files {
        let (name, sum) = (file["file"] as? String ?? "", file["sha256"] as? String ?? "")
        let length = try folder.bytes("plug/" + name).count
        #expect(file["bytes"] as? Int == length)
        let isListed = name != "SHA256SUMS" && name != "config.yaml"
        #expect(sums.contains("\(sum)  \(name)") == isListed, "\(name)")
        if name == "router.riddle" { #expect(answer["sha256"] as? String == sum) }
      }
    }
  }

  /// Operators write their models and keys into it.
  @Test func aConfigurationThatIsThereStays() throws {
    try Self.exported { folder, _ in
      try folder.write("plug/config.yaml", "mine: true\n")
      let trained = try Trained.pair.get()
      let again = try succeed(
        [
          "export", trained.folder.file("pair"), "--target", "litellm", "--to", "plug", "--library",
          "library",
        ], in: folder)
      #expect(try folder.text("plug/config.yaml") == "mine: true\n")
      #expect(again.errors.contains("kept as it was"))
    }
  }

  @Test func withoutTheLibraryItSaysHowToMakeIt() throws {
    let trained = try Trained.pair.get()
    try withFolder { folder in
      for more in [[], ["--library", "elsewhere"]] {
        let result = try runRiddle(
          ["export", trained.folder.file("pair"), "--as", "litellm", "--to", "plug"] + more,
          in: folder)
        #expect(result.status == 66)
        #expect(result.errors.contains("make library") && result.errors.contains("libriddle.so.1"))
        #expect(folder.files().isEmpty)
      }
    }
  }

  @Test func aRunsFolderAndAFileAreRefused() throws {
    try Self.exported { folder, _ in
      let trained = try Trained.pair.get()
      let before = trained.folder.files()
      for destination in [trained.folder.file("pair"), "library/riddle.py"] {
        let result = try runRiddle(
          [
            "export", trained.folder.file("pair"), "--as", "litellm", "--to", destination,
            "--library", "library",
          ], in: folder)
        #expect(result.status == 64, "\(result.errors)")
      }
      #expect(trained.folder.files() == before)
      #expect(try runRiddle(["export", "m", "--to", "x", "--library", "l"]).status == 64)
    }
  }
}
