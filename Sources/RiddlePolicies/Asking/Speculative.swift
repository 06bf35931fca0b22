/// Inside an uncertain band small and large are asked at the same time (ROUTING-SYSTEMS A25). Small's answer is given when it is trusted,
/// else large's: both are paid for, and the user waits for the accepted one alone.
public struct Speculative: Policy, Equatable {
  /// Where the score comes from.
  public var source: ScoreSource
  /// Below it: small alone.
  public var low: Double
  /// Above it: large alone.
  public var high: Double
  /// Position of the small candidate.
  public var small: Int
  /// Position of the large candidate.
  public var large: Int
  /// Confidence from which small's answer is accepted.
  public var threshold: Double
  /// Where confidence comes from.
  public var signal: ConfidenceSignal

  /// A race.
  public init(
    source: ScoreSource, low: Double = 0.2, high: Double = 0.8, small: Int, large: Int,
    threshold: Double = 0.8, signal: ConfidenceSignal
  ) {
    precondition(low <= high, "the band's low end \(low) is above its high end \(high)")
    self.source = source
    self.low = low
    self.high = high
    self.small = small
    self.large = large
    self.threshold = threshold
    self.signal = signal
  }

  /// Asks one or both, then accepts; passes on a request without a score.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    guard let score = source.score(request) else { return nil }
    let (small, large) = (min(small, request.strongest), min(large, request.strongest))
    let isRace = score >= low && score <= high && small != large
    var reason = Reason(
      "speculative", isRace ? "both" : score > high ? "above" : "below", score: score,
      threshold: score > high ? high : low)
    guard !attempts.isEmpty else {
      if !isRace { return .ask(Ask(score > high ? large : small), reason) }
      return .ask(Ask([small, large], awaitsAll: false), reason)
    }
    // A guard may have asked once more: then the last answer counts.
    guard isRace, attempts.count == 2 else {
      let last = attempts.count - 1
      return attempts[last].isAnswered ? .accept(last, reason) : .fail(reason)
    }
    let first = attempts[0].candidate == small ? 0 : 1
    if attempts[first].isAnswered {
      reason.fee = signal.price
      reason.delay = signal.time
      reason.score = signal.confidence(request, attempts, at: first)
      reason.threshold = threshold
      reason.confidence = reason.score
      if let confidence = reason.score, confidence >= threshold {
        reason.detail = "small is trusted"
        return .accept(first, reason)
      }
    }
    reason.detail = "large"
    if attempts[1 - first].isAnswered { return .accept(1 - first, reason) }
    reason.isFlagged = true
    return attempts[first].isAnswered ? .accept(first, reason) : .fail(reason)
  }
}
