import Glibc

/// Regularised incomplete beta function I_x(a, b), a and b > 0: the probability that a Beta(a, b) variable is at most x.
///
/// Continued fraction (DLMF 8.17.22, https://dlmf.nist.gov/8.17.22) by the modified Lentz method, on the side of the mean
/// where it converges fast. About 14 digits.
public func incompleteBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
  precondition(a > 0 && b > 0, "incomplete beta needs positive parameters, got \(a) and \(b)")
  if x <= 0 { return 0 }
  if x >= 1 { return 1 }
  if x > (a + 1) / (a + b + 2) { return 1 - incompleteBeta(1 - x, b, a) }
  let front = exp(
    logGamma(a + b) - logGamma(a) - logGamma(b) + a * log(x) + b * log1p(-x))
  let tiny = 1e-300
  var c = 1.0
  var d = 1 - (a + b) * x / (a + 1)
  d = 1 / (abs(d) < tiny ? tiny : d)
  var fraction = d
  for step in 1...10_000 {
    let m = Double(step)
    let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 + even * d
    c = 1 + even / c
    d = 1 / (abs(d) < tiny ? tiny : d)
    if abs(c) < tiny { c = tiny }
    fraction *= d * c
    let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 + odd * d
    c = 1 + odd / c
    d = 1 / (abs(d) < tiny ? tiny : d)
    if abs(c) < tiny { c = tiny }
    fraction *= d * c
    if abs(d * c - 1) < 1e-16 { break }
  }
  return front * fraction / a
}

/// ln Γ(x) for x > 0. The re-entrant form: plain `lgamma` writes the sign to a global.
private func logGamma(_ x: Double) -> Double {
  var sign: Int32 = 0
  // `sign` lives on this frame for the duration of the call; `lgamma_r` writes one Int32 to it.
  return unsafe lgamma_r(x, &sign)
}

/// The x with I_x(a, b) = p, by bisection down to neighbouring doubles: slow (about 60 evaluations), sure.
public func inverseIncompleteBeta(_ p: Double, _ a: Double, _ b: Double) -> Double {
  if p <= 0 { return 0 }
  if p >= 1 { return 1 }
  var (low, high) = (0.0, 1.0)
  for _ in 0..<1100 {
    let middle = low + (high - low) / 2
    if middle <= low || middle >= high { break }
    if incompleteBeta(middle, a, b) < p { low = middle } else { high = middle }
  }
  return low + (high - low) / 2
}
