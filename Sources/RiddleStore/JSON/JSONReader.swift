/// A cursor over the bytes of one JSON text (RFC 8259): strict, depth-limited, never building a tree.
///
/// Strict means: no comments, no trailing commas, no NaN or Infinity, no raw control characters in strings,
/// no lone surrogates, valid UTF-8 everywhere, also in values that are skipped. Nesting beyond
/// ``maximumDepth`` is an error, so no input can exhaust the stack.
struct JSONReader {
  /// Deepest nesting of arrays and objects.
  static let maximumDepth = 64

  /// Kinds of values, told by their first byte.
  enum Kind { case object, array, string, number, bool, null }

  private let bytes: [UInt8]
  private let start: Int
  private let end: Int
  private(set) var position: Int
  private var depth = 0
  /// Whether the innermost container has had no element yet.
  private var isFirst = true
  /// Reused by strings with escapes.
  private var unescaped: [UInt8] = []

  /// A reader of `bytes[start ..< end]`.
  init(_ bytes: [UInt8], from start: Int = 0, to end: Int? = nil) {
    self.bytes = bytes
    self.start = start
    self.end = end ?? bytes.count
    position = start
  }

  /// Byte column of the next byte, from 1.
  var column: Int { position - start + 1 }

  /// An error at `at`, or here.
  func error(_ reason: String, at: Int? = nil) -> JSONError {
    JSONError(column: (at ?? position) - start + 1, reason: reason)
  }

  // MARK: containers

  /// Enters an object.
  mutating func beginObject() throws(JSONError) { try begin(0x7b, "expected an object") }
  /// Enters an array.
  mutating func beginArray() throws(JSONError) { try begin(0x5b, "expected an array") }

  private mutating func begin(_ bracket: UInt8, _ reason: String) throws(JSONError) {
    skipSpace()
    guard position < end, bytes[position] == bracket else { throw error(reason) }
    depth += 1
    if depth > Self.maximumDepth {
      throw error("nested deeper than \(Self.maximumDepth) levels")
    }
    position += 1
    isFirst = true
  }

  /// The next key of the object and moves behind its colon; nil leaves the object.
  mutating func nextKey() throws(JSONError) -> String? {
    guard try hasNext(0x7d) else { return nil }
    guard position < end, bytes[position] == 0x22 else { throw error("expected a key in quotes") }
    let key = try string()
    skipSpace()
    guard position < end, bytes[position] == 0x3a else { throw error("expected a colon") }
    position += 1
    return key
  }

  /// Whether the array has another element; false leaves the array.
  mutating func nextElement() throws(JSONError) -> Bool { try hasNext(0x5d) }

  private mutating func hasNext(_ bracket: UInt8) throws(JSONError) -> Bool {
    skipSpace()
    guard position < end else { throw error("the line ends inside a JSON value") }
    if bytes[position] == bracket {
      position += 1
      depth -= 1
      isFirst = false
      return false
    }
    if !isFirst {
      guard bytes[position] == 0x2c else {
        throw error("expected a comma or \"\(Character(Unicode.Scalar(bracket)))\"")
      }
      position += 1
      skipSpace()
    }
    isFirst = false
    return true
  }

  // MARK: values

  /// The kind of the next value.
  mutating func peekKind() throws(JSONError) -> Kind {
    skipSpace()
    guard position < end else { throw error("the line ends where a value should be") }
    switch bytes[position] {
    case 0x7b: return .object
    case 0x5b: return .array
    case 0x22: return .string
    case 0x74, 0x66: return .bool
    case 0x6e: return .null
    case 0x2d, 0x30...0x39: return .number
    default: throw error("expected a value")
    }
  }

  /// `true` or `false`.
  mutating func bool() throws(JSONError) -> Bool {
    if try peekKind() != .bool { throw error("expected true or false") }
    let value = bytes[position] == 0x74
    try literal(value ? "true" : "false")
    return value
  }

  /// Consumes `null` when it is next.
  mutating func takeNull() throws(JSONError) -> Bool {
    guard try peekKind() == .null else { return false }
    try literal("null")
    return true
  }

  private mutating func literal(_ word: StaticString) throws(JSONError) {
    let count = word.utf8CodeUnitCount
    guard end - position >= count else { throw error("expected \(word)") }
    for i in 0..<count where bytes[position + i] != word.utf8Start[i] {
      throw error("expected \(word)")
    }
    position += count
  }

  /// A number, exactly as written.
  mutating func number() throws(JSONError) -> ExactDecimal {
    if try peekKind() != .number { throw error("expected a number") }
    let from = position
    while position < end {
      switch bytes[position] {
      case 0x30...0x39, 0x2b, 0x2d, 0x2e, 0x45, 0x65: position += 1
      default:
        guard let number = ExactDecimal(bytes, from: from, to: position) else {
          throw error("not a JSON number", at: from)
        }
        return number
      }
    }
    guard let number = ExactDecimal(bytes, from: from, to: position) else {
      throw error("not a JSON number", at: from)
    }
    return number
  }

  /// A number's text, as written.
  mutating func numberText() throws(JSONError) -> String {
    if try peekKind() != .number { throw error("expected a number") }
    let from = position
    _ = try number()
    return String(decoding: bytes[from..<position], as: UTF8.self)
  }

  /// A string, unescaped and validated.
  mutating func string() throws(JSONError) -> String {
    if try peekKind() != .string { throw error("expected a string") }
    let from = position
    let scan = try scanString()
    if !scan.hasEscape {
      // ASCII is valid UTF-8 already; the general check is generic code, and slow for short strings.
      if scan.isASCII { return ascii(from + 1, position - 1) }
      guard let text = String(validating: bytes[(from + 1)..<(position - 1)], as: UTF8.self) else {
        throw error("invalid UTF-8 in a string", at: from)
      }
      return text
    }
    try unescape(from + 1, to: position - 1)
    guard let text = String(validating: unescaped, as: UTF8.self) else {
      throw error("invalid UTF-8 in a string", at: from)
    }
    return text
  }

  /// The string of the ASCII bytes in `from ..< to`.
  private func ascii(_ from: Int, _ to: Int) -> String {
    bytes.withUnsafeBufferPointer { bytes in
      // Within the array's own storage: `scanString` went over the same bytes.
      String(decoding: UnsafeBufferPointer(rebasing: bytes[from..<to]), as: UTF8.self)
    }
  }

  /// Moves behind the closing quote; whether there was an escape, and whether all bytes are ASCII.
  private mutating func scanString() throws(JSONError) -> (hasEscape: Bool, isASCII: Bool) {
    // Over the array's own storage, within `position + 1 ..< end`: twice as fast as through the array.
    let (stop, hasEscape, union) = bytes.withUnsafeBufferPointer { bytes in
      var i = position + 1
      var hasEscape = false
      var union: UInt8 = 0
      while i < end {
        let byte = bytes[i]
        if byte == 0x5c {
          hasEscape = true
          i += 1
        } else if byte == 0x22 || byte < 0x20 {
          break
        }
        union |= byte
        i += 1
      }
      return (i, hasEscape, union)
    }
    guard stop < end else { throw error("the line ends inside a string", at: end) }
    guard bytes[stop] == 0x22 else { throw error("control character in a string", at: stop) }
    position = stop + 1
    return (hasEscape, union < 0x80)
  }

  private mutating func unescape(_ from: Int, to: Int) throws(JSONError) {
    unescaped.removeAll(keepingCapacity: true)
    var i = from
    while i < to {
      var run = i
      while run < to && bytes[run] != 0x5c { run += 1 }
      unescaped.append(contentsOf: bytes[i..<run])
      i = run
      guard i < to else { return }
      // A backslash is never the last byte: the scan stepped over the byte behind it.
      switch bytes[i + 1] {
      case 0x22, 0x5c, 0x2f: unescaped.append(bytes[i + 1])
      case 0x62: unescaped.append(0x08)
      case 0x66: unescaped.append(0x0c)
      case 0x6e: unescaped.append(0x0a)
      case 0x72: unescaped.append(0x0d)
      case 0x74: unescaped.append(0x09)
      case 0x75:
        let (scalar, next) = try unicodeEscape(i, to: to)
        unescaped.append(contentsOf: Character(scalar).utf8)
        i = next
        continue
      default: throw error("unknown escape in a string", at: i)
      }
      i += 2
    }
  }

  /// The scalar of a `\u` escape at `i`, with its low surrogate if it needs one, and the index behind it.
  private func unicodeEscape(_ i: Int, to: Int) throws(JSONError) -> (Unicode.Scalar, Int) {
    let high = try hexDigits(i + 2, to: to)
    if let scalar = Unicode.Scalar(high) { return (scalar, i + 6) }
    guard high < 0xdc00, i + 7 < to, bytes[i + 6] == 0x5c, bytes[i + 7] == 0x75 else {
      throw error("lone surrogate in a string", at: i)
    }
    let low = try hexDigits(i + 8, to: to)
    guard low >= 0xdc00, low < 0xe000,
      let scalar = Unicode.Scalar(0x10000 + (high - 0xd800) << 10 + (low - 0xdc00))
    else { throw error("lone surrogate in a string", at: i) }
    return (scalar, i + 12)
  }

  private func hexDigits(_ from: Int, to: Int) throws(JSONError) -> UInt32 {
    guard from + 4 <= to else { throw error("\\u needs four hexadecimal digits", at: from) }
    var value: UInt32 = 0
    for byte in bytes[from..<(from + 4)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw error("\\u needs four hexadecimal digits", at: from)
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// Steps over a value of any kind, checking it as strictly as one that is read.
  mutating func skipValue() throws(JSONError) {
    switch try peekKind() {
    case .object:
      try beginObject()
      while try nextKey() != nil { try skipValue() }
    case .array:
      try beginArray()
      while try nextElement() { try skipValue() }
    case .string: _ = try string()
    case .number: _ = try number()
    case .bool: _ = try bool()
    case .null: _ = try takeNull()
    }
  }

  /// Requires that nothing but white space is left.
  mutating func finish() throws(JSONError) {
    skipSpace()
    if position < end { throw error("unexpected text after the value") }
  }

  private mutating func skipSpace() {
    while position < end {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return
      }
    }
  }
}
