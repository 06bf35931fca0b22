import RiddleData

/// Candidates that fail too often are left alone for a while; what was meant for them goes up the ladder, so that the router fails towards the strong
/// candidate.
public struct CircuitBreaker: Guard, Equatable {
  /// Who failed lately.
  public var health: CandidateHealth

  /// A breaker.
  public init(health: CandidateHealth) { self.health = health }

  /// Leaves resting candidates out of a call; the call stands when nobody is left.
  public func amend(_ step: Step, for request: Request, after attempts: [Attempt]) -> Step {
    guard case .ask(let ask, _) = step else { return step }
    let time = request.context.time?.count
    var open = CandidateSet.none
    for k in ask.candidates where health.isAvailable(k, at: time) { open.insert(k) }
    if open == ask.candidates { return step }
    if open.isEmpty {
      let above = (ask.candidates.last + 1)..<max(ask.candidates.last + 1, request.candidateCount)
      let below = (0..<ask.candidates.first).reversed()
      for k in Array(above) + Array(below)
      where health.isAvailable(k, at: time) && !attempts.contains(where: { $0.candidate == k }) {
        open.insert(k)
        break
      }
    }
    if open.isEmpty { return step }
    return .ask(
      Ask(open, timeout: ask.timeout, awaitsAll: ask.awaitsAll),
      Reason("circuit breaker", "a candidate rests", alternatives: ask.candidates, isFlagged: true)
        .amending(step))
  }

  /// Remembers which calls failed.
  public mutating func observe(_ served: Served) { health.observe(served) }
  /// Yes.
  public var learns: Bool { true }
}
