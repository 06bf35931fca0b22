/// A budget of time, spent on a ladder with a fallback (ROUTING-SYSTEMS A28).
///
/// Each call may take what is left of the budget. A failed call is followed by the next candidate of the ladder; an error on the
/// last, or a spent budget, is an error, and no guard may call anybody after a spent budget. An answer that came after the slow mark (80 % of the budget) is accepted and flagged.
public struct LatencyBudget: Policy, Equatable {
  /// Positions in the order of asking; at least one.
  public var ladder: [Int]
  /// Microseconds in all.
  public var budget: Int64
  /// Share of the budget after which an answer is slow.
  public var slowMark: Double

  /// A budget.
  public init(ladder: [Int], budget: Int64 = 3_000_000, slowMark: Double = 0.8) {
    precondition(!ladder.isEmpty, "a ladder has at least one candidate")
    self.ladder = ladder
    self.budget = budget
    self.slowMark = slowMark
  }

  /// Microseconds from which an answer is slow: 2 400 ms of 3 000.
  public var slow: Int64 { Int64((slowMark * Double(budget)).rounded()) }

  /// Asks the next candidate with the rest of the budget, accepts, or gives up.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    var elapsed: Int64 = 0
    for attempt in attempts { elapsed += attempt.latency ?? 0 }
    let score = Double(elapsed) / 1e3
    if let last = attempts.last, last.isAnswered {
      let isSlow = elapsed >= slow
      return .accept(
        attempts.count - 1,
        Reason(
          "latency budget", isSlow ? "slow" : "in time", score: score,
          threshold: Double(slow) / 1e3, isFlagged: isSlow))
    }
    let isOver = elapsed >= budget
    if attempts.count >= ladder.count || isOver {
      return .fail(
        Reason(
          "latency budget", isOver ? "budget spent" : "every candidate failed", score: score,
          threshold: Double(budget) / 1e3, isFlagged: true, isBinding: isOver))
    }
    return .ask(
      Ask(min(ladder[attempts.count], request.strongest), timeout: budget - elapsed),
      Reason(
        "latency budget", attempts.isEmpty ? "first" : "after a failure", score: score,
        threshold: Double(budget) / 1e3))
  }
}
