/// The mean quality of a few answers, pulled towards the mean of all.
///
/// As if m more answers had been seen that have the mean μ and the variance σ² of all answers:
///
///     mean            p = (Σ w q + m μ) / (n + m),  n = Σ w
///     variance        s² = (Σ w (q − p)² + m (σ² + (μ − p)²)) / (n + m)
///     standard error  s / √max(1, n + m)
///
/// With m = σ² / τ², τ² the variance between groups, p is the best linear predictor of the group's mean and the error that of its
/// posterior (Bühlmann & Straub 1970; Efron & Morris 1975, doi:10.1080/01621459.1975.10479864); without answers that is τ.
struct ShrunkenMean: Equatable, Sendable {
  /// μ.
  var mean: Double
  /// σ².
  var variance: Double
  /// m; infinity for no group of its own.
  var strength: Double

  /// Mean and variance (denominator n) of all known qualities; ½ and ¼ when there are none.
  init(of qualities: some Sequence<Double>, strength: Double) {
    var (count, sum) = (0.0, 0.0)
    for quality in qualities where quality.isFinite {
      count += 1
      sum += quality
    }
    mean = count > 0 ? sum / count : 0.5
    var squares = 0.0
    for quality in qualities where quality.isFinite {
      squares += (quality - mean) * (quality - mean)
    }
    variance = count > 0 ? squares / count : 0.25
    self.strength = strength
  }

  /// From the sums Σ w, Σ w q and Σ w q² of the answers.
  func prediction(weight: Double, sum: Double, squares: Double) -> Prediction {
    if strength == .infinity { return Prediction(quality: mean, standardError: 0) }
    let total = weight + strength
    if total <= 0 { return Prediction(quality: mean, standardError: variance.squareRoot()) }
    let p = (sum + strength * mean) / total
    let own = max(0, squares - 2 * p * sum + p * p * weight)
    let pulled = strength * (variance + (mean - p) * (mean - p))
    return Prediction(
      quality: p, standardError: ((own + pulled) / total / max(1, total)).squareRoot())
  }
}
