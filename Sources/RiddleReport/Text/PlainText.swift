/// Text for terminals and Markdown: names come from logs, so they may hold anything.
enum PlainText {
  /// `text` on one line, without control characters: no name can move the cursor or recolour the screen.
  ///
  /// Line breaks and tabs become spaces; other controls and the bidirectional overrides become U+FFFD.
  static func oneLine(_ text: String) -> String {
    var result = ""
    var endsInReturn = false
    for scalar in text.unicodeScalars {
      if scalar == "\n" && endsInReturn {
        endsInReturn = false
        continue
      }
      endsInReturn = scalar == "\r"
      switch scalar.value {
      case 0x09, 0x0A, 0x0D, 0x2028, 0x2029: result.unicodeScalars.append(" ")
      case 0...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069:
        result.unicodeScalars.append("\u{FFFD}")
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Columns that `text` takes on a terminal: 2 for East Asian wide characters and emoji, 0 for marks.
  static func width(_ text: String) -> Int { text.reduce(0) { $0 + width($1) } }

  /// Columns of one character as users see it: the widest of its scalars.
  private static func width(_ character: Character) -> Int {
    var width = 0
    for scalar in character.unicodeScalars {
      if scalar.value < 0x300 {
        width = max(width, 1)
      } else {
        width = max(width, Self.width(scalar))
      }
    }
    return width
  }

  private static func width(_ scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: break
    }
    if scalar.properties.isEmojiPresentation { return 2 }
    switch scalar.value {
    // Wide and fullwidth ranges of UAX #11, coarsened to blocks.
    case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97F,
      0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
      0x1F300...0x1F64F, 0x1F900...0x1F9FF, 0x20000...0x3FFFD:
      return 2
    default: return 1
    }
  }

  /// `text` cut to at most `width` columns, the last one an ellipsis if anything was cut.
  static func truncated(_ text: String, to width: Int) -> String {
    guard Self.width(text) > width else { return text }
    var result = ""
    var used = 0
    for character in text {
      let next = Self.width(character)
      if used + next > width - 1 { break }
      result.append(character)
      used += next
    }
    return width > 0 ? result + "…" : ""
  }

  /// `text` filled with spaces to `width` columns, on the side given.
  static func padded(_ text: String, to width: Int, right isRight: Bool) -> String {
    let spaces = String(repeating: " ", count: max(0, width - Self.width(text)))
    return isRight ? spaces + text : text + spaces
  }

  /// `text` with its intervals held together: the space in `[0.69, 0.73]` becomes a no-break space.
  static func bindingIntervals(_ text: String) -> String {
    var result = ""
    var isInside = false
    for character in text {
      if character == "[" { isInside = true }
      if character == "]" { isInside = false }
      result.append(isInside && character == " " ? "\u{A0}" : character)
    }
    return result
  }

  /// Breaks `text` at spaces into lines of at most `width` columns; words and intervals stay whole.
  ///
  /// - Parameter indent: put before every line but the first, and counted.
  static func wrapped(_ text: String, to width: Int, indent: String = "") -> String {
    var lines: [String] = []
    var line = ""
    var used = 0
    for bound in bindingIntervals(text).split(separator: " ", omittingEmptySubsequences: true) {
      let word = String(bound.map { $0 == "\u{A0}" ? " " : $0 })
      let length = Self.width(word)
      if used > 0 && used + 1 + length > width {
        lines.append(line)
        line = indent + word
        used = Self.width(indent) + length
      } else {
        line += used > 0 ? " " + word : word
        used += used > 0 ? 1 + length : length
      }
    }
    lines.append(line)
    return lines.joined(separator: "\n")
  }

  /// `a`, `a and b`, `a, b and c`; beyond `limit` names, `a, b and 7 more`.
  static func list(_ names: [String], limit: Int = 6) -> String {
    guard names.count > 1, let last = names.last else { return names.first ?? "" }
    if names.count <= limit {
      return names.dropLast().joined(separator: ", ") + " and " + last
    }
    let shown = names.prefix(limit - 1).joined(separator: ", ")
    return "\(shown) and \(names.count - limit + 1) more"
  }
}
