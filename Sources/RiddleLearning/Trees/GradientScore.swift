/// Second-order score of a leaf: x sums gradients; y sums hessians in its high bits and counts rows in its low.
///
/// Two words a bin instead of three: a histogram's additions are what training spends its time on. Counts and
/// hessians are never negative, so neither borrows from the other when a child is taken from its parent.
struct GradientScore: SplitScore {
  /// Steps a unit of gradient, and of hessian.
  let gradientScale: Double
  let hessianScale: Double
  /// Bits of the row count.
  let countBits: Int64
  var minimumRows: Int64
  var minimumHessian: Double
  var l2Penalty: Double
  var minimumGain: Double

  /// Steps for `rows` rows whose weights sum to `weight`.
  init(rows: Int, weight: Double, settings: GradientBoosting) {
    var bits = 1
    while rows >> bits > 0 { bits += 1 }
    countBits = Int64(bits)
    gradientScale = FixedPoint.scale(total: weight, bits: 61)
    hessianScale = FixedPoint.scale(total: weight / 4, bits: 61 - bits)
    minimumRows = Int64(settings.minimumLeafRows)
    minimumHessian = settings.minimumLeafHessian
    l2Penalty = settings.l2Penalty
    minimumGain = settings.minimumGain
  }

  /// What one row adds.
  @inline(__always)
  func value(gradient: Double, hessian: Double) -> FixedPair {
    FixedPair(
      FixedPoint.steps(gradient, scale: gradientScale),
      FixedPoint.steps(hessian, scale: hessianScale) << countBits | 1)
  }

  @inline(__always) func gradient(_ sums: FixedPair) -> Double {
    Double(sums.x) * (1 / gradientScale)  // scales are powers of two: exact
  }

  @inline(__always) func hessian(_ sums: FixedPair) -> Double {
    Double(sums.y >> countBits) * (1 / hessianScale)
  }

  @inline(__always) func rows(_ sums: FixedPair) -> Int64 { sums.y & ((1 << countBits) - 1) }

  @inline(__always)
  func score(_ sums: FixedPair) -> Double {
    let g = gradient(sums)
    let h = hessian(sums) + l2Penalty
    return h > 0 ? g * (g / h) : 0  // g² may overflow
  }

  @inline(__always)
  func mayBeLeaf(_ sums: FixedPair) -> Bool {
    rows(sums) >= minimumRows && hessian(sums) >= minimumHessian
  }

  func maySplit(_ sums: FixedPair) -> Bool {
    rows(sums) >= 2 * minimumRows && sums.y >> countBits > 0
  }

  /// Equal gains differ by rounding to steps alone: weights in another unit give the same tree.
  @inline(__always)
  func slack(_ sums: FixedPair) -> Double { 1e-10 * hessian(sums) }

  /// The Newton step of a leaf, −G / (H + λ), kept within ±1000: a leaf of rows that are already certain.
  func step(_ sums: FixedPair) -> Double {
    let h = hessian(sums) + l2Penalty
    return h > 0 ? max(-1000, min(1000, -gradient(sums) / h)) : 0
  }
}
