import Glibc
import RiddleLinearAlgebra

/// The estimator of ``LogisticRegression`` for rows that fit in memory, solved by a few cheap passes.
///
/// Minimises the same f = Σ c ℓ(m, t) + ½λ‖w‖² (dense block: λ · multiplier, on standardised columns; intercept
/// free) by coordinate ascent on its dual (Shalev-Shwartz & Zhang, 2013, JMLR 14; Yu, Huang & Lin, 2011,
/// doi:10.1007/s10994-010-5221-8). One pass costs one gather and one scatter a key, like a pass of stochastic
/// gradient descent, and keeps nothing but one number a row and one a bucket. After each pass near the optimum the
/// gradient is measured over all rows: the fit stops by the same rule and tolerance as the batch solver.
///
/// Passes grow with the largest ‖x‖²/λ; below λ of about 0.05 prefer ``LogisticRegression``.
public struct DualLogistic: Equatable, Sendable {
  /// λ, above 0.
  public var l2Penalty = 1.0
  /// λ of the standardised dense block as a multiple of ``l2Penalty``, above 0.
  public var densePenaltyMultiplier = 1.0
  /// Largest ‖gradient‖₂ / Σc that counts as converged, gradient by standardised and hashed weights. At 10⁻³ the
  /// objective was within 2 · 10⁻⁶ a row of its minimum and held-out log loss had settled to five digits.
  public var tolerance = 1e-3
  /// Passes after which the fit is returned as not converged.
  public var maximumPasses = 50

  /// Default settings with penalty λ = `l2Penalty`.
  public init(l2Penalty: Double = 1) {
    self.l2Penalty = l2Penalty
  }

  /// Fits coefficients in raw feature units.
  ///
  /// - Throws: `LearningError.tooFewRows`, `.singleClass` or `.invalidSetting`.
  /// - Complexity: O(keys + n·d) a pass.
  public func fit(_ rows: CompactRows) throws(LearningError) -> Fitted<LogisticCoefficients> {
    try validate()
    let totals = rows.totals
    if totals.rows < 2 { throw .tooFewRows(found: totals.rows, needed: 2) }
    if totals.positive == 0 || totals.positive == totals.weight {
      throw .singleClass(positive: totals.positive > 0, rows: totals.rows)
    }
    var ascent = DualAscent(
      rows, penalty: l2Penalty, multiplier: densePenaltyMultiplier,
      intercept: log(totals.positive / (totals.weight - totals.positive)))
    var passes = 0
    var state = DualAscent.State(gradientNorm: .infinity, objective: .infinity)
    let limit = tolerance * totals.weight
    while passes < maximumPasses {
      let gap = ascent.pass(passes)
      passes += 1
      // A pass that still moves much is not worth a measurement.
      if gap > 0.02 * tolerance * totals.weight && passes < maximumPasses { continue }
      state = ascent.measured()
      if state.gradientNorm <= limit { break }
    }
    var remedies: [String] = []
    if state.gradientNorm > limit {
      remedies.append(
        "not converged after \(passes) passes: raise l2Penalty, or fit with LogisticRegression")
    }
    let report = FitReport(
      solver: "dual-coordinate-ascent", iterations: passes,
      converged: state.gradientNorm <= limit, gradientNorm: state.gradientNorm / totals.weight,
      tolerance: tolerance, objective: state.objective, rows: totals.rows,
      positives: totals.positives, remedies: remedies)
    return Fitted(model: ascent.coefficients, report: report)
  }

  private func validate() throws(LearningError) {
    for (name, value) in [
      ("l2Penalty", l2Penalty), ("densePenaltyMultiplier", densePenaltyMultiplier),
      ("tolerance", tolerance),
    ] where !(value > 0 && value.isFinite) {
      throw .invalidSetting(name: name, value: value, expected: "a finite number above 0")
    }
    if maximumPasses < 1 {
      throw .invalidSetting(
        name: "maximumPasses", value: Double(maximumPasses), expected: "at least 1")
    }
  }
}
