/// A call that failed is tried again, then somewhere else: upwards first, down when the top has failed too.
public struct Retry: Guard, Equatable {
  /// Further calls to the candidate that failed.
  public var times: Int
  /// Whether other candidates are asked after that.
  public var climbs: Bool

  /// A guard.
  public init(times: Int = 1, climbs: Bool = true) {
    self.times = times
    self.climbs = climbs
  }

  /// Turns a failure into a further call.
  public func amend(_ step: Step, for request: Request, after attempts: [Attempt]) -> Step {
    guard case .fail = step, let last = attempts.last else { return step }
    var reason = Reason("retry", "again").amending(step)
    let tries = attempts.reversed().prefix { $0.candidate == last.candidate }.count
    if tries <= times { return .ask(Ask(last.candidate), reason) }
    guard climbs else { return step }
    var tried = CandidateSet.none
    for attempt in attempts { tried.insert(attempt.candidate) }
    reason.detail = "another candidate"
    for k in (last.candidate + 1)..<max(last.candidate + 1, request.candidateCount)
    where !tried.contains(k) { return .ask(Ask(k), reason) }
    for k in stride(from: request.strongest, through: 0, by: -1) where !tried.contains(k) {
      return .ask(Ask(k), reason)
    }
    return step
  }
}
