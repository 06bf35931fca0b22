/// What the two wrong turns cost, in any one unit (ROUTING-SYSTEMS A24).
///
/// Routing up is right when P · failure ≥ (1 − P) · overspend, hence the Bayes threshold on P(strong needed):
/// overspend / (overspend + failure) (Elkan, IJCAI 2001, eq. 2).
public struct ErrorCosts: Equatable, Sendable {
  /// A complex query to the cheap candidate.
  public var failure: Double
  /// A simple query to the dear one.
  public var overspend: Double

  /// Costs above 0.
  public init(failure: Double, overspend: Double) {
    precondition(failure > 0 && overspend > 0, "costs must be above 0")
    self.failure = failure
    self.overspend = overspend
  }

  /// The probability from which a query goes up.
  public var threshold: Double { overspend / (overspend + failure) }
}
