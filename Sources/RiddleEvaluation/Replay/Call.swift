import RiddleData

/// What asking a candidate once brought: how long it took, and whether an answer came.
public struct Call: Equatable, Sendable {
  /// Microseconds until the answer was complete or the failure was known; `OutcomeTable.missingLatency` when unknown.
  public var latency: Int64
  /// Why there is no answer; nil when there is one. What the answer is worth and costs stands in the outcome table.
  public var failure: CallFailure?

  /// A call that took `latency` microseconds.
  public init(latency: Int64, failure: CallFailure? = nil) {
    self.latency = latency
    self.failure = failure
  }

  /// Whether the latency is known.
  public var hasLatency: Bool { latency != OutcomeTable.missingLatency }
}
