/// What a router says about one query.
public struct Decision: Equatable, Sendable {
  /// Chosen rung of the ladder: 0 is the cheapest candidate.
  public let candidate: Int
  /// Step of the ladder that decided: the first whose margin is below its threshold, else the last. With
  /// ``DecisionRule/ladder`` also the index of the head.
  public let head: Int
  /// Margin of that step: log-odds of its head, or the value that climbing offers per unit of price.
  public let margin: Double
  /// Threshold of that step; `margin >= threshold` climbs.
  public let threshold: Double
  /// Calibrated probability that the query must climb above candidate `head`. With ``DecisionRule/values(_:)``:
  /// (1 + margin) / 2, the expected gain in [−1, 1] moved to [0, 1].
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
