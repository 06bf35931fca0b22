/// Eight bitmaps over a text: for each block of 64 bytes one word per plane, whose bit i says whether byte i is of the
/// plane's kind.
///
/// Every byte is looked up once for a class of eight bits; transposing eight such classes as an 8 × 8 bit matrix
/// (Warren, Hacker's Delight, 7-3) gives eight bits of every plane. Counting and finding the next word are then
/// operations on whole machine words.
enum BytePlanes {
  static let count = 8
  /// Letter, digit, apostrophe, or a byte ≥ 0x80: what words are made of.
  static let wordPart = 0
  static let upper = 1
  static let digit = 2
  /// Punctuation but the apostrophe, and the white space that means something: tab and newline.
  static let mark = 3
  static let space = 4
  static let apostrophe = 5
  /// Bytes ≥ 0x80.
  static let high = 6
  /// Digits and bytes ≥ 0x80: words without them are counted quickly.
  static let unusual = 7

  /// The class of every byte value: bit k for plane k.
  static func table() -> [UInt8] {
    let classes = ByteClass.table()
    var table = [UInt8](repeating: 0, count: 256)
    for value in 0..<256 {
      let bits = classes[value]
      var planes: UInt8 = 0
      func set(_ plane: Int, _ isSet: Bool) { if isSet { planes |= 1 << UInt8(plane) } }
      set(wordPart, bits & ByteClass.wordPart != 0)
      set(upper, bits & ByteClass.upper != 0)
      set(digit, bits & ByteClass.digit != 0)
      set(mark, bits & ByteClass.punctuation != 0 && value != 39 || value == 9 || value == 10)
      set(space, bits & ByteClass.space != 0)
      set(apostrophe, value == 39)
      set(high, value >= 0x80)
      set(unusual, bits & ByteClass.digit != 0 || value >= 0x80)
      table[value] = planes
    }
    return table
  }

  /// Writes the planes of `text`, block after block, plane after plane within a block. `planes` has room for
  /// 8 · (⌈length / 64⌉ + 1) words: the last block is zero, `text` for eight bytes more than `length`, all zero.
  static func write(
    _ text: UnsafePointer<UInt8>, length: Int, table: UnsafePointer<UInt8>,
    to planes: UnsafeMutablePointer<UInt64>
  ) {
    let blocks = (length + 63) >> 6
    for i in 0..<count { unsafe planes[blocks << 3 + i] = 0 }
    // In bounds: eight rows of eight bytes a block; the last row read begins before `length`.
    let bytes = unsafe UnsafeMutableRawPointer(planes).assumingMemoryBound(to: UInt8.self)
    for block in 0..<blocks {
      let start = block << 6
      let rows = min(8, (length - start + 7) >> 3)
      let target = unsafe bytes + (block << 6)
      for row in 0..<8 {
        var x: UInt64 = 0
        if row < rows {
          let source = unsafe text + (start + row &<< 3)
          for k in 0..<8 {
            unsafe x |= UInt64(table[Int(source[k])]) &<< UInt64(truncatingIfNeeded: 8 &* k)
          }
        }
        x = transposed(x)
        for plane in 0..<8 {
          unsafe target[plane &<< 3 &+ row] = UInt8(
            truncatingIfNeeded: x &>> UInt64(truncatingIfNeeded: 8 &* plane))
        }
      }
    }
  }

  /// The transposed 8 × 8 bit matrix: bit j of byte i becomes bit i of byte j.
  @inline(__always)
  static func transposed(_ matrix: UInt64) -> UInt64 {
    var x = matrix
    var t = (x ^ (x &>> 7)) & 0x00aa_00aa_00aa_00aa
    x ^= t ^ (t &<< 7)
    t = (x ^ (x &>> 14)) & 0x0000_cccc_0000_cccc
    x ^= t ^ (t &<< 14)
    t = (x ^ (x &>> 28)) & 0x0000_0000_f0f0_f0f0
    return x ^ t ^ (t &<< 28)
  }
}
