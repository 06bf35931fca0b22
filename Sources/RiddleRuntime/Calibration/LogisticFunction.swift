/// 1 / (1 + e^−x), the same bits on every IEEE machine and in every build.
///
/// NaN gives NaN. The negative side is e^x / (1 + e^x), so nothing overflows; both sides take e^−|x|, so that the sign, which
/// no processor foresees, costs no branch.
public func logistic(_ x: Double) -> Double {
  let e = exponential(-x.magnitude)
  let numerator = x < 0 ? e : 1
  return numerator / (1 + e)
}

/// e^x by argument reduction x = k·ln 2 + r, |r| ≤ ½ ln 2, and a degree-13 Taylor polynomial in r.
///
/// Own code because the embedded build has no libm and because libms differ in the last bit. Within 1 ulp of
/// the correctly rounded value on [−708, 709]; 0 below −745.2, infinity above 709.79, NaN for NaN.
public func exponential(_ x: Double) -> Double {
  if x != x { return x }
  if x > 709.782712893384 { return .infinity }
  if x < -745.2 { return 0 }
  let scaled = x * 1.4426950408889634
  let k = Int(scaled >= 0 ? scaled + 0.5 : scaled - 0.5)  // nearest integer: conversion truncates
  let count = Double(k)
  // ln 2 in two parts, so that k·high is exact (Cody & Waite, 1980).
  let r = (x - count * 0.693147180369123816490) - count * 1.90821492927058770002e-10
  var p = 1.6059043836821613e-10  // 1/13!
  p = p * r + 2.08767569878681e-09
  p = p * r + 2.505210838544172e-08
  p = p * r + 2.755731922398589e-07
  p = p * r + 2.7557319223985893e-06
  p = p * r + 2.48015873015873e-05
  p = p * r + 1.984126984126984e-04
  p = p * r + 1.388888888888889e-03
  p = p * r + 8.333333333333333e-03
  p = p * r + 4.1666666666666664e-02
  p = p * r + 1.6666666666666666e-01
  p = p * r + 0.5
  p = p * r + 1
  p = p * r + 1
  // Two factors, so that subnormal results are reached through normal ones.
  let half = k / 2
  return p * powerOfTwo(half) * powerOfTwo(k - half)
}

/// 2^k for −1022 ≤ k ≤ 1023.
private func powerOfTwo(_ k: Int) -> Double {
  Double(bitPattern: UInt64(k + 1023) << 52)
}
