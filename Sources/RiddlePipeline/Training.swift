import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// What a training run made: the exported bytes, the router decoded from them, and how it came about.
public struct TrainedRouter: Sendable {
  /// The weight file.
  public let bytes: [UInt8]
  /// The router that the bytes decode to.
  public let router: Router
  /// How each head was fitted.
  public let heads: [HeadReport]
  /// Where each step of the ladder is climbed.
  public let steps: [StepReport]
  /// What stayed together in the split.
  public let split: Split
  /// What the split kept together and left out; nil after streaming.
  public let splitSummary: SplitSummary?
  /// Rows of each side: train, calibrate, test. Rows on no side are left out: see ``splitSummary``.
  public let rows: [SplitSide: [Int]]
  /// Dense columns and what they mean.
  public let schema: NamedSchema
  /// Fingerprints of the rows that were fitted or calibrated on.
  public let trainingRows: TrainingRows
  /// What a sceptical reader must know.
  public let warnings: [String]
  /// Rows of each side after streaming, which keeps no row numbers.
  var streamedCounts: [SplitSide: Int]?

  /// Number of rows of a side.
  public func rowCount(_ side: SplitSide) -> Int {
    streamedCounts.map { $0[side] ?? 0 } ?? rows[side]?.count ?? 0
  }

  /// How one head was fitted.
  public struct HeadReport: Sendable, Codable, Equatable {
    /// What the head says.
    public var name: String
    /// How the fit went.
    public var fit: FitReport
    /// Chosen penalty λ of the linear part.
    public var penalty: Double?
    /// Chosen share α of the group's mean in the target; see ``GroupSmoothing``.
    public var smoothing: Double?
    /// Cross-validated log loss of each setting tried: λ of a linear part, α of a tree's pruning, trees of a forest.
    public var crossValidation: [HeldOutScore]
    /// Leaves of a tree.
    public var leaves: Int?
    /// Trees of a forest.
    public var trees: Int?
    /// Parts of a stack.
    public var parts: [StackPart]?
    /// How margins become probabilities.
    public var calibration = CalibrationReport()
    /// What the dense features do to the odds: a binary logistic head, or the linear part of a stack that weighs
    /// most, before blending.
    public var odds: OddsTable?

    private enum CodingKeys: String, CodingKey {
      case name, fit, penalty, smoothing, leaves, trees, parts, calibration, odds
      case crossValidation = "cross_validation"
    }

    init(fit: FitReport, crossValidation: [HeldOutScore]) {
      name = ""
      self.fit = fit
      self.crossValidation = crossValidation
    }
  }

  /// One part of a stack.
  public struct StackPart: Sendable, Codable, Equatable {
    /// "linear" or "trees".
    public var kind: String
    /// What its margin is multiplied by.
    public var weight: Double
    /// Penalty λ of a linear part.
    public var penalty: Double?
    /// Share α of the group's mean in its targets.
    public var smoothing: Double
    /// Trees of a forest.
    public var trees: Int?
    /// How the fit went.
    public var fit: FitReport
  }

  /// Where a step of the ladder is climbed.
  public struct StepReport: Sendable, Codable, Equatable {
    /// The candidate that is left.
    public var above: String
    /// Threshold on the step's margin.
    public var threshold: Double
    /// Calibrated probability at the threshold.
    public var probability: Double
  }

  /// A setting and its cross-validated log loss.
  public struct HeldOutScore: Sendable, Codable, Equatable {
    /// λ, α of pruning, or trees.
    public var setting: Double
    /// Share of the group's mean in the target.
    public var smoothing: Double?
    /// Mean held-out log loss in nats.
    public var loss: Double
    /// Standard error of the mean over folds.
    public var standardError: Double

    private enum CodingKeys: String, CodingKey {
      case setting, smoothing, loss
      case standardError = "standard_error"
    }
  }
}

/// Fewest rows on the train and on the calibrate side.
public let minimumSideRows = 10

/// Labels, splits, featurizes, fits, rounds, calibrates, chooses thresholds and exports: one straight line.
///
/// Calibration and thresholds use margins of the *rounded* model, computed by the runtime from text, on rows that the
/// fit did not see; or out-of-fold margins, see ``TrainingPlan/CalibrationRows``. Nothing here looks at the test side.
///
/// - Parameters:
///   - data: rows with complete outcomes.
///   - plan: all settings.
///   - provenance: metadata for the weight file beside what the run itself knows.
///   - digest: SHA-256 in hexadecimal, by which the weight file names its list of training rows; nil leaves it out.
///   - journal: keeps finished fits and gives back those of a run that was cut short; changes no byte.
/// - Throws: ``PipelineError``.
public func trainRouter(
  _ data: Dataset, plan: TrainingPlan, provenance: [String: String] = [:],
  digest: (([UInt8]) -> String)? = nil, journal: (any FitJournal)? = nil
) throws(PipelineError) -> TrainedRouter {
  let data = data.withDuplicateKeys()
  let assignment = try plan.split(for: data.contexts).assignment(of: data)
  return try trainRouter(
    data, assignment, plan: plan, provenance: provenance, digest: digest, journal: journal)
}

/// ``trainRouter(_:plan:provenance:digest:)`` on sides that are given; rows without a side are left out.
package func trainRouter(
  _ data: Dataset, _ assignment: SplitAssignment, plan: TrainingPlan,
  provenance: [String: String] = [:], digest: (([UInt8]) -> String)? = nil,
  journal: (any FitJournal)? = nil
) throws(PipelineError) -> TrainedRouter {
  BLASThreads.set(1)
  let (split, sides) = (assignment.split, assignment.sides)
  var rows: [SplitSide: [Int]] = [.train: [], .calibrate: [], .test: []]
  for case (let i, let side?) in sides.enumerated() {
    let joins = plan.calibrationRows == .folds && side == .calibrate
    rows[joins ? .train : side, default: []].append(i)
  }
  let train = rows[.train] ?? []
  let calibrate = rows[.calibrate] ?? []
  for (name, side) in [("train", train), ("calibrate", calibrate)]
  where side.count < minimumSideRows && !(name == "calibrate" && plan.calibrationRows == .folds) {
    throw .smallSide(
      side: name, rows: side.count, needed: minimumSideRows, total: data.count, unit: split.unit)
  }

  let trainData = data.rows(train)
  var warnings: [String] = []
  try checkTrainingEmbeddings(trainData, warnings: &warnings)
  let schema = NamedSchema(
    plan: plan, contexts: trainData.contexts, embeddings: trainData.embeddings)
  // What is fitted: the training rows, and with augmentation their copies behind them.
  let copies = plan.hardening.contains(.augment) ? AugmentedRows.copies : 0
  let fitData =
    try copies > 0
    ? augmented(trainData, plan: plan, split: split, schema: schema.schema) : trainData
  let features = FeaturizedRows(fitData, schema: schema.schema)
  let task = try LearningTask(fitData.outcomes, plan: plan)
  if plan.hardening.contains(.clip) && plan.calibrationRows == .folds {
    throw .unsupported(
      "--harden clip limits weights after the fit, and --calibrate-on folds calibrates margins from before: leave one of them out"
    )
  }
  let fits = try fitHeads(
    task, fitData, features, plan: plan, split: split, copies: copies, journal: journal,
    warnings: &warnings)
  for fit in fits.reports where !fit.fit.converged {
    warnings.append(
      "the fit of \"\(fit.name)\" did not converge after \(fit.fit.iterations) iterations; \(fit.fit.remedies.joined(separator: "; "))"
    )
  }
  var reports = fits.reports
  for i in reports.indices { reports[i].odds = reports[i].odds?.named(schema) }
  let judged = try decisionRows(
    fits, task: task, data: data, train: trainData, calibrate: calibrate, plan: plan, split: split,
    schema: schema.schema)
  let decisions = try fitDecisions(
    model: fits.model, margins: judged.margins, schema: schema.schema, data: judged.data,
    task: judged.task, plan: plan, reports: &reports, warnings: &warnings)

  let trainingRows = TrainingRows(
    data, rows: train + calibrate, split: split, judged: rows[.test] ?? [],
    leftOut: sides.indices.filter { sides[$0] == nil })
  let assembly = RouterAssembly(
    plan: plan, split: split, schema: schema, model: fits.model, rule: task.rule,
    decisions: decisions, candidates: candidates(trainData.outcomes), trainingRows: trainingRows,
    rowCounts: rows.mapValues(\.count), columnMeans: columnMeans(features, rows: trainData.count))
  let (router, bytes) = try assembly.exported(provenance: provenance, digest: digest)
  return TrainedRouter(
    bytes: bytes, router: router, heads: reports, steps: decisions.steps, split: split,
    splitSummary: assignment.summary, rows: rows, schema: schema, trainingRows: trainingRows,
    warnings: warnings)
}

/// The training rows and their copies behind them. What pushes margins is seen on a quick fit of the rows as they are.
private func augmented(
  _ data: Dataset, plan: TrainingPlan, split: Split, schema: FeatureSchema
) throws(PipelineError) -> Dataset {
  var quick = plan
  quick.hardening = []
  quick.penalties = [plan.penalties.contains(1) ? 1 : plan.penalties[0]]
  quick.smoothing = [plan.smoothing[0]]
  quick.infersOdds = false
  quick.calibrationRows = .heldOut
  var ignored: [String] = []
  let task = try LearningTask(data.outcomes, plan: quick)
  let fits = try fitHeads(
    task, data, FeaturizedRows(data, schema: schema), plan: quick, split: split,
    warnings: &ignored)
  let steps = data.outcomes.candidates.count - 1
  let plain = Router(
    schema: schema, model: fits.model,
    calibration: [CalibrationMap](repeating: .identity, count: fits.model.headCount),
    rule: task.rule, thresholds: [Router.Threshold](repeating: .init(value: 0), count: steps),
    candidates: candidates(data.outcomes))
  return AugmentedRows(data, plain: plain, seed: plan.seed).data
}

/// The rows that calibrate, what is to be learned of them, and their margins (rows × heads).
private func decisionRows(
  _ fits: FittedHeads, task: LearningTask, data: Dataset, train: Dataset, calibrate: [Int],
  plan: TrainingPlan, split: Split, schema: FeatureSchema
) throws(PipelineError) -> (data: Dataset, task: LearningTask, margins: [Double]) {
  if plan.calibrationRows == .heldOut {
    let rows = data.rows(calibrate)
    return (
      rows, try LearningTask(rows.outcomes, plan: plan),
      modelMargins(fits.model, schema: schema, data: rows)
    )
  }
  if plan.foldsBy == .time || (plan.foldsBy == nil && split.unit == .time) {
    throw .unsupported(
      "--calibrate-on folds needs a fold for every row, and folds by time hold out all but the oldest; use --folds-by text or group"
    )
  }
  guard let margins = fits.margins else {
    let form = plan.form == .heads ? "" : " in form \(plan.form.rawValue)"
    throw .unsupported(
      "model \(plan.model.rawValue)\(form), target \(plan.target.rawValue) has no out-of-fold margins; leave out --calibrate-on folds"
    )
  }
  return (
    train, task, (0..<train.count).flatMap { i in margins.map { $0[i] } }
  )
}

/// Names and mean costs of the ladder on the training rows.
private func candidates(_ table: OutcomeTable) -> [Router.Candidate] {
  table.candidates.enumerated().map { k, name in
    var sum: Int64 = 0
    var isKnown = true
    for i in 0..<table.rowCount {
      if let cost = table.cost(i, k) { sum += cost } else { isKnown = false }
    }
    return Router.Candidate(
      name: Array(name.utf8), meanCost: isKnown ? sum / Int64(max(1, table.rowCount)) : -1)
  }
}

/// Mean of every dense column over the first `rows` rows, as the nearest `Float`.
private func columnMeans(_ features: FeaturizedRows, rows: Int) -> [Float] {
  let width = features.schema.denseCount
  var sums = [Double](repeating: 0, count: width)
  for i in 0..<rows {
    for j in 0..<width { sums[j] += Double(features.dense[i * width + j]) }
  }
  return sums.map { Float($0 / Double(max(1, rows))) }
}
