public import RiddleRuntime

/// How hashed weights are stored.
public enum StoredPrecision: String, CaseIterable, Sendable {
  /// Four bytes a weight.
  case float32
  /// One byte a weight and one scale per 64 weights: a quarter of the size.
  case int8
}

extension HashedWeights {
  /// A table of `weights` (index = bucket × heads + head) rounded to `precision`.
  ///
  /// int8: the scale of a block of 64 is its largest magnitude / 127, each weight the nearest multiple
  /// (ties away from zero), so no weight moves by more than half a scale.
  public init(
    rounding weights: [Double], bucketBits: Int, headCount: Int, to precision: StoredPrecision
  ) {
    switch precision {
    case .float32:
      self.init(
        bucketBits: bucketBits, headCount: headCount, storage: .float32(weights.map { Float($0) }))
    case .int8:
      let length = Self.blockLength
      var scales: [Float] = []
      var bytes: [Int8] = []
      bytes.reserveCapacity(weights.count)
      for start in stride(from: 0, to: weights.count, by: length) {
        let block = weights[start..<min(start + length, weights.count)]
        let largest = block.reduce(0) { max($0, abs($1)) }
        let scale = roundedToSignificantBits(largest / 127, bits: 12)
        scales.append(scale)
        for weight in block {
          let steps = scale > 0 ? (weight / Double(scale)).rounded() : 0
          bytes.append(Int8(max(-127, min(127, steps))))
        }
      }
      self.init(
        bucketBits: bucketBits, headCount: headCount, storage: .int8(bytes, scales: scales))
    }
  }
}

/// `value` as a `Float` with only `bits` significant bits.
///
/// Two fits that agree to a few units in the last place, as the same fit on two processors does, round to the
/// same stored weight nearly always: a run rebuilt elsewhere gives the same bytes.
public func roundedToSignificantBits(_ value: Double, bits: Int) -> Float {
  let exact = Float(value)
  guard exact.isFinite, exact != 0 else { return exact }
  let drop = UInt32(24 - bits)
  let half = UInt32(1) << (drop - 1)
  let pattern = ((exact.bitPattern + half) >> drop) << drop
  let rounded = Float(bitPattern: pattern)
  return rounded.isFinite ? rounded : exact
}
