import Foundation
import RiddleData
import RiddleEvaluation
import RiddleExport
import RiddleLearning
import RiddlePipeline
import RiddleRuntime

/// What `quality` measured; `quality.py` computes the figures again from the predictions.
struct QualityMeasurement: Encodable {
  var rows: Int
  /// AUC, mean log loss and ECE (15 bins of equal width) of "weak fails" over all rows.
  var auc: Double?
  var logLoss: Double
  var ece: Double?
  /// Exact APGR on the rows whose identifier begins with `--gap-prefix`: of P(strong wins), of the difference of two
  /// success heads, and of the expected gain.
  var apgrStrongWins: Double?
  var apgrDifference: Double?
  var apgrGain: Double?
  /// How the heads of "weak fails" were fitted, one line a fold.
  var fits: [String]
  var seconds: Double
}

/// Held-out predictions of routers that `riddle train` would make, fold by fold, written to `--output`: the identifier,
/// then P(weak fails), P(strong wins), P(strong right), P(weak right) and the expected gain.
///
/// Every fold's router is fitted, tuned and calibrated (`--calibrate-on folds`) on the other folds alone, exported, and
/// its file is what predicts. `--unit group` keeps whole groups together in the folds of that tuning too.
func measureQuality(_ arguments: Arguments) throws -> QualityMeasurement {
  let start = ContinuousClock.now
  let rows = try BenchRows(arguments)
  let outcomes = rows.data.outcomes
  let wanted = try arguments.text(
    "targets", standard: "weak-fails,strong-wins,success,utility-gap"
  )
  .split(separator: ",").map(String.init)
  var predictions: [LabelTarget: [[Double]]] = [:]
  var fits: [String] = []
  for target in [LabelTarget.weakFails, .strongWins, .success, .utilityGap]
  where wanted.contains(target.rawValue) {
    let made = try heldOutPredictions(rows, target: target, arguments)
    predictions[target] = made.probabilities
    fits += made.fits
  }
  let zeros = [Double](repeating: 0, count: rows.data.count)
  func column(_ target: LabelTarget, _ head: Int = 0) -> [Double] {
    predictions[target]?[head] ?? zeros
  }
  // Without a head of its own, P(weak fails) is what the head P(weak right) leaves.
  let onlySuccess = predictions[.weakFails] == nil && predictions[.success] != nil
  let columns = [
    onlySuccess ? column(.success, 0).map { 1 - $0 } : column(.weakFails), column(.strongWins),
    column(.success, 1), column(.success, 0),
    column(.utilityGap),
  ]
  var text = ""
  for i in rows.data.ids.indices {
    text += "\(rows.data.ids[i])\t\(columns.map { "\($0[i])" }.joined(separator: "\t"))\n"
  }
  try Data(text.utf8).write(to: URL(fileURLWithPath: try arguments.one("output")))

  let prefix = try arguments.text("gap-prefix", standard: "")
  let gapRows = rows.data.ids.indices.filter { rows.data.ids[$0].hasPrefix(prefix) }
  func apgr(_ scores: [Double]) -> Double? {
    PairSweep(
      scores: gapRows.map { scores[$0] }, weak: gapRows.map { outcomes.quality($0, 0) },
      strong: gapRows.map { outcomes.quality($0, 1) }
    ).apgr
  }
  let weakFails = LabelTarget.weakFails.labels(outcomes, head: 0, qualityThreshold: 0.5)
  let p = columns[0]
  return QualityMeasurement(
    rows: rows.data.count, auc: Discrimination(scores: p, labels: weakFails).auc,
    logLoss: zip(p, weakFails).reduce(0) { $0 + logLoss(probability: $1.0, label: $1.1) }
      / Double(rows.data.count),
    ece: expectedCalibrationErrorEqualWidth(probabilities: p, labels: weakFails),
    apgrStrongWins: apgr(columns[1]),
    apgrDifference: apgr(zip(columns[2], columns[3]).map { $0 - $1 }), apgrGain: apgr(columns[4]),
    fits: fits, seconds: (ContinuousClock.now - start) / .seconds(1))
}

/// Calibrated probabilities of every head on held-out rows, heads × rows.
private func heldOutPredictions(
  _ rows: BenchRows, target: LabelTarget, _ arguments: Arguments
) throws -> (probabilities: [[Double]], fits: [String]) {
  var plan = TrainingPlan(target: target, features: .text)
  guard
    let model = TrainingPlan.ModelKind(rawValue: try arguments.text("model", standard: "stack"))
  else { throw BenchError.usage("--model is logistic, boosted or stack") }
  plan.model = model
  plan.calibrationRows = .folds
  plan.bucketBits = try arguments.count("bucket-bits", standard: 16)
  plan.folds = try arguments.count("inner-folds", standard: plan.folds)
  plan.penalties = try arguments.numbers("penalties", standard: plan.penalties)
  plan.smoothing = try arguments.numbers("smoothing", standard: plan.smoothing)
  plan.precision = .float32
  if try arguments.count("characters", standard: 0) > 0 { plan.characters = 3...5 }
  if let kind = CalibrationKind(rawValue: try arguments.text("calibration", standard: "")) {
    plan.calibration = kind
  }
  guard let unit = SplitUnit(rawValue: try arguments.text("unit", standard: "text")) else {
    throw BenchError.usage("--unit is text, group or conversation")
  }
  let split = Split(unit: unit, seed: 1)
  let data = rows.data.withDuplicateKeys()
  let heads = target == .success ? 2 : 1
  var probabilities = [[Double]](
    repeating: [Double](repeating: 0, count: rows.data.count), count: heads)
  var fits: [String] = []
  for fold in 0..<rows.foldCount {
    let sides = rows.folds.map { $0 == fold ? SplitSide.test : .train }
    let trained = try trainRouter(
      data, SplitAssignment(split: split, sides: sides, summary: SplitSummary()), plan: plan)
    for head in trained.heads {
      let parts = (head.parts ?? []).map {
        "\($0.kind) \($0.penalty ?? Double($0.trees ?? 0)) α \($0.smoothing) × \($0.weight)"
      }
      fits.append(
        "\(target.rawValue) fold \(fold) \(head.name): λ \(head.penalty ?? 0), α \(head.smoothing ?? 0), \(parts.joined(separator: " + ")), \(head.calibration.kind)"
      )
    }
    let router = trained.router
    let featurizer = Featurizer(schema: router.schema)
    var features = router.makeScratch()
    for i in rows.folds.indices where rows.folds[i] == fold {
      featurizer.featurize(
        rows.data.texts[i].utf8Span.span, context: RequestContext(), into: &features)
      for head in 0..<heads {
        let margin = router.model.margin(features, head: head)
        probabilities[head][i] = router.calibration[head].probability(ofMargin: margin)
      }
    }
  }
  return (probabilities, fits)
}
