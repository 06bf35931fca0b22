import Foundation
import Testing

/// A new project: complete, runnable as typed, and never written over anything.
@Suite struct InitTests {
  /// The commands of the README, as somebody would copy them.
  private func commands(_ readme: String) -> [String] {
    readme.split(separator: "\n").filter { $0.hasPrefix("    ") }
      .map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private func shell(_ command: String, in folder: String) throws -> (status: Int32, text: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-euo", "pipefail", "-c", command]
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    let program = try riddleProgram().deletingLastPathComponent().path
    process.environment = [
      "PATH": "\(program):/usr/bin:/bin", "RIDDLE_CONFIG": "none", "HOME": folder,
    ]
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
  }

  @Test func theCommandsOfTheReadmeWorkAsTyped() throws {
    try withFolder { folder in
      let made = try succeed(["init", "desk"], in: folder)
      #expect(made.output.contains("desk/README.md"))
      #expect(made.errors.contains("next: cd desk && riddle import data/example.jsonl"))
      let readme = try folder.text("desk/README.md")
      let typed = commands(readme)
      #expect(typed.count >= 8)
      for step in ["import", "label", "train", "evaluate", "export", "score"] {
        #expect(typed.contains { $0.contains("riddle \(step)") }, "\(step)")
      }
      for command in typed {
        let result = try shell(command, in: folder.file("desk"))
        #expect(result.status == 0, "\(command): \(result.text)")
      }
      #expect(folder.has("desk/desk.riddle"))
      #expect(folder.has("desk/report.html"))
      let git = try shell("git init -q . && git status --porcelain -uall", in: folder.file("desk"))
      // Logs, stores and models stay out of the repository; the example does not.
      let kept = Set(git.text.split(separator: "\n").map { String($0.dropFirst(3)) })
      #expect(
        kept == [
          ".gitignore", "README.md", "data/example.jsonl", "policies/premium-first.yaml",
          "riddle.yaml",
        ], "\(kept)")
    }
  }

  @Test func theExampleIsTheSameEverywhere() throws {
    try withFolder { folder in
      try succeed(["init", "a", "--name", "x"], in: folder)
      try succeed(["init", "b", "--name", "x"], in: folder)
      #expect(try folder.bytes("a/data/example.jsonl") == folder.bytes("b/data/example.jsonl"))
      #expect(try folder.bytes("a/README.md") == folder.bytes("b/README.md"))
    }
  }

  @Test(arguments: ["riddle.yaml", "README.md", "data/example.jsonl"])
  func nothingIsOverwritten(name: String) throws {
    try withFolder { folder in
      try FileManager.default.createDirectory(
        atPath: folder.file("p/data"), withIntermediateDirectories: true)
      try folder.write("p/\(name)", "mine")
      let result = try runRiddle(["init", "p"], in: folder)
      #expect(result.status == 64)
      #expect(result.errors.contains("p/\(name)"))
      #expect(result.errors.contains("riddle init NEW-FOLDER"))
      #expect(folder.files() == ["p/\(name)"])
      #expect(try folder.text("p/\(name)") == "mine")
    }
  }

  @Test func aLogOfOnesOwn() throws {
    try withFolder { folder in
      try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows(60)))
      let open = try runRiddle(["init", "p", "--data", "log.jsonl"], in: folder)
      #expect(open.status == 64)
      #expect(open.errors.contains("tiny"))
      #expect(open.errors.contains("--candidates"))
      try succeed(
        ["init", "p", "--data", "log.jsonl", "--candidates", "tiny,huge"], in: folder)
      #expect(!folder.has("p/data/example.jsonl"))
      let readme = try folder.text("p/README.md")
      #expect(readme.contains("riddle import ../log.jsonl"))
      let first = try #require(commands(readme).first)
      #expect(try shell(first, in: folder.file("p")).status == 0)
    }
  }

  @Test(arguments: [
    ["--name", "a b"], ["--name", "../x"], ["--name", ""], ["--candidates", "one"],
    ["--candidates", "a,a"], ["--candidates", "a,b: c"], ["--candidates", "a,\"b"],
    ["--data", "none.jsonl"],
  ])
  func wrongAnswersWriteNothing(options: [String]) throws {
    try withFolder { folder in
      let result = try runRiddle(["init", "p"] + options, in: folder)
      #expect([64, 66].contains(result.status), "\(result.errors)")
      #expect(folder.files().isEmpty)
    }
  }
}
