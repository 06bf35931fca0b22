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

  /// Where a solver may begin, and where it ended: k dense solver weights, the n row coefficients β of the
  /// row-space solver (else empty) and ranked hashed weights v (empty without hashed features).
  struct Position: Sendable {
    var dense: [Double]
    var rows: [Double]
    var hashed: [Double]
  }

  struct Solution: Sendable {
    var fitted: Fitted<LogisticCoefficients>
    var position: Position
  }

  init(_ data: TrainingSet, settings: LogisticRegression) throws(LearningError) {
    try settings.validate()
    try data.requireBothClasses()
    try data.requireAllPresent()
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
  static let absoluteTolerance = 1e-6
  /// Dense values up to which solvers that copy them are chosen by themselves.
  static let copyLimit = 4_000_000

  /// ``LogisticRegression/tolerance`` or what stands for it.
  func tolerance(_ settings: LogisticRegression) -> Double {
    if let tolerance = settings.tolerance { return tolerance }
    if settings.l1Ratio > 0 { return Self.absoluteTolerance }
    return rows == nil ? Self.denseTolerance : Self.hashedTolerance
  }

  /// Fits by the method that the settings or the shape ask for, from `start` or from the base rate.
  ///
  /// A start must come from the same solver.
  func solve(
    _ settings: LogisticRegression, from start: Position? = nil
  ) throws(LearningError) -> Solution {
    if let factors = settings.hashedPenaltyFactors, factors.count != bucketCount {
      throw .countMismatch(
        what: "hashedPenaltyFactors", expected: bucketCount, found: factors.count)
    }
    let goal = tolerance(settings) * totalWeight
    let iterations = settings.maximumIterations
    let start = start ?? baseRate
    let outcome: SolverOutcome
    switch (try method(settings), columns) {
    case (.proximalNewton, _):
      let solver = ProximalNewton(
        objective: flatObjective(settings), absolutePenalty: penalties(settings).absolute)
      outcome = flat(
        solver.minimize(from: start.flat, tolerance: goal, maximumIterations: iterations),
        solver: "proximal-newton")
    case (.rowSpaceLBFGS, let columns?):
      var solver = try RowSpaceLBFGS(
        objective: objective(settings), columns: columns, start: start,
        historyLength: settings.historyLength)
      outcome = solver.minimize(tolerance: goal, maximumIterations: iterations)
    case (.newtonCholesky, nil):
      outcome = try NewtonCholesky(objective: flatObjective(settings)).minimize(
        from: start.dense, tolerance: goal, maximumIterations: iterations)
    case (.truncatedNewton, _), (.rowSpaceLBFGS, nil), (.newtonCholesky, _):
      outcome = flat(
        try TruncatedNewton.minimize(
          flatObjective(settings), from: start.flat, tolerance: goal, maximumIterations: iterations),
        solver: "truncated-newton")
    }
    return solution(outcome, settings)
  }

  enum Method: Equatable {
    case newtonCholesky
    case rowSpaceLBFGS
    case truncatedNewton
    case proximalNewton
  }

  /// The method that the settings name, or else that the shape asks for.
  func method(
    _ settings: LogisticRegression, copyLimit: Int = Self.copyLimit
  ) throws(LearningError) -> Method {
    if settings.l1Ratio > 0 { return .proximalNewton }
    switch settings.solver {
    case .truncatedNewton: return .truncatedNewton
    case .rowSpaceLBFGS where columns != nil: return .rowSpaceLBFGS
    case .newtonCholesky where columns == nil: return .newtonCholesky
    case .rowSpaceLBFGS, .newtonCholesky:
      throw .unsuitableSolver(settings.solver.rawValue, hasHashedFeatures: columns != nil)
    case .automatic:
      if design.rowCount * design.columnCount > copyLimit { return .truncatedNewton }
      return columns == nil ? .newtonCholesky : .rowSpaceLBFGS
    }
  }

  /// A result over flat weights in the terms of all solvers.
  private func flat(_ result: TruncatedNewton.Outcome, solver: String) -> SolverOutcome {
    let k = design.columnCount
    let ranked = Array(result.x[k...])
    return SolverOutcome(
      solver: solver,
      position: Position(dense: Array(result.x[..<k]), rows: [], hashed: ranked),
      hashed: columns.map { $0.byBucket(ranked) } ?? [], iterations: result.iterations,
      converged: result.converged, gradientNorm: result.gradientNorm, objective: result.value)
  }

  func objective(_ settings: LogisticRegression) -> LogisticObjective {
    LogisticObjective(
      design: design.matrix, hashed: rows, targets: targets, weights: weights,
      densePenalty: Array(penalties(settings).squared[..<design.columnCount]),
      hashedPenalty: settings.l2Penalty, hashedFactors: settings.hashedPenaltyFactors)
  }

  /// The objective's smooth part over flat weights.
  func flatObjective(_ settings: LogisticRegression) -> BinaryObjective {
    BinaryObjective(
      map: LinearMap(design: design, columns: columns, headCount: 1), targets: targets,
      weights: weights, penalty: penalties(settings).squared)
  }

  /// Penalties on squares (halved) and on absolute values of the k + R flat weights; the intercept's are 0.
  func penalties(_ settings: LogisticRegression) -> (squared: [Double], absolute: [Double]) {
    let k = design.columnCount
    var all = [Double](
      repeating: settings.l2Penalty * settings.densePenaltyMultiplier, count: k)
    all[k - 1] = 0
    if let columns {
      let factors = settings.hashedPenaltyFactors.map { columns.ranked($0) }
      for rank in 0..<columns.rankCount {
        all.append(settings.l2Penalty * (factors.map { $0[rank] } ?? 1))
      }
    }
    return (all.map { $0 * (1 - settings.l1Ratio) }, all.map { $0 * settings.l1Ratio })
  }

  /// All weights 0 and the intercept at the log-odds of the weighted share of positives.
  var baseRate: Position {
    var positive = 0.0
    for i in targets.indices { positive += weights[i] * targets[i] }
    var dense = [Double](repeating: 0, count: design.columnCount)
    dense[dense.count - 1] = log(positive / (totalWeight - positive))
    return Position(
      dense: dense, rows: rows == nil ? [] : [Double](repeating: 0, count: targets.count),
      hashed: [Double](repeating: 0, count: columns?.rankCount ?? 0))
  }

  private func solution(_ outcome: SolverOutcome, _ settings: LogisticRegression) -> Solution {
    let (intercept, dense) = design.folded(outcome.position.dense)
    var hashed = outcome.hashed
    if hashed.isEmpty { hashed = [Double](repeating: 0, count: bucketCount) }
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
      tolerance: tolerance(settings), objective: outcome.objective,
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

extension LogisticProblem.Position {
  /// Dense, then ranked hashed weights.
  var flat: [Double] { dense + hashed }
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
