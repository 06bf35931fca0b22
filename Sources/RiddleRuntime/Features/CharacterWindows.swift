/// Character n-grams since version 3 of the featurizer.
///
/// A position is read if the shortest n-gram there, known by ``CharacterWindows/stampBits`` bits of its hash, did not stand
/// at an earlier position of the text; then one n-gram of every length that still fits is taken. So no n-gram counts
/// twice, one comparison serves all lengths, and a text that repeats itself has few keys.
struct CharacterWindows {
  /// Bits of a hash by which a position's shortest n-gram is known.
  static let stampBits = 15

  let shortest: Int
  let longest: Int
  /// What a product is shifted by for its key.
  let shift: UInt64

  /// Writes the keys of the lowered text, which eight zero bytes follow, to `keys`; returns their number.
  func write(
    _ text: UnsafePointer<UInt8>, count: Int, stamps: UnsafeMutablePointer<UInt8>, stamp: UInt8,
    to keys: UnsafeMutablePointer<UInt32>
  ) -> Int {
    // The common lengths as literals, so that masks and multipliers are constants of the loop.
    if shortest == 3 && longest == 5 {
      return unsafe writeTriples(text, count: count, stamps, stamp, keys)
    }
    var written = 0
    var position = 0
    let raw = unsafe UnsafeRawPointer(text)
    while position &+ shortest <= count {
      // In bounds: position < count, and eight bytes more may be read.
      let window = unsafe UInt64(
        littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      let slot = Self.slot(of: product(window, shortest))
      if unsafe stamps[slot] != stamp {
        unsafe stamps[slot] = stamp
        for length in shortest...min(longest, count &- position) {
          unsafe keys[written] = UInt32(truncatingIfNeeded: product(window, length) &>> shift)
          written &+= 1
        }
      }
      position &+= 1
    }
    return written
  }

  /// Lengths 3, 4 and 5 without a branch: three keys are written at every position, and the end moves on by those that count:
  /// none where the position is not read, fewer than three at the last two.
  @inline(never)
  @_optimize(speed)
  private func writeTriples(
    _ text: UnsafePointer<UInt8>, count: Int, _ stamps: UnsafeMutablePointer<UInt8>,
    _ stamp: UInt8, _ keys: UnsafeMutablePointer<UInt32>
  ) -> Int {
    if count < 3 { return 0 }
    let multipliers = (
      WordHash.multiplier(length: 3), WordHash.multiplier(length: 4),
      WordHash.multiplier(length: 5)
    )
    let shift = shift
    var at = unsafe UnsafeRawPointer(text)
    var next = unsafe keys
    @inline(__always)
    func read(fitting: Int) {
      let window = unsafe UInt64(littleEndian: at.loadUnaligned(as: UInt64.self))
      let product = WordHash.lowest(3, of: window) &* multipliers.0
      let slot = Self.slot(of: product)
      unsafe next[0] = UInt32(truncatingIfNeeded: product &>> shift)
      unsafe next[1] = UInt32(
        truncatingIfNeeded: (WordHash.lowest(4, of: window) &* multipliers.1) &>> shift)
      unsafe next[2] = UInt32(
        truncatingIfNeeded: (WordHash.lowest(5, of: window) &* multipliers.2) &>> shift)
      unsafe next += stamps[slot] == stamp ? 0 : fitting
      unsafe stamps[slot] = stamp
      unsafe at += 1
    }
    let end = unsafe at + (count &- 2)
    let whole = unsafe end - 2
    while unsafe at < whole { read(fitting: 3) }
    if unsafe at < end - 1 { read(fitting: 2) }
    read(fitting: 1)
    return unsafe next - keys
  }

  @inline(__always)
  private func product(_ window: UInt64, _ length: Int) -> UInt64 {
    WordHash.lowest(length, of: window) &* WordHash.multiplier(length: length)
  }

  @inline(__always)
  static func slot(of product: UInt64) -> Int {
    Int(truncatingIfNeeded: product &>> UInt64(64 - CharacterWindows.stampBits))
  }
}
