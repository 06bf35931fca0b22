import RiddleData
import RiddleRuntime

/// Money per day, or per user and day: when the next call may not be paid any more, the cheapest candidate is asked, or the answer
/// there is is given.
///
/// Days are those of the requests' times in UTC; requests without a time all belong to one day. What a call will cost is
/// guessed from the candidate's mean price.
public struct SpendingLimit: Guard, Equatable {
  /// Nano-dollars a day.
  public var limit: Int64
  /// Mean price of each candidate in nano-dollars.
  public var prices: [Int64]
  /// Field by which spending is counted apart, for example a user's identifier; nil counts all together.
  public var field: String?
  private var spent: BoundedMemory<Int64>

  /// A limit.
  public init(limit: Int64, prices: [Int64], field: String? = nil, capacity: Int = 100_000) {
    self.limit = limit
    self.prices = prices
    self.field = field
    spent = BoundedMemory(capacity: capacity)
  }

  private func key(_ request: Request) -> UInt64 {
    let day = (request.context.time?.count ?? 0) / 86_400_000_000
    let owner = field.flatMap { request.context.value(of: $0) } ?? ""
    return StableHash.mixed(StableHash.hash(owner.utf8) ^ UInt64(bitPattern: day))
  }

  /// Turns a call that would break the limit into the cheapest one, or into the answer there is; into an error when the cheapest
  /// has failed already.
  public func amend(_ step: Step, for request: Request, after attempts: [Attempt]) -> Step {
    guard case .ask(let ask, _) = step else { return step }
    var total = spent[key(request)] ?? 0
    for attempt in attempts { total += attempt.cost ?? price(attempt.candidate) }
    let before = total
    for k in ask.candidates { total += price(k) }
    if total <= limit || ask.candidates == [0] { return step }
    let reason = Reason(
      "budget", "limit reached", score: Double(before) / 1e9, threshold: Double(limit) / 1e9,
      alternatives: ask.candidates, isFlagged: true
    ).amending(step)
    if let answered = attempts.lastIndex(where: \.isAnswered) { return .accept(answered, reason) }
    // Else a guard that climbs after failures and this one would take turns for ever.
    if attempts.contains(where: { $0.candidate == 0 }) { return .fail(reason) }
    return .ask(Ask(0, timeout: ask.timeout), reason)
  }

  private func price(_ candidate: Int) -> Int64 {
    prices.indices.contains(candidate) ? prices[candidate] : 0
  }

  /// Adds what was paid.
  public mutating func observe(_ served: Served) {
    let key = key(served.request)
    let known = served.attempts.reduce(Int64(0)) { $0 + ($1.cost ?? price($1.candidate)) }
    spent.set(key, to: (spent[key] ?? 0) + (served.paid ?? known))
  }

  /// Yes.
  public var learns: Bool { true }
}
