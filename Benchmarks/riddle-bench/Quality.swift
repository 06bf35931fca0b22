import Foundation
import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddlePipeline
import RiddleRuntime

/// What `quality` measured; `bench.py` computes the figures again from the predictions.
struct QualityMeasurement: Encodable {
  var rows: Int
  /// AUC, mean log loss and ECE (15 bins of equal width) of "weak fails" over all rows.
  var auc: Double?
  var logLoss: Double
  var ece: Double?
  /// Exact APGR on the rows whose identifier begins with `--gap-prefix`, by each routing score.
  var apgrStrongWins: Double?
  var apgrDifference: Double?
  var apgrGain: Double?
  /// λ chosen in each fold, by target.
  var penalties: [String: [Double]]
  var seconds: Double
}

/// What is learned, one logistic regression each.
private enum QualityTarget: String, CaseIterable {
  /// The weak candidate is wrong.
  case weakFails
  /// The strong candidate is better than the weak one.
  case strongWins
  /// The strong candidate is right.
  case strongRight
  /// (1 + strong − weak) / 2: a soft label whose expectation ranks by the expected gain.
  case gain

  func labels(_ outcomes: OutcomeTable) -> [Double] {
    switch self {
    case .weakFails:
      LabelTarget.weakFails.labels(outcomes, head: 0, qualityThreshold: 0.5)
    case .strongWins:
      LabelTarget.strongWins.labels(outcomes, head: 0, qualityThreshold: 0.5)
    case .strongRight: (0..<outcomes.rowCount).map { outcomes.quality($0, 1) >= 0.5 ? 1 : 0 }
    case .gain:
      (0..<outcomes.rowCount).map {
        (1 + outcomes.quality($0, 1) - outcomes.quality($0, 0)) / 2
      }
    }
  }
}

/// Cross-validated probabilities of all targets, written to `--output`: the identifier, then a column per target.
///
/// Per fold: λ by log loss on the next fold, fitted on the other three; then all four are fitted and the fold is
/// predicted. Nothing sees the fold before.
func measureQuality(_ arguments: Arguments) throws -> QualityMeasurement {
  let start = ContinuousClock.now
  let rows = try BenchRows(arguments)
  let penalties = try arguments.numbers("penalties", standard: [0.3, 1, 3, 10])
  let outcomes = rows.data.outcomes
  var probabilities: [QualityTarget: [Double]] = [:]
  var chosen: [String: [Double]] = [:]
  for target in QualityTarget.allCases {
    let (p, lambdas) = try crossValidated(rows, target.labels(outcomes), penalties)
    probabilities[target] = p
    chosen[target.rawValue] = lambdas
  }
  func column(_ target: QualityTarget) -> [Double] { probabilities[target] ?? [] }
  var text = ""
  for i in rows.data.ids.indices {
    let values = QualityTarget.allCases.map { "\(column($0)[i])" }
    text += "\(rows.data.ids[i])\t\(values.joined(separator: "\t"))\n"
  }
  try Data(text.utf8).write(to: URL(fileURLWithPath: try arguments.one("output")))

  let prefix = try arguments.one("gap-prefix")
  let gapRows = rows.data.ids.indices.filter { rows.data.ids[$0].hasPrefix(prefix) }
  func apgr(_ scores: [Double]) -> Double? {
    PairSweep(
      scores: gapRows.map { scores[$0] }, weak: gapRows.map { outcomes.quality($0, 0) },
      strong: gapRows.map { outcomes.quality($0, 1) }
    ).apgr
  }
  let weakFails = QualityTarget.weakFails.labels(outcomes)
  let p = column(.weakFails)
  return QualityMeasurement(
    rows: rows.data.count, auc: Discrimination(scores: p, labels: weakFails).auc,
    logLoss: zip(p, weakFails).reduce(0) { $0 + logLoss(probability: $1.0, label: $1.1) }
      / Double(rows.data.count),
    ece: expectedCalibrationErrorEqualWidth(probabilities: p, labels: weakFails),
    apgrStrongWins: apgr(column(.strongWins)),
    apgrDifference: apgr(zip(p, column(.strongRight)).map { $0 + $1 }),
    apgrGain: apgr(column(.gain)), penalties: chosen,
    seconds: (ContinuousClock.now - start) / .seconds(1))
}

private func crossValidated(
  _ rows: BenchRows, _ targets: [Double], _ penalties: [Double]
) throws -> (probabilities: [Double], penalties: [Double]) {
  let set = try trainingSet(rows.data.texts, targets: targets)
  var probabilities = [Double](repeating: 0, count: set.count)
  var chosen: [Double] = []
  for fold in 0..<rows.foldCount {
    let next = (fold + 1) % rows.foldCount
    let training = rows.folds.indices.filter { rows.folds[$0] != fold }
    let inner = set.rows(training.filter { rows.folds[$0] != next })
    let validation = set.rows(training.filter { rows.folds[$0] == next })
    var best = (loss: Double.infinity, penalty: penalties[0])
    for penalty in penalties {
      let model = try benchEstimator(penalty: penalty).fit(inner).model
      var loss = 0.0
      for (margin, target) in zip(model.margins(of: validation), validation.targets) {
        let p = logistic(margin)
        loss += target * logLoss(probability: p, label: 1)
        loss += (1 - target) * logLoss(probability: p, label: 0)
      }
      if loss < best.loss { best = (loss, penalty) }
    }
    let model = try benchEstimator(penalty: best.penalty).fit(set.rows(training)).model
    let heldOut = rows.folds.indices.filter { rows.folds[$0] == fold }
    for (row, margin) in zip(heldOut, model.margins(of: set.rows(heldOut))) {
      probabilities[row] = logistic(margin)
    }
    chosen.append(best.penalty)
  }
  return (probabilities, chosen)
}
