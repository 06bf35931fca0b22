/// What requests cost and what always asking the strongest candidate would have cost: whole nano-dollars, of the requests where both are
/// known.
struct LiveMoney: Equatable, Sendable {
  /// Requests of which both are known.
  var requests = 0
  /// Nano-dollars.
  var spent: Int64 = 0
  /// Nano-dollars.
  var strongest: Int64 = 0

  /// Nano-dollars that were not spent; negative where routing cost more.
  var saved: Int64 { strongest - spent }

  /// Adds a request; nothing when one of the two is unknown. What Int64 cannot hold, nine billion dollars, stays at its end.
  mutating func add(_ cost: Int64?, strongest most: Int64?) {
    guard let cost, let most, cost >= 0, most >= 0 else { return }
    requests += 1
    spent = spent.addingClamped(cost)
    strongest = strongest.addingClamped(most)
  }

  /// Adds the requests of `other`.
  mutating func add(_ other: LiveMoney) {
    requests += other.requests
    spent = spent.addingClamped(other.spent)
    strongest = strongest.addingClamped(other.strongest)
  }
}
