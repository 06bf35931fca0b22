import RiddleData

/// Savings = 1 − cost / cost of always-strongest, signed: negative when routing costs more than it saves.
///
/// - Parameters:
///   - cost: everything the policy pays: answers, router, failed steps.
///   - strongest: cost of always-strongest over the same rows, same unit.
/// - Returns: nil when always-strongest costs nothing, since a share of nothing is not a number.
public func savings(cost: Double, strongest: Double) -> Double? {
  guard strongest > 0, cost.isFinite else { return nil }
  return 1 - cost / strongest
}

/// Retention = quality of the policy / quality of always-strongest; nil when the latter is 0.
///
/// Read it beside the gap recovered: always-cheapest may already retain 90 %.
public func retention(quality: Double, strongest: Double) -> Double? {
  let value = quality / strongest
  return value.isFinite ? value : nil
}

/// Regret of one row: max over candidates of utility − utility of the pick, where
/// utility = quality − λ · cost in dollars. At least 0.
///
/// - Parameters:
///   - quality: qualities of the row's candidates.
///   - dollars: their costs; looked at only when `price` is not 0.
///   - pick: position of the pick.
///   - price: λ.
public func regret(quality: [Double], dollars: [Double], pick: Int, price: Double) -> Double {
  func utility(_ k: Int) -> Double { price == 0 ? quality[k] : quality[k] - price * dollars[k] }
  var best = utility(0)
  for k in 1..<quality.count { best = max(best, utility(k)) }
  return best - utility(pick)
}

/// How the steps of one answer add up when more than one candidate was asked (METRICS §5).
public enum StepComposition: Equatable, Sendable {
  /// One after the other: costs and latencies add.
  case cascade
  /// All at once, and all awaited: costs add, latency is the largest.
  case parallel
  /// All at once, and the first good one taken: costs add, latency is that of the accepted step.
  case speculative(accepted: Int)

  /// Total cost and latency of the steps; nothing for none.
  ///
  /// - Parameter steps: cost and latency of each asked candidate; `accepted` is a position among them.
  public func total(_ steps: [(cost: NanoDollars, latency: Microseconds)]) -> (
    cost: NanoDollars, latency: Microseconds
  ) {
    let cost = steps.reduce(NanoDollars.zero) { $0 + $1.cost }
    let latency: Int64
    switch self {
    case .cascade: latency = steps.reduce(0) { $0 + $1.latency.count }
    case .parallel: latency = steps.reduce(0) { max($0, $1.latency.count) }
    case .speculative(let accepted):
      precondition(
        steps.isEmpty || steps.indices.contains(accepted),
        "step \(accepted) of \(steps.count) cannot be the accepted one")
      latency = steps.isEmpty ? 0 : steps[accepted].latency.count
    }
    return (cost, Microseconds(latency))
  }
}
