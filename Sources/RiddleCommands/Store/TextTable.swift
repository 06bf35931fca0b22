import Foundation

/// A plain table for a terminal: columns as wide as their widest cell, two spaces between, a line under the header.
enum TextTable {
  static func text(_ header: [String], _ rows: [[String]], rightAligned: Set<Int> = []) -> String {
    let widths = header.indices.map { column in
      ([header] + rows).map { $0[column].count }.max() ?? 0
    }
    return lines(header, rows, widths: widths, rightAligned: rightAligned)
      .joined(separator: "\n")
  }

  static func lines(
    _ header: [String], _ rows: [[String]], widths: [Int], rightAligned: Set<Int>
  ) -> [String] {
    let rule = String(repeating: "─", count: max(0, widths.reduce(0, +) + 2 * (widths.count - 1)))
    return [line(header, widths, rightAligned), rule]
      + rows.map { line($0, widths, rightAligned) }
  }

  /// One row; longer cells push the rest to the right.
  static func line(_ cells: [String], _ widths: [Int], _ rightAligned: Set<Int>) -> String {
    var text = ""
    for (column, cell) in cells.enumerated() {
      let fill = String(repeating: " ", count: max(0, widths[column] - cell.count))
      if column > 0 { text += "  " }
      text += rightAligned.contains(column) ? fill + cell : cell + fill
    }
    while text.hasSuffix(" ") { text.removeLast() }
    return text
  }

  /// The text without characters that could steer a terminal: controls, and marks that turn the direction of writing.
  static func harmless(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x09, 0x0a, 0x0d: out.append(" ")
      case 0..<0x20, 0x7f..<0xa0, 0x202a...0x202e, 0x2066...0x2069, 0x2028, 0x2029:
        out.append("\u{fffd}")
      default: out.append(scalar)
      }
    }
    return String(out)
  }
}

/// Bytes as people read them, in decimal units.
enum ByteText {
  static func text(_ bytes: Int) -> String {
    if bytes < 1000 { return "\(bytes) B" }
    var value = Double(bytes) / 1000
    var unit = 0
    let units = ["KB", "MB", "GB", "TB"]
    while value >= 999.95 && unit + 1 < units.count {
      value /= 1000
      unit += 1
    }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }
}
