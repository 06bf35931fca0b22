import RiddleLinearAlgebra

/// How much the rows of each class weigh, multiplied into their own weights.
public enum ClassBalance: Equatable, Sendable {
  /// 1 for all.
  case uniform
  /// Every class's rows weigh the same in total: Σc / (K Σ_class c).
  case balanced
  /// One weight per class, finite, above 0.
  case given([Double])
}

/// A class training set made ready for solvers: unused rows dropped, balance multiplied in, dense columns
/// standardised, hashed rows transposed.
struct ClassProblem: Sendable {
  let design: LogisticDesign
  let columns: SignedBinaryColumns?
  let classes: [Int]
  let classCount: Int
  let weights: [Double]
  /// Σ weights of every class.
  let classWeights: [Double]
  private let bucketCount: Int

  init(
    _ data: ClassTrainingSet, balance: ClassBalance, standardizesDense: Bool
  ) throws(LearningError) {
    let data = try data.usable()
    classes = data.classes
    classCount = data.classCount
    let factors: [Double]
    switch balance {
    case .uniform: factors = [Double](repeating: 1, count: classCount)
    case .balanced:
      let sums = data.classWeights
      let total = sums.reduce(0, +)
      factors = sums.map { total / (Double(sums.count) * $0) }
    case .given(let given):
      if given.count != classCount {
        throw .countMismatch(what: "class weights", expected: classCount, found: given.count)
      }
      if let bad = given.first(where: { !($0 > 0 && $0.isFinite) }) {
        throw .invalidSetting(
          name: "class weight", value: bad, expected: "a finite number above 0")
      }
      factors = given
    }
    let weights = data.classes.indices.map { data.weights[$0] * factors[data.classes[$0]] }
    self.weights = weights
    var sums = [Double](repeating: 0, count: classCount)
    for i in weights.indices { sums[data.classes[i]] += weights[i] }
    classWeights = sums
    design = LogisticDesign(data.dense, weights: weights, standardizes: standardizesDense)
    columns = data.hashed.flatMap { $0.keys.isEmpty ? nil : SignedBinaryColumns($0) }
    bucketCount = data.hashed?.bucketCount ?? 0
  }

  var totalWeight: Double { classWeights.reduce(0, +) }

  /// Penalties of one head's flat weights: dense, intercept (0), hashed.
  func penalty(_ l2: Double, denseMultiplier: Double) -> [Double] {
    var all = [Double](repeating: l2 * denseMultiplier, count: design.columnCount)
    all[all.count - 1] = 0
    return all + [Double](repeating: l2, count: columns?.rankCount ?? 0)
  }

  /// One head's flat weights in raw units.
  func folded(_ head: [Double]) -> LogisticCoefficients {
    let k = design.columnCount
    let (intercept, dense) = design.folded(Array(head[..<k]))
    let hashed =
      columns.map { $0.byBucket(Array(head[k...])) } ?? [Double](repeating: 0, count: bucketCount)
    return LogisticCoefficients(intercept: intercept, dense: dense, hashed: hashed)
  }

  func report(
    _ outcome: TruncatedNewton.Outcome, solver: String, tolerance: Double
  ) -> FitReport {
    var remedies: [String] = []
    if !outcome.converged {
      remedies.append(
        """
        not converged after \(outcome.iterations) iterations: raise l2Penalty, then maximumIterations, \
        or accept a larger tolerance
        """)
    }
    return FitReport(
      solver: solver, iterations: outcome.iterations, converged: outcome.converged,
      gradientNorm: outcome.gradientNorm / totalWeight, tolerance: tolerance,
      objective: outcome.value, rows: classes.count, positives: classes.count { $0 > 0 },
      remedies: remedies)
  }
}

/// Throws unless the numbers are usable as settings of a penalised fit.
func checkPenalties(
  l2Penalty: Double, denseMultiplier: Double, tolerance: Double, maximumIterations: Int
) throws(LearningError) {
  for (name, value) in [("l2Penalty", l2Penalty), ("densePenaltyMultiplier", denseMultiplier)]
  where !(value >= 0 && value.isFinite) {
    throw .invalidSetting(name: name, value: value, expected: "a finite number of at least 0")
  }
  if !(tolerance > 0 && tolerance.isFinite) {
    throw .invalidSetting(
      name: "tolerance", value: tolerance, expected: "a finite number above 0")
  }
  if maximumIterations < 1 {
    throw .invalidSetting(
      name: "maximumIterations", value: Double(maximumIterations), expected: "at least 1")
  }
}
