/// Names from files and stores on a line of their own, whatever they contain.
enum OneLine {
  /// `text` without control characters and line breaks: each becomes a space.
  static func of(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      let isControl: Bool =
        switch scalar.value {
        case 0...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
      result.unicodeScalars.append(isControl ? " " : scalar)
    }
    return result
  }
}
