import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddleStore

struct ExperimentReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: "Compare the arms of an A/B test.",
    discussion: """
      The log is JSON lines, plain or gzip, - for standard input, one request each: "arm", and \
      "quality" (or "reward"), "cost_usd", "latency_ms" where they are known; "id", "user", \
      "conversation" and "time". Requests of one user (else conversation) count together.

      The shares of the arms are checked first: when they cannot be chance (p < 0.001), dealing \
      or logging is broken, no verdict is given and the exit status is 1.

      Without --sequential an interval holds for one look, at a number of requests fixed before. \
      With it intervals and p-values hold at every look, however often and whenever you stop; \
      they are wider. --paired reads two arms that answered the same queries, matched by id.

      EXAMPLES
        riddle experiment read ab.jsonl.gz
        riddle experiment read ab.jsonl.gz --control old --split 90:10
        riddle experiment read ab.jsonl.gz --sequential --planned 20000 --json
        riddle experiment read shadow.jsonl --paired --control small
      """)

  @Argument(help: "Logs of the test: JSON lines, plain or gzip; - reads standard input.")
  var logs: [String] = []

  @Option(help: ArgumentHelp("The arm that others are compared with.", valueName: "name"))
  var control: String?

  @Option(
    help: ArgumentHelp(
      "Every arm there should be, control first; any other in the log is an error.",
      valueName: "a,b"))
  var arms: String?

  @Option(
    help: ArgumentHelp(
      "Expected shares of the arms, control first, the others in the order of --arms or by name. Default: equal.",
      valueName: "50:50"))
  var split: String?

  @Flag(help: "Both arms answered the same queries, matched by id.")
  var paired = false

  @Option(
    help: ArgumentHelp(
      "What was dealt to an arm as a whole: user, conversation or request. Default: users where they are named, else conversations.",
      valueName: "unit"))
  var clusterBy: ExperimentSettings.Unit?

  @Flag(help: "Intervals and p-values that hold at every look.")
  var sequential = false

  @Option(
    help: ArgumentHelp(
      "Sequential: units at which the intervals should be narrowest; choose it before the test and keep it. Default 1000.",
      valueName: "units"))
  var planned: Double?

  @Option(help: "Coverage of the intervals; alpha is what is left.")
  var confidence = 0.95

  @Option(help: "Power of the smallest difference named when nothing is decided.")
  var power = 0.8

  @Option(help: "Bootstrap replicates of paired intervals.")
  var replicates = 2000

  @Option(help: "Seed of the replicates.")
  var seed: UInt64 = 1

  @OptionGroup var output: OutputOptions

  func validate() throws {
    if logs.isEmpty {
      throw ValidationError("name the log of the test, or - for standard input")
    }
    if planned != nil && !sequential {
      throw ValidationError("--planned is of --sequential tests")
    }
    try Replicates.check(replicates, allowsNone: false)
    if let names = armNames, names.count < 2 || Set(names).count != names.count {
      throw ValidationError("--arms needs two or more different names, control first")
    }
    if paired && split != nil {
      throw ValidationError("--split: in a --paired test every query is in both arms")
    }
    if split != nil { _ = try shares() }
  }

  private var armNames: [String]? {
    arms?.split(separator: ",", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
  }

  private func shares() throws -> [Double] {
    guard let split else { return [] }
    return try split.split(separator: ":", omittingEmptySubsequences: false).map { part in
      guard let share = Double(part), share > 0, share.isFinite else {
        throw ValidationError(
          "--split \(split): expected shares above 0, separated by colons, such as 50:50")
      }
      return share
    }
  }

  func run() throws {
    try reportingFailures {
      let log = try ExperimentLogFile.read(paths: logs)
      var settings = ExperimentSettings()
      settings.control = control
      settings.arms = armNames ?? []
      settings.split = try shares()
      settings.isPaired = paired
      settings.unit = clusterBy
      settings.sequentialTunedFor = sequential ? planned ?? 1000 : nil
      settings.confidence = confidence
      settings.power = power
      settings.replicates = replicates
      settings.seed = seed
      settings.threads = ProcessInfo.processInfo.activeProcessorCount
      let readout = try readExperiment(log, settings: settings)
      Console.print(
        output.json
          ? try JSONOutput.text(readout)
          : ExperimentReadText(readout, width: Console.width).text)
      if readout.sampleRatio?.isMismatch == true {
        Console.error("error: the arms did not receive their shares; do not believe this read-out")
        throw ExitCode(ExitStatus.gateFailed.rawValue)
      }
    }
  }
}

extension ExperimentSettings.Unit: ExpressibleByArgument {}
