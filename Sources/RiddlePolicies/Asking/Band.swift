/// A heuristic at both ends, a cascade in between (ROUTING-SYSTEMS A14): above `high` the strong candidate, below `low` the cheap
/// one; between them, both ends included, the cheap one first and the strong one when its answer is not trusted.
public struct Band: Policy, Equatable {
  /// Where the score comes from.
  public var source: ScoreSource
  /// Below it: cheap.
  public var low: Double
  /// Above it: strong.
  public var high: Double
  /// What happens between.
  public var cascade: Cascade

  /// A band; the cascade's first and last candidates are the cheap and the strong one.
  public init(source: ScoreSource, low: Double = 0.2, high: Double = 0.8, cascade: Cascade) {
    precondition(low <= high, "the band's low end \(low) is above its high end \(high)")
    self.source = source
    self.low = low
    self.high = high
    self.cascade = cascade
  }

  /// Decides outside the band, asks the cascade inside; passes on a request without a score.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    guard let score = source.score(request) else { return nil }
    if score >= low && score <= high {
      return cascade.next(request, after: attempts, stage: "band", score: score)
    }
    let isHard = score > high
    let candidate = isHard ? cascade.ladder[cascade.ladder.count - 1] : cascade.ladder[0]
    let reason = Reason(
      "band", isHard ? "above" : "below", score: score, threshold: isHard ? high : low)
    guard let last = attempts.last else {
      return .ask(Ask(min(candidate, request.strongest)), reason)
    }
    return last.isAnswered ? .accept(attempts.count - 1, reason) : .fail(reason)
  }
}
