/// What one candidate's answer to one query was worth and cost.
public struct Outcome: Equatable, Sendable {
  /// Worth of the answer in [0, 1]; nil when nobody judged it.
  public var quality: Double?
  /// Price of the call; nil when the log does not say. Nil is counted and reported, never averaged in as free.
  public var cost: NanoDollars?
  /// Time until the answer was complete.
  public var latency: Microseconds?
  /// The candidate's own confidence in [0, 1]. Not calibrated.
  public var confidence: Double?
  /// An independent judge's score of the answer, in [0, 1].
  public var gateScore: Double?
  /// Tokens read by the candidate.
  public var inputTokens: Int64?
  /// Tokens written by the candidate.
  public var outputTokens: Int64?
  /// A short extracted answer, for agreement gates.
  public var answer: String?

  /// An outcome of which only `quality` and `cost` need be known.
  public init(
    quality: Double?, cost: NanoDollars? = nil, latency: Microseconds? = nil,
    confidence: Double? = nil, gateScore: Double? = nil, inputTokens: Int64? = nil,
    outputTokens: Int64? = nil, answer: String? = nil
  ) {
    self.quality = quality
    self.cost = cost
    self.latency = latency
    self.confidence = confidence
    self.gateScore = gateScore
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.answer = answer
  }
}
