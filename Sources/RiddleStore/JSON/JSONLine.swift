/// One object being written as JSON: commas where they belong. Not copyable: the buffer has one owner, so no line copies those before it.
struct JSONLine: ~Copyable {
  private var bytes: [UInt8]
  private var needsComma = false

  /// Begins an object behind `bytes`, which are taken from the caller: one owner of the buffer, no copy.
  init(behind bytes: inout [UInt8]) {
    self.bytes = bytes
    bytes = []
    begin()
  }

  /// Begins an object: the line's, or the value of the key before.
  mutating func begin() {
    bytes.append(0x7b)
    needsComma = false
  }

  /// Ends the object that was begun last.
  mutating func end() {
    bytes.append(0x7d)
    needsComma = true
  }

  /// Ends the object and the line; the buffer goes back to the caller.
  consuming func finished() -> [UInt8] {
    end()
    bytes.append(0x0a)
    return bytes
  }

  private mutating func separate() {
    if needsComma { bytes.append(0x2c) }
    needsComma = true
  }

  /// A name that needs no escape.
  mutating func key(_ name: StaticString) {
    separate()
    bytes.append(0x22)
    // The literal's own bytes, which are never freed.
    bytes.append(
      contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
    bytes.append(contentsOf: [0x22, 0x3a])
  }

  /// Any name.
  mutating func key(escaping name: String) {
    separate()
    JSONText.append(name, to: &bytes)
    bytes.append(0x3a)
  }

  /// A member whose value is JSON.
  mutating func raw(_ name: StaticString, _ json: String) {
    key(name)
    bytes.append(contentsOf: json.utf8)
  }

  /// The members of an object that is written already, without its braces.
  mutating func members(of object: String) {
    guard object.utf8.count > 2 else { return }
    separate()
    bytes.append(contentsOf: object.utf8.dropFirst().dropLast())
  }

  mutating func text(_ name: StaticString, _ value: String?) {
    guard let value else { return }
    key(name)
    JSONText.append(value, to: &bytes)
  }

  /// A number as it describes itself.
  mutating func number(_ name: StaticString, _ value: (some CustomStringConvertible)?) {
    if let value { raw(name, value.description) }
  }

  /// The shortest decimal that reads back as `value`, which is finite.
  mutating func shortest(_ name: StaticString, _ value: Double?) {
    if let value { raw(name, Self.shortest(value)) }
  }

  /// `count` · 10^−places, exactly.
  mutating func fixed(_ name: StaticString, _ count: Int64?, places: Int) {
    guard let count else { return }
    key(name)
    if count < 0 { bytes.append(0x2d) }
    var unit: UInt64 = 1
    for _ in 0..<places { unit *= 10 }
    bytes.append(contentsOf: String(count.magnitude / unit).utf8)
    var fraction = count.magnitude % unit
    guard fraction > 0 else { return }
    bytes.append(0x2e)
    while fraction > 0 {
      unit /= 10
      bytes.append(0x30 + UInt8(fraction / unit))
      fraction %= unit
    }
  }

  /// The shortest decimal that reads back as `value`, whole numbers without a point.
  static func shortest(_ value: some BinaryFloatingPoint & CustomStringConvertible) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}
