import RiddleRuntime

/// The least values of 64 fixed hash functions over a set of shingles: texts agree on each with the probability of
/// their Jaccard similarity (Broder, 1997, doi:10.1109/SEQUEN.1997.666900).
///
/// The functions are aⱼ · h + bⱼ mod 2⁶⁴ without the 16 lowest bits. They are fixed: what is a near-duplicate of what
/// must not depend on a seed.
struct MinHash {
  /// Bands of a signature.
  static let bands = 16
  /// Functions of one band.
  static let rowsPerBand = 4
  /// Functions in all.
  static let width = bands * rowsPerBand
  /// The band key of a text without shingles: it has no band.
  static let noKey: UInt64 = 0

  private let factors: [UInt64]
  private let offsets: [UInt64]
  private var least: [UInt64]
  private var isEmpty = true

  init() {
    factors = (0..<Self.width).map { StableHash.mixed(2 * UInt64($0) + 1) | 1 }
    offsets = (0..<Self.width).map { StableHash.mixed(2 * UInt64($0) + 2) }
    least = [UInt64](repeating: .max, count: Self.width)
  }

  /// Takes the set of one text.
  mutating func read(_ shingles: [UInt64]) {
    isEmpty = shingles.isEmpty
    let hashes = shingles.span
    // Two functions at a time: each shingle is loaded once for both.
    for j in stride(from: 0, to: Self.width, by: 2) {
      let (a, b) = (factors[j], offsets[j])
      let (c, d) = (factors[j + 1], offsets[j + 1])
      var (x, y) = (UInt64.max, UInt64.max)
      for i in hashes.indices {
        let h = hashes[i]
        x = min(x, (h &* a &+ b) >> 16)
        y = min(y, (h &* c &+ d) >> 16)
      }
      least[j] = x
      least[j + 1] = y
    }
  }

  /// One key per band: a hash of the band's least values; ``noKey`` for an empty set.
  func appendBandKeys(to keys: inout [UInt64]) {
    if isEmpty {
      for _ in 0..<Self.bands { keys.append(Self.noKey) }
      return
    }
    for band in 0..<Self.bands {
      var state = UInt64(band)
      for row in 0..<Self.rowsPerBand {
        state = StableHash.mixed(state ^ least[band * Self.rowsPerBand + row])
      }
      keys.append(state == Self.noKey ? 1 : state)
    }
  }

  /// The lowest byte of every least value, band after band: 64 bytes that agree with probability s + (1 − s) / 256 each
  /// (b-bit minwise hashing; Li & König, 2010, doi:10.1145/1772690.1772759). Nothing for an empty set.
  func appendSignature(to bytes: inout [UInt8]) {
    if isEmpty { return }
    for value in least { bytes.append(UInt8(truncatingIfNeeded: value)) }
  }
}
