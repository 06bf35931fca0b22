/// An evaluator looks at the answer; a bad one is tried again one step up the ladder (ROUTING-SYSTEMS A23).
///
/// At most ``retries`` retries, each one step dearer, from the original query (B2); after them the best candidate is forced, if it was
/// not asked already. The decision's confidence is the evaluator's for a first answer, 0.5 after a retry, 0.9 when forced.
public struct QualityGate: Guard, Equatable {
  /// Score from which an answer passes.
  public var threshold: Double
  /// The evaluator.
  public var signal: ConfidenceSignal
  /// Retries before the best candidate is forced.
  public var retries: Int

  /// A gate.
  public init(threshold: Double = 0.7, signal: ConfidenceSignal, retries: Int = 2) {
    self.threshold = threshold
    self.signal = signal
    self.retries = retries
  }

  /// Turns the acceptance of a bad answer, or a failure, into a dearer call.
  public func amend(_ step: Step, for request: Request, after attempts: [Attempt]) -> Step {
    let index: Int
    switch step {
    case .ask: return step
    case .accept(let accepted, _): index = accepted
    case .fail: index = attempts.count - 1
    }
    guard attempts.indices.contains(index) else { return step }
    let attempt = attempts[index]
    let isForced = attempts.count > retries + 1
    var reason = Reason(
      "gate", isForced ? "forced" : "", threshold: threshold,
      confidence: isForced ? 0.9 : attempts.count > 1 ? 0.5 : nil
    ).amending(step)
    if attempt.isAnswered && (attempt.candidate == request.strongest || isForced) {
      if attempts.count == 1 { return step }
      reason.detail = isForced ? "forced" : "best candidate"
      return .accept(index, reason)
    }
    if attempt.isAnswered {
      reason.score = signal.confidence(request, attempts, at: index)
      reason.fee += signal.price
      reason.delay += signal.time
      if let score = reason.score, score >= threshold {
        reason.detail = "passed"
        if attempts.count == 1 { reason.confidence = score }
        return .accept(index, reason)
      }
    }
    reason.detail = attempt.isAnswered ? "failed" : "call failed"
    guard attempt.candidate < request.strongest else {
      guard let answered = attempts.lastIndex(where: \.isAnswered) else { return .fail(reason) }
      return .accept(answered, reason)
    }
    let dearer = attempts.count > retries ? request.strongest : attempt.candidate + 1
    return .ask(Ask(dearer), reason)
  }
}
