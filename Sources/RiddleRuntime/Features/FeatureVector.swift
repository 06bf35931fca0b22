/// The features of one query, and the memory to compute them in. Reuse one per thread: after the first few
/// queries nothing is allocated any more.
///
/// The dense block holds ``FeatureSchema/denseCount`` values. ``keys`` holds the distinct hashed n-grams in order of
/// first appearance, words first: `key = bucket << 1 | sign`, sign 1 meaning −1. Every entry of a block has
/// the value ±scale with scale = 1/√(number of keys in the block), so each block has Euclidean length 1.
@safe public struct FeatureVector: ~Copyable {
  /// Number of keys that are word n-grams.
  public internal(set) var wordKeyCount = 0
  /// 1/√(number of word keys); 0 without any.
  public internal(set) var wordScale: Float = 0
  /// 1/√(number of character keys); 0 without any.
  public internal(set) var characterScale: Float = 0

  /// Number of dense features.
  public let denseCount: Int
  /// Number of keys, words and characters.
  public internal(set) var keyCount = 0
  /// Version of the featurizer whose features these are.
  let version: UInt16
  private let bucketBits: Int
  private let wordOrders: Int
  private let characterMinimum: Int
  private let characterMaximum: Int
  let memory: FeatureMemory
  /// What grows with the text.
  var text: TextMemory

  /// Memory for queries of `schema`.
  public init(schema: FeatureSchema) {
    denseCount = schema.denseCount
    version = schema.version
    bucketBits = schema.bucketBits
    wordOrders = schema.wordOrders
    characterMinimum = schema.characterMinimum
    characterMaximum = schema.characterMaximum
    unsafe memory = FeatureMemory(schema: schema)
    unsafe text = TextMemory(capacity: 512, schema: schema)
  }

  /// Whether the memory fits the features of `schema`.
  @inline(__always)
  func isMade(for schema: FeatureSchema) -> Bool {
    denseCount == schema.denseCount && version == schema.version && wordOrders == schema.wordOrders
      && bucketBits == schema.bucketBits && characterMinimum == schema.characterMinimum
      && characterMaximum == schema.characterMaximum
  }

  deinit {
    unsafe memory.deallocate()
    unsafe text.deallocate()
  }

  /// Dense features in schema order.
  public var dense: [Float] {
    unsafe [Float](UnsafeBufferPointer(start: memory.dense, count: denseCount))
  }

  /// Distinct hashed n-grams: words, then characters.
  public var keys: [UInt32] {
    unsafe [UInt32](UnsafeBufferPointer(start: text.keys, count: keyCount))
  }

  /// Hash over the bits of every feature: what a probe of the weight file compares.
  public var fingerprint: UInt64 {
    var state = StableHash.start
    func add(_ value: UInt32) {
      for byte: UInt32 in 0..<4 {
        state = StableHash.adding(UInt8(truncatingIfNeeded: value >> (8 * byte)), to: state)
      }
    }
    for i in 0..<denseCount { unsafe add(memory.dense[i].bitPattern) }
    add(UInt32(truncatingIfNeeded: wordKeyCount))
    for i in 0..<keyCount { unsafe add(text.keys[i]) }
    return StableHash.mixed(state)
  }

  /// Makes room for a text of `count` bytes.
  @inline(__always)
  mutating func grow(to count: Int, schema: FeatureSchema) {
    if unsafe count > text.capacity { growSlowly(to: count, schema) }
  }

  @inline(never)
  private mutating func growSlowly(to count: Int, _ schema: FeatureSchema) {
    unsafe text.deallocate()
    unsafe text = TextMemory(capacity: count + count / 2 + 512, schema: schema)
  }
}

/// The memory has one owner, who may hand it to another thread.
extension FeatureVector: @unchecked Sendable {}

/// Buffers whose size depends on the schema alone, and the tables that reading looks into.
@unsafe struct FeatureMemory {
  let dense: UnsafeMutablePointer<Float>
  /// One bit per possible word key, all clear between texts.
  let seen: UnsafeMutablePointer<UInt64>
  let seenCount: Int
  /// When each shortest character n-gram, by 15 bits of its hash, was last read.
  let stamps: UnsafeMutablePointer<UInt8>
  /// The stamp of the last text, as its only element; 0 stands for "never".
  let stamp: UnsafeMutablePointer<UInt8>
  let classes: UnsafeMutablePointer<UInt16>
  let wordLanes: UnsafeMutablePointer<UInt64>
  let markLanes: UnsafeMutablePointer<UInt64>
  let words: UnsafeMutablePointer<UInt64>
  /// Counts of the last text's words.
  let wordMemory: WordMemory
  let logarithms: UnsafeMutablePointer<Float>
  let scales: UnsafeMutablePointer<Float>

  init(schema: FeatureSchema) {
    func copy<Element>(_ array: [Element]) -> UnsafeMutablePointer<Element> {
      let target = UnsafeMutablePointer<Element>.allocate(capacity: max(1, array.count))
      for i in 0..<array.count { unsafe (target + i).initialize(to: array[i]) }
      return unsafe target
    }
    func zeros<Element: BinaryInteger>(_ count: Int) -> UnsafeMutablePointer<Element> {
      let target = UnsafeMutablePointer<Element>.allocate(capacity: max(1, count))
      unsafe target.initialize(repeating: 0, count: max(1, count))
      return unsafe target
    }
    unsafe dense = .allocate(capacity: max(1, schema.denseCount))
    unsafe dense.initialize(repeating: 0, count: max(1, schema.denseCount))
    let possibleKeys = schema.bucketBits == 0 ? 0 : 2 << schema.bucketBits
    unsafe seenCount = (possibleKeys + 63) / 64
    unsafe seen = zeros(seenCount)
    unsafe stamps = zeros(schema.characterMinimum == 0 ? 0 : 1 << CharacterWindows.stampBits)
    unsafe stamp = zeros(1)
    unsafe classes = copy(ByteClass.table())
    unsafe wordLanes = copy(WordLanes.table())
    unsafe markLanes = copy(MarkLanes.table())
    unsafe wordMemory = .allocate()
    unsafe words = copy(WordTable(version: schema.version).memory)
    unsafe logarithms = copy(logarithmTable())
    unsafe scales = copy(scaleTable())
  }

  func deallocate() {
    unsafe dense.deallocate()
    unsafe seen.deallocate()
    unsafe stamps.deallocate()
    unsafe stamp.deallocate()
    unsafe classes.deallocate()
    unsafe wordLanes.deallocate()
    unsafe markLanes.deallocate()
    unsafe words.deallocate()
    unsafe wordMemory.deallocate()
    unsafe logarithms.deallocate()
    unsafe scales.deallocate()
  }
}

/// Buffers that grow with the longest text.
@unsafe struct TextMemory {
  /// Bytes of text there is room for.
  let capacity: Int
  /// The text with A–Z lowered, and zeros behind it.
  let lowered: UnsafeMutablePointer<UInt8>
  /// ``BytePlanes`` of the text, a block of zeros, and one that is read but does not count.
  let planes: UnsafeMutablePointer<UInt64>
  /// Hash states of the words.
  let states: UnsafeMutablePointer<UInt64>
  /// The keys.
  let keys: UnsafeMutablePointer<UInt32>

  init(capacity: Int, schema: FeatureSchema) {
    unsafe self.capacity = capacity
    let blocks = (capacity + 63) / 64
    unsafe lowered = .allocate(capacity: 64 * blocks + BytePlanes.margin)
    unsafe planes = .allocate(capacity: BytePlanes.count * (blocks + 2))
    unsafe states = .allocate(capacity: capacity / 2 + 1)
    // A word begins at every second byte at most, no block has more keys than there are, and one key more is written
    // than is kept.
    let possibleKeys = schema.bucketBits == 0 ? 0 : 2 << schema.bucketBits
    let lengths = schema.characterMaximum - schema.characterMinimum + 1
    let positions = min(capacity, 1 << CharacterWindows.stampBits)
    let characters =
      schema.characterMinimum == 0
      ? 0 : schema.version < 3 ? min(possibleKeys, capacity * lengths) : positions * lengths
    let words = min(possibleKeys, capacity * schema.wordOrders)
    unsafe keys = .allocate(capacity: words + characters + 8)
  }

  func deallocate() {
    unsafe lowered.deallocate()
    unsafe planes.deallocate()
    unsafe states.deallocate()
    unsafe keys.deallocate()
  }
}

/// 1/√n for the whole numbers below 1024, which are common; 0 for 0.
func scaleTable() -> [Float] {
  var table = [Float](repeating: 0, count: 1024)
  for n in 1..<1024 { table[n] = Float(inverseSquareRoot(Double(n))) }
  return table
}

/// 1/√count, the value of each of `count` keys; 0 for none.
@inline(__always)
func scale(_ count: Int, _ table: UnsafePointer<Float>) -> Float {
  unsafe count < 1024 ? table[count] : Float(inverseSquareRoot(Double(count)))
}

/// 1/√x for x ≥ 1 by Newton's iteration y ← y · (3/2 − x/2 · y²) from a bit-level first guess (relative error below
/// 0.04, squared by each of five steps). Own code because the embedded build has no libm to fall back on.
func inverseSquareRoot(_ x: Double) -> Double {
  var y = Double(bitPattern: 0x5fe6_eb50_c7b5_37a9 - x.bitPattern >> 1)
  for _ in 0..<5 { y *= 1.5 - 0.5 * x * y * y }
  return y
}
