/// A table of `2^bits` buckets × `heads` weights for hashed n-grams, in the precision it is stored with; pruned tables
/// store the buckets they keep and no others.
public struct HashedWeights: Equatable, Sendable {
  /// Number of buckets as a power of two; the table of a schema without hashed features is empty.
  public let bucketBits: Int
  /// Heads per bucket; the weights of one bucket lie side by side.
  public let headCount: Int
  /// How the weights are stored.
  public let storage: Storage
  /// The buckets that are stored, increasing; nil when all are. The weights of other buckets are 0.
  public let keptBuckets: [UInt32]?
  /// Every weight as a whole number of ``fixedUnit``, once as it is and once with the other sign, so that a key is an index:
  /// key × headCount + head. What a margin adds up.
  let fixed: [Int32]
  /// A power of two, so that the largest weight is below 2³⁰ units.
  let fixedUnit: Double

  /// Stored weights; index = (rank among the kept buckets) × headCount + head.
  public enum Storage: Equatable, Sendable {
    /// Four bytes a weight.
    case float32([Float])
    /// Two bytes a weight: bits of IEEE 754 binary16.
    case float16([UInt16])
    /// One byte a weight times the scale of its block of ``HashedWeights/blockLength`` consecutive weights.
    case int8([Int8], scales: [Float])

    /// Number of stored weights.
    public var count: Int {
      switch self {
      case .float32(let weights): weights.count
      case .float16(let weights): weights.count
      case .int8(let weights, _): weights.count
      }
    }

    /// The stored weight at `index`, as the scorer uses it.
    @inlinable
    public func weight(at index: Int) -> Float {
      switch self {
      case .float32(let weights): weights[index]
      case .float16(let weights): float(ofHalf: weights[index])
      case .int8(let weights, let scales):
        Float(weights[index]) * scales[index / HashedWeights.blockLength]
      }
    }
  }

  /// Weights that share one int8 scale.
  public static let blockLength = 64

  /// No hashed features.
  public static let none = HashedWeights(bucketBits: 0, headCount: 0, storage: .float32([]))

  /// A table over stored weights: `headCount` of them for every kept bucket.
  public init(
    bucketBits: Int, headCount: Int, storage: Storage, keptBuckets: [UInt32]? = nil
  ) {
    self.bucketBits = bucketBits
    self.headCount = headCount
    self.storage = storage
    self.keptBuckets = keptBuckets
    count = headCount << bucketBits
    (fixed, fixedUnit) = fixedPoint(
      storage, count: count, headCount: headCount, keptBuckets: keptBuckets)
  }

  /// Number of weights, stored or not.
  public let count: Int

  /// The weight at `index` = bucket × headCount + head.
  public func weight(at index: Int) -> Float {
    guard let keptBuckets else { return storage.weight(at: index) }
    let bucket = UInt32(index / headCount)
    var low = 0
    var high = keptBuckets.count
    while low < high {
      let middle = (low + high) / 2
      if keptBuckets[middle] < bucket { low = middle + 1 } else { high = middle }
    }
    guard low < keptBuckets.count, keptBuckets[low] == bucket else { return 0 }
    return storage.weight(at: low * headCount + index % headCount)
  }
}

/// All weights as whole numbers: v = sign(w) · ⌊|w| / unit + ½⌋ with unit = 2^(e − 29), where 2^e is the power of two of
/// the largest magnitude, so that |v| < 2³⁰. Sums of such numbers are exact in any order.
private func fixedPoint(
  _ storage: HashedWeights.Storage, count: Int, headCount: Int, keptBuckets: [UInt32]?
) -> ([Int32], Double) {
  if headCount == 0 { return ([], 1) }
  var fixed = [Int32](repeating: 0, count: 2 * count)
  var largest: Float = 0
  let stored = storage.count
  forEachWeight(storage, count: stored) { _, weight in
    largest = max(largest, weight.magnitude)
  }
  if largest == 0 { return (fixed, 1) }
  let exponent = Int(Double(largest).bitPattern >> 52) - 1023
  let unit = Double(bitPattern: UInt64(exponent - 29 + 1023) << 52)
  let unitsPerOne = Double(bitPattern: UInt64(29 - exponent + 1023) << 52)
  forEachWeight(storage, count: stored) { index, weight in
    let units = Double(weight) * unitsPerOne
    let value = Int32(units + (units < 0 ? -0.5 : 0.5))
    var place = 2 * index
    if headCount > 1 || keptBuckets != nil {
      let rank = index / headCount
      let bucket = keptBuckets.map { Int($0[rank]) } ?? rank
      place = 2 * headCount * bucket + index - rank * headCount
    }
    fixed[place] = value
    fixed[place + headCount] = -value
  }
  return (fixed, unit)
}

@inline(__always)
private func forEachWeight(
  _ storage: HashedWeights.Storage, count: Int, _ body: (Int, Float) -> Void
) {
  switch storage {
  case .float32(let weights):
    for i in 0..<count { body(i, weights[i]) }
  case .float16(let weights):
    for i in 0..<count { body(i, float(ofHalf: weights[i])) }
  case .int8(let weights, let scales):
    var i = 0
    for scale in scales {
      let end = min(count, i + HashedWeights.blockLength)
      while i < end {
        body(i, Float(weights[i]) * scale)
        i += 1
      }
    }
  }
}

/// The value of IEEE 754 binary16 `bits`: exact. Infinity and NaN become numbers beyond 65504, which readers refuse.
///
/// Own code: without F16C instructions a conversion is a call of a library.
@inlinable
public func float(ofHalf bits: UInt16) -> Float {
  let magnitude = UInt32(bits & 0x7fff)
  let sign = UInt32(bits & 0x8000) << 16
  // The exponent's bias moves from 15 to 127 by a multiplication, which takes subnormal numbers along.
  let value = Float(bitPattern: magnitude << 13) * Float(bitPattern: 0x7780_0000)
  return Float(bitPattern: value.bitPattern | sign)
}
