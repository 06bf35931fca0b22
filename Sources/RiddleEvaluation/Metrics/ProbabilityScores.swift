import Glibc

/// Negative log likelihood of label `y` under probability `p`, in nats: −y ln p − (1 − y) ln(1 − p).
///
/// `p` is clipped to [10⁻¹⁵, 1 − 10⁻¹⁵], so one confident mistake costs at most 34.5 nats instead of infinity.
public func logLoss(probability p: Double, label y: Double) -> Double {
  let clipped = min(max(p, 1e-15), 1 - 1e-15)
  return -(y * log(clipped) + (1 - y) * log1p(-clipped))
}

/// Brier's score of one forecast: (p − y)² (Brier, 1950).
public func brierScore(probability p: Double, label y: Double) -> Double { (p - y) * (p - y) }

/// Brier's score split by bins of equal forecasts (Murphy, 1973, doi:10.1175/1520-0450(1973)012<0595:ANVPOT>2.0.CO;2):
/// mean Brier = reliability − resolution + uncertainty, exact when each bin holds one distinct forecast.
public struct BrierParts: Equatable, Sendable {
  /// Mean squared distance of forecast and observed share; 0 is best.
  public var reliability: Double
  /// Mean squared distance of observed share and base rate; larger is better.
  public var resolution: Double
  /// Base rate · (1 − base rate).
  public var uncertainty: Double

  /// The parts over the distinct values of `probabilities`. Needs at least one row.
  public init(probabilities: [Double], labels: [Double]) {
    precondition(
      probabilities.count == labels.count && !labels.isEmpty,
      "\(probabilities.count) probabilities for \(labels.count) labels; at least one expected")
    let order = RankOrder(descending: probabilities)
    let n = Double(labels.count)
    let base = labels.reduce(0, +) / n
    var reliability = 0.0
    var resolution = 0.0
    var start = 0
    for end in order.groupEnds.map(Int.init) {
      let count = Double(end - start)
      let p = probabilities[Int(order.rows[start])]
      var observed = 0.0
      for i in start..<end { observed += labels[Int(order.rows[i])] }
      observed /= count
      reliability += count * (p - observed) * (p - observed)
      resolution += count * (observed - base) * (observed - base)
      start = end
    }
    self.reliability = reliability / n
    self.resolution = resolution / n
    uncertainty = base * (1 - base)
  }
}
