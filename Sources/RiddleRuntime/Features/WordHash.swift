/// Hashes of words and character n-grams since version 3 of the featurizer: whole machine words instead of single bytes.
///
/// Multiplication spreads every bit upwards, so keys are the top bits of a product (Dietzfelbinger et al., 1997,
/// doi:10.1006/jagm.1997.0873).
enum WordHash {
  static let first: UInt64 = 0x9fb2_1c65_1e98_df25
  static let second: UInt64 = 0xd6e8_feb8_6659_fd93

  /// The state before the first bytes of a word.
  static let start: UInt64 = 0x9e37_79b9_7f4a_7c15

  /// Adds the next eight bytes of a word, first byte lowest; bytes behind its end are zero.
  @inline(__always)
  static func adding(_ eight: UInt64, to state: UInt64) -> UInt64 {
    let product = (state ^ eight) &* first
    return product ^ (product >> 29)
  }

  /// The state of two neighbouring words.
  @inline(__always)
  static func pair(_ previous: UInt64, _ word: UInt64) -> UInt64 {
    let sum = (previous &* 0x9e37_79b9_7f4a_7c15) ^ word
    return sum ^ (sum >> 29)
  }

  /// Spreads a state: keys are its top bits.
  @inline(__always)
  static func spread(_ state: UInt64) -> UInt64 { state &* second }

  /// The odd number that an n-gram of `length` bytes is multiplied with.
  @inline(__always)
  static func multiplier(length: Int) -> UInt64 { StableHash.mixed(UInt64(length)) | 1 }

  /// The lowest `count` bytes, 1 … 8, of eight.
  @inline(__always)
  static func lowest(_ count: Int, of eight: UInt64) -> UInt64 {
    eight & (UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- 8 &* count))
  }
}

/// The hash state of a word that is read byte after byte, in the definition of any version: the plain way.
struct WordHasher {
  private let version: UInt16
  private var state: UInt64
  private var eight: UInt64 = 0
  private(set) var length = 0

  init(version: UInt16) {
    self.version = version
    state = version < 3 ? StableHash.start : WordHash.start
  }

  /// Adds a lowered byte.
  @inline(__always)
  mutating func add(_ byte: UInt8) {
    if version < 3 {
      state = StableHash.adding(byte, to: state)
    } else {
      eight |= UInt64(byte) << UInt64(8 * (length & 7))
      if length & 7 == 7 {
        state = WordHash.adding(eight, to: state)
        eight = 0
      }
    }
    length += 1
  }

  /// The state after the last byte.
  var value: UInt64 { eight == 0 ? state : WordHash.adding(eight, to: state) }

  /// The number whose top bits are the key of a word, or of a pair, with this state.
  @inline(__always)
  static func spread(_ state: UInt64, version: UInt16) -> UInt64 {
    version < 3 ? StableHash.mixed(state) : WordHash.spread(state)
  }

  /// The state of two neighbouring words.
  @inline(__always)
  static func pair(_ previous: UInt64, _ word: UInt64, version: UInt16) -> UInt64 {
    version < 3
      ? (previous &* 0x9e37_79b9_7f4a_7c15) ^ word : WordHash.pair(previous, word)
  }
}
