import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleRuntime

struct ThresholdCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "threshold",
    abstract: "Choose where the router asks the dearer candidate, with a promise or by a rule.",
    discussion: """
      With --max-quality-loss: the cheapest threshold that provably loses no more quality \
      than that against always asking the strongest candidate, at the stated confidence. \
      Thresholds are tested one after the other from always-strongest downwards on rows the \
      router did not see; the first that cannot be certified ends the search. No threshold \
      qualifies: nothing is written, exit status 1.

      Methods
        wsr                 betting bound, exact at any number of rows (default)
        hoeffding-bentkus   exact at any number of rows, needs far more of them
        binomial            exact; limits the share of queries that lose anything
        clt                 asymptotic: right for many rows only

      EXAMPLES
        riddle threshold models/desk --data new.jsonl.gz --max-quality-loss 0.02 \\
          --output promised/router.riddle
        riddle threshold models/desk --store desk.sqlite --max-quality-loss 0.05 \\
          --confidence 0.9 --method binomial --json
        riddle threshold models/desk --store desk.sqlite --strong-share 0.3
        riddle threshold models/desk --data new.jsonl.gz --budget 1.50 --use 0.5
        riddle threshold models/desk --data new.jsonl.gz --retention 0.98
        riddle threshold models/desk --data new.jsonl.gz --costs 5:1
      """)

  @Argument(help: "A weight file, or the folder of a run.")
  var router: String

  @OptionGroup(title: "Goal") var goal: ThresholdGoalOptions
  @OptionGroup var source: DataOptions

  @Option(
    help: ArgumentHelp(
      "Write the router with the new thresholds here, its list of seen rows and its model card beside it.",
      valueName: "new.riddle"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Model of the embeddings, for routers that read them. Default: the one they were trained with.",
      valueName: "name"))
  var embeddingModel: String?

  @Option(help: "Rows to use: held-out (proven unseen by the router) or all.")
  var rows: RowChoice = .heldOut

  @Option(
    help: ArgumentHelp(
      "Share of those rows to use, chosen by hash; the others stay unseen for `riddle evaluate`.",
      valueName: "share"))
  var use: Double = 1

  @Option(help: "Bootstrap replicates of the intervals; 0 for none.")
  var replicates: Int = 2000

  @Option(help: "Seed of the replicates and of --use.")
  var seed: UInt64 = 1

  @OptionGroup var signature: SignatureOptions
  @OptionGroup var printing: OutputOptions

  func validate() throws {
    try Replicates.check(replicates)
    guard use > 0, use <= 1 else {
      throw ValidationError("--use must lie above 0 and be at most 1")
    }
  }

  func run() throws {
    try reportingFailures {
      let opened = try OpenedRouter(path: router, signature)
      let plan = ThresholdPlan(
        goal: try goal.goal(), rows: rows, share: use, replicates: replicates,
        coverage: goal.confidence, seed: seed)
      let seen = try seenRows(opened)
      let writer = try output.map {
        try ThresholdWriter(path: $0, opened: opened, seen: seen, rows: rows)
      }
      let loaded = try source.load(
        fallbackCandidates: opened.candidates, embeddingModel: readEmbeddings(opened),
        output: printing)
      let warnings = try checkCandidates(opened, loaded)
      var choice = try chooseThreshold(
        opened.router, name: opened.name, on: loaded.dataset, seen: seen, plan: plan)
      if let sampling = loaded.sampling { choice.report.warnings.insert(sampling, at: 0) }
      var written: ThresholdWriter.Result?
      if let writer, choice.report.chosen != nil {
        written = try writer.write(choice, data: loaded)
        if let store = source.store, let written {
          try RunRegistration.addDerived(written.file, from: opened, to: store, output: printing)
        }
      }
      let text = ThresholdText(choice.report, width: Console.width)
      for warning in warnings + choice.report.warnings {
        printing.note("warning: \(warning)")
      }
      if printing.json {
        Console.print(try JSONOutput.text(Result(threshold: choice.report, written: written)))
      } else {
        Console.print(text.text)
        if let written {
          Console.print(
            "\(written.file): \(written.bytes) bytes, sha256 \(written.sha256)")
          printing.note("next: riddle inspect \(written.file) --verify")
        }
      }
      if choice.report.chosen == nil {
        throw CommandFailure(.gateFailed, text.refusal + "; nothing was written")
      }
    }
  }

  private struct Result: Encodable {
    var kind = "threshold"
    var threshold: ThresholdReport
    var written: ThresholdWriter.Result?
  }

  /// The model whose embeddings the router reads; nil when it reads none.
  private func readEmbeddings(_ opened: OpenedRouter) throws -> String? {
    if opened.router.schema.embeddingMeans.isEmpty { return nil }
    guard let model = embeddingModel ?? opened.metadata[RouterMetadata.embeddingModel] else {
      throw CommandFailure(
        .usage,
        "the router reads embeddings and does not say of which model; name it with --embedding-model"
      )
    }
    return model
  }

  /// What is known of the rows that the router was trained on.
  private func seenRows(_ opened: OpenedRouter) throws -> SeenRows {
    if let rows = try opened.trainingRows() { return .fingerprints([rows]) }
    guard let unit = opened.metadata[RouterMetadata.splitUnit].flatMap(SplitUnit.init),
      let seed = opened.metadata[RouterMetadata.seed].flatMap({ UInt64($0) })
    else { return .unknown }
    return .split(Split(unit: unit, seed: seed))
  }

  private func checkCandidates(_ opened: OpenedRouter, _ loaded: LoadedData) throws -> [String] {
    let names = loaded.dataset.outcomes.candidates
    if names == opened.candidates { return [] }
    guard names.count == opened.candidates.count, Set(names) != Set(opened.candidates) else {
      throw CommandFailure(
        .malformedData,
        "--candidates names \(names.joined(separator: ", ")), the router's ladder is \(opened.candidates.joined(separator: ", ")): give as many, in its order"
      )
    }
    return [
      "candidates \(names.joined(separator: ", ")) stand for the router's \(opened.candidates.joined(separator: ", ")), by position"
    ]
  }
}

/// What the new threshold shall achieve: exactly one of these.
struct ThresholdGoalOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Promise at most this mean quality loss against always asking the strongest candidate.",
      valueName: "loss"))
  var maxQualityLoss: Double?

  @Option(help: "Confidence of the promise, and coverage of the intervals.")
  var confidence: Double = 0.95

  @Option(help: "How the promise is proved: wsr, hoeffding-bentkus, binomial or clt.")
  var method: RiskBound = .wsr

  @Option(help: "No promise: this share of the rows asks the strongest candidate.")
  var strongShare: Double?

  @Option(
    help: ArgumentHelp(
      "No promise: spend at most these dollars per 1000 queries.", valueName: "dollars"))
  var budget: Double?

  @Option(help: "No promise: keep this share of the strongest candidate's observed quality.")
  var retention: Double?

  @Option(
    help: ArgumentHelp(
      "No promise: the cut that is best when a hard query left below costs the first and an easy one sent up the second number.",
      valueName: "failure:overspend"))
  var costs: String?

  func validate() throws {
    let given = [
      maxQualityLoss != nil, strongShare != nil, budget != nil, retention != nil, costs != nil,
    ].count { $0 }
    guard given == 1 else {
      throw ValidationError(
        "give exactly one of --max-quality-loss, --strong-share, --budget, --retention and --costs")
    }
    guard confidence > 0, confidence < 1 else {
      throw ValidationError("--confidence must lie between 0 and 1")
    }
    if let maxQualityLoss, !(maxQualityLoss > 0 && maxQualityLoss < 1) {
      throw ValidationError("--max-quality-loss must lie between 0 and 1, for example 0.02")
    }
    for (name, value) in [("--strong-share", strongShare), ("--retention", retention)] {
      if let value, !(value >= 0 && value <= 1) {
        throw ValidationError("\(name) must lie in 0…1")
      }
    }
    if let budget, !(budget >= 0 && budget.isFinite) {
      throw ValidationError("--budget must be dollars per 1000 queries, for example 1.50")
    }
    if costs != nil { _ = try errorCosts() }
  }

  /// The goal.
  func goal() throws -> ThresholdGoal {
    if let maxQualityLoss {
      return .promise(
        PromiseTerms(maximumLoss: maxQualityLoss, confidence: confidence, method: method))
    }
    if let strongShare { return .observed(.strongShare(strongShare)) }
    if let budget { return .observed(.budget(budget / 1000)) }
    if let retention { return .observed(.retention(retention)) }
    return try errorCosts()
  }

  private func errorCosts() throws -> ThresholdGoal {
    guard let costs, case .errorCosts(let failure, let overspend) = ThresholdRule("costs=\(costs)")
    else {
      throw ValidationError("--costs takes two positive numbers, for example 5:1")
    }
    return .errorCosts(failure: failure, overspend: overspend)
  }
}

extension RiskBound: ExpressibleByArgument {}
