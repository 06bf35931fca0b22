import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline

struct AdviseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "advise",
    abstract: "The few changes to a router that the data support, and what each would gain.",
    discussion: """
      Looked at are: a lower threshold where the cheapest candidate is below 85% on complex \
      queries; a higher one where it is at 98%; the cheapest candidate where the router asks a \
      dearer one that is no better; a dearer one where more than 30% of the cheapest one's \
      answers are low; a route of its own for segments with 40% of the spend; and each \
      candidate always. Gains are of all queries together, in quality and in dollars.

      Thresholds and candidates are chosen on other rows than those that judge them; every \
      action's p is corrected over everything that was looked at. Where nothing is decided the \
      command says so, and why. Actions are ranked by worth, quality − λ · dollars; without \
      --lambda a dollar is worth what it buys when the cheapest and the strongest candidate are \
      mixed at random.

      Complex are the queries that --complex names, else those with a task_type, domain, group \
      or user_tier of "complex", else the half that the router scores as harder.

      EXAMPLES
        riddle advise log.jsonl.gz --routers models/desk
        riddle advise desk.sqlite --routers models/desk/router.riddle --json
        riddle advise log.jsonl.gz --routers v=scores.jsonl@0.4 --lambda 5
        riddle advise log.jsonl.gz --routers models/desk --complex task_type=debug
      """)

  @Argument(help: "Log files, or a store.")
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "What is advised on, separated by commas: weight files, run folders, scores.jsonl, policy.yaml, cmd:'PROGRAM'. May be repeated.",
      valueName: "entries"))
  var routers: [String] = []

  @OptionGroup var source: DataOptions

  @Option(help: "Quality below which an answer is low.")
  var qualityThreshold = 0.5

  @Option(help: ArgumentHelp("Quality that a dollar is worth.", valueName: "λ"))
  var lambda: Double?

  @Option(
    help: ArgumentHelp(
      "Which queries are complex: task_type, domain, group or user_tier, and the value.",
      valueName: "field=value"))
  var complex: String?

  @Option(
    help: ArgumentHelp(
      "Mean quality that does not matter: what saves money may lose at most this.",
      valueName: "points"))
  var tolerance = 0.01

  @Option(help: "Rows to judge: held-out or all.")
  var rows: RowChoice = .heldOut

  @Option(
    help: ArgumentHelp(
      "Model of the embeddings, for routers that read them. Default: the one they were trained with.",
      valueName: "name"))
  var embeddingModel: String?

  @Option(
    help: ArgumentHelp(
      "What is resampled together: conversation, group or query. Default: as in `riddle evaluate`.",
      valueName: "unit"))
  var clusterBy: ResamplingUnit?

  @Option(help: "Bootstrap replicates of the intervals.")
  var replicates = 2000

  @Option(help: "Coverage of the intervals; what is left is the chance of any false advice.")
  var confidence = 0.95

  @Option(help: "Seed of folds and replicates.")
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp(
      "Seconds without an answer after which a cmd: router is stopped.", valueName: "seconds"))
  var commandTimeout: Double = 60

  @OptionGroup var signature: SignatureOptions
  @OptionGroup var output: OutputOptions

  private static let fields = ["task_type", "domain", "group", "user_tier"]

  mutating func validate() throws {
    if !files.isEmpty { try source.take(files) }
    guard source.store != nil || !source.data.isEmpty else {
      throw ValidationError("give a log file, or --store FILE (made by `riddle import`)")
    }
    guard !routers.isEmpty else {
      throw ValidationError("give the router to advise on: --routers models/desk")
    }
    try Replicates.check(replicates, allowsNone: false)
    guard replicates >= 100 else {
      throw ValidationError("--replicates must be 100 or more: advice rests on p-values")
    }
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1")
    }
    if let lambda, !(lambda >= 0 && lambda.isFinite) {
      throw ValidationError("--lambda must be at least 0")
    }
    guard qualityThreshold > 0, qualityThreshold <= 1 else {
      throw ValidationError("--quality-threshold must lie above 0 and be at most 1")
    }
    guard tolerance > 0, tolerance < 1 else {
      throw ValidationError("--tolerance must lie between 0 and 1, for example 0.01")
    }
    guard commandTimeout > 0 else {
      throw ValidationError("--command-timeout must be above 0")
    }
    _ = try complexField()
  }

  private func complexField() throws -> (field: String, value: String)? {
    guard let complex else { return nil }
    let parts = complex.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, Self.fields.contains(parts[0]) else {
      throw ValidationError(
        "--complex \(complex): expected field=value with a field of \(Self.fields.joined(separator: ", "))"
      )
    }
    return (parts[0], parts[1])
  }

  func run() throws {
    try reportingFailures {
      let contest = try Contest(try RouterSpec.parse(routers), signature)
      let loaded = try source.load(
        fallbackCandidates: contest.opened.first?.candidates,
        embeddingModel: try contest.embeddingModel(given: embeddingModel),
        keepsAnswers: contest.hasPolicies, requiresText: contest.readsText, output: output)
      var warnings =
        loaded.warnings + (try contest.ladderWarnings(loaded.dataset.outcomes.candidates))
      let seen = try contest.seenRows()
      var judged = try JudgedRows(loaded.dataset, seen: seen, choice: rows)
      let policies = try contest.policies(
        on: &judged, timeout: commandTimeout, warnings: &warnings, output: output)
      warnings += judged.warnings
      let about = try columns(judged, of: loaded.dataset, seen: seen)
      var settings = AdviceSettings()
      settings.pricePerQuality = lambda
      settings.adequateQuality = qualityThreshold
      settings.tolerance = tolerance
      settings.replicates = replicates
      settings.confidence = confidence
      settings.seed = seed
      settings.threads = ProcessInfo.processInfo.activeProcessorCount
      let reports = try policies.map { policy in
        try advise(judged.data.outcomes, policy: policy, rows: about, settings: settings)
      }
      if output.json {
        Console.print(
          try JSONOutput.text(
            Result(
              selection: judged.selection, advice: reports, warnings: warnings,
              inputs: loaded.inputs)))
      } else {
        let texts = reports.map { AdviceText($0, width: Console.width).text }
        let notes = warnings.map { "warning: \($0)" }.joined(separator: "\n")
        Console.print((texts + (notes.isEmpty ? [] : [notes])).joined(separator: "\n\n"))
      }
    }
  }

  private struct Result: Encodable {
    var kind = "advice"
    var selection: EvaluationReport.RowSelection
    var advice: [AdviceReport]
    var warnings: [String]
    var inputs: [LoadedData.Input]
  }

  private func columns(_ judged: JudgedRows, of data: Dataset, seen: SeenRows) throws -> AdviceRows
  {
    let wall = baselineInputs(
      judged, of: data, seen: seen, segmentField: nil, resampling: clusterBy)
    let contexts = judged.data.contexts
    let segments = Self.fields.compactMap { field -> (field: String, values: [String])? in
      let values = contexts.map { Self.value($0, field) }
      guard values.contains(where: { $0 != nil }) else { return nil }
      return (field, values.map { $0 ?? "(none)" })
    }
    var rows = AdviceRows(
      clusters: wall.clusters, unit: wall.clusterField, segments: segments)
    if let (field, value) = try complexField() {
      let members = contexts.map { Self.value($0, field) == value }
      guard members.contains(true) else {
        throw CommandFailure(
          .malformedData,
          "--complex \(field)=\(value): none of the \(contexts.count) judged rows has that value; see the values with `riddle inspect`"
        )
      }
      rows.complex = members
      rows.complexName = "\(field)=\(value)"
    } else if let (field, values) = segments.first(where: { $0.values.contains("complex") }) {
      rows.complex = values.map { $0 == "complex" }
      rows.complexName = "\(field)=complex"
    }
    return rows
  }

  private static func value(_ context: QueryContext, _ field: String) -> String? {
    switch field {
    case "task_type": context.taskType
    case "domain": context.domain
    case "group": context.group
    default: context.userTier
    }
  }
}
