/// Wilson's score interval of a proportion (1927): (p̂ + z²/2n ± z √(p̂(1−p̂)/n + z²/4n²)) / (1 + z²/n).
///
/// - Parameters:
///   - successes: in 0 … `trials`.
///   - trials: at least 1.
///   - confidence: coverage, for example 0.95.
public func wilsonInterval(successes: Int, trials: Int, confidence: Double = 0.95) -> Figure {
  guard trials > 0 else { return .undefined }
  let n = Double(trials)
  let p = Double(successes) / n
  let z = normalQuantile(0.5 + confidence / 2)
  let centre = (p + z * z / (2 * n)) / (1 + z * z / n)
  let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot() / (1 + z * z / n)
  return Figure(p, low: max(0, centre - half), high: min(1, centre + half))
}

/// Clopper and Pearson's exact interval of a proportion (1934): Beta quantiles, coverage never below `confidence`.
///
/// low = B(α/2; k, n − k + 1), high = B(1 − α/2; k + 1, n − k); 0 and 1 at the ends.
public func clopperPearsonInterval(successes: Int, trials: Int, confidence: Double = 0.95)
  -> Figure
{
  guard trials > 0 else { return .undefined }
  let tail = (1 - confidence) / 2
  let (k, n) = (Double(successes), Double(trials))
  return Figure(
    k / n,
    low: successes == 0 ? 0 : inverseIncompleteBeta(tail, k, n - k + 1),
    high: successes == trials ? 1 : inverseIncompleteBeta(1 - tail, k + 1, n - k))
}

/// One-sided upper bound of a proportion at confidence 1 − `delta`, exact: B(1 − δ; k + 1, n − k).
public func clopperPearsonUpperBound(successes: Int, trials: Int, delta: Double) -> Double {
  guard successes < trials else { return 1 }
  return inverseIncompleteBeta(1 - delta, Double(successes) + 1, Double(trials - successes))
}

/// Interval of the mean of `values` by the normal approximation: x̄ ± z s / √n, s with n − 1. Nil ends for one value.
public func normalMeanInterval(_ values: [Double], confidence: Double = 0.95) -> Figure {
  guard !values.isEmpty else { return .undefined }
  let n = Double(values.count)
  let mean = values.reduce(0, +) / n
  guard values.count > 1 else { return Figure(mean) }
  let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
  let half = normalQuantile(0.5 + confidence / 2) * (squares / (n - 1) / n).squareRoot()
  return Figure(mean, low: mean - half, high: mean + half)
}
