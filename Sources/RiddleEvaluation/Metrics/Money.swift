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
