import RiddleData

/// One asked candidate and what came back, as far as a policy may see it: never the quality, which nobody knows while
/// the user waits.
public struct Attempt: Equatable, Sendable {
  /// Position on the ladder of the candidate that was asked.
  public var candidate: Int
  /// Why there is no answer; nil when there is one.
  public var failure: CallFailure?
  /// Whether nobody wanted the answer any more, for example because another candidate won a race: a ``failure`` that says nothing of the
  /// candidate. A replay makes no such attempts.
  public var wasCancelled: Bool
  /// Microseconds until the answer was complete or the failure known; nil when the log does not say.
  public var latency: Int64?
  /// Nano-dollars of the call; nil when the log does not say.
  public var cost: Int64?
  /// The candidate's own confidence in [0, 1].
  public var confidence: Double?
  /// An independent judge's score in [0, 1].
  public var gateScore: Double?
  /// The extracted answer; nil when none could be extracted.
  public var answer: AnswerKey?

  /// An attempt of which only the candidate need be known.
  public init(
    candidate: Int, failure: CallFailure? = nil, latency: Int64? = nil, cost: Int64? = nil,
    confidence: Double? = nil, gateScore: Double? = nil, answer: AnswerKey? = nil,
    wasCancelled: Bool = false
  ) {
    self.candidate = candidate
    self.failure = failure
    self.latency = latency
    self.cost = cost
    self.confidence = confidence
    self.gateScore = gateScore
    self.answer = answer
    self.wasCancelled = wasCancelled
  }

  /// Whether there is something to give to the user.
  public var isAnswered: Bool { failure == nil }
}
