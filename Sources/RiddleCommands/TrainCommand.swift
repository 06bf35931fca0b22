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

  @Option(
    help: ArgumentHelp(
      "Leave out rows that arrived at this time or later: a day such as 2026-04-13 (UTC), or a time with a zone.",
      valueName: "time"))
  var until: String?

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

  @Flag(
    inversion: .prefixedNo,
    help:
      "Remember the run, its split, the router and its thresholds in --store, so that `riddle promote` and `riddle deployments show` know them."
  )
  var register = true

  @Flag(
    help: ArgumentHelp(
      "Do every fit again, also those that an interrupted run of the same command has finished.",
      discussion:
        "Finished fits of the search and of the splits side by side are kept in OUTPUT/.fits until the run is done."
    ))
  var fresh = false

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
    if until != nil && end == nil {
      throw ValidationError(
        "--until \(until ?? ""): expected a day such as 2026-04-13, or a time such as 2026-04-13T06:00:00Z"
      )
    }
    if stream && until != nil {
      throw ValidationError("--stream reads the whole store; leave it or --until out")
    }
    if stream && !source.price.isEmpty {
      throw ValidationError("--stream takes costs from the store; --price works without it")
    }
  }

  /// When rows stop to count.
  var end: Microseconds? {
    until.flatMap { Microseconds(time: $0 + "T00:00:00Z") ?? Microseconds(time: $0) }
  }

  func run() throws {
    try reportingFailures {
      let made = try train(command: RunManifest.reproducingCommand())
      try show(
        made.manifest, made.evaluation, made.robustness, folder: RunFolder(path: output),
        trained: made.trained)
    }
  }

  /// A run that is written.
  struct Made {
    var manifest: RunManifest
    var evaluation: EvaluationReport?
    var robustness: RobustnessReport?
    var trained: TrainedRouter
  }

  /// Trains and writes the run.
  ///
  /// - Parameter command: what rebuilds it, for the manifest.
  func train(command: String) throws -> Made {
    let stored = try storedLabelling()
    let loaded =
      stream
      ? nil
      : try source.load(
        fallbackCandidates: stored?.candidates, embeddingModel: embeddingModel, before: end,
        output: said)
    let (oracle, target, qualityThreshold) = labels.resolved(
      stored: stored.map { ($0.oracle.name, $0.target.rawValue, $0.qualityThreshold) })
    var plan = fit.plan(
      name: URL(fileURLWithPath: output).lastPathComponent, target: target, oracle: oracle,
      qualityThreshold: qualityThreshold, seed: seed, hasTiers: source.tiers != nil)
    plan.infersOdds = true
    plan.accountsForNGramsInOdds = oddsWithNgrams
    guard let loaded else {
      Interruption.keeps("nothing was written; run the same command again")
      return try runStreaming(plan, fallbackCandidates: stored?.candidates, command: command)
    }
    Interruption.keeps("the fits that are done are kept; run the same command again to go on")
    let fits = FitFolder(output: output, isFresh: fresh)
    do {
      let made = try trainInMemory(loaded, plan: plan, fits: fits, command: command)
      fits.remove()
      return made
    } catch {
      // A full disk or a broken one can be mended and the run go on; what the data are at fault for stays so.
      if commandFailure(error).status != .inputOutput { fits.remove() }
      throw error
    }
  }

  /// Trains on rows in memory; finished fits are kept in `fits`.
  private func trainInMemory(
    _ loaded: LoadedData, plan: TrainingPlan, fits: FitFolder, command: String
  ) throws -> Made {
    var plan = plan
    let names = loaded.dataset.outcomes.candidates
    said.note(
      "training \(fit.model.rawValue) on \(loaded.dataset.count) queries, \(names.joined(separator: " → ")), target \(plan.target.rawValue)"
    )
    if let unread = loaded.unreadEmbeddings.first {
      said.note("the log carries embeddings; --embedding-model \(unread) learns from them")
    }
    let data = loaded.dataset.withDuplicateKeys()
    var findings = RunFindings(data, plan: plan)
    if labels.isAutomatic {
      said.note("comparing targets on held-out rows")
      let table = try TrialTable(
        data, plans: plan.forEveryTarget(candidates: names.count), journal: fits)
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
      ], digest: { Files.sha256($0) }, journal: fits)
    if ablate {
      said.note("leaving out blocks of features")
      findings.ablation = try TrialTable(
        data, plans: plan.ablations(for: data), reference: 0, journal: fits)
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
        replicates: min(400, replicates), journal: fits)
    }
    if let sentence = fits.sentence { said.note(sentence) }
    if let failure = fits.failure {
      said.note("warning: an interruption would have cost finished fits: \(failure)")
    }
    return try judgeAndWrite(
      trained, loaded: loaded, plan: plan, findings: findings, command: command)
  }

  private func judgeAndWrite(
    _ trained: TrainedRouter, loaded: LoadedData, plan: TrainingPlan, findings: RunFindings?,
    command: String, identities: SplitIdentities? = nil
  ) throws -> Made {
    let (evaluation, judged) = try judge(trained, loaded: loaded, plan: plan)
    let robustness = attack ? try attacked(trained, loaded: loaded) : nil
    let folder = RunFolder(path: output)
    let manifest = try RunWriter(
      folder: folder, trained: trained, plan: plan,
      candidates: loaded.dataset.outcomes.candidates, inputs: loaded.inputs,
      evaluation: evaluation, judged: judged, dataset: loaded.dataset, findings: findings,
      robustness: robustness, keepsNGrams: ngrams, command: command, identities: identities
    ).write()
    if let store = source.store, register {
      try RunRegistration(folder: folder).add(to: store, output: said)
    }
    return Made(
      manifest: manifest, evaluation: evaluation, robustness: robustness, trained: trained)
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
  private func runStreaming(
    _ plan: TrainingPlan, fallbackCandidates: [String]?, command: String
  ) throws -> Made {
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
    return try judgeAndWrite(
      streamed.trained, loaded: LoadedData(dataset: streamed.test, inputs: [log.input]),
      plan: plan, findings: nil, command: command,
      identities: try log.identities(split: streamed.trained.split))
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
      replicates: replicates, seed: Replicates.seed)
    settings.warnings = trained.warnings + [loaded.sampling].compactMap { $0 }
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
}
