import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleTestSupport
import Testing

@testable import RiddleLearning

/// Gradient and Hessian products against central differences at `x`: step 1e-5, so errors are near 1e-9 of the scale.
func checkDerivatives<O: SmoothObjective>(
  _ objective: O, at x: [Double], sourceLocation: SourceLocation = #_sourceLocation
) {
  let h = 1e-5
  let (_, state) = objective.evaluate(x)
  let gradient = objective.gradient(state)
  #expect(gradient.count == x.count, sourceLocation: sourceLocation)
  for j in x.indices {
    var (up, down) = (x, x)
    up[j] += h
    down[j] -= h
    let (a, b) = (objective.evaluate(up), objective.evaluate(down))
    expectClose(
      gradient[j], (a.value - b.value) / (2 * h), tolerance: 2e-6,
      sourceLocation: sourceLocation)
    var unit = [Double](repeating: 0, count: x.count)
    unit[j] = 1
    let column = objective.hessianProduct(state, unit)
    let (ga, gb) = (objective.gradient(a.state), objective.gradient(b.state))
    for i in x.indices {
      expectClose(
        column[i], (ga[i] - gb[i]) / (2 * h), tolerance: 2e-6, sourceLocation: sourceLocation)
    }
  }
}

/// A seeded class training set, every class present.
func classSample(
  _ seed: UInt64, rows n: Int = 90, classes: Int = 3, bucketBits: Int? = nil
) throws -> ClassTrainingSet {
  let binary = try sample(seed, rows: n, bucketBits: bucketBits, weighted: true)
  var generator = SplitMix64(seed: seed &+ 1)
  return try ClassTrainingSet(
    dense: binary.dense, hashed: binary.hashed,
    classes: (0..<n).map { i in
      i < classes
        ? i
        : min(
          classes - 1,
          max(0, Int((binary.dense[i, 0] + 1) * 1.2) + generator.below(2)))
    }, classCount: classes, weights: binary.weights)
}
