import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleReport
import RiddleRuntime

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Judge routers from their exported bytes on rows they did not see.",
    discussion: """
      Every figure has an interval, and the baselines stand beside it. Rows that share a text \
      (or the split's unit) with the router's training rows are left out, by the fingerprints \
      beside the weight file; --rows all judges every row and says how many flatter.

      With --routers, anything can be judged that decides: weight files, run folders, scores or \
      choices by query id (scores.jsonl@0.25 sets the threshold), policies in YAML, programs that \
      answer JSON lines (cmd:'./my-router'). name=ENTRY names one.

      --require takes C1, C3, C4, C5, C10, C11, or a figure and a bound. The interval decides: \
      PASS, FAIL (exit status 1) or UNDECIDED.

      EXAMPLES
        riddle evaluate models/desk/router.riddle --data log.jsonl.gz
        riddle evaluate models/a models/b --store desk.sqlite --report compare.html
        riddle evaluate log.jsonl --routers a.riddle,v=scores.jsonl@0.4
        riddle evaluate desk.sqlite --routers a.riddle,cmd:./my-router
        riddle evaluate models/desk --data week.jsonl --require C4
        riddle evaluate a.riddle --data d.jsonl --require C3
        riddle evaluate models/desk --data new-week.jsonl.gz --json --quiet
      """)

  @Argument(
    help:
      "Weight files, or folders of runs, all with the same ladder; with --routers: log files, or a store."
  )
  var paths: [String] = []

  @Option(
    help: ArgumentHelp(
      "What is judged, separated by commas: weight files, run folders, scores.jsonl, policy.yaml, cmd:'PROGRAM'. May be repeated.",
      valueName: "entries"))
  var routers: [String] = []

  @OptionGroup var source: DataOptions
  @OptionGroup var labels: LabelOptions

  @Option(
    help: ArgumentHelp(
      "Dollars that one point of quality is worth, as its inverse: utility = quality − λ · dollars, for regret, best-single and --oracle utility. Default 0.",
      valueName: "λ"))
  var lambda: Double = 0

  @Option(
    help: ArgumentHelp(
      "Model of the embeddings, for routers that read them. Default: the one they were trained with.",
      valueName: "name"))
  var embeddingModel: String?

  @Option(help: "Rows to judge: held-out or all.")
  var rows: RowChoice = .heldOut

  @Option(help: "Field of the per-segment table: task_type, domain, group or user_tier.")
  var segment: String?

  @Option(help: "Write a self-contained HTML report here.")
  var report: String?

  @Flag(help: "Show the text of the worst misroutes in the report; without it, identifiers only.")
  var includeText = false

  @OptionGroup var gates: GateOptions

  @Option(help: "Bootstrap replicates of the intervals; 0 for none.")
  var replicates: Int = 2000

  @Option(help: "How intervals are read off the replicates: percentile or bca.")
  var intervals: IntervalMethod = .percentile

  @OptionGroup var sampling: IntervalOptions

  @Option(help: "Seed of the replicates.")
  var seed: UInt64 = Replicates.seed

  @Option(
    help: ArgumentHelp(
      "Seconds without an answer after which a cmd: router is stopped.", valueName: "seconds"))
  var commandTimeout: Double = 60

  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  /// `riddle evaluate DATA --routers …` names the data first.
  mutating func validate() throws {
    try labels.requireNamedTarget()
    if routers.isEmpty && paths.isEmpty {
      throw ValidationError(
        "give at least one weight file or run folder, before --data: it takes every name after it; or data with --routers ENTRIES"
      )
    }
    if !routers.isEmpty && !paths.isEmpty { try source.take(paths) }
    guard source.store != nil || !source.data.isEmpty else {
      throw ValidationError("give --store FILE (made by `riddle import`) or --data FILE…")
    }
    try Replicates.check(replicates)
    guard lambda >= 0, lambda.isFinite else {
      throw ValidationError("--lambda must be at least 0")
    }
    guard commandTimeout > 0 else {
      throw ValidationError("--command-timeout must be above 0")
    }
    let fields = ["task_type", "domain", "group", "user_tier"]
    if let segment, !fields.contains(segment) {
      throw ValidationError("--segment must be one of \(fields.joined(separator: ", "))")
    }
  }

  func run() throws {
    try reportingFailures {
      let entries = try RouterSpec.parse(routers.isEmpty ? paths : routers)
      let contest = try Contest(entries, signature)
      let first = contest.opened.first
      let loaded = try source.load(
        fallbackCandidates: first?.candidates,
        embeddingModel: try contest.embeddingModel(given: embeddingModel),
        keepsAnswers: contest.hasPolicies, requiresText: contest.readsText, output: output)
      let warnings = try contest.ladderWarnings(loaded.dataset.outcomes.candidates)
      var plan = EvaluationPlan(
        settings: settings(first, loaded: loaded, contest: contest, warnings: warnings),
        rows: rows, segmentField: segment, resampling: sampling.clusterBy)
      let seen = try contest.seenRows()
      var judged = try JudgedRows(loaded.dataset, seen: seen, choice: rows)
      let policies = try contest.policies(
        on: &judged, timeout: commandTimeout, warnings: &plan.settings.warnings, output: output)
      let progress = Progress("resampling", unit: "replicates", quiet: output.quiet)
      let found = try evaluatePolicies(
        policies, on: judged, of: loaded.dataset, seen: seen, plan: plan
      ) { done, total in
        progress.update(done, fraction: Double(done) / Double(total))
      }
      progress.finish()
      if let report {
        let card = EvaluationTables.dataCard(loaded, judged: judged, routers: contest.opened)
        let thresholds = EvaluationTables.thresholds(
          contest.opened.map { ($0.name, $0.router, $0.bytes) })
        try Files.write(
          page(found, judged.data, thresholds: thresholds, dataCard: card), to: report)
      }
      try gates.write(found)
      if output.json {
        Console.print(try JSONOutput.text(found))
      } else {
        Console.print(TerminalReport.render(found, width: Console.width))
        if let report { Console.print("\(report): the report") }
      }
      try gates.finish(found)
    }
  }

  private func settings(
    _ router: OpenedRouter?, loaded: LoadedData, contest: Contest, warnings: [String]
  ) -> EvaluationSettings {
    let card = router?.metadata ?? [:]
    let stored = card[RouterMetadata.oracle].map {
      (
        oracle: $0, target: card[RouterMetadata.target] ?? "",
        qualityThreshold: card[RouterMetadata.qualityThreshold].flatMap { Double($0) } ?? 0.5
      )
    }
    let (oracle, target, threshold) = labels.resolved(stored: stored, lambda: lambda)
    var inputs = loaded.inputs.map {
      EvaluationReport.Input(role: "data", name: $0.name, sha256: $0.sha256 ?? $0.content)
    }
    inputs += contest.inputs
    var settings = EvaluationSettings(
      oracle: oracle, target: target, qualityThreshold: threshold, pricePerQuality: lambda,
      replicates: replicates, confidence: sampling.confidence, intervalMethod: intervals,
      seed: seed,
      warnings: warnings + loaded.warnings, inputs: inputs)
    settings.gates = gates.requested
    return settings
  }

  private func page(
    _ found: EvaluationReport, _ judged: Dataset, thresholds: [ModelTable], dataCard: [ModelTable]
  ) -> String {
    var texts: [String: String] = [:]
    if includeText {
      let wanted = Set(found.misroutes.map(\.id))
      for i in 0..<judged.count where wanted.contains(judged.ids[i]) {
        texts[judged.ids[i]] = judged.texts[i]
      }
    }
    return HTMLReport.render(
      found, title: found.routers.map(\.name).joined(separator: ", "),
      reproduction: [RunManifest.reproducingCommand()],
      facts: [("Riddle", riddleVersion)], thresholds: thresholds, dataCard: dataCard,
      texts: texts)
  }
}

extension RowChoice: ExpressibleByArgument {}
extension ResamplingUnit: ExpressibleByArgument {}
extension IntervalMethod: ExpressibleByArgument {}
