/// What the two routing errors cost: sending a hard query to the weak candidate, or an easy one to the strong.
///
/// With P the probability that strong is needed, routing down risks P · failure and routing up (1 − P) · overspend;
/// the cheaper of the two is up from P = overspend / (overspend + failure) on (Elkan, 2001, "The foundations of
/// cost-sensitive learning"). Either cut a calibrated probability there, or train with ``classWeights`` and cut
/// at ½; doing both counts the costs twice.
public struct ErrorCosts: Equatable, Sendable, Codable {
  /// Cost of complex → weak: the answer fails.
  public let failure: Double
  /// Cost of simple → strong: money spent in vain.
  public let overspend: Double

  /// Costs in one unit, any; only their ratio matters to decisions.
  ///
  /// - Throws: `LearningError.invalidSetting` for a cost that is not finite and above 0.
  public init(failure: Double, overspend: Double) throws(LearningError) {
    for (name, value) in [("failure cost", failure), ("overspend cost", overspend)]
    where !(value > 0 && value.isFinite) {
      throw .invalidSetting(name: name, value: value, expected: "a finite number above 0")
    }
    self.failure = failure
    self.overspend = overspend
  }

  private enum CodingKeys: String, CodingKey { case failure, overspend }

  /// Decodes and checks costs.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    try self.init(
      failure: container.decode(Double.self, forKey: .failure),
      overspend: container.decode(Double.self, forKey: .overspend))
  }

  /// The probability that strong is needed from which routing up is the cheaper error: in 0 ... 1.
  public var bayesThreshold: Double {
    let larger = max(failure, overspend)
    return (overspend / larger) / (overspend / larger + failure / larger)
  }

  /// Weights of the labels that move the best cut of a fitted probability to ½; they add up to 2.
  public var classWeights: LogisticRegression.ClassWeights {
    .given(positive: 2 * (1 - bayesThreshold), negative: 2 * bayesThreshold)
  }

  /// Expected cost of routing up or down a query that needs strong with probability `probability`.
  public func expectedCost(routingUp: Bool, probability: Double) -> Double {
    routingUp ? (1 - probability) * overspend : probability * failure
  }
}
