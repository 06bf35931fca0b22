import Glibc

/// Hoeffding–Bentkus p-value of "the mean of n values in [0, 1] exceeds `limit`".
///
/// p = min(exp(−n h₁(min(r̂, α), α)), e · P(Bin(n, α) ≤ ⌈n r̂⌉)) with h₁(a, b) = a ln(a/b) + (1 − a) ln((1 − a)/(1 − b)). Bates,
/// Angelopoulos, Lei, Malik & Jordan (2021), arXiv 2101.02703; used by Angelopoulos et al. (Learn then Test), arXiv 2110.01052.
///
/// - Parameters:
///   - mean: r̂ in [0, 1].
///   - count: n, at least 1.
///   - limit: α in (0, 1).
public func hoeffdingBentkusPValue(mean: Double, count: Int, limit: Double) -> Double {
  let n = Double(count)
  let a = min(mean, limit)
  func term(_ x: Double, _ y: Double) -> Double { x <= 0 ? 0 : x * log(x / y) }
  let hoeffding = exp(-n * (term(a, limit) + term(1 - a, 1 - limit)))
  // A sum that misses its whole number by rounding must not count one row more.
  let successes = Int((n * mean - 1e-9).rounded(.up))
  let bentkus =
    exp(1) * binomialPValue(successes: max(0, successes), trials: count, limit: limit)
  return min(1, hoeffding, bentkus)
}

/// Exact p-value of "the probability exceeds `limit`": P(Bin(n, α) ≤ k) = I_{1 − α}(n − k, k + 1).
///
/// p ≤ δ exactly when the Clopper–Pearson upper bound at confidence 1 − δ is at most α.
public func binomialPValue(successes: Int, trials: Int, limit: Double) -> Double {
  if successes >= trials { return 1 }
  return incompleteBeta(1 - limit, Double(trials - successes), Double(successes) + 1)
}

/// Asymptotic p-value of "the mean loss exceeds `limit`": Φ((x̄ − α) / (s / √n)), s with n − 1.
///
/// Losses lie in [−1, 1]. Where none differs from the others the quotient says nothing: if none is above 0 the exact
/// (1 − α)ⁿ is returned, since a mean above α needs a loss with probability above α in every draw; else 1.
public func normalPValue(_ losses: [Double], limit: Double) -> Double {
  let n = Double(losses.count)
  let mean = losses.reduce(0, +) / n
  let squares = losses.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  guard losses.count > 1, squares > 0 else {
    return losses.allSatisfy { $0 <= 0 } ? pow(1 - limit, n) : 1
  }
  return normalCumulative((mean - limit) / (squares / (n - 1) / n).squareRoot())
}
