import Glibc

/// Rows for which a paired comparison shows a difference of means: n = ⌈((z_{1 − α/2} + z_{power}) · σ / Δ)²⌉.
///
/// The normal approximation of the paired test's power (Lehr 1992; Chow, Shao & Wang, Sample Size Calculations, section 3.1).
///
/// - Parameters:
///   - difference: Δ > 0 that must be found.
///   - deviation: σ, standard deviation of the row-wise differences.
///   - confidence: 1 − α of the two-sided interval.
///   - power: probability that the interval excludes 0.
public func pairedSampleSize(
  difference: Double, deviation: Double, confidence: Double = 0.95, power: Double = 0.8
) -> Int {
  let z = normalQuantile(0.5 + confidence / 2) + normalQuantile(power)
  let n = z * deviation / difference
  return Int((n * n).rounded(.up))
}

/// Rows of each of two separate samples for which a difference of proportions shows: n = ⌈2 ((z_{1 − α/2} + z_{power}) / h)²⌉
/// with Cohen's effect size h = 2 arcsin √p₁ − 2 arcsin √p₂ (Cohen 1988, section 6.2).
public func twoSampleSize(
  first: Double, second: Double, confidence: Double = 0.95, power: Double = 0.8
) -> Int {
  let z = normalQuantile(0.5 + confidence / 2) + normalQuantile(power)
  let h = 2 * asin(first.squareRoot()) - 2 * asin(second.squareRoot())
  return Int((2 * (z / h) * (z / h)).rounded(.up))
}

/// The smallest difference that `rows` paired rows show: (z_{1 − α/2} + z_{power}) · σ / √n.
public func detectableDifference(
  rows: Int, deviation: Double, confidence: Double = 0.95, power: Double = 0.8
) -> Double {
  (normalQuantile(0.5 + confidence / 2) + normalQuantile(power)) * deviation
    / Double(max(1, rows)).squareRoot()
}
