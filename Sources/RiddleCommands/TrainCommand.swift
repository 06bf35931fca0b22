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
      chooses thresholds on the second, and judges the exported bytes on the third. \
      Near-duplicates stay on one side. The settings are also fitted again under other \
      splits, side by side: what a random split flatters is seen there. The \
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
        riddle train --store desk.sqlite --split-by time --output models/next-month
        riddle train --store desk.sqlite --split-by segment --segment domain \\
          --output models/new-domains
        riddle train --store desk.sqlite --harden augment --attack \\
          --output models/hard
        riddle train --data rated.jsonl --tiers simple,moderate,complex \\
          --output models/tiers
      """)

  @OptionGroup var source: DataOptions
  @OptionGroup var labels: LabelOptions
  @OptionGroup(title: "Fit") var fit: FittingOptions

  @Option(help: "Folder to write, for example models/NAME.")
  var output: String

  @Option(help: "Seed of the split and of everything random.")
  var seed: UInt64 = 1

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

  @Flag(
    inversion: .prefixedNo,
    help:
      "Judge the settings under random, near-duplicate-safe, group, segment and time splits, side by side."
  )
  var sideBySide = true

  @Flag(
    help:
      "Attack the router as `riddle attack` does by default, and put what was found into the folder, the report and the model card."
  )
  var attack = false

  @Option(help: "Bootstrap replicates of the intervals.")
  var replicates: Int = 2000

  @OptionGroup var said: OutputOptions

  func validate() throws {
    try labels.refuseUtility()
    try Replicates.check(replicates)
    if stream && source.store == nil {
      throw ValidationError("--stream reads a store: import the log first, then give --store FILE")
    }
    if stream && (ablate || learningCurve || labels.isAutomatic || source.tiers != nil) {
      throw ValidationError(
        "--target auto, --tiers, --ablate and --learning-curve need all rows at once; leave them or --stream out"
      )
    }
    if stream && !fit.harden.isEmpty {
      throw ValidationError("--harden needs all rows at once; leave it or --stream out")
    }
    if stream && embeddingModel != nil {
      throw ValidationError("--stream reads no embeddings; leave --embedding-model or --stream out")
    }
    if stream && !source.price.isEmpty {
      throw ValidationError("--stream takes costs from the store; --price works without it")
    }
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
      var plan = fit.plan(
        name: URL(fileURLWithPath: output).lastPathComponent, target: target, oracle: oracle,
        qualityThreshold: qualityThreshold, seed: seed, hasTiers: source.tiers != nil)
      plan.infersOdds = true
      plan.accountsForNGramsInOdds = oddsWithNgrams
      guard let loaded else {
        try runStreaming(plan, fallbackCandidates: stored?.candidates)
        return
      }
      let names = loaded.dataset.outcomes.candidates
      said.note(
        "training \(fit.model.rawValue) on \(loaded.dataset.count) queries, \(names.joined(separator: " → ")), target \(target.rawValue)"
      )
      if let unread = loaded.unreadEmbeddings.first {
        said.note("the log carries embeddings; --embedding-model \(unread) learns from them")
      }
      let data = loaded.dataset.withDuplicateKeys()
      var findings = RunFindings(data, plan: plan)
      if labels.isAutomatic {
        said.note("comparing targets on held-out rows")
        let table = try TrialTable(
          data, plans: plan.forEveryTarget(candidates: names.count))
        findings.targets = table
        plan.target = LabelTarget(rawValue: table.reference) ?? plan.target
        if plan.target != .weakFails && plan.target != .strongWins { plan.form = .heads }
        said.note(table.reason)
      }
      let trained = try trainRouter(
        data, plan: plan,
        provenance: [
          RouterMetadata.data: loaded.inputs.map(\.content).joined(separator: " "),
          RouterMetadata.writer: "riddle \(riddleVersion)",
        ], digest: { Files.sha256($0) })
      if ablate {
        said.note("leaving out blocks of features")
        findings.ablation = try TrialTable(
          data, plans: plan.ablations(for: data), reference: 0)
      }
      if learningCurve {
        said.note("training on parts of the rows")
        findings.learning_curve = try RiddlePipeline.learningCurve(
          data, plan: plan, penalty: trained.heads.first?.linearPenalty ?? 1)
      }
      if sideBySide {
        said.note("fitting the same settings under other splits")
        findings.side_by_side = try SideBySide(
          data, trained: trained, plan: plan, segmentField: fit.segment,
          replicates: min(400, replicates))
      }
      try judgeAndWrite(trained, loaded: loaded, plan: plan, findings: findings)
    }
  }

  private func judgeAndWrite(
    _ trained: TrainedRouter, loaded: LoadedData, plan: TrainingPlan, findings: RunFindings?
  ) throws {
    let (evaluation, judged) = try judge(trained, loaded: loaded, plan: plan)
    let robustness = attack ? try attacked(trained, loaded: loaded) : nil
    let folder = RunFolder(path: output)
    let manifest = try RunWriter(
      folder: folder, trained: trained, plan: plan,
      candidates: loaded.dataset.outcomes.candidates, inputs: loaded.inputs,
      evaluation: evaluation, judged: judged, dataset: loaded.dataset, findings: findings,
      robustness: robustness, keepsNGrams: ngrams
    ).write()
    try show(manifest, evaluation, robustness, folder: folder, trained: trained)
  }

  /// What `riddle attack` finds on the rows that judge the router; nil without such rows.
  private func attacked(_ trained: TrainedRouter, loaded: LoadedData) throws -> RobustnessReport? {
    let seen = SeenRows.fingerprints([trained.trainingRows])
    guard let rows = try? JudgedRows(loaded.dataset, seen: seen, choice: .heldOut) else {
      said.note("warning: no row is left to attack the router on; use riddle attack on other data")
      return nil
    }
    said.note("attacking the router on \(rows.data.count) held-out queries")
    var plan = RobustnessPlan()
    plan.seed = seed
    return measureRobustness(
      of: trained.router, name: URL(fileURLWithPath: output).lastPathComponent, on: rows.data,
      rows: rows.selection.description, hasOutcomes: true, plan: plan)
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
    let unit = streamed.trained.split.unit
    said.note(
      "kept together: equal \(unit == .text ? "texts" : "\(unit.rawValue)s"), by hash; rows that repeat a training row are left out of the sampled calibration and test rows"
    )
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

  /// The evaluation on the test side with its rows, or nil when no row is left for it.
  private func judge(_ trained: TrainedRouter, loaded: LoadedData, plan: TrainingPlan) throws
    -> (EvaluationReport?, RecordedRows?)
  {
    var settings = EvaluationSettings(
      oracle: plan.oracle, target: plan.target.judged, qualityThreshold: plan.qualityThreshold,
      replicates: replicates, seed: seed)
    settings.warnings = trained.warnings
    settings.inputs =
      loaded.inputs.map {
        .init(role: "data", name: $0.name, sha256: $0.sha256 ?? $0.content)
      } + [.init(role: "router", name: RunFolder.routerName, sha256: Files.sha256(trained.bytes))]
    let seen = SeenRows.fingerprints([trained.trainingRows])
    do throws(PipelineError) {
      let rows = try JudgedRows(loaded.dataset, seen: seen, choice: .heldOut)
      settings.warnings += try embeddingWarnings(trained.router, name: plan.name, on: rows.data)
      let policy = scoredPolicy(trained.router, name: plan.name, on: rows.data)
      let report = try evaluatePolicies(
        [policy], on: rows, of: loaded.dataset, seen: seen,
        plan: EvaluationPlan(settings: settings, namesRows: false))
      guard rows.data.count <= RecordedRows.mostRows else { return (report, nil) }
      let wall = baselineInputs(rows, of: loaded.dataset, seen: seen, segmentField: nil)
      return (report, RecordedRows(table: rows.data.outcomes, policy: policy, wall: wall))
    } catch {
      guard case .nothingUnseen = error else { throw error }
      said.note("warning: no row is left to judge the router on; evaluate it on other data")
      return (nil, nil)
    }
  }

  private func show(
    _ manifest: RunManifest, _ evaluation: EvaluationReport?, _ robustness: RobustnessReport?,
    folder: RunFolder, trained: TrainedRouter
  ) throws {
    if said.json {
      Console.print(
        try JSONOutput.text(
          Result(run: manifest, evaluation: evaluation, robustness: robustness)))
      return
    }
    for warning in trained.warnings { said.note("warning: \(warning)") }
    said.note(manifest.split.sentence)
    for head in trained.heads {
      said.note(head.line)
    }
    for table in manifest.findings?.tables ?? [] {
      Console.print(table.text(width: Console.width) + "\n")
    }
    if let evaluation { Console.print(TerminalReport.render(evaluation, width: Console.width)) }
    for table in robustness.map(RobustnessTables.tables) ?? [] {
      Console.print(table.text(width: Console.width) + "\n")
    }
    Console.print("\(folder.file(RunFolder.routerName)): \(trained.bytes.count) bytes")
    if evaluation != nil { Console.print("\(folder.file(RunFolder.reportName)): the report") }
    if robustness == nil {
      said.note(
        "not known: whether routes hold when queries are written differently; `riddle attack \(folder.path) LOG` says, `--harden augment` helps"
      )
    }
    said.note("next: riddle score \(folder.path)/\(RunFolder.routerName)")
  }

  private struct Result: Encodable {
    var run: RunManifest
    var evaluation: EvaluationReport?
    /// What `--attack` found.
    var robustness: RobustnessReport?
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
