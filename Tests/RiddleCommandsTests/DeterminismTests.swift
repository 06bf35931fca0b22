import Foundation
import RiddleTestSupport
import Testing

/// The same data, settings and seed give the same bytes.
@Suite struct DeterminismTests {
  static let artefacts = [
    "router.riddle", "evaluation.json", "report.html", "run.json", "training-rows.bin",
    "MODEL_CARD.md", "explanation.json",
  ]

  /// What a run of `model` leaves.
  static func artefacts(of model: String) -> [String] {
    artefacts + (model == "tree" ? [] : ["ngrams.json"])
  }

  static func train(_ folder: TemporaryFolder, model: String, seed: Int) throws {
    try folder.write("log.jsonl", SyntheticLog.text(SyntheticLog.rows()))
    try succeed(
      [
        "train", "--data", "log.jsonl", "--candidates", "tiny,middle,huge", "--model", model,
        "--output", "m", "--seed", "\(seed)", "--bucket-bits", "10", "--replicates", "40",
        "--quiet",
      ], in: folder)
  }

  @Test(arguments: ["logistic", "tree"])
  func aSecondRunGivesTheSameBytesAndAnotherSeedOthers(model: String) throws {
    try withFolder { first in
      try withFolder { second in
        try Self.train(first, model: model, seed: 3)
        try Self.train(second, model: model, seed: 3)
        for name in Self.artefacts(of: model) {
          #expect(try first.bytes("m/\(name)") == second.bytes("m/\(name)"), "\(name)")
        }
        try Self.train(second, model: model, seed: 4)
        for name in Self.artefacts(of: model) {
          #expect(try first.bytes("m/\(name)") != second.bytes("m/\(name)"), "\(name)")
        }
      }
    }
  }

  @Test func aStoreAndTheFileItCameFromGiveTheSameRouter() throws {
    let run = try Trained.pair.get()
    try withFolder { folder in
      try succeed(
        ["import", run.folder.file("log.jsonl"), "--store", "s.sqlite", "--quiet"], in: folder)
      try succeed(
        [
          "train", "--store", "s.sqlite", "--candidates", "tiny,huge", "--output", "pair", "--seed",
          "7",
        ] + Trained.quick + ["--quiet"], in: folder)
      #expect(try folder.bytes("pair/router.riddle") == run.folder.bytes("pair/router.riddle"))
      #expect(
        try folder.bytes("pair/training-rows.bin") == run.folder.bytes("pair/training-rows.bin"))
    }
  }

  @Test func gzipAndPlainAreTheSameRows() throws {
    let run = try Trained.pair.get()
    try withFolder { folder in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/bin/sh")
      process.arguments = [
        "-c", "gzip -c \"$0\" > \"$1\"", run.folder.file("log.jsonl"), folder.file("log.jsonl.gz"),
      ]
      try process.run()
      process.waitUntilExit()
      let plain = try succeed(["inspect", run.folder.file("log.jsonl"), "--json"]).object()
      let packed = try succeed(["inspect", folder.file("log.jsonl.gz"), "--json"]).object()
      #expect(plain["content"] as? String == packed["content"] as? String)
      #expect(plain["content"] != nil)
    }
  }

  /// A run's own command, typed again, rebuilds it.
  @Test func theCommandInTheManifestRebuildsTheRouter() throws {
    let run = try Trained.pair.get()
    let manifest = try #require(try run.result.object()["run"] as? [String: Any])
    let command = try #require(manifest["command"] as? String)
    let words = command.split(separator: " ").map(String.init)
    #expect(words.first == "riddle")
    try withFolder { folder in
      try folder.write("log.jsonl", run.folder.bytes("log.jsonl"))
      try succeed(Array(words.dropFirst()), in: folder)
      #expect(try folder.bytes("pair/router.riddle") == run.folder.bytes("pair/router.riddle"))
      #expect(try folder.bytes("pair/run.json") == run.folder.bytes("pair/run.json"))
    }
  }
}
