import RiddleLinearAlgebra

/// Penalised logistic regression on dense and hashed features.
///
/// Minimises Σ_i c_i [log(1 + e^mᵢ) − tᵢmᵢ] + λ(½(1 − ρ)‖w‖² + ρ‖w‖₁), so λ is 1/C of scikit-learn and LIBLINEAR.
/// The penalty applies to standardised dense weights (unless ``standardizesDense`` is off) and to hashed weights,
/// never to the intercept. ``solver`` says what solves it, and the report names what did. Call `BLASThreads.set(1)` at start-up: fits run their own shards, and
/// only with one BLAS thread are the bits independent of the thread count.
public struct LogisticRegression: Estimator, Equatable {
  /// λ, at least 0.
  public var l2Penalty = 1.0
  /// λ of the dense block as a multiple of ``l2Penalty``.
  public var densePenaltyMultiplier = 1.0
  /// ρ: the share of the penalty on absolute weights, in 0 ... 1; above 0 many weights become exactly 0.
  public var l1Ratio = 0.0
  /// Multiples of ``l2Penalty``, one per bucket, finite and above 0; nil takes 1 for all.
  ///
  /// Weights w_b = √φ⁻¹_b · u_b with a plain penalty on u are the same model: idf weighting is φ_b = 1/idf_b².
  public var hashedPenaltyFactors: [Double]?
  /// Whether dense columns are centred and divided by their standard deviation before the fit.
  public var standardizesDense = true
  /// How labels are reweighted.
  public var classWeights = ClassWeights.uniform
  /// Largest ‖gradient‖₂ / Σc that counts as converged, gradient by standardised and hashed weights.
  ///
  /// Nil takes 10⁻⁹ for Newton's method, whose last step is nearly free, 2 · 10⁻⁴ with hashed features, where
  /// held-out log loss has settled to four digits, and 10⁻⁶ with an L1 part, where the support has settled.
  public var tolerance: Double?
  /// Iterations after which the fit is returned as not converged.
  public var maximumIterations = 300
  /// Pairs of steps that the limited-memory method remembers.
  public var historyLength = 20

  /// What solves the problem.
  public var solver = Solver.automatic

  /// Methods. All reach the same optimum; they differ in what they cost.
  public enum Solver: String, Equatable, Sendable, Codable, CaseIterable {
    /// By shape: `proximal-newton` with an L1 part, else `truncated-newton` above 4 · 10⁶ dense values, whose exact
    /// curvature costs more and which `row-space-lbfgs` copies, else `row-space-lbfgs` with hashed features and
    /// `newton-cholesky` without.
    case automatic
    /// Exact Newton steps; dense features only.
    case newtonCholesky = "newton-cholesky"
    /// Limited-memory BFGS in the span of the rows; hashed features only.
    case rowSpaceLBFGS = "row-space-lbfgs"
    /// Newton steps by conjugate gradients, for any features. Copies no dense data.
    case truncatedNewton = "truncated-newton"
  }

  /// Weights of the two labels, multiplied into the rows' own.
  public enum ClassWeights: Equatable, Sendable {
    /// 1 and 1.
    case uniform
    /// Each label's rows weigh the same in total: Σc / (2 Σ_label c).
    case balanced
    /// Given weights; a soft target t weighs t · positive + (1 − t) · negative.
    case given(positive: Double, negative: Double)
  }

  /// Default settings with penalty λ = `l2Penalty`.
  public init(l2Penalty: Double = 1) {
    self.l2Penalty = l2Penalty
  }

  /// Fits coefficients in raw feature units.
  ///
  /// - Throws: `LearningError.tooFewRows`, `.singleClass`, `.invalidSetting`, or `.singularCurvature`.
  /// - Complexity: O(n k² + k³) per iteration without, O(keys + n (k + historyLength)) with hashed features.
  public func fit(_ data: TrainingSet) throws(LearningError) -> Fitted<LogisticCoefficients> {
    let problem = try LogisticProblem(data, settings: self)
    var solution = try problem.solve(self)
    solution.fitted.report.effectiveDegreesOfFreedom = problem.effectiveDegreesOfFreedom(
      solution.position, self)
    return solution.fitted
  }

  func validate() throws(LearningError) {
    if !(l2Penalty >= 0 && l2Penalty.isFinite) {
      throw .invalidSetting(
        name: "l2Penalty", value: l2Penalty, expected: "a finite number of at least 0")
    }
    if !(densePenaltyMultiplier >= 0 && densePenaltyMultiplier.isFinite) {
      throw .invalidSetting(
        name: "densePenaltyMultiplier", value: densePenaltyMultiplier,
        expected: "a finite number of at least 0")
    }
    if !(0...1).contains(l1Ratio) {
      throw .invalidSetting(name: "l1Ratio", value: l1Ratio, expected: "a number from 0 to 1")
    }
    if let bad = hashedPenaltyFactors?.first(where: { !($0 > 0 && $0.isFinite) }) {
      throw .invalidSetting(
        name: "hashedPenaltyFactors", value: bad, expected: "finite numbers above 0")
    }
    if let tolerance, !(tolerance > 0 && tolerance.isFinite) {
      throw .invalidSetting(
        name: "tolerance", value: tolerance, expected: "a finite number above 0")
    }
    if maximumIterations < 1 {
      throw .invalidSetting(
        name: "maximumIterations", value: Double(maximumIterations), expected: "at least 1")
    }
    if historyLength < 1 {
      throw .invalidSetting(
        name: "historyLength", value: Double(historyLength), expected: "at least 1")
    }
    if case .given(let positive, let negative) = classWeights {
      for (name, value) in [("positive", positive), ("negative", negative)]
      where !(value > 0 && value.isFinite) {
        throw .invalidSetting(
          name: "class weight (\(name))", value: value, expected: "a finite number above 0")
      }
    }
  }
}
