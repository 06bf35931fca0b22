import Foundation
import RiddleStore

/// Values of SQL as text and as JSON.
enum SQLText {
  /// For a table: NULL is empty, a blob its first bytes in hexadecimal.
  static func cell(_ value: SQLValue) -> String {
    switch value {
    case .null: ""
    case .integer(let number): "\(number)"
    case .real(let number): "\(number)"
    case .text(let text): TextTable.harmless(text)
    case .blob(let bytes):
      "x'" + bytes.prefix(16).map { String(format: "%02x", $0) }.joined()
        + (bytes.count > 16 ? "… (\(bytes.count) bytes)" : "'")
    }
  }

  /// As JSON: blobs in base64, infinities as strings, because JSON has none.
  static func json(_ value: SQLValue) -> String {
    switch value {
    case .null: return "null"
    case .integer(let number): return "\(number)"
    case .real(let number): return number.isFinite ? "\(number)" : "\"\(number)\""
    case .text(let text): return string(text)
    case .blob(let bytes): return "\"\(Data(bytes).base64EncodedString())\""
    }
  }

  private static func string(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case _ where scalar.value < 0x20 || scalar.value == 0x7f:
        out += String(format: "\\u%04x", scalar.value)
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
