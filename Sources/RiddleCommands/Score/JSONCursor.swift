import Foundation

/// Walks strict JSON (RFC 8259) in one line of memory; strings are looked through eight bytes at a time.
///
/// Borrows the line: lives no longer than the buffer it was given. Every read is within the buffer.
struct JSONCursor {
  private let base: UnsafePointer<UInt8>
  private let count: Int
  private var position = 0
  /// Bits of all bytes of strings so far, and of bytes beside them: 0x80 and above means more than ASCII.
  private var anyBits: UInt64 = 0

  /// A string in quotes: its bytes without them.
  struct Text {
    var range: Range<Int>
    var hasEscapes: Bool
  }

  /// A cursor before the first byte; nil for no bytes.
  init?(_ line: UnsafeBufferPointer<UInt8>) {
    guard let start = line.baseAddress, !line.isEmpty else { return nil }
    base = start
    count = line.count
  }

  /// Whether the strings seen so far are valid UTF-8; outside of them every accepted byte is ASCII.
  var isValidUTF8: Bool {
    if anyBits & Self.highBits == 0 { return true }
    let all = Span(_unsafeStart: base, count: count)
    return (try? UTF8Span(validating: all)) != nil
  }

  func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  // MARK: punctuation

  mutating func skipSpace() {
    while position < count {
      let byte = base[position]
      guard byte == 0x20 || byte == 0x09 || byte == 0x0d || byte == 0x0a else { return }
      position += 1
    }
  }

  /// Takes one byte after space.
  mutating func take(_ byte: UInt8) -> Bool {
    skipSpace()
    guard position < count, base[position] == byte else { return false }
    position += 1
    return true
  }

  /// A comma between members, and the space after it.
  mutating func takeCommaInObject() -> Bool {
    guard take(0x2c) else { return false }
    skipSpace()
    return true
  }

  mutating func isAtEndAfterSpace() -> Bool {
    skipSpace()
    return position == count
  }

  mutating func takeNull() -> Bool { take(word: "null") }

  private mutating func take(word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard count - position >= length, memcmp(base + position, word.utf8Start, length) == 0 else {
      return false
    }
    position += length
    return true
  }

  // MARK: strings

  private static let ones: UInt64 = 0x0101_0101_0101_0101
  private static let highBits: UInt64 = 0x8080_8080_8080_8080

  /// A string at the cursor, with its escapes checked but for surrogates; nil when it is torn or has a control character.
  mutating func string() -> Text? {
    guard position < count, base[position] == 0x22 else { return nil }
    position += 1
    let start = position
    var hasEscapes = false
    while true {
      skipPlain()
      guard position < count else { return nil }
      let byte = base[position]
      if byte == 0x22 {
        position += 1
        return Text(range: start..<(position - 1), hasEscapes: hasEscapes)
      }
      if byte == 0x5c {
        hasEscapes = true
        // The byte after a backslash is taken whatever it is: `unescape` knows which are escapes.
        guard position + 1 < count, base[position + 1] >= 0x20 else { return nil }
        anyBits |= UInt64(base[position + 1])
        position += 2
      } else if byte < 0x20 {
        return nil
      } else {
        anyBits |= UInt64(byte)
        position += 1
      }
    }
  }

  /// Moves to the next quote, backslash or control character, or to fewer than eight bytes from the end.
  ///
  /// Of the bytes of a word, the lowest one that is marked is marked rightly (the borrow of a subtraction only reaches
  /// bytes above a marked one), and no other is used.
  private mutating func skipPlain() {
    while count - position >= 8 {
      let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self).littleEndian
      anyBits |= word
      let quotes = word ^ (Self.ones &* 0x22)
      let slashes = word ^ (Self.ones &* 0x5c)
      let marks =
        ((quotes &- Self.ones) & ~quotes)
        | ((slashes &- Self.ones) & ~slashes)
        | ((word &- Self.ones &* 0x20) & ~word)
      let found = marks & Self.highBits
      if found != 0 {
        position += found.trailingZeroBitCount >> 3
        return
      }
      position += 8
    }
  }

  /// Writes the text of a string with escapes; false when an escape is none, or half of a surrogate pair.
  func unescape(_ range: Range<Int>, into text: inout [UInt8]) -> Bool {
    text.removeAll(keepingCapacity: true)
    var at = range.lowerBound
    let end = range.upperBound
    while at < end {
      guard let found = memchr(base + at, 0x5c, end - at) else {
        text.append(contentsOf: bytes(at..<end))
        return true
      }
      let slash = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      text.append(contentsOf: bytes(at..<slash))
      at = slash + 2
      switch base[slash + 1] {
      case 0x22, 0x5c, 0x2f: text.append(base[slash + 1])
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "f"): text.append(0x0c)
      case UInt8(ascii: "n"): text.append(0x0a)
      case UInt8(ascii: "r"): text.append(0x0d)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "u"):
        guard let scalar = scalar(at: &at, end: end) else { return false }
        text.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      default: return false
      }
    }
    return true
  }

  /// The scalar of the digits behind `\u`, with the second half of a pair.
  private func scalar(at: inout Int, end: Int) -> Unicode.Scalar? {
    guard let first = fourDigits(at, end: end) else { return nil }
    at += 4
    guard first & 0xfc00 == 0xd800 else { return Unicode.Scalar(first) }
    guard at + 6 <= end, base[at] == 0x5c, base[at + 1] == UInt8(ascii: "u"),
      let second = fourDigits(at + 2, end: end), second & 0xfc00 == 0xdc00
    else { return nil }
    at += 6
    return Unicode.Scalar(0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff))
  }

  private func fourDigits(_ at: Int, end: Int) -> UInt32? {
    guard at + 4 <= end else { return nil }
    var value: UInt32 = 0
    for i in at..<(at + 4) {
      switch base[i] {
      case 0x30...0x39: value = value << 4 | UInt32(base[i] - 0x30)
      case 0x41...0x46: value = value << 4 | UInt32(base[i] - 0x41 + 10)
      case 0x61...0x66: value = value << 4 | UInt32(base[i] - 0x61 + 10)
      default: return nil
      }
    }
    return value
  }

  /// Whether the escapes of a string are escapes and its surrogates pairs, without keeping the text.
  private func hasGoodEscapes(_ range: Range<Int>) -> Bool {
    var at = range.lowerBound
    let end = range.upperBound
    while at < end, let found = memchr(base + at, 0x5c, end - at) {
      let slash = UnsafeRawPointer(found) - UnsafeRawPointer(base)
      at = slash + 2
      switch base[slash + 1] {
      case 0x22, 0x5c, 0x2f, UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
        UInt8(ascii: "r"), UInt8(ascii: "t"):
        break
      case UInt8(ascii: "u"):
        guard scalar(at: &at, end: end) != nil else { return false }
      default: return false
      }
    }
    return true
  }

  // MARK: other values

  /// A whole number from 0 of at most nine digits, no sign, fraction or exponent.
  mutating func smallWholeNumber() -> Int32? {
    let start = position
    var value: Int32 = 0
    while position < count, position - start < 9, base[position] &- 0x30 < 10 {
      value = value &* 10 &+ Int32(base[position] &- 0x30)
      position += 1
    }
    let length = position - start
    guard length > 0, length == 1 || base[start] != 0x30, position < count else { return nil }
    switch base[position] {
    case 0x2c, 0x7d, 0x20, 0x09: return value
    default: return nil
    }
  }

  /// Skips any value with at most `depth` containers inside each other; false when it is not strict JSON.
  mutating func skipValue(depth: Int) -> Bool {
    skipSpace()
    guard position < count, depth > 0 else { return false }
    switch base[position] {
    case 0x22:
      guard let text = string() else { return false }
      return !text.hasEscapes || hasGoodEscapes(text.range)
    case 0x7b:
      position += 1
      if take(0x7d) { return true }
      repeat {
        skipSpace()
        guard let key = string(), !key.hasEscapes, take(0x3a), skipValue(depth: depth - 1) else {
          return false
        }
      } while take(0x2c)
      return take(0x7d)
    case 0x5b:
      position += 1
      if take(0x5d) { return true }
      repeat {
        guard skipValue(depth: depth - 1) else { return false }
      } while take(0x2c)
      return take(0x5d)
    case UInt8(ascii: "t"): return take(word: "true")
    case UInt8(ascii: "f"): return take(word: "false")
    case UInt8(ascii: "n"): return take(word: "null")
    default: return skipNumber()
    }
  }

  /// `-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?`
  private mutating func skipNumber() -> Bool {
    if base[position] == 0x2d { position += 1 }
    let start = position
    guard skipDigits() else { return false }
    if base[start] == 0x30 && position - start > 1 { return false }
    if position < count, base[position] == 0x2e {
      position += 1
      guard skipDigits() else { return false }
    }
    if position < count, base[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < count, base[position] == 0x2b || base[position] == 0x2d { position += 1 }
      guard skipDigits() else { return false }
    }
    return true
  }

  private mutating func skipDigits() -> Bool {
    let start = position
    while position < count, base[position] &- 0x30 < 10 { position += 1 }
    return position > start
  }
}
