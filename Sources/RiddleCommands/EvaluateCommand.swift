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

      EXAMPLES
        riddle evaluate models/desk/router.riddle --data log.jsonl.gz
        riddle evaluate models/a models/b --store desk.sqlite --report compare.html
        riddle evaluate models/desk --data new-week.jsonl.gz --json --quiet
      """)

  @Argument(help: "Weight files, or folders of runs; all with the same ladder.")
  var routers: [String] = []

  @OptionGroup var source: DataOptions
  @OptionGroup var labels: LabelOptions

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

  @Option(help: "Bootstrap replicates of the intervals; 0 for none.")
  var replicates: Int = 2000

  @Option(help: "Coverage of the intervals.")
  var confidence: Double = 0.95

  @Option(help: "Seed of the replicates.")
  var seed: UInt64 = 1

  @OptionGroup var output: OutputOptions

  func validate() throws {
    try labels.requireNamedTarget()
    if routers.isEmpty {
      throw ValidationError(
        "give at least one weight file or run folder, before --data: it takes every name after it")
    }
    guard replicates == 0 || replicates >= 2 else {
      throw ValidationError("--replicates must be 0 or at least 2")
    }
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1")
    }
    let fields = ["task_type", "domain", "group", "user_tier"]
    if let segment, !fields.contains(segment) {
      throw ValidationError("--segment must be one of \(fields.joined(separator: ", "))")
    }
  }

  func run() throws {
    try reportingFailures {
      let opened = try routers.map { try OpenedRouter(path: $0) }
      let first = opened[0]
      for other in opened.dropFirst() where other.candidates != first.candidates {
        throw CommandFailure(
          .malformedData,
          "\(other.path) has the ladder \(other.candidates.joined(separator: ", ")), \(first.path) has \(first.candidates.joined(separator: ", ")); evaluate them one by one"
        )
      }
      let loaded = try source.load(
        fallbackCandidates: first.candidates, embeddingModel: try embeddingModel(of: opened),
        output: output)
      var warnings: [String] = []
      let names = loaded.dataset.outcomes.candidates
      if names != first.candidates {
        guard names.count == first.candidates.count else {
          throw CommandFailure(
            .malformedData,
            "--candidates names \(names.count) candidates, the router has \(first.candidates.count): \(first.candidates.joined(separator: ", "))"
          )
        }
        guard Set(names) != Set(first.candidates) else {
          throw CommandFailure(
            .malformedData,
            "--candidates has the router's candidates in another order; the router's ladder is \(first.candidates.joined(separator: ","))"
          )
        }
        warnings.append(
          "candidates \(names.joined(separator: ", ")) stand for the router's \(first.candidates.joined(separator: ", ")), by position"
        )
      }
      let plan = EvaluationPlan(
        settings: settings(first, loaded: loaded, opened: opened, warnings: warnings), rows: rows,
        segmentField: segment)
      let found = try evaluateRouters(
        distinctNames(opened), on: loaded.dataset, seen: try seenRows(opened), plan: plan)
      if let report { try Files.write(page(found), to: report) }
      if output.json {
        Console.print(try JSONOutput.text(found))
      } else {
        Console.print(TerminalReport.render(found, width: Console.width))
        if let report { Console.print("\(report): the report") }
      }
    }
  }

  /// The model whose embeddings the routers read; nil when none reads any.
  private func embeddingModel(of opened: [OpenedRouter]) throws -> String? {
    let readers = opened.filter { !$0.router.schema.embeddingMeans.isEmpty }
    if readers.isEmpty { return nil }
    if let embeddingModel { return embeddingModel }
    let models = Set(readers.compactMap { $0.metadata[RouterMetadata.embeddingModel] }).sorted()
    guard let model = models.first, models.count == 1 else {
      throw CommandFailure(
        .usage,
        models.isEmpty
          ? "the router reads embeddings and does not say of which model; name it with --embedding-model"
          : "the routers read embeddings of several models (\(models.joined(separator: ", "))); evaluate them one by one"
      )
    }
    return model
  }

  private func settings(
    _ router: OpenedRouter, loaded: LoadedData, opened: [OpenedRouter], warnings: [String]
  ) -> EvaluationSettings {
    let card = router.metadata
    let stored = card[RouterMetadata.oracle].map {
      (
        oracle: $0, target: card[RouterMetadata.target] ?? "",
        qualityThreshold: card[RouterMetadata.qualityThreshold].flatMap { Double($0) } ?? 0.5
      )
    }
    let (oracle, target, threshold) = labels.resolved(stored: stored)
    var inputs = loaded.inputs.map {
      EvaluationReport.Input(role: "data", name: $0.name, sha256: $0.sha256 ?? $0.content)
    }
    inputs += opened.map {
      EvaluationReport.Input(
        role: "router", name: URL(fileURLWithPath: $0.path).lastPathComponent,
        sha256: Files.sha256($0.bytes))
    }
    return EvaluationSettings(
      oracle: oracle, target: target, qualityThreshold: threshold, replicates: replicates,
      confidence: confidence, seed: seed, warnings: warnings, inputs: inputs)
  }

  /// What is known of all routers' training rows together. Rows must be unseen by each of them.
  private func seenRows(_ opened: [OpenedRouter]) throws -> SeenRows {
    var fingerprints: [TrainingRows] = []
    for router in opened {
      guard let rows = try router.trainingRows() else {
        guard opened.count == 1, let unit = router.metadata[RouterMetadata.splitUnit],
          let splitUnit = SplitUnit(rawValue: unit),
          let seed = router.metadata[RouterMetadata.seed].flatMap({ UInt64($0) })
        else { return .unknown }
        return .split(Split(unit: splitUnit, seed: seed))
      }
      fingerprints.append(rows)
    }
    return .fingerprints(fingerprints)
  }

  private func distinctNames(_ opened: [OpenedRouter]) -> [(name: String, router: Router)] {
    var taken: [String: Int] = [:]
    return opened.map { router in
      let count = (taken[router.name] ?? 0) + 1
      taken[router.name] = count
      return (count == 1 ? router.name : "\(router.name) (\(count))", router.router)
    }
  }

  private func page(_ found: EvaluationReport) -> String {
    HTMLReport.render(
      found, title: found.routers.map(\.name).joined(separator: ", "),
      reproduction: [RunManifest.reproducingCommand()],
      facts: [("Riddle", riddleVersion)])
  }
}

extension RowChoice: ExpressibleByArgument {}
