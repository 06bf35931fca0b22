import Glibc
import RiddleLinearAlgebra

/// A training set made ready for solvers once, so that a path of penalties reuses it.
///
/// Rows of weight 0 are dropped, class weights multiplied in, dense columns standardised, hashed rows transposed.
struct LogisticProblem: Sendable {
  let design: LogisticDesign
  let rows: SignedBinaryRows?
  let columns: SignedBinaryColumns?
  let targets: [Double]
  let weights: [Double]
  let totalWeight: Double
  let positives: Int

  /// Where a solver may begin, and where it ended: k dense solver weights and the n row coefficients β with
  /// hashed weights v = Xᵀβ (empty without hashed features).
  struct Position: Sendable {
    var dense: [Double]
    var rows: [Double]
  }

  struct Solution: Sendable {
    var fitted: Fitted<LogisticCoefficients>
    var position: Position
  }

  init(_ data: TrainingSet, settings: LogisticRegression) throws(LearningError) {
    try settings.validate()
    try data.requireBothClasses()
    let used = data.weights.contains(0) ? data.weights.indices.filter { data.weights[$0] > 0 } : nil
    let data = used.map { data.rows($0) } ?? data
    targets = data.targets
    weights = Self.classWeighted(data, settings.classWeights)
    totalWeight = weights.reduce(0, +)
    positives = data.usableRows.positives
    design = LogisticDesign(
      data.dense, weights: weights, standardizes: settings.standardizesDense)
    rows = data.hashed.flatMap { $0.keys.isEmpty ? nil : $0 }
    columns = rows.map { SignedBinaryColumns($0) }
    bucketCount = data.hashed?.bucketCount ?? 0
  }

  private let bucketCount: Int

  /// Default tolerances; ``LogisticRegression/tolerance`` says why they differ.
  static let denseTolerance = 1e-9
  static let hashedTolerance = 2e-4

  /// Fits by the method that the shape asks for, from `start` or from the base rate.
  func solve(
    _ settings: LogisticRegression, from start: Position? = nil
  ) throws(LearningError) -> Solution {
    let objective = objective(settings)
    let outcome: SolverOutcome
    if let columns {
      var solver = try RowSpaceLBFGS(
        objective: objective, columns: columns, start: start ?? baseRate,
        historyLength: settings.historyLength)
      outcome = solver.minimize(
        tolerance: (settings.tolerance ?? Self.hashedTolerance) * totalWeight,
        maximumIterations: settings.maximumIterations)
    } else {
      outcome = try NewtonCholesky(objective: objective).minimize(
        from: start?.dense ?? baseRate.dense,
        tolerance: (settings.tolerance ?? Self.denseTolerance) * totalWeight,
        maximumIterations: settings.maximumIterations)
    }
    return solution(outcome, settings)
  }

  func objective(_ settings: LogisticRegression) -> LogisticObjective {
    let k = design.matrix.columnCount
    var penalty = [Double](
      repeating: settings.l2Penalty * settings.densePenaltyMultiplier, count: k)
    penalty[k - 1] = 0
    return LogisticObjective(
      design: design.matrix, hashed: rows, targets: targets, weights: weights,
      densePenalty: penalty, hashedPenalty: settings.l2Penalty)
  }

  /// All weights 0 and the intercept at the log-odds of the weighted share of positives.
  var baseRate: Position {
    var positive = 0.0
    for i in targets.indices { positive += weights[i] * targets[i] }
    var dense = [Double](repeating: 0, count: design.matrix.columnCount)
    dense[dense.count - 1] = log(positive / (totalWeight - positive))
    return Position(
      dense: dense, rows: rows == nil ? [] : [Double](repeating: 0, count: targets.count))
  }

  private func solution(_ outcome: SolverOutcome, _ settings: LogisticRegression) -> Solution {
    let (intercept, dense) = design.folded(outcome.position.dense)
    var hashed = outcome.hashed
    if hashed.isEmpty { hashed = [Double](repeating: 0, count: bucketCount) }
    let defaultTolerance = rows == nil ? Self.denseTolerance : Self.hashedTolerance
    var remedies = outcome.remedies
    if !outcome.converged {
      remedies.append(
        """
        not converged after \(outcome.iterations) iterations: raise l2Penalty, then maximumIterations, \
        or accept a larger tolerance
        """)
    }
    let report = FitReport(
      solver: outcome.solver, iterations: outcome.iterations, converged: outcome.converged,
      gradientNorm: outcome.gradientNorm / totalWeight,
      tolerance: settings.tolerance ?? defaultTolerance, objective: outcome.objective,
      rows: targets.count, positives: positives, remedies: remedies)
    let model = LogisticCoefficients(intercept: intercept, dense: dense, hashed: hashed)
    return Solution(
      fitted: Fitted(model: model, report: report), position: outcome.position)
  }

  private static func classWeighted(
    _ data: TrainingSet, _ classWeights: LogisticRegression.ClassWeights
  ) -> [Double] {
    var (positive, negative) = (1.0, 1.0)
    switch classWeights {
    case .uniform: return data.weights
    case .given(let p, let n): (positive, negative) = (p, n)
    case .balanced:
      var share = 0.0
      let total = data.weights.reduce(0, +)
      for i in data.targets.indices { share += data.weights[i] * data.targets[i] }
      (positive, negative) = (total / (2 * share), total / (2 * (total - share)))
    }
    return data.targets.indices.map { i in
      data.weights[i] * (data.targets[i] * positive + (1 - data.targets[i]) * negative)
    }
  }
}

/// What a solver hands back.
struct SolverOutcome: Sendable {
  var solver: String
  var position: LogisticProblem.Position
  /// One weight per bucket, or none.
  var hashed: [Double]
  var iterations: Int
  var converged: Bool
  /// ‖∇f‖₂.
  var gradientNorm: Double
  var objective: Double
  var remedies: [String] = []
}
