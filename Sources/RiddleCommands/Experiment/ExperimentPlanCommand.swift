import ArgumentParser
import RiddleData
import RiddleEvaluation

struct ExperimentPlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "How many requests an effect takes.",
    discussion: """
      For a share of good answers give --baseline, for a mean --sd. With --paired both arms \
      answer the same queries: give --discordant (the share of queries on which exactly one \
      succeeds) or --correlation. Users or conversations that are dealt as a whole: \
      --cluster-size and --icc.

      With log files or a store, all of these are measured on the outcomes of two candidates, \
      and both plans are printed: separate arms, and both answering the same queries.

      Two proportions use both arms' own variances, which is how the read-out's interval is \
      computed; --formula arcsine uses Cohen's h instead.

      EXAMPLES
        riddle experiment plan --metric proportion --baseline 0.85 --effect 0.02
        riddle experiment plan --metric mean --sd 0.3 --effect 0.02 --per-day 4000
        riddle experiment plan --baseline 0.85 --effect 0.02 --paired --discordant .1
        riddle experiment plan --baseline 0.85 --effect 0.02 --non-inferiority
        riddle experiment plan --baseline 0.85 --effect .02 --cluster-size 3 --icc .1
        riddle experiment plan log.jsonl.gz --candidates small,large --effect 0.03
      """)

  enum Metric: String, ExpressibleByArgument, CaseIterable { case proportion, mean }

  @Argument(help: "Log files, or a store, to measure two candidates on; none to give the numbers.")
  var files: [String] = []

  @OptionGroup var source: DataOptions

  @Option(help: "What is compared: proportion (answers are good or not) or mean.")
  var metric: Metric?

  @Option(help: ArgumentHelp("Share of good answers in the control.", valueName: "share"))
  var baseline: Double?

  @Option(
    help: ArgumentHelp("Standard deviation of the measure within an arm.", valueName: "number"))
  var sd: Double?

  @Option(
    help: ArgumentHelp(
      "Difference treatment − control that must not be missed; with --non-inferiority the loss that would not matter. Measured data: default 0.02.",
      valueName: "difference"))
  var effect: Double?

  @Option(help: "Probability of finding the effect.")
  var power = 0.8

  @Option(help: "Probability of a false alarm: of both directions together, or of one.")
  var alpha = 0.05

  @Flag(help: "Only a difference in the direction of the effect counts.")
  var oneSided = false

  @Flag(help: "Show that the treatment loses less than --effect; one-sided at alpha.")
  var nonInferiority = false

  @Option(help: "Requests of the treatment for each of the control.")
  var ratio = 1.0

  @Flag(help: "Both arms answer the same queries.")
  var paired = false

  @Option(
    help: ArgumentHelp(
      "Paired: share of queries on which exactly one arm succeeds.", valueName: "share"))
  var discordant: Double?

  @Option(help: ArgumentHelp("Paired: correlation of the two arms' values.", valueName: "number"))
  var correlation: Double?

  @Option(
    help: ArgumentHelp(
      "Requests per user or conversation that is dealt as a whole.", valueName: "number"))
  var clusterSize: Double?

  @Option(help: ArgumentHelp("Correlation of values within those.", valueName: "number"))
  var icc: Double?

  @Option(
    help: ArgumentHelp("Requests a day that enter the test; gives days.", valueName: "number"))
  var perDay: Double?

  @Option(help: "Two proportions: unpooled or arcsine.")
  var formula: ExperimentDesign.Formula = .unpooled

  @OptionGroup var output: OutputOptions

  private var readsData: Bool { source.store != nil || !source.data.isEmpty }

  mutating func validate() throws {
    if !files.isEmpty { try source.take(files) }
    if readsData {
      let given: [(String, Bool)] = [
        ("--metric", metric != nil), ("--baseline", baseline != nil), ("--sd", sd != nil),
        ("--discordant", discordant != nil), ("--correlation", correlation != nil),
        ("--paired", paired), ("--cluster-size", clusterSize != nil), ("--icc", icc != nil),
      ]
      if let (name, _) = given.first(where: \.1) {
        throw ValidationError(
          "\(name) is measured on the data; leave it out, or leave out the data")
      }
      return
    }
    guard effect != nil else {
      throw ValidationError(
        "give --effect, the smallest difference that matters, for example --effect 0.02")
    }
    try validateNumbers()
  }

  private func validateNumbers() throws {
    guard (baseline == nil) != (sd == nil) else {
      throw ValidationError(
        "give --baseline (the control's share of good answers) or --sd (of a mean), or a log file with --candidates"
      )
    }
    if let metric, (metric == .proportion) != (baseline != nil) {
      throw ValidationError(
        metric == .proportion
          ? "--metric proportion takes --baseline, not --sd"
          : "--metric mean takes --sd, not --baseline")
    }
    guard paired || (discordant == nil && correlation == nil) else {
      throw ValidationError("--discordant and --correlation are of --paired tests")
    }
    if paired {
      guard (discordant == nil) != (correlation == nil) else {
        throw ValidationError(
          "--paired needs --discordant (good or not) or --correlation (a mean)")
      }
      guard discordant == nil || sd == nil else {
        throw ValidationError(
          "--discordant is a share of good or bad answers; a mean takes --correlation")
      }
      guard ratio == 1 else { throw ValidationError("--ratio: in a --paired test it is 1") }
    }
    guard (clusterSize == nil) == (icc == nil) else {
      throw ValidationError("--cluster-size and --icc belong together")
    }
  }

  func run() throws {
    try reportingFailures {
      let plan = readsData ? try measured() : ExperimentPlanOutput(plans: [try given()])
      Console.print(
        output.json ? try JSONOutput.text(plan) : plan.text(power: power, alpha: alpha))
    }
  }

  private func given() throws -> ExperimentPlanOutput.Plan {
    let pairing: ExperimentDesign.Pairing =
      discordant.map { .discordant($0) } ?? correlation.map { .correlated($0) } ?? .separate
    let measure: ExperimentDesign.Measure =
      baseline.map { .proportion(baseline: $0) } ?? .mean(deviation: sd ?? 1)
    return try plan(
      measure, pairing, effect: effect ?? 0, clusterSize: clusterSize ?? 1, icc: icc ?? 0)
  }

  private func plan(
    _ measure: ExperimentDesign.Measure, _ pairing: ExperimentDesign.Pairing, effect: Double,
    clusterSize: Double, icc: Double
  ) throws -> ExperimentPlanOutput.Plan {
    func size(_ formula: ExperimentDesign.Formula) throws(ExperimentError) -> ExperimentSize {
      try ExperimentSize(
        ExperimentDesign(
          measure: measure, effect: effect, power: power, alpha: alpha, isOneSided: oneSided,
          isNonInferiority: nonInferiority, ratio: pairing == .separate ? ratio : 1,
          pairing: pairing, clusterSize: clusterSize, intraclassCorrelation: icc,
          formula: formula), perDay: perDay)
    }
    var other: ExperimentSize?
    if case .proportion = measure, pairing == .separate {
      other = try size(formula == .unpooled ? .arcsine : .unpooled)
    }
    return .init(size: try size(formula), otherFormula: other)
  }

  /// Both plans from the outcomes of two candidates, the first of them the control.
  private func measured() throws -> ExperimentPlanOutput {
    let loaded = try source.load(output: output)
    let table = loaded.dataset.outcomes
    guard table.candidates.count == 2 else {
      throw CommandFailure(
        .usage,
        "--candidates names \(table.candidates.count); a plan compares two: control,treatment")
    }
    let conversations = loaded.dataset.contexts.map(\.conversation)
    let pair = try MeasuredPair(
      table, control: 0, treatment: 1, clusters: Self.clusters(conversations))
    let size = effect ?? (nonInferiority ? 0.02 : pair.difference < 0 ? -0.02 : 0.02)
    let measure: ExperimentDesign.Measure =
      pair.discordant != nil
      ? .proportion(baseline: pair.baseline) : .mean(deviation: pair.deviation)
    let separate = try plan(
      measure, .separate, effect: size, clusterSize: pair.clusterSize,
      icc: pair.intraclassCorrelation)
    let pairing: ExperimentDesign.Pairing =
      pair.discordant.map { .discordant(max($0, abs(size))) }
      ?? .differing(pair.differenceDeviation)
    let paired = try plan(
      measure, pairing, effect: size, clusterSize: pair.clusterSize,
      icc: pair.differenceIntraclassCorrelation)
    return ExperimentPlanOutput(
      plans: [separate, paired], measured: pair, candidates: table.candidates,
      warnings: loaded.warnings)
  }

  /// Rows of one conversation share a number; nil when none has a conversation.
  private static func clusters(_ names: [String?]) -> [Int]? {
    guard names.contains(where: { $0 != nil }) else { return nil }
    var numbers: [String: Int] = [:]
    return names.enumerated().map { i, name in
      guard let name else { return i }
      if let known = numbers[name] { return known }
      numbers[name] = i
      return i
    }
  }
}

extension ExperimentDesign.Formula: ExpressibleByArgument {}
