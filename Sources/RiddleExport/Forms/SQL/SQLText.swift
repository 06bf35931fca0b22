/// Pieces of SQL that SQLite, PostgreSQL and DuckDB read alike.
enum SQLText {
  /// A double. The exponent keeps DuckDB from taking it for a decimal; a sign is put into brackets, because two of
  /// them begin a comment.
  static func number(_ value: Double) -> String {
    let text = FormText.number(value)
    return value < 0 || text.hasPrefix("-") ? "(\(text))" : text
  }

  /// A string literal.
  static func string(_ text: String) -> String {
    var out = "'"
    for scalar in text.unicodeScalars {
      if scalar == "'" { out += "'" }
      out.unicodeScalars.append(scalar)
    }
    return out + "'"
  }

  /// A name in quotes.
  static func name(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      if scalar == "\"" { out += "\"" }
      out.unicodeScalars.append(scalar)
    }
    return out + "\""
  }

  /// `text` as a double: columns of text, as CSV imports make them, would compare as text.
  static func double(_ text: String) -> String { "CAST(\(text) AS DOUBLE PRECISION)" }

  /// A sum from the left; long ones in groups of 200 terms, because SQLite refuses expressions deeper than 1000.
  static func sum(_ terms: [String]) -> String {
    if terms.count <= 200 { return terms.joined(separator: "\n      + ") }
    var groups: [String] = []
    for start in stride(from: 0, to: terms.count, by: 200) {
      groups.append("(" + sum(Array(terms[start..<min(start + 200, terms.count)])) + ")")
    }
    return sum(groups)
  }
}
