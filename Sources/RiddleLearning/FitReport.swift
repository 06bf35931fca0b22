/// How a fit went: what ran, how long, and whether it arrived. Stored in manifests.
public struct FitReport: Equatable, Sendable, Codable {
  /// Method that ran, such as `newton-cholesky`.
  public var solver: String
  /// Iterations done.
  public var iterations: Int
  /// Whether the stopping rule fired; false is a result, not an error.
  public var converged: Bool
  /// Euclidean norm of the gradient at the result, divided by the total weight; 0 where no gradient exists.
  public var gradientNorm: Double
  /// The largest ``gradientNorm`` that counts as converged.
  public var tolerance: Double
  /// Value that was minimised, penalties included.
  public var objective: Double
  /// Rows of positive weight.
  public var rows: Int
  /// Those whose target exceeds ½.
  public var positives: Int
  /// Parameters in effect, intercept included: tr H(H + Λ)⁻¹ of the dense block plus Σ_b h_b/(h_b + λ_b) of the
  /// hashed one, whose off-diagonal curvature is neglected (which overstates it); nil where it was not computed.
  public var effectiveDegreesOfFreedom: Double?
  /// What was done to the data or is worth trying, one sentence each.
  public var remedies: [String]

  private enum CodingKeys: String, CodingKey {
    case solver, iterations, converged, tolerance, objective, rows, positives, remedies
    case gradientNorm = "gradient_norm"
    case effectiveDegreesOfFreedom = "effective_degrees_of_freedom"
  }

  /// A report.
  public init(
    solver: String, iterations: Int, converged: Bool, gradientNorm: Double, tolerance: Double,
    objective: Double, rows: Int, positives: Int, effectiveDegreesOfFreedom: Double? = nil,
    remedies: [String] = []
  ) {
    self.solver = solver
    self.iterations = iterations
    self.converged = converged
    self.gradientNorm = gradientNorm
    self.tolerance = tolerance
    self.objective = objective
    self.rows = rows
    self.positives = positives
    self.effectiveDegreesOfFreedom = effectiveDegreesOfFreedom
    self.remedies = remedies
  }
}
