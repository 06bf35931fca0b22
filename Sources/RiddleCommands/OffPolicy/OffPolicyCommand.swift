import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddleStore

struct OffPolicyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "off-policy",
    abstract: "Estimate what other policies would have earned, from a log of one answer a query.",
    discussion: """
      A decision log is JSON lines, plain or gzip, - for standard input: "candidate" (or \
      "model"), "quality" or "reward", and the "propensity" with which the logging policy \
      chose that candidate; "propensities" of all candidates show more. "id", "query", \
      "query_id", "conversation", "group", "policy", "cost_usd" are read where they are given.

      Targets: always=NAME, uniform, a weight file (or run folder), or JSON lines with "id" and \
      "candidate" or "probabilities", such as riddle score writes. A decision is looked up by its \
      "id", else by its "query_id".

      Estimators: ips, snips, clipped-ips, dm (the reward model alone), dr, clipped-dr, \
      switch-dr, dr-os. A target is refused, not estimated, when the log is worth fewer than 100 \
      decisions of it, when a weight exceeds 50, or when more than 1% of its choices could not \
      have been logged. Status 1 when a --target was refused, or every default one.

      EXAMPLES
        riddle off-policy log.jsonl.gz --target always=small --target uniform
        riddle off-policy log.jsonl.gz --target models/desk --json
        riddle off-policy log.jsonl --logging-policy explore --reward cost
        riddle off-policy log.jsonl --assume-propensities uniform
      """)

  @Argument(help: "Decision logs: JSON lines, plain or gzip; - reads standard input.")
  var logs: [String] = []

  @Option(
    help: ArgumentHelp(
      "Use the decisions of this policy only (field \"policy\").", valueName: "name"))
  var loggingPolicy: String?

  @Option(
    help: ArgumentHelp(
      "Fill missing propensities by a claim: uniform (chosen at random) or empirical (chosen without looking at the query).",
      valueName: "claim"))
  var assumePropensities: AssumedPropensities?

  @Option(
    help: ArgumentHelp(
      "Every candidate that the logging policy could choose, separated by commas. Default: those in the log.",
      valueName: "a,b,c"))
  var candidates: String?

  @Option(
    help: ArgumentHelp(
      "Policy to evaluate; may be repeated. Default: always=each candidate, and uniform.",
      valueName: "policy"))
  var target: [String] = []

  @Option(help: "What a decision is worth: quality, reward or cost.")
  var reward: DecisionReward = .quality

  @Option(
    help: ArgumentHelp(
      "Predicted rewards for dm and dr: JSON lines with \"id\" and \"q\" {candidate: number}, not fitted to this log. Default: means of the log, cross-fitted.",
      valueName: "file"))
  var rewardModel: String?

  @Option(help: "Largest weight that clipped-ips and clipped-dr let through.")
  var clip = 10.0

  @Option(help: "Weight above which switch-dr trusts the reward model alone.")
  var tau = 10.0

  @Option(help: "Shrinkage of dr-os: weights beyond its square root count less.")
  var lambda = 100.0

  @Flag(help: "Estimate targets that the log hardly supports; warnings stay.")
  var allowWeakSupport = false

  @Option(help: "Coverage of the intervals.")
  var confidence = 0.95

  @Option(help: "Bootstrap replicates of the intervals; 0 for none.")
  var replicates = 2000

  @Option(help: "Seed of the replicates and of the reward model's folds.")
  var seed: UInt64 = 1

  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if logs.isEmpty {
      throw ValidationError("name at least one decision log, or - for standard input")
    }
    try Replicates.check(replicates)
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1")
    }
    for (name, value) in [("clip", clip), ("tau", tau)] where !(value > 0 && value.isFinite) {
      throw ValidationError("--\(name) must be a number above 0")
    }
    guard lambda >= 0, lambda.isFinite else {
      throw ValidationError("--lambda must be a number of 0 or more")
    }
  }

  func run() throws {
    try reportingFailures {
      let (log, reading) = try DecisionLogFile.read(paths: logs)
      for reject in reading.firstRejects.prefix(3) { output.note("warning: rejected \(reject)") }
      if reading.rejected > 0 {
        output.note("warning: \(reading.rejected) of \(reading.lines) lines rejected")
      }
      let actions = try LoggedActions(
        log, policy: loggingPolicy, reward: reward, assuming: assumePropensities,
        candidates: candidates.map(Self.names))
      let targets =
        try target.isEmpty
        ? defaultTargets(actions)
        : target.map {
          try TargetFile.target(
            $0, on: actions, log: log, signature: signature, output: output)
        }
      let model = try rewardModel.map { try TargetFile.predictions($0, on: actions, log: log) }
      var report = try evaluateOffPolicy(
        actions, targets: targets, model: model.map { .given($0) } ?? .means, settings: settings)
      report.warnings += logWarnings(log, reading)
      if assumePropensities != nil && actions.assumedCount == 0 {
        report.warnings.append(
          "--assume-propensities is not used: every decision has its propensity")
      }
      let result = OffPolicyOutput(
        report: report, loggingPolicy: loggingPolicy, reward: reward, reading: reading)
      if output.json {
        Console.print(try JSONOutput.text(result))
      } else {
        Console.write(result.text(width: Console.width), to: .standardOutput)
      }
      let refused = report.targets.count { !$0.refusals.isEmpty }
      if refused == report.targets.count || (refused > 0 && !target.isEmpty) {
        throw ExitCode(ExitStatus.gateFailed.rawValue)
      }
    }
  }

  /// Candidates that the default targets always ask.
  private static let mostDefaultTargets = 20

  /// always=each candidate, those logged most when there are many, and uniform.
  private func defaultTargets(_ actions: LoggedActions) throws -> [TargetPolicy] {
    var logged = [Int](repeating: 0, count: actions.candidates.count)
    for action in actions.actions { logged[Int(action)] += 1 }
    let kept = logged.indices.sorted { (logged[$1], $0) < (logged[$0], $1) }
      .prefix(Self.mostDefaultTargets).sorted()
    if kept.count < logged.count {
      output.note(
        "note: always=… of the \(kept.count) candidates logged most; name others with --target")
    }
    return try kept.map { try TargetPolicy.always(actions.candidates[$0], on: actions) }
      + [.uniform(on: actions)]
  }

  private static func names(_ text: String) -> [String] {
    text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
  }

  private var settings: OffPolicySettings {
    var settings = OffPolicySettings()
    settings.clip = clip
    settings.threshold = tau
    settings.lambda = lambda
    settings.replicates = replicates
    settings.confidence = confidence
    settings.seed = seed
    settings.allowsWeakSupport = allowWeakSupport
    settings.threads = ProcessInfo.processInfo.activeProcessorCount
    return settings
  }

  private func logWarnings(_ log: DecisionLog, _ reading: DecisionLogFile.Report) -> [String] {
    var warnings: [String] = []
    let policies = log.policies
    if loggingPolicy == nil && policies.count > 1 && assumePropensities != nil {
      warnings.append(
        "the log has decisions of \(policies.count) policies (\(policies.joined(separator: ", "))), and one assumption is made for all; choose one with --logging-policy"
      )
    }
    if reading.rejected > 0 {
      warnings.append(
        "\(reading.rejected) of \(reading.lines) lines were rejected; the first: \(reading.firstRejects.first.map { "\($0)" } ?? "")"
      )
    }
    if reading.repeated > 0 {
      warnings.append("\(reading.repeated) lines repeat an earlier one and are counted once")
    }
    return warnings
  }
}

extension AssumedPropensities: ExpressibleByArgument {}
extension DecisionReward: ExpressibleByArgument {}
