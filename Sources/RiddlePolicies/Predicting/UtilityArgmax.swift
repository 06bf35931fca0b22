/// The candidate with the best predicted quality − λ · dollars (ROUTING-SYSTEMS A17). Of equals the cheaper. Sweeping λ from 0,
/// quality alone, to where only money counts traces the frontier of cost and quality. Passes on without predictions.
public struct UtilityArgmax: PickingPolicy, Equatable {
  /// λ: the quality that one dollar must buy; at least 0.
  public var dollarWeight: Double
  /// Mean dollars of one answer of each candidate, ladder order.
  public var dollars: [Double]

  /// A policy for mean prices of an answer in dollars.
  public init(dollarWeight: Double, dollars: [Double]) {
    precondition(
      dollarWeight >= 0 && dollarWeight.isFinite, "λ is at least 0, got \(dollarWeight)")
    precondition(
      dollars.allSatisfy { $0 >= 0 && $0.isFinite }, "prices are at least 0: \(dollars)")
    self.dollarWeight = dollarWeight
    self.dollars = dollars
  }

  /// The candidate of most utility among those with a prediction and a price.
  public func pick(_ request: Request) -> Pick? {
    let count = min(request.predictions.count, request.candidateCount, dollars.count)
    if count == 0 { return nil }
    var (best, most) = (0, -Double.infinity)
    for k in 0..<count {
      let utility = request.predictions[k].quality - dollarWeight * dollars[k]
      if utility > most { (best, most) = (k, utility) }
    }
    return Pick(
      best,
      Reason("utility", score: most, alternatives: .all(count)))
  }
}
