import RiddleData

/// What a policy will do whatever calls bring that are still under way: how a live driver knows, without another rule than the policy's own,
/// that a race is decided, or that an answer may be passed on while it is still being written.
extension Policy {
  /// The attempt that is accepted whatever the pending ones bring; nil while that is open.
  ///
  /// The policy is asked with every pending attempt as a failure, as an answer nobody trusts and as one everybody trusts. A policy whose
  /// acceptance of an attempt depends on others only through whether they are answered and trusted cannot decide otherwise later.
  ///
  /// - Parameters:
  ///   - earlier: attempts of the steps before.
  ///   - step: the candidates of this step with what they brought; nil is pending.
  /// - Returns: an index into `earlier` followed by `step`.
  public func foregone(
    _ request: Request, after earlier: [Attempt], step: [(candidate: Int, attempt: Attempt?)]
  ) -> Int? {
    var settled: Int?
    for hypothesis in Hypothesis.allCases {
      let attempts =
        earlier + step.map { $0.attempt ?? hypothesis.attempt($0.candidate, like: step) }
      guard case .accept(let index, _) = next(request, after: attempts) else { return nil }
      guard index >= earlier.count, step[index - earlier.count].attempt != nil else { return nil }
      if let settled, settled != index { return nil }
      settled = index
    }
    return settled
  }

  /// Whether `candidate`'s answer is accepted whatever it says, if there is one: then it need not be seen before it is passed on.
  public func acceptsAnyAnswer(
    of candidate: Int, _ request: Request, after attempts: [Attempt]
  ) -> Bool {
    for hypothesis in Hypothesis.allCases where hypothesis != .fails {
      let attempt = hypothesis.attempt(candidate, like: [])
      guard case .accept(attempts.count, _) = next(request, after: attempts + [attempt]) else {
        return false
      }
    }
    return true
  }
}

/// What a call that is still under way might bring.
private enum Hypothesis: CaseIterable {
  case fails, unknown, untrusted, trusted, agrees

  func attempt(_ candidate: Int, like others: [(candidate: Int, attempt: Attempt?)]) -> Attempt {
    switch self {
    case .fails: Attempt(candidate: candidate, failure: .error, latency: 0, cost: 0)
    case .unknown: Attempt(candidate: candidate)
    case .untrusted:
      // A day: later than any limit that somebody waits for.
      Attempt(
        candidate: candidate, latency: 86_400_000_000, cost: 0, confidence: 0, gateScore: 0)
    case .trusted:
      Attempt(candidate: candidate, latency: 0, cost: 0, confidence: 1, gateScore: 1)
    case .agrees:
      Attempt(
        candidate: candidate, latency: 0, cost: 0, confidence: 1, gateScore: 1,
        answer: others.lazy.compactMap { $0.attempt?.answer }.first)
    }
  }
}
