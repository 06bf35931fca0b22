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
  /// What was done to the data or is worth trying, one sentence each.
  public var remedies: [String]

  private enum CodingKeys: String, CodingKey {
    case solver, iterations, converged, tolerance, objective, rows, positives, remedies
    case gradientNorm = "gradient_norm"
  }

  /// A report.
  public init(
    solver: String, iterations: Int, converged: Bool, gradientNorm: Double, tolerance: Double,
    objective: Double, rows: Int, positives: Int, remedies: [String] = []
  ) {
    self.solver = solver
    self.iterations = iterations
    self.converged = converged
    self.gradientNorm = gradientNorm
    self.tolerance = tolerance
    self.objective = objective
    self.rows = rows
    self.positives = positives
    self.remedies = remedies
  }
}
