/// How a promise about a mean loss is proved: a valid p-value of "the mean loss exceeds the limit".
///
/// Losses lie in [−1, 1]; every bound but the binomial one tests their mean after moving them to [0, 1] by
/// x = (loss + 1) / 2. Under the null hypothesis each p-value p obeys P(p ≤ δ) ≤ δ; for ``clt`` only as n grows.
public enum RiskBound: String, CaseIterable, Equatable, Sendable, Codable {
  /// Betting against "the mean exceeds the limit" (Waudby-Smith & Ramdas 2024, arXiv 2010.09686): exact at any n and
  /// sharp where the losses vary little. See ``bettingPValue(_:limit:delta:)``.
  case wsr
  /// Hoeffding–Bentkus (Bates et al. 2021, arXiv 2101.02703; Angelopoulos et al., arXiv 2110.01052): exact at any n, knows
  /// only the mean. See ``hoeffdingBentkusPValue(mean:count:limit:)``.
  case hoeffdingBentkus = "hoeffding-bentkus"
  /// Exact binomial test of the share of units that lose anything at all. That share is never below the mean loss, so
  /// keeping it below the limit keeps the mean there too; wins of cheaper candidates do not count.
  case binomial
  /// The central limit theorem: asymptotic, no promise at any given n. See ``normalPValue(_:limit:)``.
  case clt

  /// Whether the promise holds at every number of units, not only in the limit.
  public var isFiniteSample: Bool { self != .clt }

  /// p-value of "the mean loss exceeds `maximumLoss`".
  ///
  /// - Parameters:
  ///   - losses: one per unit, in [−1, 1], in an order that does not depend on them.
  ///   - maximumLoss: the limit α in (0, 1).
  ///   - delta: level 1 − confidence at which it will be tested; sets the stakes of ``wsr`` and nothing else.
  /// - Returns: in [0, 1]; 1 without units.
  public func pValue(_ losses: [Double], maximumLoss: Double, delta: Double) -> Double {
    guard !losses.isEmpty else { return 1 }
    switch self {
    case .wsr:
      return bettingPValue(
        losses.map { (1 + $0) / 2 }, limit: (1 + maximumLoss) / 2, delta: delta)
    case .hoeffdingBentkus:
      let mean = losses.reduce(0, +) / Double(losses.count)
      return hoeffdingBentkusPValue(
        mean: (1 + mean) / 2, count: losses.count, limit: (1 + maximumLoss) / 2)
    case .binomial:
      return binomialPValue(
        successes: losses.count { $0 > 0 }, trials: losses.count, limit: maximumLoss)
    case .clt:
      return normalPValue(losses, limit: maximumLoss)
    }
  }
}
