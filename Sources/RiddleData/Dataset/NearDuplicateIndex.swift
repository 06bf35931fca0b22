import RiddleRuntime

/// Signatures of many texts, by which a near-duplicate of any of them is recognised without the text.
///
/// 64 bytes a text (``MinHash/appendSignature(to:)``). A text is taken for a near-duplicate when its signature agrees in
/// at least ``leastAgreement`` bytes with one that shares a whole band with it. Bytes agree with probability
/// s + (1 − s) / 256 at Jaccard similarity s, so a pair at 0.8 is missed with probability 0.008 and at 0.85 with 10⁻⁴;
/// pairs from about 0.6 on may be taken for near-duplicates too: whoever wants rows proven unseen loses a few more.
struct NearDuplicateIndex: Equatable, Sendable {
  /// Bytes of a signature.
  static let width = MinHash.width
  /// Agreeing bytes from which texts count as near-duplicates.
  static let leastAgreement = 44
  /// In a crowded band each text is compared with this many signatures.
  static let comparisonsPerBand = 4096

  /// Signatures, ascending, without repeats.
  let signatures: [UInt8]
  /// For each band the signatures' numbers in ascending order of their four bytes there.
  private let orders: [[Int32]]

  /// Number of signatures.
  var count: Int { signatures.count / Self.width }

  /// An index over signatures one after the other, in any order and with repeats.
  init(signatures unsorted: [UInt8]) {
    precondition(unsorted.count % Self.width == 0, "\(unsorted.count) bytes of signatures")
    let order = (0..<unsorted.count / Self.width).sorted { a, b in
      Self.isLess(unsorted, a, b)
    }
    var kept: [UInt8] = []
    kept.reserveCapacity(unsorted.count)
    for i in order {
      let row = unsorted[(i * Self.width)..<((i + 1) * Self.width)]
      if kept.count < Self.width || kept[(kept.count - Self.width)...] != row {
        kept.append(contentsOf: row)
      }
    }
    self.init(ascending: kept)
  }

  /// Reads signatures that must ascend strictly; nil when they do not.
  init?(checking bytes: [UInt8]) {
    guard bytes.count % Self.width == 0 else { return nil }
    for i in 1..<max(1, bytes.count / Self.width) {
      if !Self.isLess(bytes, i - 1, i) { return nil }
    }
    self.init(ascending: bytes)
  }

  private init(ascending: [UInt8]) {
    signatures = ascending
    let count = ascending.count / Self.width
    orders = (0..<(count == 0 ? 0 : MinHash.bands)).map { band in
      // Four even bytes in front: the order of hashes.
      let keys = (0..<count).map { i in
        UInt64(Self.key(ascending, i, band)) << 32 | UInt64(UInt32(truncatingIfNeeded: i))
      }
      return HashOrder.indices(keys[...])
    }
  }

  private static func isLess(_ bytes: [UInt8], _ a: Int, _ b: Int) -> Bool {
    for k in 0..<width {
      let (x, y) = (bytes[a * width + k], bytes[b * width + k])
      if x != y { return x < y }
    }
    return false
  }

  /// The four bytes of a band of signature `i`.
  private static func key(_ bytes: [UInt8], _ i: Int, _ band: Int) -> UInt32 {
    var key: UInt32 = 0
    for k in 0..<MinHash.rowsPerBand {
      key = key << 8 | UInt32(bytes[i * width + band * MinHash.rowsPerBand + k])
    }
    return key
  }

  /// Whether a text with this signature is a near-duplicate of any indexed one; never for an empty signature.
  func contains(near signature: [UInt8]) -> Bool {
    guard signature.count == Self.width, count > 0 else { return false }
    for band in 0..<MinHash.bands {
      let key = Self.key(signature, 0, band)
      let order = orders[band]
      var low = 0
      var high = order.count
      while low < high {
        let middle = (low + high) / 2
        if Self.key(signatures, Int(order[middle]), band) < key {
          low = middle + 1
        } else {
          high = middle
        }
      }
      let end = min(order.count, low + Self.comparisonsPerBand)
      while low < end, Self.key(signatures, Int(order[low]), band) == key {
        if agreement(signature, Int(order[low])) >= Self.leastAgreement { return true }
        low += 1
      }
    }
    return false
  }

  private func agreement(_ signature: [UInt8], _ i: Int) -> Int {
    var equal = 0
    let (a, b) = (signature.span, signatures.span)
    for k in 0..<Self.width where a[k] == b[i * Self.width + k] { equal += 1 }
    return equal
  }
}

/// Computes signatures, one text after the other.
struct SignatureReader {
  private var shingles = WordShingles()
  private var minima = MinHash()

  /// The signature of a text; empty for a text of fewer than five words.
  mutating func signature(of text: String) -> [UInt8] {
    shingles.read(text)
    if shingles.hashes.isEmpty { return [] }
    minima.read(shingles.hashes)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(MinHash.width)
    minima.appendSignature(to: &bytes)
    return bytes
  }
}
