import Glibc

/// The logistic loss of one row as a function of its margin: ℓ(m) = log(1 + e^m) − t·m, for a target t in [0, 1].
enum LogisticLoss {
  /// ℓ(m), without overflow: max(m, 0) + log1p(e^−|m|) − t·m.
  @inline(__always)
  static func value(margin m: Double, target t: Double) -> Double {
    max(m, 0) + log1p(exp(-abs(m))) - t * m
  }

  /// 1 / (1 + e^−m), from whichever side does not overflow.
  @inline(__always)
  static func probability(margin m: Double) -> Double {
    probabilityAndCurvature(margin: m).p
  }

  /// p(1 − p) computed as e^−|m| / (1 + e^−|m|)², which keeps its digits when p is near 1, and p.
  @inline(__always)
  static func probabilityAndCurvature(margin m: Double) -> (p: Double, curvature: Double) {
    let e = exp(-abs(m))
    let q = 1 / (1 + e)
    return (m >= 0 ? q : e * q, e * q * q)
  }
}
