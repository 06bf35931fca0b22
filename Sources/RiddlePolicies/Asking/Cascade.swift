/// Cheapest first, upwards while the answers are not trusted (ROUTING-SYSTEMS A7, A13).
///
/// The candidates of ``ladder`` are asked one after the other. An answer with confidence ≥ ``threshold`` is accepted; the last one
/// is accepted unscored. A failed call, and an answer without a confidence, count as not trusted; when the last call fails
/// the latest answer there is is given. Costs and times add up over the steps. Every step starts from the original query (B2):
/// what a later candidate answers, and what that is worth, does not depend on the earlier ones.
public struct Cascade: Policy, Equatable {
  /// Positions in the order of asking; at least one.
  public var ladder: [Int]
  /// Confidence from which an answer is accepted.
  public var threshold: Double
  /// Where confidence comes from.
  public var signal: ConfidenceSignal

  /// A cascade.
  public init(ladder: [Int], threshold: Double = 0.8, signal: ConfidenceSignal) {
    precondition(!ladder.isEmpty, "a cascade has at least one candidate")
    self.ladder = ladder
    self.threshold = threshold
    self.signal = signal
  }

  /// Asks the next candidate, or accepts.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    next(request, after: attempts, stage: "cascade", score: nil)
  }

  /// The same under the name of a stage that contains the cascade, with the score that led there.
  func next(_ request: Request, after attempts: [Attempt], stage: String, score: Double?) -> Step? {
    guard let last = attempts.indices.last else {
      return .ask(Ask(min(ladder[0], request.strongest)), Reason(stage, "first", score: score))
    }
    let isLast = attempts.count >= ladder.count
    if isLast && attempts[last].isAnswered { return .accept(last, Reason(stage, "last")) }
    var reason = Reason(stage, threshold: threshold)
    if attempts[last].isAnswered {
      reason.score = signal.confidence(request, attempts, at: last)
      reason.fee = signal.price
      reason.delay = signal.time
      reason.confidence = reason.score
      if let confidence = reason.score, confidence >= threshold {
        reason.detail = "confident"
        return .accept(last, reason)
      }
      reason.detail = reason.score == nil ? "no confidence" : "not confident"
    } else {
      reason.detail = "call failed"
    }
    if !isLast { return .ask(Ask(min(ladder[attempts.count], request.strongest)), reason) }
    reason.isFlagged = true
    guard let answered = attempts.lastIndex(where: \.isAnswered) else { return .fail(reason) }
    return .accept(answered, reason)
  }
}
