/// Two sums of a set of rows as whole numbers of fixed steps: adding and subtracting never rounds.
///
/// Hence a histogram has the same bits in whatever order, and by however many threads, its rows were added, and a
/// sibling's histogram is exactly its parent's minus the other child's. What the two numbers mean, and their
/// steps, is the ``SplitScore``'s affair.
typealias FixedPair = SIMD2<Int64>

/// Scales of fixed-point sums.
enum FixedPoint {
  /// The largest power of two that keeps `total` times it at or below 2^`bits`.
  static func scale(total: Double, bits: Int) -> Double {
    if !(total > 0) { return 1 }
    // total < 2^(exponent + 1)
    let power = bits - Int(total.exponent) - 1
    return Double(sign: .plus, exponent: min(power, 1000), significand: 1)
  }

  /// `value` in steps of 1 / `scale`, rounded to the nearest.
  @inline(__always)
  static func steps(_ value: Double, scale: Double) -> Int64 {
    // Away from zero at one half, as `rounded()` does; that is a call into the C library on this processor.
    let steps = value * scale
    return Int64(steps + (steps < 0 ? -0.5 : 0.5))
  }
}

/// How good a set of rows is as a leaf, from its fixed-point sums. A split's gain is the score of its sides less
/// the score of the whole.
protocol SplitScore: Sendable {
  /// Score, finite for every set of rows that may be a leaf.
  func score(_ sums: FixedPair) -> Double
  /// Whether the rows may be a leaf. A part of a set that may not be one may not be one either.
  func mayBeLeaf(_ sums: FixedPair) -> Bool
  /// Whether two parts of the rows may be leaves, and parting them may gain anything.
  func maySplit(_ sums: FixedPair) -> Bool
  /// Gains that differ by no more than this share count as equal, for a node of these sums.
  func slack(_ sums: FixedPair) -> Double
}

/// The best cut of a node's rows.
struct Split: Equatable, Sendable {
  var feature: Int
  /// Rows in bins up to this one go left.
  var bin: Int
  /// Rise in score, above 0.
  var gain: Double
  /// Sums of the rows that go left.
  var left: FixedPair
}
