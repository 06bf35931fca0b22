import Glibc

/// p-value of "the mean of these values exceeds `limit`", by betting against it.
///
/// Capital K_t = Π_{i ≤ t} (1 + λᵢ (m − xᵢ)) with m = `limit`: under E[xᵢ | past] ≥ m it is a non-negative supermartingale
/// that starts at 1, so by Ville's inequality P(max_t K_t ≥ 1/δ) ≤ δ, and p = 1 / max_t K_t is valid. The stake λᵢ depends on
/// the past alone (their predictable plug-in for a fixed n): λᵢ = min(√(2 ln(1/δ) / (n σ̂²ᵢ₋₁)), ¾ / (1 − m)), with μ̂ᵢ = (½ + Σ x) / (i + 1)
/// and σ̂²ᵢ = (¼ + Σ (xⱼ − μ̂ⱼ)²) / (i + 1). Waudby-Smith & Ramdas (2024), "Estimating means of bounded random variables by
/// betting", J. R. Stat. Soc. B 86(1), doi:10.1093/jrsssb/qkad009, arXiv 2010.09686.
///
/// - Parameters:
///   - values: in [0, 1], independent draws in an order that does not depend on them.
///   - limit: m in (0, 1).
///   - delta: level the stakes are tuned for; every value gives a valid p.
/// - Returns: in [0, 1]; 1 without values.
/// - Complexity: O(n).
public func bettingPValue(_ values: [Double], limit: Double, delta: Double) -> Double {
  let target = 2 * log(1 / delta) / Double(max(1, values.count))
  let most = 0.75 / (1 - limit)
  var variance = 0.25
  var sum = 0.5
  var squares = 0.25
  var logCapital = 0.0
  var best = 0.0
  for (i, x) in values.enumerated() {
    let stake = min((target / variance).squareRoot(), most)
    logCapital += log1p(stake * (limit - x))
    best = max(best, logCapital)
    sum += x
    let seen = Double(i + 2)
    let deviation = x - sum / seen
    squares += deviation * deviation
    variance = squares / seen
  }
  return exp(-best)
}
