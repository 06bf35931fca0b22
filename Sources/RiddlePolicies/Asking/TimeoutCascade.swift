import RiddleData

/// Cheapest first with a timeout, upwards when it runs out (ROUTING-SYSTEMS A30).
///
/// A user who has less than ``leastBudget`` cannot wait for a first try: the request is passed on, to be classified
/// beforehand by the next stage. The user's budget is the request's field, else ``budget``.
public struct TimeoutCascade: Policy, Equatable {
  /// Positions in the order of asking; at least one.
  public var ladder: [Int]
  /// Microseconds that each call but the last may take: behind the last nobody is left to ask.
  public var timeout: Int64
  /// Microseconds that a user waits in all where the request does not say; nil for ever.
  public var budget: Int64?
  /// Field with the user's budget in milliseconds.
  public var field: String
  /// Microseconds below which the cascade is refused.
  public var leastBudget: Int64

  /// A cascade.
  public init(
    ladder: [Int], timeout: Int64 = 5_000_000, budget: Int64? = nil,
    field: String = "latency_budget_ms", leastBudget: Int64 = 2_000_000
  ) {
    precondition(!ladder.isEmpty, "a ladder has at least one candidate")
    self.ladder = ladder
    self.timeout = timeout
    self.budget = budget
    self.field = field
    self.leastBudget = leastBudget
  }

  /// Asks the next candidate, accepts, or gives up; passes on users in a hurry.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    let own = request.context.number(of: field).flatMap { Int64(exactly: ($0 * 1e3).rounded()) }
    let total = own ?? budget
    if let total, total < leastBudget { return nil }
    if let last = attempts.last, last.isAnswered {
      return .accept(
        attempts.count - 1, Reason("timeout cascade", attempts.count == 1 ? "in time" : "escalated")
      )
    }
    var elapsed: Int64 = 0
    for attempt in attempts { elapsed += attempt.latency ?? 0 }
    let left = total.map { $0 - elapsed }
    let isOver = left.map { $0 <= 0 } ?? false
    if attempts.count >= ladder.count || isOver {
      // After the user's time is up no guard may call anybody.
      return .fail(
        Reason(
          "timeout cascade", "nobody answered in time", isFlagged: true, isBinding: isOver))
    }
    let reason = Reason(
      "timeout cascade", attempts.isEmpty ? "first" : "after a timeout",
      threshold: Double(timeout) / 1e3)
    let isLast = attempts.count == ladder.count - 1
    let wait = isLast ? left : left.map { min($0, timeout) } ?? timeout
    return .ask(Ask(min(ladder[attempts.count], request.strongest), timeout: wait), reason)
  }
}
