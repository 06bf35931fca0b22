import Glibc

/// Intervals and p-values that hold at every look at once: whoever stops when he likes is still wrong with probability α at most.
///
/// The asymptotic confidence sequence of Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas (Time-uniform central limit theory,
/// Annals of Statistics 2024, arXiv 2103.06476, theorem 2.2), Robbins's normal mixture with estimated variance. With t units so
/// far, estimate θ̂, standard error s and v = ρ² t:
///
///     θ̂ ± s √((1 + v)/v · (log(1 + v) − 2 log α)),     p = min(1, √(1 + v) · exp(−v z² / (2 (1 + v)))),   z = θ̂ / s
///
/// p is the inverse of the mixture sequential probability ratio (Robbins 1970, doi:10.1214/aoms/1177696786; Johari, Koomen,
/// Pekelis & Walsh 2017, doi:10.1145/3097983.3097992) and at most α exactly where the interval excludes 0. ρ is fixed before
/// the test: it makes the interval narrow around `tunedFor` units, ρ² = (−2 log α + log(1 − 2 log α)) / tunedFor (their
/// appendix B.2). Ten times more or fewer units cost 7 to 27 % of the width, so nothing depends on guessing it well.
/// Asymptotic: it needs enough units before the first look (``leastUnits``) for the variance to be known.
public struct ConfidenceSequence: Equatable, Sendable {
  /// Probability of ever excluding the truth.
  public let alpha: Double
  /// Units at which the interval is narrowest for its number of units.
  public let tunedFor: Double

  /// Units that each arm needs before a look decides.
  public static let leastUnits = 50

  /// A sequence; `alpha` in (0, 1), `tunedFor` above 0.
  public init(alpha: Double, tunedFor: Double) {
    precondition(alpha > 0 && alpha < 1 && tunedFor > 0, "alpha \(alpha), tuned for \(tunedFor)")
    self.alpha = alpha
    self.tunedFor = tunedFor
  }

  /// ρ² t.
  private func mixing(_ units: Int) -> Double {
    let level = -2 * log(alpha)
    return (level + log1p(level)) / tunedFor * Double(units)
  }

  /// Half the interval's width in standard errors: what 1.96 is to a single look.
  public func criticalValue(units: Int) -> Double {
    let v = mixing(units)
    return ((1 + v) / v * (log1p(v) - 2 * log(alpha))).squareRoot()
  }

  /// The always-valid p of "no difference" at this look.
  public func pValue(estimate: Double, standardError: Double, units: Int) -> Double {
    guard standardError > 0 else { return estimate == 0 ? 1 : 0 }
    let v = mixing(units)
    let z = estimate / standardError
    return min(1, exp(0.5 * log1p(v) - v * z * z / (2 * (1 + v))))
  }
}
