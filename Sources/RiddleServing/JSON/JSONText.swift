/// Writes JSON into bytes.
enum JSONText {
  /// Appends ASCII that needs no escape, such as punctuation and keys.
  @inline(__always)
  static func append(_ text: StaticString, to out: inout [UInt8]) {
    // The literal's own bytes, in memory that is never freed.
    unsafe out.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// Appends `text` in quotes.
  static func append(quoted text: String, to out: inout [UInt8]) {
    out.append(0x22)
    for byte in text.utf8 { append(escaped: byte, to: &out) }
    out.append(0x22)
  }

  /// `text` in quotes.
  static func quoted(_ text: String) -> [UInt8] {
    var out: [UInt8] = []
    append(quoted: text, to: &out)
    return out
  }

  private static func append(escaped byte: UInt8, to out: inout [UInt8]) {
    switch byte {
    case 0x22, 0x5c:
      out.append(0x5c)
      out.append(byte)
    case 0x0a: append("\\n", to: &out)
    case 0x0d: append("\\r", to: &out)
    case 0x09: append("\\t", to: &out)
    case 0..<0x20, 0x7f:
      append("\\u00", to: &out)
      out.append(contentsOf: hexadecimal(byte >> 4))
      out.append(contentsOf: hexadecimal(byte & 15))
    default: out.append(byte)
    }
  }

  private static func hexadecimal(_ digit: UInt8) -> CollectionOfOne<UInt8> {
    CollectionOfOne(digit < 10 ? 0x30 + digit : 0x57 + digit)
  }

  /// Appends the shortest decimal that reads back as `value`; null for what JSON cannot say.
  static func append(_ value: Double?, to out: inout [UInt8]) {
    guard let value, value.isFinite else {
      append("null", to: &out)
      return
    }
    let text = value.description
    out.append(contentsOf: text.hasSuffix(".0") ? text.dropLast(2).utf8 : text[...].utf8)
  }

  /// Appends `count` · 10⁻³ exactly: nanoseconds as microseconds.
  static func append(thousandths count: Int64, to out: inout [UInt8]) {
    let count = max(0, count)
    out.append(contentsOf: String(count / 1000).utf8)
    let rest = count % 1000
    if rest == 0 { return }
    out.append(0x2e)
    out.append(0x30 + UInt8(rest / 100))
    if rest % 100 == 0 { return }
    out.append(0x30 + UInt8(rest / 10 % 10))
    if rest % 10 != 0 { out.append(0x30 + UInt8(rest % 10)) }
  }
}
