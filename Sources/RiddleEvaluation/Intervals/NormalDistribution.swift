import Glibc

/// Φ(z): probability that a standard normal variable is at most `z`.
public func normalCumulative(_ z: Double) -> Double { 0.5 * erfc(-z / 2.0.squareRoot()) }

/// Φ⁻¹(p): the standard normal quantile; ∓infinity at 0 and 1.
///
/// Acklam's rational approximation (2003, relative error 1.15 · 10⁻⁹) polished by one step of Halley's method, which
/// brings it to machine precision.
public func normalQuantile(_ p: Double) -> Double {
  if p <= 0 { return -.infinity }
  if p >= 1 { return .infinity }
  if p > 0.5 { return -normalQuantile(1 - p) }
  let x: Double
  if p < 0.02425 {
    let q = (-2 * log(p)).squareRoot()
    let numerator = evaluate(
      [
        -7.784894002430293e-03, -3.223964580411365e-01, -2.400758277161838, -2.549732539343734,
        4.374664141464968, 2.938163982698783,
      ], at: q)
    let denominator = evaluate(
      [7.784695709041462e-03, 3.224671290700398e-01, 2.445134137142996, 3.754408661907416, 1],
      at: q)
    x = numerator / denominator
  } else {
    let q = p - 0.5
    let r = q * q
    let numerator = evaluate(
      [
        -3.969683028665376e+01, 2.209460984245205e+02, -2.759285104469687e+02,
        1.383577518672690e+02, -3.066479806614716e+01, 2.506628277459239,
      ], at: r)
    let denominator = evaluate(
      [
        -5.447609879822406e+01, 1.615858368580409e+02, -1.556989798598866e+02,
        6.680131188771972e+01, -1.328068155288572e+01, 1,
      ], at: r)
    x = q * numerator / denominator
  }
  let error = normalCumulative(x) - p
  let u = error * (2 * Double.pi).squareRoot() * exp(x * x / 2)
  return x - u / (1 + x * u / 2)
}

/// The polynomial with `coefficients`, highest power first, by Horner's rule.
private func evaluate(_ coefficients: [Double], at x: Double) -> Double {
  coefficients.reduce(0) { $0 * x + $1 }
}
