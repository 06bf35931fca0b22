/// The features of one query, and the memory to compute them in. Reuse one per thread: after the first few
/// queries nothing is allocated any more.
///
/// `dense` holds ``FeatureSchema/denseCount`` values. `keys` holds the distinct hashed n-grams in order of
/// first appearance, words first: `key = bucket << 1 | sign`, sign 1 meaning −1. Every entry of a block has
/// the value ±scale with scale = 1/√(number of keys in the block), so each block has Euclidean length 1.
public struct FeatureVector: Sendable {
  /// Dense features in schema order.
  public internal(set) var dense: [Float]
  /// Distinct hashed n-grams: words, then characters.
  public internal(set) var keys: [UInt32]
  /// Number of keys that are word n-grams.
  public internal(set) var wordKeyCount: Int
  /// 1/√(number of word keys); 0 without any.
  public internal(set) var wordScale: Float
  /// 1/√(number of character keys); 0 without any.
  public internal(set) var characterScale: Float

  var isSeen: [UInt64]  // one bit per possible key of the current block
  let classes: [UInt16]
  let words: WordTable
  let logarithms: LogTable

  /// Memory for queries of `schema`.
  public init(schema: FeatureSchema) {
    dense = [Float](repeating: 0, count: schema.denseCount)
    keys = []
    keys.reserveCapacity(4096)
    wordKeyCount = 0
    wordScale = 0
    characterScale = 0
    let possibleKeys = schema.bucketBits == 0 ? 0 : 2 << schema.bucketBits
    isSeen = [UInt64](repeating: 0, count: (possibleKeys + 63) / 64)
    classes = ByteClass.table()
    words = WordTable()
    logarithms = LogTable()
  }

  /// Adds a key to the current block unless it is there already.
  @inline(__always)
  mutating func insert(_ key: UInt32) {
    let word = Int(key >> 6)
    let bit = UInt64(1) << UInt64(key & 63)
    if isSeen[word] & bit == 0 {
      isSeen[word] |= bit
      keys.append(key)
    }
  }

  /// Ends a block: forgets which keys were seen and returns 1/√count for the keys since `start`.
  mutating func closeBlock(from start: Int) -> Float {
    for i in start..<keys.count { isSeen[Int(keys[i] >> 6)] = 0 }
    let count = keys.count - start
    return count == 0 ? 0 : Float(inverseSquareRoot(Double(count)))
  }

  /// Hash over the bits of every feature: what a probe of the weight file compares.
  public var fingerprint: UInt64 {
    var state = StableHash.start
    func add(_ value: UInt32) {
      for byte: UInt32 in 0..<4 {
        state = StableHash.adding(UInt8(truncatingIfNeeded: value >> (8 * byte)), to: state)
      }
    }
    for value in dense { add(value.bitPattern) }
    add(UInt32(truncatingIfNeeded: wordKeyCount))
    for key in keys { add(key) }
    return StableHash.mixed(state)
  }
}

/// 1/√x for x ≥ 1 by Newton's iteration y ← y · (3/2 − x/2 · y²) from a bit-level first guess (relative error below
/// 0.04, squared by each of five steps). Own code because the embedded build has no libm to fall back on.
func inverseSquareRoot(_ x: Double) -> Double {
  var y = Double(bitPattern: 0x5fe6_eb50_c7b5_37a9 - x.bitPattern >> 1)
  for _ in 0..<5 { y *= 1.5 - 0.5 * x * y * y }
  return y
}
