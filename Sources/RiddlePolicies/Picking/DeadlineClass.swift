import RiddleData

/// How long the caller can wait decides (ROUTING-SYSTEMS A29): strict → the fastest candidate, batch → the cheapest that clears the
/// bar, interactive and everything else → the next stage.
public struct DeadlineClass: PickingPolicy, Equatable {
  /// Field with the class.
  public var field: String
  /// One entry a candidate; fastest by median, ties to the cheaper.
  public var speeds: [CandidateSpeed]
  /// Expected quality that batch work must have.
  public var bar: Double
  /// Expected quality of each candidate, for requests without predictions of their own.
  public var qualities: [Double]

  /// A policy.
  public init(
    field: String = "deadline", speeds: [CandidateSpeed], bar: Double, qualities: [Double]
  ) {
    self.field = field
    self.speeds = speeds
    self.bar = bar
    self.qualities = qualities
  }

  /// The candidate of the request's class.
  public func pick(_ request: Request) -> Pick? {
    switch request.context.value(of: field)?.lowercased() {
    case "strict":
      var best = request.strongest
      var known: Int64?
      for k in speeds.indices where k < request.candidateCount {
        guard let speed = speeds[k].p50, known.map({ speed < $0 }) ?? true else { continue }
        best = k
        known = speed
      }
      return Pick(best, Reason("deadline", "strict", isFlagged: known == nil))
    case "batch":
      for k in 0..<request.candidateCount {
        let expected =
          k < request.predictions.count
          ? request.predictions[k].quality : k < qualities.count ? qualities[k] : 0
        if expected >= bar {
          return Pick(k, Reason("deadline", "batch", score: expected, threshold: bar))
        }
      }
      return Pick(
        request.strongest, Reason("deadline", "batch, nobody clears the bar", threshold: bar))
    default: return nil
    }
  }
}
