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
    (fixed, fixedUnit) = fixedPointTable(
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
