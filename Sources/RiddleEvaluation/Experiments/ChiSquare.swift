import Glibc

/// P(χ²_k ≥ x): the upper tail of the χ² distribution with `degrees` degrees of freedom, Q(k/2, x/2).
///
/// - Parameters:
///   - statistic: x ≥ 0.
///   - degrees: k ≥ 1.
public func chiSquareUpperTail(_ statistic: Double, degrees: Int) -> Double {
  precondition(degrees >= 1, "χ² needs a degree of freedom, got \(degrees)")
  return upperIncompleteGamma(Double(degrees) / 2, statistic / 2)
}

/// Regularised upper incomplete gamma function Q(a, x), a > 0.
///
/// Below the mean 1 − the series of DLMF 8.7.1, beyond it the continued fraction of DLMF 8.9.2 by the modified Lentz method
/// (https://dlmf.nist.gov/8.9): each where it converges. About 13 digits, also of tiny tails.
func upperIncompleteGamma(_ a: Double, _ x: Double) -> Double {
  if x.isNaN { return .nan }
  if x <= 0 { return 1 }
  if x == .infinity { return 0 }
  var sign: Int32 = 0
  // `sign` lives on this frame for the duration of the call; `lgamma_r` writes one Int32 to it.
  let front = exp(a * log(x) - x - (unsafe lgamma_r(a, &sign)))
  if x < a + 1 {
    var term = 1 / a
    var sum = term
    var k = a
    for _ in 0..<100_000 {
      k += 1
      term *= x / k
      sum += term
      if term < sum * 1e-17 { break }
    }
    return max(0, 1 - front * sum)
  }
  let tiny = 1e-300
  var b = x + 1 - a
  var c = 1 / tiny
  var d = 1 / b
  var fraction = d
  for step in 1...100_000 {
    let i = Double(step)
    let numerator = -i * (i - a)
    b += 2
    d = numerator * d + b
    d = 1 / (abs(d) < tiny ? tiny : d)
    c = b + numerator / c
    if abs(c) < tiny { c = tiny }
    fraction *= d * c
    if abs(d * c - 1) < 1e-16 { break }
  }
  return front * fraction
}
