/// What a router says about one query.
public struct Decision: Equatable, Sendable {
  /// Chosen rung of the ladder: 0 is the cheapest candidate.
  public let candidate: Int
  /// Head that decided: the first whose margin is below its threshold, else the last.
  public let head: Int
  /// Log-odds of that head.
  public let margin: Double
  /// Threshold of that head; `margin >= threshold` climbs.
  public let threshold: Double
  /// Calibrated probability that the query must climb above candidate `head`.
  public let probability: Double

  /// A decision.
  public init(candidate: Int, head: Int, margin: Double, threshold: Double, probability: Double) {
    self.candidate = candidate
    self.head = head
    self.margin = margin
    self.threshold = threshold
    self.probability = probability
  }
}
