import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime
import RiddleTestSupport
import Testing

/// A seeded training set whose labels follow a logistic model of its features.
func sample(
  _ seed: UInt64, rows n: Int = 120, columns d: Int = 4, bucketBits: Int? = nil,
  weighted: Bool = false, soft: Bool = false
) throws -> TrainingSet {
  var generator = SplitMix64(seed: seed)
  var dense: [Double] = []
  var hashed = bucketBits.map { SignedBinaryRows(bucketBits: $0) }
  var targets: [Double] = []
  for i in 0..<n {
    // Values on a grid, as counts are, so that columns repeat values.
    let x = (0..<d).map { _ in Double(generator.below(12)) / 4 - 1 }
    dense.append(contentsOf: x)
    var margin = x.enumerated().reduce(-0.2) { $0 + $1.element * (1 - 0.5 * Double($1.offset)) }
    if let bits = bucketBits {
      let keys = (0..<(2 + generator.below(12))).map { _ in
        UInt32(min(generator.below(2 << bits), generator.below(2 << bits)))
      }
      let split = keys.count / 3
      hashed?.append(
        words: keys[..<split], wordScale: 0.5, characters: keys[split...], characterScale: 0.25)
      margin += keys.reduce(0) { $0 + ($1 & 2 == 0 ? 0.2 : -0.2) }
    }
    let p = 1 / (1 + exponential(-margin))
    // The first rows hold both labels, whatever the seed.
    targets.append(soft ? p : i < 2 ? Double(i) : (generator.unit() < p ? 1 : 0))
  }
  let weights = weighted ? (0..<n).map { _ in Double(1 + generator.below(4)) / 2 } : nil
  return try TrainingSet(
    dense: Matrix(rowCount: n, columnCount: d, values: dense), hashed: hashed, targets: targets,
    weights: weights)
}

func replacing(
  _ data: TrainingSet, dense: Matrix? = nil, targets: [Double]? = nil, weights: [Double]? = nil
) throws -> TrainingSet {
  try TrainingSet(
    dense: dense ?? data.dense, hashed: data.hashed, targets: targets ?? data.targets,
    weights: weights ?? data.weights)
}

func expectClose(
  _ a: LogisticCoefficients, _ b: LogisticCoefficients, tolerance: Double,
  sourceLocation: SourceLocation = #_sourceLocation
) {
  expectClose(a.intercept, b.intercept, tolerance: tolerance, sourceLocation: sourceLocation)
  #expect(
    a.dense.count == b.dense.count && a.hashed.count == b.hashed.count,
    sourceLocation: sourceLocation)
  for (x, y) in zip(a.dense + a.hashed, b.dense + b.hashed) {
    expectClose(x, y, tolerance: tolerance, sourceLocation: sourceLocation)
  }
}
