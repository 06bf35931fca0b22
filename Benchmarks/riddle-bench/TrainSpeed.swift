import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddlePipeline
import RiddleRuntime

/// What one run of `train` measured.
struct TrainingMeasurement: Encodable {
  var rows: Int
  var featurizeSeconds: Double
  var fitSeconds: Double
  var iterations: Int
  var converged: Bool
  var heldOutRows: Int
  var heldOutLogLossSum: Double
}

/// Featurizes and fits "weak fails" on the rows outside one fold, text in memory, wall-clock time.
func measureTraining(_ arguments: Arguments) throws -> TrainingMeasurement {
  let rows = try BenchRows(arguments)
  let fold = try arguments.count("fold", standard: 0)
  let estimator = benchEstimator(penalty: try arguments.number("penalty", standard: 1))
  let labels = LabelTarget.weakFails.labels(rows.data.outcomes, head: 0, qualityThreshold: 0.5)
  let training = rows.folds.indices.filter { rows.folds[$0] != fold }
  let heldOut = rows.folds.indices.filter { rows.folds[$0] == fold }
  let texts = training.map { rows.data.texts[$0] }
  let targets = training.map { labels[$0] }

  let start = ContinuousClock.now
  let set = try trainingSet(texts, targets: targets)
  let featurized = ContinuousClock.now
  let fitted = try estimator.fit(set)
  let end = ContinuousClock.now

  let judged = try trainingSet(
    heldOut.map { rows.data.texts[$0] }, targets: heldOut.map { labels[$0] })
  var loss = 0.0
  for (margin, target) in zip(fitted.model.margins(of: judged), judged.targets) {
    loss += logLoss(probability: logistic(margin), label: target)
  }
  return TrainingMeasurement(
    rows: texts.count, featurizeSeconds: seconds(start, featurized),
    fitSeconds: seconds(featurized, end), iterations: fitted.report.iterations,
    converged: fitted.report.converged, heldOutRows: judged.count, heldOutLogLossSum: loss)
}

private func seconds(_ from: ContinuousClock.Instant, _ to: ContinuousClock.Instant) -> Double {
  (to - from) / .seconds(1)
}
