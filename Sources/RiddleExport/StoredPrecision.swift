public import RiddleRuntime

/// How hashed weights are stored.
public enum StoredPrecision: String, CaseIterable, Sendable {
  /// Four bytes a weight.
  case float32
  /// Two bytes a weight: IEEE 754 binary16.
  case float16
  /// One byte a weight and one scale per 64 weights: a quarter of the size.
  case int8
}

extension HashedWeights {
  /// A table of `weights` (index = bucket × heads + head) rounded to `precision`; with `keptBuckets`, of those alone.
  ///
  /// float16: the nearest number, ties to even; magnitudes beyond 65504 become 65504, which no log-odds reach.
  /// int8: the scale of a block of 64 is its largest magnitude / 127, each weight the nearest multiple
  /// (ties away from zero), so no weight moves by more than half a scale.
  public init(
    rounding all: [Double], bucketBits: Int, headCount: Int, to precision: StoredPrecision,
    keptBuckets: [UInt32]? = nil
  ) {
    let weights =
      keptBuckets.map { kept in
        kept.flatMap { bucket in
          (0..<headCount).map { all[Int(bucket) * headCount + $0] }
        }
      } ?? all
    switch precision {
    case .float32:
      self.init(
        bucketBits: bucketBits, headCount: headCount, storage: .float32(weights.map { Float($0) }),
        keptBuckets: keptBuckets)
    case .float16:
      self.init(
        bucketBits: bucketBits, headCount: headCount, storage: .float16(weights.map(halfBits)),
        keptBuckets: keptBuckets)
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
        bucketBits: bucketBits, headCount: headCount, storage: .int8(bytes, scales: scales),
        keptBuckets: keptBuckets)
    }
  }
}

/// Bits of the IEEE 754 binary16 number nearest to `value`, ties to even; at most 65504 in magnitude.
func halfBits(_ value: Double) -> UInt16 {
  let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
  let magnitude = min(value.magnitude, 65504)
  // Units of the last place: 2^-24 for subnormal numbers, 2^(e - 10) above.
  let exponent = max(-14, magnitude == 0 ? -14 : Int(magnitude.exponent))
  let units = UInt32(
    (magnitude * Double(sign: .plus, exponent: 10 - exponent, significand: 1))
      .rounded(.toNearestOrEven))
  // Rounding up to the next power of two carries into the exponent, as the format wants it.
  let bits = exponent == -14 ? units : UInt32(exponent + 14) << 10 + units
  return sign | UInt16(bits)
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
