import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import Testing

/// What every estimator must keep. `same` compares two models as closely as the estimator promises.
func checkEstimator<E: Estimator>(
  _ estimator: E, on data: TrainingSet, same: (E.Model, E.Model) -> Void
) throws {
  let fitted = try estimator.fit(data)
  #expect(fitted.report.converged)
  // The same bits again, also while other fits compete for threads.
  for other in Shards.map(count: 4, { _ in try? estimator.fit(data) }) { #expect(other == fitted) }

  var generator = SplitMix64(seed: 77)
  var order = Array(0..<data.count)
  for i in order.indices.reversed() { order.swapAt(i, generator.below(i + 1)) }
  same(try estimator.fit(data.rows(order)).model, fitted.model)

  // Weight 2 = row twice.
  let twice = order.prefix(data.count / 3)
  var weights = data.weights
  for i in twice { weights[i] *= 2 }
  let doubled = try estimator.fit(replacing(data, weights: weights))
  let repeated = try estimator.fit(data.rows(Array(0..<data.count) + twice))
  same(doubled.model, repeated.model)

  // Weight 0 = row absent, whatever the row holds.
  weights = data.weights
  for i in twice { weights[i] = 0 }
  let silenced = try estimator.fit(replacing(data, weights: weights))
  let kept = data.weights.indices.filter { weights[$0] > 0 }
  let absent = try estimator.fit(data.rows(kept))
  same(silenced.model, absent.model)
  #expect(silenced.report.rows == kept.count)

  // One label alone cannot be fitted.
  for target in [0.0, 1.0] {
    let targets = [Double](repeating: target, count: data.count)
    #expect(throws: LearningError.singleClass(positive: target == 1, rows: data.count)) {
      try estimator.fit(replacing(data, targets: targets))
    }
  }
  #expect(throws: LearningError.tooFewRows(found: 1, needed: 2)) {
    try estimator.fit(data.rows([0]))
  }
}
