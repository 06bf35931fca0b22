import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

extension LabelNoise {
  /// Most rows that are searched for near-duplicates where these are not known (``Dataset/withDuplicateKeys()``); of
  /// longer logs they are a sample by hash of the text.
  public static let searchedRows = 50_000

  /// The noise of "must climb above the cheapest candidate", from near-duplicate queries; nil when there are too few.
  public init?(_ data: Dataset, target: LabelTarget, qualityThreshold: Double) {
    var rows = Array(0..<data.count)
    if data.duplicateKeys == nil && rows.count > Self.searchedRows {
      let keys = data.texts.map { RowFingerprint.text($0) }
      rows = Array(rows.sorted { (keys[$0], $0) < (keys[$1], $1) }.prefix(Self.searchedRows))
      rows.sort()
    }
    let searched = data.rows(rows)
    self.init(
      clusters: searched.duplicateClusters,
      labels: target.judged.labels(
        searched.outcomes, head: 0, qualityThreshold: qualityThreshold))
  }
}

/// What more labels would buy: a logistic regression of the first head under `plan` on growing parts of the train side,
/// judged on the calibrate side.
///
/// - Parameters:
///   - penalty: λ of every fit.
///   - further: numbers of additional labels to extrapolate to.
/// - Throws: ``PipelineError``.
public func learningCurve(
  _ data: Dataset, plan: TrainingPlan, penalty: Double, further: [Int] = []
) throws(PipelineError) -> LearningCurveReport {
  var plan = plan
  plan.model = .logistic
  let assignment = try plan.split(for: data.contexts).assignment(of: data)
  let train = data.rows(assignment.rows(.train))
  let judged = data.rows(assignment.rows(.calibrate))
  let schema = NamedSchema(
    plan: plan, contexts: train.contexts, embeddings: train.embeddings
  ).schema
  let name = try LearningTask(train.outcomes, plan: plan).heads[0].name
  do throws(LearningError) {
    let training = try curveRows(train, schema, plan)
    let heldOut = try curveRows(judged, schema, plan)
    var settings = LogisticRegression(l2Penalty: penalty)
    settings.densePenaltyMultiplier = schema.usesHashing ? densePenaltyMultiplier : 10
    var curve = LearningCurve()
    curve.seed = plan.seed
    if !further.isEmpty { curve.further = further }
    return try curve.measure(rowCount: training.count) {
      (rows) throws(LearningError) -> LearningCurve.Score in
      let subset = training.rows(rows)
      // A part that holds one class only says the base rate.
      guard ConstantHead.value(of: subset.targets) == nil else {
        return LearningCurve.Score(auc: 0.5, logLoss: naturalLogLoss(0.5, heldOut.targets))
      }
      let margins = try settings.fit(subset).model.margins(of: heldOut)
      let p = margins.map(logistic)
      return LearningCurve.Score(
        auc: Discrimination(scores: p, labels: heldOut.targets.map { $0 > 0.5 ? 1 : 0 }).auc ?? 0.5,
        logLoss: zip(p, heldOut.targets).reduce(0) {
          $0 + logLoss(probability: $1.0, label: $1.1 > 0.5 ? 1 : 0)
        } / Double(max(1, heldOut.count)))
    }
  } catch {
    throw .head(name: name, error)
  }
}

private func naturalLogLoss(_ p: Double, _ targets: [Double]) -> Double {
  targets.reduce(0) { $0 + logLoss(probability: p, label: $1 > 0.5 ? 1 : 0) }
    / Double(max(1, targets.count))
}

/// Features and yes-or-no targets of the first head.
private func curveRows(
  _ data: Dataset, _ schema: FeatureSchema, _ plan: TrainingPlan
) throws(LearningError) -> TrainingSet {
  let features = FeaturizedRows(data, schema: schema)
  return try TrainingSet(
    dense: Matrix(
      rowCount: features.count, columnCount: schema.denseCount, widening: features.dense),
    hashed: schema.usesHashing ? hashedRows(features) : nil,
    targets: plan.target.judged.labels(
      data.outcomes, head: 0, qualityThreshold: plan.qualityThreshold))
}
