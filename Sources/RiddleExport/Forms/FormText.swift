/// What the generated forms share: numbers that read back as the same bits, and foreign text made harmless.
enum FormText {
  /// The shortest decimal that reads back as `value`, always with an exponent, so that every SQL dialect and C take it
  /// for a double. `value` is finite.
  static func number(_ value: Double) -> String {
    let text = "\(value)"
    return text.contains("e") ? text : text + "e0"
  }

  /// The same as a single-precision C literal.
  static func number(_ value: Float) -> String {
    let text = "\(value)"
    return (text.contains("e") ? text : text + "e0") + "f"
  }

  /// Text for a comment that ends with its line: control characters, line separators, marks of writing direction,
  /// backslashes and question marks (trigraphs) become spaces, and it is cut at 200 characters.
  static func comment(_ bytes: [UInt8]) -> String {
    var text = ""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars.prefix(200) {
      let isSafe =
        scalar.properties.generalCategory != .control
        && scalar.properties.generalCategory != .lineSeparator
        && scalar.properties.generalCategory != .paragraphSeparator
        && scalar.properties.generalCategory != .format
        && scalar != "\\" && scalar != "?"
      text.unicodeScalars.append(isSafe ? scalar : " ")
    }
    return text
  }

  /// `value` in 16 hexadecimal digits.
  static func hexadecimal(_ value: UInt64) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.utf8.count) + digits
  }
}
