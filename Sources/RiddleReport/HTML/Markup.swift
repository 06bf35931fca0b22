/// HTML that is safe by construction: a literal is markup, whatever is interpolated into it is text and escaped.
///
/// `"<td>\(name)</td>" as Markup` cannot let a candidate called `<script>` become an element; only another
/// `Markup` is inserted as it is. Attribute values are quoted with `"` throughout.
struct Markup: ExpressibleByStringInterpolation {
  /// The HTML so far.
  private(set) var html: String

  init(stringLiteral value: String) { html = value }
  init(stringInterpolation: StringInterpolation) { html = stringInterpolation.html }
  init() { html = "" }

  static func += (markup: inout Markup, more: Markup) { markup.html += more.html }

  struct StringInterpolation: StringInterpolationProtocol {
    var html = ""

    init(literalCapacity: Int, interpolationCount: Int) {
      html.reserveCapacity(literalCapacity + 16 * interpolationCount)
    }
    mutating func appendLiteral(_ literal: String) { html += literal }
    mutating func appendInterpolation(_ text: String) { html += Markup.escape(text) }
    mutating func appendInterpolation(_ number: Int) { html += String(number) }
    mutating func appendInterpolation(_ markup: Markup) { html += markup.html }
    mutating func appendInterpolation(_ parts: [Markup]) {
      for part in parts { html += part.html }
    }
  }

  /// `text` with the five significant characters as references; controls and bidirectional overrides, which
  /// HTML forbids or which reorder the page, become U+FFFD. Line breaks stay.
  static func escape(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x26: result += "&amp;"
      case 0x3C: result += "&lt;"
      case 0x3E: result += "&gt;"
      case 0x22: result += "&quot;"
      case 0x27: result += "&#39;"
      case 0x09, 0x0A: result.unicodeScalars.append(scalar)
      case 0x0D: result.append("\n")
      case 0...0x1F, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069, 0xFFFE, 0xFFFF:
        result.unicodeScalars.append("\u{FFFD}")
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A name from the data, isolated so that right-to-left names do not reorder their surroundings.
  static func name(_ text: String) -> Markup { "<bdi>\(text)</bdi>" }

  /// An SVG coordinate: one decimal, ASCII, no grouping.
  static func coordinate(_ value: Double) -> Markup {
    let tenths = Int((min(max(value, -99_999), 99_999) * 10).rounded())
    let sign = tenths < 0 ? "-" : ""
    let magnitude = abs(tenths)
    let fraction = magnitude % 10 == 0 ? "" : ".\(magnitude % 10)"
    return Markup(stringLiteral: "\(sign)\(magnitude / 10)\(fraction)")
  }

  /// The full value for machines, as Swift prints it: shortest digits that read back the same double.
  static func machine(_ value: Double) -> Markup { Markup(stringLiteral: "\(value)") }
}
