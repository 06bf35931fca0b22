/// What one byte of UTF-8 text is, as a set of bits: the featurizer reads each byte through this table once.
enum ByteClass {
  static let letter: UInt16 = 1 << 0  // a–z, A–Z, and every byte ≥ 0x80
  static let upper: UInt16 = 1 << 1
  static let digit: UInt16 = 1 << 2
  static let space: UInt16 = 1 << 3
  static let punctuation: UInt16 = 1 << 4
  static let sentenceEnd: UInt16 = 1 << 5  // . ! ?
  static let mathMark: UInt16 = 1 << 6  // = + * / ^ < >
  static let codeMark: UInt16 = 1 << 7  // { } ; ` _ #
  static let latexMark: UInt16 = 1 << 8  // \ $
  static let bracket: UInt16 = 1 << 9  // ( ) [ ]
  static let quote: UInt16 = 1 << 10  // " '
  static let tableMark: UInt16 = 1 << 11  // | tab
  static let colon: UInt16 = 1 << 12  // : ;
  static let continuation: UInt16 = 1 << 13  // 0x80 – 0xBF: not the start of a scalar
  static let wordPart: UInt16 = 1 << 14  // letter, digit or apostrophe
  static let wide: UInt16 = 1 << 15  // lead byte of a scalar of three or four bytes

  /// The class of every byte value.
  static func table() -> [UInt16] {
    var table = [UInt16](repeating: 0, count: 256)
    for value in 0..<256 {
      let byte = UInt8(value)
      var bits: UInt16 = 0
      switch byte {
      case 65...90: bits = letter | upper | wordPart
      case 97...122: bits = letter | wordPart
      case 48...57: bits = digit | wordPart
      case 9...13, 32: bits = space
      case 0x80...0xbf: bits = letter | wordPart | continuation
      case 0xe0...0xff: bits = letter | wordPart | wide
      case 0xc0...0xdf: bits = letter | wordPart
      case 33...47, 58...64, 91...96, 123...126: bits = punctuation
      default: bits = 0
      }
      switch byte {
      case 46, 33, 63: bits |= sentenceEnd
      case 61, 43, 42, 47, 94, 60, 62: bits |= mathMark
      case 123, 125, 96, 95, 35: bits |= codeMark
      case 59: bits |= codeMark | colon
      case 58: bits |= colon
      case 92, 36: bits |= latexMark
      case 40, 41, 91, 93: bits |= bracket
      case 34: bits |= quote
      case 39: bits |= quote | wordPart
      case 124, 9: bits |= tableMark
      default: break
      }
      table[value] = bits
    }
    return table
  }
}
