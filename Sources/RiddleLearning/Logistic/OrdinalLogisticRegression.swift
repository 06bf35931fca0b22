import Glibc
import RiddleLinearAlgebra

/// Proportional-odds regression: how far up a ladder of K candidates a query has to go.
///
/// P(y > k) = σ(w·x − θ_k) with θ_0 < θ_1 < … (McCullagh, 1980, doi:10.1111/j.2517-6161.1980.tb01109.x), fitted by
/// penalised maximum likelihood, ½λ‖w‖² on standardised dense and on hashed weights; cut-points are free.
/// Solved by ``TruncatedNewton`` on (w, θ): the likelihood is log-concave (Pratt, 1981).
public struct OrdinalLogisticRegression: Sendable, Equatable {
  /// λ, at least 0.
  public var l2Penalty = 1.0
  /// λ of the dense block as a multiple of ``l2Penalty``.
  public var densePenaltyMultiplier = 1.0
  /// Whether dense columns are centred and divided by their standard deviation before the fit.
  public var standardizesDense = true
  /// How classes are reweighted.
  public var classBalance = ClassBalance.uniform
  /// Largest ‖gradient‖₂ / Σc that counts as converged.
  public var tolerance = 1e-7
  /// Iterations after which the fit is returned as not converged.
  public var maximumIterations = 100

  /// Default settings with penalty λ = `l2Penalty`.
  public init(l2Penalty: Double = 1) {
    self.l2Penalty = l2Penalty
  }

  /// Fits shared weights and K − 1 cut-points, in raw feature units.
  ///
  /// The report's `positives` counts the rows above class 0.
  ///
  /// - Throws: `LearningError.tooFewRows`, `.emptyClass`, `.invalidSetting`, `.countMismatch` (class weights), or
  ///   `.singularCurvature`.
  /// - Complexity: O(n k + keys) per product, about ten products an iteration.
  public func fit(_ data: ClassTrainingSet) throws(LearningError) -> Fitted<OrdinalCoefficients> {
    try checkPenalties(
      l2Penalty: l2Penalty, denseMultiplier: densePenaltyMultiplier, tolerance: tolerance,
      maximumIterations: maximumIterations)
    let problem = try ClassProblem(
      data, balance: classBalance, standardizesDense: standardizesDense)
    let objective = objective(problem)
    var start = [Double](repeating: 0, count: objective.weightCount)
    var above = problem.totalWeight
    for k in 0..<objective.cutCount {
      above -= problem.classWeights[k]
      start.append(log((problem.totalWeight - above) / above))
    }
    let outcome = try TruncatedNewton.minimize(
      objective, from: start, tolerance: tolerance * problem.totalWeight,
      maximumIterations: maximumIterations)
    let intercept = problem.design.columnCount - 1
    let shared = problem.folded(
      Array(outcome.x[..<intercept]) + [0]
        + Array(outcome.x[intercept..<objective.weightCount]))
    let model = OrdinalCoefficients(
      dense: shared.dense, hashed: shared.hashed,
      cutPoints: outcome.x[objective.weightCount...].map { $0 - shared.intercept })
    return Fitted(
      model: model,
      report: problem.report(outcome, solver: "truncated-newton", tolerance: tolerance))
  }

  func objective(_ problem: ClassProblem) -> OrdinalObjective {
    var penalty = problem.penalty(l2Penalty, denseMultiplier: densePenaltyMultiplier)
    penalty.remove(at: problem.design.columnCount - 1)
    return OrdinalObjective(
      map: LinearMap(design: problem.design, columns: problem.columns, headCount: 1),
      classes: problem.classes, weights: problem.weights, classWeights: problem.classWeights,
      penalty: penalty)
  }
}

/// What a proportional-odds regression learned: one score w·x, cut K − 1 times.
public struct OrdinalCoefficients: Equatable, Sendable {
  /// One weight per dense feature.
  public var dense: [Double]
  /// One weight per bucket; empty without hashed features.
  public var hashed: [Double]
  /// θ, K − 1 increasing values.
  public var cutPoints: [Double]

  /// Coefficients.
  public init(dense: [Double], hashed: [Double] = [], cutPoints: [Double]) {
    self.dense = dense
    self.hashed = hashed
    self.cutPoints = cutPoints
  }

  /// K − 1 binary models that share the weights: head k has the margin of P(y > k), with intercept −θ_k.
  public var heads: [LogisticCoefficients] {
    cutPoints.map { LogisticCoefficients(intercept: -$0, dense: dense, hashed: hashed) }
  }

  /// Probabilities of the K classes, `n × K`; rows add up to 1.
  public func probabilities(dense features: Matrix, hashed rows: SignedBinaryRows?) -> Matrix {
    let scores = LogisticCoefficients(intercept: 0, dense: dense, hashed: hashed)
      .margins(dense: features, hashed: rows)
    var result = Matrix(rowCount: scores.count, columnCount: cutPoints.count + 1)
    for (i, score) in scores.enumerated() {
      var above = 1.0
      for (k, cut) in cutPoints.enumerated() {
        let next = LogisticLoss.probability(margin: score - cut)
        result[i, k] = above - next
        above = next
      }
      result[i, cutPoints.count] = above
    }
    return result
  }
}
