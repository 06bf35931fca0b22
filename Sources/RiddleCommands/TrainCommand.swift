import ArgumentParser
import Foundation
import RiddleData
import RiddleEvaluation
import RiddleExport
import RiddleLearning
import RiddlePipeline
import RiddleReport
import RiddleStore

struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Learn a router; judge it on rows it did not see; leave a run folder.",
    discussion: """
      Splits the rows 60/20/20 by a stable hash, fits on the first part, calibrates and \
      chooses thresholds on the second, and judges the exported bytes on the third. The \
      folder gets router.riddle, run.json, evaluation.json, report.html, MODEL_CARD.md and \
      training-rows.bin; the same data, settings and seed give the same bytes.

      Thresholds
        balanced          climb when a query is likelier than average to need it
                          (default)
        strong-share=0.3  30 % of the queries climb
        retention=0.98    the fewest climbs that keep 98 % of the dearer candidate's
                          quality
        probability=0.5   climb from this calibrated probability on
        costs=5:1         the Bayes threshold when a complex query left below costs 5
                          and a simple one sent up costs 1
        utility           climb when the expected utility does not fall (default with
                          --lambda)

      Targets
        weak-fails        the cheap candidate fails
        strong-wins       the dear candidate does better
        utility-gap       by how much, less λ times the difference in dollars
        success           the quality of every candidate, weighed against its price
        four-way          strong better, both bad, both good, weak better (a pair)
        auto              the target whose router does best on held-out rows

      Models
        logistic          logistic regression on statistics and hashed n-grams
        tree              one pruned decision tree per head
        boosted           gradient-boosted trees on the statistics
        stack             logistic and boosted, weighed by held-out margins: the best
                          quality, 100–300 KB larger

      EXAMPLES
        riddle train --store desk.sqlite --output models/desk --seed 7
        riddle train --data log.jsonl.gz --candidates small,large --model tree \\
          --output models/tree
        riddle train --data log.jsonl.gz --candidates small,medium,large \\
          --target strong-wins --form ordinal --output models/ladder
        riddle train --store desk.sqlite --model stack --target auto --ablate \\
          --learning-curve --output models/best
        riddle train --data rated.jsonl --tiers simple,moderate,complex \\
          --output models/tiers
      """)

  @OptionGroup var source: DataOptions
  @OptionGroup var labels: LabelOptions

  @Option(help: "logistic, tree, boosted or stack.")
  var model: TrainingPlan.ModelKind = .logistic

  @Option(
    help:
      "How logistic regression sees a ladder: heads (default), ordinal (default with --tiers) or multinomial."
  )
  var form: TrainingPlan.HeadForm?

  @Option(help: "λ of the utility quality − λ · dollars, for targets that weigh costs.")
  var lambda: Double = 0

  @Option(help: "Folder to write, for example models/NAME.")
  var output: String

  @Option(help: "Seed of the split and of everything random.")
  var seed: UInt64 = 1

  @Option(help: "context (text and the log's context fields), text, or statistics.")
  var features: TrainingPlan.FeatureChoice = .context

  @Option(
    help:
      "How thresholds are chosen: balanced, utility, strong-share=0.3, retention=0.98, probability=0.5 or costs=5:1. Default: balanced, or utility with --lambda."
  )
  var threshold: ThresholdRule?

  @Option(
    help:
      "How margins become probabilities: identity, temperature, platt or isotonic. Default: the best of them on held-out rows."
  )
  var calibration: CalibrationKind?

  @Option(
    help:
      "Where probabilities and thresholds come from: held-out (a fifth of the rows, which no fit sees) or folds (out-of-fold margins: a third more rows to fit)."
  )
  var calibrateOn: TrainingPlan.CalibrationRows = .heldOut

  @Option(
    name: .customLong("l2"), parsing: .upToNextOption,
    help: "Penalties λ; several are compared by cross-validation.")
  var penalties: [Double] = [0.3, 1, 3, 10]

  @Option(help: "Share of L1 in the penalty, 0…1: above 0, n-grams that do not help get weight 0.")
  var l1Ratio: Double = 0

  @Flag(help: "Let both labels weigh the same in the fit, however rare one is.")
  var balanceClasses = false

  @Flag(help: "Penalise common n-grams more (inverse document frequency).")
  var idf = false

  @Option(
    parsing: .upToNextOption,
    help:
      "Shares of the group's mean in the target, 0…1; several are compared by cross-validation. 0 turns it off."
  )
  var smoothing: [Double] = [0, 0.6]

  @Option(help: "Folds of cross-validation.")
  var folds: Int = 3

  @Option(
    help:
      "What stays together in the folds: text, group, conversation, or time (each span judged by fits of the spans before it). Default: as the split."
  )
  var foldsBy: TrainingPlan.FoldChoice?

  @Option(
    help:
      "Which setting cross-validation takes: minimum, or one-se, the simplest within one standard error of it."
  )
  var selection: SelectionChoice = .minimum

  @Option(help: "Impurity that a decision tree reduces: gini or entropy.")
  var criterion: DecisionTree.Criterion = .gini

  @Option(help: "Hash buckets as a power of two, 4…22.")
  var bucketBits: Int = 16

  @Option(help: "Longest word n-gram, 1 or 2.")
  var words: Int = 2

  @Option(help: "Character n-grams, for example 3-5. Default: none.")
  var characters: String?

  @Option(help: "How hashed weights are stored: int8 or float32.")
  var precision: StoredPrecision = .int8

  @Option(
    help:
      "What stays together in the split: text, group or conversation. Default: seen from the data.")
  var splitBy: SplitUnit?

  @Option(
    help: ArgumentHelp(
      "Read embeddings of this model as features: vectors of `riddle embed`, or of the log's \"embedding\" arrays (\"log\" where it names no model).",
      valueName: "name"))
  var embeddingModel: String?

  @Flag(
    help: ArgumentHelp(
      "Learn in one pass over --store, row after row: memory stays below 200 MB at any length of the log.",
      discussion:
        "One penalty, no cross-validation, no smoothing; calibrated and judged on samples."))
  var stream = false

  @Flag(
    help: "Show what each block of features is worth: train without it, judge on held-out rows.")
  var ablate = false

  @Flag(help: "Show what more labels would buy: train on parts of the rows, extrapolate.")
  var learningCurve = false

  @Flag(
    inversion: .prefixedNo,
    help:
      "Keep the n-grams behind heavy hash buckets with the run, those of at least 5 distinct texts."
  )
  var ngrams = true

  @Flag(
    help:
      "Account for the n-gram weights' uncertainty in the intervals of odds ratios; takes the time of several fits."
  )
  var oddsWithNgrams = false

  @Option(help: "Bootstrap replicates of the intervals.")
  var replicates: Int = 2000

  @OptionGroup var said: OutputOptions

  func validate() throws {
    guard (4...22).contains(bucketBits) else {
      throw ValidationError("--bucket-bits must lie between 4 and 22")
    }
    guard (1...2).contains(words) else { throw ValidationError("--words must be 1 or 2") }
    guard !penalties.isEmpty, penalties.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw ValidationError("--l2 needs one or more numbers above 0")
    }
    guard (0...1).contains(l1Ratio) else {
      throw ValidationError("--l1-ratio must lie between 0 and 1")
    }
    guard !smoothing.isEmpty, smoothing.allSatisfy({ (0...1).contains($0) }) else {
      throw ValidationError("--smoothing needs one or more numbers between 0 and 1")
    }
    guard lambda >= 0 && lambda.isFinite else {
      throw ValidationError("--lambda must be a number of at least 0")
    }
    guard (2...20).contains(folds) else {
      throw ValidationError("--folds must lie between 2 and 20")
    }
    guard replicates >= 0 else { throw ValidationError("--replicates must be at least 0") }
    if stream && source.store == nil {
      throw ValidationError("--stream reads a store: import the log first, then give --store FILE")
    }
    if stream && (ablate || learningCurve || labels.isAutomatic || source.tiers != nil) {
      throw ValidationError(
        "--target auto, --tiers, --ablate and --learning-curve need all rows at once; leave them or --stream out"
      )
    }
    if stream && embeddingModel != nil {
      throw ValidationError("--stream reads no embeddings; leave --embedding-model or --stream out")
    }
    if stream && !source.price.isEmpty {
      throw ValidationError("--stream takes costs from the store; --price works without it")
    }
    if characters != nil && characterRange == nil {
      throw ValidationError("--characters needs a range like 3-5, within 2…8")
    }
  }

  private var characterRange: ClosedRange<Int>? {
    let parts = characters?.split(separator: "-").compactMap { Int($0) } ?? []
    guard parts.count == 2, parts[0] >= 2, parts[1] >= parts[0], parts[1] <= 8 else { return nil }
    return parts[0]...parts[1]
  }

  func run() throws {
    try reportingFailures {
      let stored = try storedLabelling()
      let loaded =
        stream
        ? nil
        : try source.load(
          fallbackCandidates: stored?.candidates, embeddingModel: embeddingModel, output: said)
      let (oracle, target, qualityThreshold) = labels.resolved(
        stored: stored.map { ($0.oracle.name, $0.target.rawValue, $0.qualityThreshold) })
      var plan = TrainingPlan(
        name: URL(fileURLWithPath: output).lastPathComponent, model: model, target: target,
        oracle: oracle, qualityThreshold: qualityThreshold, features: features,
        bucketBits: bucketBits, wordOrders: words, characters: characterRange,
        penalties: penalties, folds: folds, threshold: threshold, precision: precision,
        splitUnit: splitBy, seed: seed)
      plan.form = form ?? (source.tiers != nil && model == .logistic ? .ordinal : .heads)
      plan.costWeight = lambda
      plan.calibration = calibration
      plan.calibrationRows = calibrateOn
      plan.foldsBy = foldsBy
      plan.selectionRule = selection == .minimum ? .minimum : .oneStandardError
      plan.treeCriterion = criterion
      plan.l1Ratio = l1Ratio
      plan.balancesClasses = balanceClasses
      plan.usesInverseDocumentFrequency = idf
      plan.smoothing = smoothing
      plan.infersOdds = true
      plan.accountsForNGramsInOdds = oddsWithNgrams
      guard let loaded else {
        try runStreaming(plan, fallbackCandidates: stored?.candidates)
        return
      }
      let names = loaded.dataset.outcomes.candidates
      said.note(
        "training \(model.rawValue) on \(loaded.dataset.count) queries, \(names.joined(separator: " → ")), target \(target.rawValue)"
      )
      if let unread = loaded.unreadEmbeddings.first {
        said.note("the log carries embeddings; --embedding-model \(unread) learns from them")
      }
      var findings = RunFindings(loaded.dataset, plan: plan)
      if labels.isAutomatic {
        said.note("comparing targets on held-out rows")
        let table = try TrialTable(
          loaded.dataset, plans: plan.forEveryTarget(candidates: names.count))
        findings.targets = table
        plan.target = LabelTarget(rawValue: table.reference) ?? plan.target
        if plan.target != .weakFails && plan.target != .strongWins { plan.form = .heads }
        said.note(table.reason)
      }
      let trained = try trainRouter(
        loaded.dataset, plan: plan,
        provenance: [
          RouterMetadata.data: loaded.inputs.map(\.content).joined(separator: " "),
          RouterMetadata.writer: "riddle \(riddleVersion)",
        ], digest: { Files.sha256($0) })
      if ablate {
        said.note("leaving out blocks of features")
        findings.ablation = try TrialTable(
          loaded.dataset, plans: plan.ablations(for: loaded.dataset), reference: 0)
      }
      if learningCurve {
        said.note("training on parts of the rows")
        findings.learning_curve = try RiddlePipeline.learningCurve(
          loaded.dataset, plan: plan, penalty: trained.heads.first?.linearPenalty ?? 1)
      }
      try judgeAndWrite(trained, loaded: loaded, plan: plan, findings: findings)
    }
  }

  private func judgeAndWrite(
    _ trained: TrainedRouter, loaded: LoadedData, plan: TrainingPlan, findings: RunFindings?
  ) throws {
    let evaluation = try judge(trained, loaded: loaded, plan: plan)
    let folder = RunFolder(path: output)
    let manifest = try RunWriter(
      folder: folder, trained: trained, plan: plan,
      candidates: loaded.dataset.outcomes.candidates, inputs: loaded.inputs,
      evaluation: evaluation, dataset: loaded.dataset, findings: findings,
      keepsNGrams: ngrams
    ).write()
    try show(manifest, evaluation, folder: folder, trained: trained)
  }

  /// One pass over the store; the evaluation sees a sample of the test side.
  private func runStreaming(_ plan: TrainingPlan, fallbackCandidates: [String]?) throws {
    let log = try StreamedLog(source, fallbackCandidates: fallbackCandidates)
    said.note(
      "training \(plan.model.rawValue) in one pass over \(log.queryCount) queries, \(log.candidates.joined(separator: " → ")), target \(plan.target.rawValue)"
    )
    let streamed = try log.train(
      plan: plan,
      provenance: [
        RouterMetadata.data: log.input.content, RouterMetadata.writer: "riddle \(riddleVersion)",
      ])
    for (head, loss) in zip(streamed.trained.heads, streamed.progressiveLoss) {
      said.note(
        "\(head.name): log loss \(String(format: "%.4f", loss)) on training rows before they were learned"
      )
    }
    try judgeAndWrite(
      streamed.trained, loaded: LoadedData(dataset: streamed.test, inputs: [log.input]),
      plan: plan, findings: nil)
  }

  private func storedLabelling() throws -> Labelling? {
    guard let path = source.store else { return nil }
    let store = try Store.open(path: path, mode: .readOnly)
    return try store.latestLabelling()
  }

  /// The evaluation on the test side, or nil when no row is left for it.
  private func judge(_ trained: TrainedRouter, loaded: LoadedData, plan: TrainingPlan) throws
    -> EvaluationReport?
  {
    var settings = EvaluationSettings(
      oracle: plan.oracle, target: plan.target.judged, qualityThreshold: plan.qualityThreshold,
      replicates: replicates, seed: seed)
    settings.warnings = trained.warnings
    settings.inputs =
      loaded.inputs.map {
        .init(role: "data", name: $0.name, sha256: $0.sha256 ?? $0.content)
      } + [.init(role: "router", name: RunFolder.routerName, sha256: Files.sha256(trained.bytes))]
    do throws(PipelineError) {
      return try evaluateRouters(
        [(plan.name, trained.router)], on: loaded.dataset,
        seen: .fingerprints([trained.trainingRows]), plan: EvaluationPlan(settings: settings))
    } catch {
      guard case .nothingUnseen = error else { throw error }
      said.note("warning: no row is left to judge the router on; evaluate it on other data")
      return nil
    }
  }

  private func show(
    _ manifest: RunManifest, _ evaluation: EvaluationReport?, folder: RunFolder,
    trained: TrainedRouter
  ) throws {
    if said.json {
      Console.print(try JSONOutput.text(Result(run: manifest, evaluation: evaluation)))
      return
    }
    for warning in trained.warnings { said.note("warning: \(warning)") }
    for head in trained.heads {
      said.note(head.line)
    }
    for part in manifest.findings?.parts(width: Console.width) ?? [] {
      Console.print(part + "\n")
    }
    if let evaluation { Console.print(TerminalReport.render(evaluation, width: Console.width)) }
    Console.print("\(folder.file(RunFolder.routerName)): \(trained.bytes.count) bytes")
    if evaluation != nil { Console.print("\(folder.file(RunFolder.reportName)): the report") }
    said.note("next: riddle score \(folder.path)/\(RunFolder.routerName)")
  }

  private struct Result: Encodable {
    var run: RunManifest
    var evaluation: EvaluationReport?
  }
}

extension TrainedRouter.HeadReport {
  /// λ of the logistic regression, alone or in a stack.
  var linearPenalty: Double? {
    penalty ?? parts?.lazy.compactMap(\.penalty).first
  }

  /// The fit in one line.
  var line: String {
    var line =
      "\(name): \(fit.solver), \(fit.iterations) iterations, \(fit.converged ? "converged" : "not converged")"
    if let penalty { line += ", λ \(penalty)" }
    if let smoothing, smoothing > 0 { line += ", \(smoothing) of the group's mean in the target" }
    if let parameters = fit.effectiveDegreesOfFreedom {
      line += ", \(FigureFormat.plain.text(parameters)) effective parameters"
    }
    if let leaves { line += ", \(leaves) leaves" }
    if let trees { line += ", \(trees) trees" }
    for part in parts ?? [] {
      line += "; \(FigureFormat.plain.text(part.weight)) × "
      line +=
        part.kind == "linear"
        ? "linear (λ \(part.penalty ?? 0), α \(part.smoothing))"
        : "\(part.trees ?? 0) trees (α \(part.smoothing))"
    }
    line += ", calibration \(calibration.kind)"
    if let before = calibration.errorBefore, let after = calibration.errorAfter {
      line +=
        " (ECE \(FigureFormat.plain.text(before)) → \(FigureFormat.plain.text(after)))"
    }
    return line
  }
}

extension TrainingPlan.ModelKind: ExpressibleByArgument {}
extension TrainingPlan.HeadForm: ExpressibleByArgument {}
/// The selection rule as the command line spells it.
enum SelectionChoice: String, ExpressibleByArgument, CaseIterable {
  case minimum
  case oneStandardError = "one-se"
}

extension DecisionTree.Criterion: ExpressibleByArgument {}
extension TrainingPlan.FoldChoice: ExpressibleByArgument {}
extension TrainingPlan.CalibrationRows: ExpressibleByArgument {}
extension CalibrationKind: ExpressibleByArgument {}
extension TrainingPlan.FeatureChoice: ExpressibleByArgument {}
extension StoredPrecision: ExpressibleByArgument {}
extension SplitUnit: ExpressibleByArgument {}
extension ThresholdRule: ExpressibleByArgument {
  /// Parses the command line's spelling.
  public init?(argument: String) { self.init(argument) }
  /// The default as help shows it.
  public var defaultValueDescription: String { description }
}
