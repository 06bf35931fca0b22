/// The hashed text features of many queries: sparse rows whose entries are ± one scale per row and block.
///
/// Row i is Σ over its keys of ±scale · e_bucket, where `key = bucket << 1 | sign` and sign 1 means −. A row has
/// two blocks of keys (words, then characters), each with its own scale; no value is stored beside a key, so an
/// entry takes four bytes. Keys may repeat; their entries add.
public struct SignedBinaryRows: Equatable, Sendable {
  /// Number of buckets as a power of two.
  public let bucketBits: Int
  /// Where row i's keys begin: `rowCount + 1` positions in ``keys``.
  public private(set) var starts: [Int] = [0]
  /// Where row i's second block begins, between `starts[i]` and `starts[i + 1]`.
  public private(set) var splits: [Int] = []
  /// Scales of row i's two blocks at 2i and 2i + 1.
  public private(set) var scales: [Float] = []
  /// `bucket << 1 | sign` of every entry, row after row.
  public private(set) var keys: [UInt32] = []

  /// No rows yet, over 2^`bucketBits` buckets (1 to 30 bits).
  public init(bucketBits: Int) {
    precondition((1...30).contains(bucketBits), "1 to 30 bucket bits, got \(bucketBits)")
    self.bucketBits = bucketBits
  }

  /// Rows whose columns exist already; they are kept, not copied.
  ///
  /// Traps when the columns contradict one another, a key's bucket does not exist or a scale is not finite: they come
  /// from the featurizer.
  ///
  /// - Parameters:
  ///   - starts: n + 1 positions in `keys`, from 0 to `keys.count`, not falling.
  ///   - splits: n positions, each between its row's start and end.
  ///   - scales: 2n finite values.
  ///   - keys: `bucket << 1 | sign` of every entry.
  public init(bucketBits: Int, starts: [Int], splits: [Int], scales: [Float], keys: [UInt32]) {
    self.init(bucketBits: bucketBits)
    let n = splits.count
    precondition(
      starts.count == n + 1 && scales.count == 2 * n && starts[0] == 0 && starts[n] == keys.count,
      "\(starts.count) starts, \(scales.count) scales and \(keys.count) keys for \(n) rows")
    for i in 0..<n {
      precondition(
        starts[i] <= splits[i] && splits[i] <= starts[i + 1],
        "row \(i) spans \(starts[i]) to \(starts[i + 1]) and splits at \(splits[i])")
      precondition(
        scales[2 * i].isFinite && scales[2 * i + 1].isFinite,
        "scales \(scales[2 * i]) and \(scales[2 * i + 1]) of row \(i) must be finite")
    }
    let limit = UInt32(2) << UInt32(bucketBits)
    let largest = keys.reduce(0) { $0 | $1 }  // keys below a power of two stay below it when or-ed
    precondition(largest < limit, "a key of bucket \(largest >> 1), there are \(bucketCount)")
    self.starts = starts
    self.splits = splits
    self.scales = scales
    self.keys = keys
  }

  /// Number of rows.
  public var rowCount: Int { splits.count }
  /// Number of buckets.
  public var bucketCount: Int { 1 << bucketBits }

  /// Makes room for `rowCount` further rows with `keyCount` keys in all.
  public mutating func reserve(rowCount: Int, keyCount: Int) {
    starts.reserveCapacity(starts.count + rowCount)
    splits.reserveCapacity(splits.count + rowCount)
    scales.reserveCapacity(scales.count + 2 * rowCount)
    keys.reserveCapacity(keys.count + keyCount)
  }

  /// Appends a row of two blocks.
  ///
  /// Traps when a key's bucket does not exist or a scale is not finite: keys come from the featurizer.
  public mutating func append(
    words: some Sequence<UInt32>, wordScale: Float, characters: some Sequence<UInt32>,
    characterScale: Float
  ) {
    precondition(
      wordScale.isFinite && characterScale.isFinite,
      "scales \(wordScale) and \(characterScale) of row \(rowCount) must be finite")
    let first = keys.count
    keys.append(contentsOf: words)
    splits.append(keys.count)
    keys.append(contentsOf: characters)
    starts.append(keys.count)
    scales.append(wordScale)
    scales.append(characterScale)
    let limit = UInt32(2) << UInt32(bucketBits)
    for key in keys[first...] {
      precondition(
        key < limit, "bucket \(key >> 1) of row \(rowCount - 1), there are \(bucketCount)")
    }
  }

  /// The rows at `indices`, in that order.
  public func rows(_ indices: [Int]) -> SignedBinaryRows {
    var picked = SignedBinaryRows(bucketBits: bucketBits)
    picked.reserve(
      rowCount: indices.count, keyCount: indices.reduce(0) { $0 + starts[$1 + 1] - starts[$1] })
    for i in indices {
      picked.splits.append(picked.keys.count + splits[i] - starts[i])
      picked.keys.append(contentsOf: keys[starts[i]..<starts[i + 1]])
      picked.starts.append(picked.keys.count)
      picked.scales.append(scales[2 * i])
      picked.scales.append(scales[2 * i + 1])
    }
    return picked
  }
}
