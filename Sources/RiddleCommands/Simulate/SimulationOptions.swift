import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline

/// What every replay command takes: policies, data, the world, and how intervals are made.
struct SimulationOptions: ParsableArguments {
  @Option(
    name: .customLong("policy"),
    help: ArgumentHelp(
      "What is replayed: policy.yaml, a weight file or run folder, scores.jsonl, cmd:'PROGRAM'; name=ENTRY names it. May be repeated.",
      valueName: "entry"))
  var policies: [String] = []

  @OptionGroup var source: DataOptions
  @OptionGroup var world: WorldOptions

  @Option(help: "Rows to replay where a router is among the policies: held-out or all.")
  var rows: RowChoice = .heldOut

  @Option(
    help: ArgumentHelp(
      "What is resampled together: conversation, group or query.", valueName: "unit"))
  var clusterBy: ResamplingUnit?

  @Option(help: "Coverage of the intervals.")
  var confidence: Double = 0.95

  @Option(
    help: ArgumentHelp(
      "Model of the embeddings, for routers and neighbours that read them.", valueName: "name"))
  var embeddingModel: String?

  @Option(
    help: ArgumentHelp(
      "Seconds without an answer after which a cmd: router is stopped.", valueName: "seconds"))
  var commandTimeout: Double = 60

  @OptionGroup var signature: SignatureOptions

  func validate() throws {
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1")
    }
    guard commandTimeout > 0 else {
      throw ValidationError("--command-timeout must be above 0")
    }
  }

  /// Opens policies and data and prepares the bench.
  func open(output: OutputOptions) throws -> Simulation {
    guard !policies.isEmpty else {
      throw CommandFailure(
        .usage,
        "name at least one policy with --policy FILE.yaml; see examples in datasets/policies")
    }
    let contest = try Contest(try RouterSpec.parse(policies), signature)
    let first = contest.opened.first
    let model = try contest.embeddingModel(given: embeddingModel) ?? embeddingModel
    let loaded = try source.load(
      fallbackCandidates: first?.candidates, embeddingModel: model, keepsAnswers: true,
      requiresText: contest.readsText, output: output)
    let ladder = try contest.ladderWarnings(loaded.dataset.outcomes.candidates)
    let seen = try contest.seenRows()
    var judged = try JudgedRows(
      loaded.dataset, seen: seen, choice: contest.opened.isEmpty ? .all : rows)
    if contest.opened.isEmpty { judged.warnings = [] }
    try contest.keepAnswered(&judged)
    judged.data = try world.timed(judged.data)
    let (world, worldWarnings, worldInputs) = try world.world(for: judged.data)
    let bench = PolicyBench(judged.data, world: world, resampling: clusterBy)
    var inputs = loaded.inputs.map {
      EvaluationReport.Input(role: "data", name: $0.name, sha256: $0.sha256 ?? $0.content)
    }
    inputs += contest.inputs + worldInputs
    var textWarnings: [String] = []
    if !judged.data.texts.contains(where: { !$0.isEmpty }) {
      textWarnings.append(
        "the rows have no text: the wall's prompt length and keyword rule say nothing here")
    }
    return Simulation(
      contest: contest, loaded: loaded, judged: judged, seen: seen, bench: bench,
      world: world.outcomes(judged.data.outcomes),
      warnings: ladder + loaded.warnings + worldWarnings + textWarnings, inputs: inputs,
      confidence: confidence, signature: signature)
  }
}
