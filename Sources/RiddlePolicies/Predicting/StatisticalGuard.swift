/// Stays with a fallback candidate unless another is better beyond doubt: leaves it only for a candidate whose gain in utility,
/// quality − λ · dollars, has a lower bound gain − z · standard error above 0, and of these for the one with the largest bound.
/// Of equals the cheaper. Passes on without predictions.
///
/// The two predictions count as independent: the gain's standard error is √(se² + se₀²). z is the dial: at 0 the best mean
/// decides, and the larger it is the more evidence leaving takes.
public struct StatisticalGuard: PickingPolicy, Equatable {
  /// Position of the candidate that answers in doubt; beyond the ladder means its top.
  public var fallback: Int
  /// z, at least 0.
  public var z: Double
  /// λ: the quality that one dollar must buy; at least 0.
  public var dollarWeight: Double
  /// Mean dollars of one answer of each candidate, ladder order; not looked at when λ = 0.
  public var dollars: [Double]

  /// A guard around `fallback`.
  public init(
    fallback: Int, z: Double = 1.645, dollarWeight: Double = 0, dollars: [Double] = []
  ) {
    precondition(fallback >= 0, "a ladder position starts at 0, got \(fallback)")
    precondition(z >= 0 && z.isFinite, "z is at least 0, got \(z)")
    precondition(
      dollarWeight >= 0 && dollarWeight.isFinite, "λ is at least 0, got \(dollarWeight)")
    precondition(
      dollars.allSatisfy { $0 >= 0 && $0.isFinite }, "prices are at least 0: \(dollars)")
    self.fallback = fallback
    self.z = z
    self.dollarWeight = dollarWeight
    self.dollars = dollars
  }

  /// The candidate that is surely better than the fallback, or the fallback.
  public func pick(_ request: Request) -> Pick? {
    let predictions = request.predictions
    if predictions.isEmpty { return nil }
    var count = min(predictions.count, request.candidateCount)
    if dollarWeight > 0 { count = min(count, dollars.count) }
    let home = min(fallback, request.strongest)
    guard home < count else { return nil }
    var (best, most) = (home, 0.0)
    for k in 0..<count where k != home {
      var gain = predictions[k].quality - predictions[home].quality
      if dollarWeight > 0 { gain -= dollarWeight * (dollars[k] - dollars[home]) }
      let (own, other) = (predictions[k].standardError, predictions[home].standardError)
      let bound = z == 0 ? gain : gain - z * (own * own + other * other).squareRoot()
      if bound > most { (best, most) = (k, bound) }
    }
    return Pick(
      best,
      Reason(
        "statistical-guard", best == home ? "stays" : "gain beyond doubt", score: most,
        threshold: 0, alternatives: .all(count)))
  }
}
