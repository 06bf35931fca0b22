/// Walks strict JSON (RFC 8259) in one pass, over bytes that are handed to every call.
///
/// Holds a position alone, so the bytes may lie in a network buffer. Nothing is built but what is asked for; a value that nobody reads is
/// checked and skipped. Containers inside each other are limited, since skipping recurses.
struct JSONWalker {
  /// Containers inside each other that are walked.
  static let deepest = 64

  /// Index of the next byte.
  private(set) var position = 0
  /// Containers that are open.
  private var depth = 0

  /// What is wrong, and where.
  struct Fault: Error, Equatable {
    var offset: Int
    var expected: StaticString

    static func == (a: Fault, b: Fault) -> Bool { a.offset == b.offset }
  }

  /// A string in quotes: its bytes without them.
  struct Text {
    var range: Range<Int>
    var hasEscapes: Bool
  }

  /// What begins at the next byte.
  enum Kind { case object, array, string, number, boolean, null }

  private func fault(_ expected: StaticString) -> Fault {
    Fault(offset: position, expected: expected)
  }

  // MARK: punctuation

  mutating func skipSpace(_ bytes: Span<UInt8>) {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
      position += 1
    }
  }

  /// Takes `byte` after space; false leaves it.
  mutating func takes(_ byte: UInt8, _ bytes: Span<UInt8>) -> Bool {
    skipSpace(bytes)
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  /// The kind of the next value.
  mutating func kind(_ bytes: Span<UInt8>) throws(Fault) -> Kind {
    skipSpace(bytes)
    guard position < bytes.count else { throw fault("a value") }
    switch bytes[position] {
    case 0x7b: return .object
    case 0x5b: return .array
    case 0x22: return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    case 0x2d, 0x30...0x39: return .number
    default: throw fault("a value")
    }
  }

  /// Nothing but space is left.
  mutating func end(_ bytes: Span<UInt8>) throws(Fault) {
    skipSpace(bytes)
    guard position == bytes.count else { throw fault("nothing more") }
  }

  // MARK: containers

  /// Opens an object; ``nextKey(_:isFirst:)`` then gives its keys.
  mutating func openObject(_ bytes: Span<UInt8>) throws(Fault) {
    guard takes(0x7b, bytes) else { throw fault("an object") }
    try descend()
  }

  /// The next key of the open object, before its value; nil closes the object.
  mutating func nextKey(_ bytes: Span<UInt8>, isFirst: inout Bool) throws(Fault) -> Text? {
    if takes(0x7d, bytes) {
      depth -= 1
      return nil
    }
    if !isFirst {
      guard takes(0x2c, bytes) else { throw fault("a comma or }") }
      skipSpace(bytes)
    }
    isFirst = false
    let key = try string(bytes)
    guard takes(0x3a, bytes) else { throw fault("a colon") }
    return key
  }

  /// Opens an array; ``nextElement(_:isFirst:)`` then says whether there is another element.
  mutating func openArray(_ bytes: Span<UInt8>) throws(Fault) {
    guard takes(0x5b, bytes) else { throw fault("an array") }
    try descend()
  }

  /// Whether the open array has another element; false closes it.
  mutating func nextElement(_ bytes: Span<UInt8>, isFirst: inout Bool) throws(Fault) -> Bool {
    if isFirst {
      isFirst = false
      if takes(0x5d, bytes) {
        depth -= 1
        return false
      }
      return true
    }
    if takes(0x5d, bytes) {
      depth -= 1
      return false
    }
    guard takes(0x2c, bytes) else { throw fault("a comma or ]") }
    return true
  }

  private mutating func descend() throws(Fault) {
    depth += 1
    if depth > Self.deepest { throw fault("fewer containers inside each other") }
  }

  // MARK: values

  /// A string with its escapes checked.
  mutating func string(_ bytes: Span<UInt8>) throws(Fault) -> Text {
    skipSpace(bytes)
    guard position < bytes.count, bytes[position] == 0x22 else { throw fault("a string") }
    position += 1
    let start = position
    var hasEscapes = false
    while position < bytes.count {
      let byte = bytes[position]
      if byte == 0x22 {
        position += 1
        return Text(range: start..<(position - 1), hasEscapes: hasEscapes)
      }
      if byte < 0x20 { throw fault("no control character in a string") }
      position += 1
      if byte == 0x5c {
        hasEscapes = true
        _ = try escape(bytes, end: bytes.count)
      }
    }
    throw fault("the end of a string")
  }

  /// Appends the text of `text` without its escapes.
  func append(_ text: Text, of bytes: Span<UInt8>, to out: inout [UInt8]) {
    // Never for a text behind others: an array that is told its size grows by no more, and many parts would be copied again and again.
    if out.isEmpty { out.reserveCapacity(text.range.count) }
    if !text.hasEscapes {
      for index in text.range { out.append(bytes[index]) }
      return
    }
    var walker = JSONWalker()
    walker.position = text.range.lowerBound
    while walker.position < text.range.upperBound {
      let byte = bytes[walker.position]
      walker.position += 1
      if byte != 0x5c {
        out.append(byte)
        // Checked when the string was walked.
      } else if let scalar = try? walker.escape(bytes, end: text.range.upperBound) {
        out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
      }
    }
  }

  /// The text as a `String`.
  func text(_ text: Text, of bytes: Span<UInt8>) -> String {
    var out: [UInt8] = []
    append(text, of: bytes, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  /// Whether the text is `word`, which is ASCII.
  ///
  /// Escapes are undone first: whoever decodes the bytes after us takes `"mod\u0065l"` for `"model"`.
  func matches(_ text: Text, _ word: StaticString, of bytes: Span<UInt8>) -> Bool {
    if text.hasEscapes {
      // An escape of an ASCII letter has 6 bytes at most.
      guard text.range.count <= 6 * word.utf8CodeUnitCount else { return false }
      return self.text(text, of: bytes).utf8.elementsEqual("\(word)".utf8)
    }
    guard text.range.count == word.utf8CodeUnitCount else { return false }
    // The word's own bytes, in memory that is never freed.
    let letters = unsafe UnsafeBufferPointer(
      start: word.utf8Start, count: word.utf8CodeUnitCount)
    for index in letters.indices
    where unsafe letters[index] != bytes[text.range.lowerBound + index] { return false }
    return true
  }

  /// The scalar of an escape whose backslash was taken; a surrogate needs its other half.
  private mutating func escape(_ bytes: Span<UInt8>, end: Int) throws(Fault) -> Unicode.Scalar {
    guard position < end else { throw fault("an escape") }
    let letter = bytes[position]
    position += 1
    switch letter {
    case 0x22, 0x5c, 0x2f: return Unicode.Scalar(letter)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let first = try fourDigits(bytes, end: end)
      if let scalar = Unicode.Scalar(first) { return scalar }
      guard first < 0xdc00, position + 2 <= end, bytes[position] == 0x5c,
        bytes[position + 1] == UInt8(ascii: "u")
      else { throw fault("both halves of a surrogate pair") }
      position += 2
      let second = try fourDigits(bytes, end: end)
      guard second & 0xfc00 == 0xdc00,
        let scalar = Unicode.Scalar(0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff))
      else { throw fault("both halves of a surrogate pair") }
      return scalar
    default: throw fault("an escape of JSON")
    }
  }

  private mutating func fourDigits(_ bytes: Span<UInt8>, end: Int) throws(Fault) -> UInt32 {
    guard position + 4 <= end else { throw fault("four hexadecimal digits") }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
        throw fault("four hexadecimal digits")
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// The bytes of a number, checked.
  mutating func number(_ bytes: Span<UInt8>) throws(Fault) -> Range<Int> {
    skipSpace(bytes)
    let start = position
    if position < bytes.count, bytes[position] == 0x2d { position += 1 }
    let whole = try digits(bytes)
    if whole.count > 1 && bytes[whole.lowerBound] == 0x30 { throw fault("no leading zero") }
    if position < bytes.count, bytes[position] == 0x2e {
      position += 1
      _ = try digits(bytes)
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      if position < bytes.count, bytes[position] == 0x2b || bytes[position] == 0x2d {
        position += 1
      }
      _ = try digits(bytes)
    }
    return start..<position
  }

  private mutating func digits(_ bytes: Span<UInt8>) throws(Fault) -> Range<Int> {
    let start = position
    while position < bytes.count, bytes[position] &- 0x30 < 10 { position += 1 }
    guard position > start else { throw fault("a digit") }
    return start..<position
  }

  /// A number as it is written.
  mutating func numberText(_ bytes: Span<UInt8>) throws(Fault) -> String {
    let range = try number(bytes)
    var out: [UInt8] = []
    for index in range { out.append(bytes[index]) }
    return String(decoding: out, as: UTF8.self)
  }

  /// true or false.
  mutating func boolean(_ bytes: Span<UInt8>) throws(Fault) -> Bool {
    if takesWord("true", bytes) { return true }
    if takesWord("false", bytes) { return false }
    throw fault("true or false")
  }

  /// Takes null; false leaves what is there.
  mutating func takesNull(_ bytes: Span<UInt8>) -> Bool { takesWord("null", bytes) }

  private mutating func takesWord(_ word: StaticString, _ bytes: Span<UInt8>) -> Bool {
    skipSpace(bytes)
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count,
      matches(Text(range: position..<end, hasEscapes: false), word, of: bytes)
    else { return false }
    position = end
    return true
  }

  /// Checks any value and moves behind it.
  mutating func skipValue(_ bytes: Span<UInt8>) throws(Fault) {
    switch try kind(bytes) {
    case .string: _ = try string(bytes)
    case .number: _ = try number(bytes)
    case .boolean: _ = try boolean(bytes)
    case .null: if !takesNull(bytes) { throw fault("null") }
    case .object:
      try openObject(bytes)
      var isFirst = true
      while try nextKey(bytes, isFirst: &isFirst) != nil { try skipValue(bytes) }
    case .array:
      try openArray(bytes)
      var isFirst = true
      while try nextElement(bytes, isFirst: &isFirst) { try skipValue(bytes) }
    }
  }
}
