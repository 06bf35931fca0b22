import Glibc
import RiddleLinearAlgebra

/// Penalised softmax regression: which of K candidates suffices, on dense and hashed features.
///
/// Minimises Σ_i c_i [log Σ_h e^m_ih − m_i,yᵢ] + ½λ Σ_h ‖w_h‖², so λ is 1/C of scikit-learn. As in
/// ``LogisticRegression`` the penalty applies to standardised dense and to hashed weights, never to intercepts.
/// With λ > 0 the heads' weights add up to 0 by themselves; intercepts are shifted to. Solved by
/// ``TruncatedNewton``, whose products share one pass over the rows among all heads.
public struct MultinomialLogisticRegression: Sendable, Equatable {
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

  /// Fits one head of coefficients per class, in raw feature units.
  ///
  /// The report's `positives` counts the rows above class 0.
  ///
  /// - Throws: `LearningError.tooFewRows`, `.emptyClass`, `.invalidSetting`, `.countMismatch` (class weights), or
  ///   `.singularCurvature`.
  /// - Complexity: O(K (n k + keys)) per product, about ten products an iteration.
  public func fit(
    _ data: ClassTrainingSet
  ) throws(LearningError) -> Fitted<MultinomialCoefficients> {
    try checkPenalties(
      l2Penalty: l2Penalty, denseMultiplier: densePenaltyMultiplier, tolerance: tolerance,
      maximumIterations: maximumIterations)
    let problem = try ClassProblem(
      data, balance: classBalance, standardizesDense: standardizesDense)
    let objective = objective(problem)
    let size = objective.map.headSize
    let intercept = problem.design.columnCount - 1
    var start = [Double](repeating: 0, count: objective.map.weightCount)
    for h in 0..<problem.classCount {
      start[h * size + intercept] = log(problem.classWeights[h] / problem.totalWeight)
    }
    let outcome = try TruncatedNewton.minimize(
      objective, from: start, tolerance: tolerance * problem.totalWeight,
      maximumIterations: maximumIterations)
    var heads = (0..<problem.classCount).map {
      problem.folded(Array(outcome.x[($0 * size)..<(($0 + 1) * size)]))
    }
    let mean = heads.reduce(0) { $0 + $1.intercept } / Double(heads.count)
    for h in heads.indices { heads[h].intercept -= mean }
    return Fitted(
      model: MultinomialCoefficients(heads: heads),
      report: problem.report(outcome, solver: "truncated-newton", tolerance: tolerance))
  }

  func objective(_ problem: ClassProblem) -> MultinomialObjective {
    MultinomialObjective(
      map: LinearMap(
        design: problem.design, columns: problem.columns, headCount: problem.classCount),
      classes: problem.classes, weights: problem.weights,
      penalty: problem.penalty(l2Penalty, denseMultiplier: densePenaltyMultiplier))
  }
}

/// What a softmax regression learned: P(class h) ∝ e^margin of head h.
public struct MultinomialCoefficients: Equatable, Sendable {
  /// One head per class, in raw feature units.
  public var heads: [LogisticCoefficients]

  /// Coefficients.
  public init(heads: [LogisticCoefficients]) {
    self.heads = heads
  }

  /// Margins, `n × K`.
  public func margins(dense: Matrix, hashed: SignedBinaryRows?) -> Matrix {
    var result = Matrix(rowCount: dense.rowCount, columnCount: heads.count)
    for (h, head) in heads.enumerated() {
      for (i, margin) in head.margins(dense: dense, hashed: hashed).enumerated() {
        result[i, h] = margin
      }
    }
    return result
  }

  /// Probabilities of the classes, `n × K`; rows add up to 1.
  public func probabilities(dense: Matrix, hashed: SignedBinaryRows?) -> Matrix {
    var result = margins(dense: dense, hashed: hashed)
    for i in 0..<result.rowCount {
      _ = MultinomialObjective.softmax(&result.values, i * heads.count, 1, heads.count)
    }
    return result
  }
}
