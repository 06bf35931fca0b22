import Foundation
import RiddleTestSupport
import Testing

/// What a newcomer types first.
@Suite struct HelpTests {
  static let commands = [
    "import", "label", "embed", "train", "evaluate", "compare", "export", "score", "inspect",
    "off-policy", "repro", "threshold", "headroom", "leaks", "experiment", "advise",
    "simulate", "optimize", "policy", "sign", "attack", "store", "query", "decisions", "feedback",
    "review", "promote", "rollback", "deployments", "drift", "retrain", "dashboard", "runs", "init",
    "doctor", "config", "completions", "man", "schema", "schedule",
  ]

  @Test func helpListsEveryCommandAndTheStatuses() throws {
    let help = try succeed(["--help"])
    for command in Self.commands { #expect(help.output.contains("  \(command) ")) }
    for status in ["64", "65", "66", "70", "74"] { #expect(help.output.contains(status)) }
    #expect(help.errors.isEmpty)
  }

  @Test(arguments: commands)
  func helpOfEveryCommandTeachesByExample(command: String) throws {
    let help = try succeed([command, "--help"])
    #expect(help.output.contains("EXAMPLES"))
    #expect(help.output.contains("riddle \(command) "))
    #expect(help.output.contains("--json"))
    // Paragraphs are wrapped by the library; a second wrap on top of ours leaves scraps.
    let overview = help.output.components(separatedBy: "USAGE").first ?? ""
    for paragraph in overview.components(separatedBy: "\n\n") {
      let lines = paragraph.split(separator: "\n")
      if paragraph.contains("\n  ") {
        for line in lines.dropFirst() { #expect(line.hasPrefix("  "), "\(line)") }
      } else {
        for line in lines.dropLast() { #expect(line.count > 60, "\(line)") }
      }
    }
  }

  @Test func versionIsANumber() throws {
    let version = try succeed(["--version"]).output
    #expect(version.split(separator: ".").count == 3)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionScriptsAreMade(shell: String) throws {
    let script = try succeed(["--generate-completion-script", shell]).output
    for command in Self.commands { #expect(script.contains(command)) }
  }

  /// Every flag that an example of the help uses exists: the example parses, whatever it finds missing later.
  @Test(arguments: commands)
  func examplesParse(command: String) throws {
    let help = try succeed([command, "--help"]).output
    let part =
      try #require(help.components(separatedBy: "EXAMPLES").last)
      .components(separatedBy: "USAGE").first ?? ""
    let examples = part.replacingOccurrences(of: "\\\n", with: " ").split(separator: "\n")
      .compactMap { line in
        line.range(of: "riddle \(command) ").map { String(line[$0.lowerBound...]) }
      }
    #expect(!examples.isEmpty)
    for example in examples {
      let words = example.split(separator: " ").dropFirst().map(String.init)
      try withFolder { folder in
        let result = try runRiddle(words, in: folder)
        #expect(result.status != 64 && result.status != 70, "\(example): \(result.errors)")
      }
    }
  }

  @Test(arguments: [
    ["nonsense"], ["train", "--nonsense"], ["score"], ["evaluate"], ["import", "log.jsonl"],
    ["label"], ["train", "--output", "m"], ["export", "m"], ["inspect"],
    ["train", "--data", "l.jsonl", "--output", "m", "--threshold", "nonsense"],
    ["train", "--data", "l.jsonl", "--output", "m", "--threshold", "retention=1.5"],
    ["train", "--data", "l.jsonl", "--output", "m", "--threshold", "strong-share=nan"],
    ["train", "--data", "l.jsonl", "--output", "m", "--model", "forest"],
    ["train", "--data", "l.jsonl", "--output", "m", "--seed", "-1"],
    ["train", "--data", "l.jsonl", "--output", "m", "--folds", "1"],
    ["train", "--data", "l.jsonl", "--output", "m", "--bucket-bits", "40"],
    ["train", "--data", "l.jsonl", "--output", "m", "--l2", "0"],
    ["train", "--data", "l.jsonl", "--output", "m", "--l2", "nan"],
    ["train", "--data", "l.jsonl", "--output", "m", "--words", "3"],
    ["train", "--data", "l.jsonl", "--output", "m", "--characters", "5-3"],
    ["train", "--data", "l.jsonl", "--output", "m", "--replicates", "-1"],
    ["train", "--data", "l.jsonl", "--output", "m", "--quality-threshold", "2"],
    ["train", "--data", "l.jsonl", "--output", "m", "--quality-threshold", "nan"],
    ["train", "--data", "l.jsonl", "--store", "s", "--output", "m"],
    ["evaluate", "m", "--data", "l.jsonl", "--replicates", "1"],
    ["evaluate", "m", "--data", "l.jsonl", "--confidence", "1"],
    ["evaluate", "m", "--data", "l.jsonl", "--segment", "nonsense"],
    ["evaluate", "m", "--data", "l.jsonl", "--rows", "some"],
    ["threshold"], ["threshold", "m", "--data", "l.jsonl"],
    ["threshold", "m", "--data", "l.jsonl", "--max-quality-loss", "0"],
    ["threshold", "m", "--data", "l.jsonl", "--max-quality-loss", "nan"],
    ["threshold", "m", "--data", "l.jsonl", "--max-quality-loss", "0.1", "--retention", "0.9"],
    ["threshold", "m", "--data", "l.jsonl", "--max-quality-loss", "0.1", "--confidence", "1"],
    ["threshold", "m", "--data", "l.jsonl", "--max-quality-loss", "0.1", "--method", "magic"],
    ["threshold", "m", "--data", "l.jsonl", "--costs", "5"],
    ["threshold", "m", "--data", "l.jsonl", "--budget", "-1"],
    ["threshold", "m", "--data", "l.jsonl", "--strong-share", "1.5"],
    ["threshold", "m", "--data", "l.jsonl", "--retention", "0.9", "--use", "0"],
    ["export", "m", "--to", "x", "--tolerance", "2"],
    ["score", "m", "--format", "xml"],
    ["label", "--store", "s", "--dry-run"],
    ["label", "--store", "s", "--judge", "--judge-model", "j"],
    ["label", "--store", "s", "--judge", "--endpoint", "http://127.0.0.1:1"],
    ["label", "--data", "l", "--judge", "--endpoint", "http://127.0.0.1:1", "--judge-model", "j"],
    [
      "label", "--store", "s", "--judge", "--endpoint", "http://127.0.0.1:1", "--judge-model", "j",
      "--budget", "1",
    ],
    [
      "label", "--store", "s", "--judge", "--endpoint", "nonsense", "--judge-model", "j",
      "--dry-run",
    ],
    [
      "label", "--store", "s", "--judge", "--endpoint", "http://127.0.0.1:1", "--judge-model", "j",
      "--mode", "difficulty", "--tiers", "one",
    ],
    ["embed"], ["embed", "--store", "s", "--npy", "v.npy"],
    ["embed", "--store", "s", "--npy", "v.npy", "--ids", "i"],
    ["embed", "--store", "s", "--endpoint", "http://127.0.0.1:1"],
    ["embed", "--store", "s", "--dry-run"], ["embed", "--store", "s", "--batch", "0"],
  ])
  func wrongUsageIs64AndSaysSo(arguments: [String]) throws {
    try withFolder { folder in
      let result = try runRiddle(arguments, in: folder)
      #expect(result.status == 64, "\(result.errors)")
      #expect(!result.errors.isEmpty)
      #expect(result.output.isEmpty)
      #expect(folder.files().isEmpty)
    }
  }
}
