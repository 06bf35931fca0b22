/// Markdown from text that may hold anything.
enum MarkdownText {
  /// `text` on one line with what Markdown, a table or embedded HTML would interpret escaped, and no more:
  /// intervals, dollar amounts and `snake_case` stay readable in the source.
  static func escape(_ text: String) -> String {
    let scalars = Array(PlainText.oneLine(text).unicodeScalars)
    var result = ""
    for (index, scalar) in scalars.enumerated() {
      let next = index + 1 < scalars.count ? scalars[index + 1] : " "
      let previous = index > 0 ? scalars[index - 1] : " "
      let isSpecial: Bool
      switch scalar {
      case "&":
        result += "&amp;"
        continue
      case "<":
        result += "&lt;"
        continue
      case ">":
        result += "&gt;"
        continue
      case "\\", "`", "*", "|", "~", "#": isSpecial = true
      // A link needs `](`, `][` or `]:` somewhere.
      case "]": isSpecial = next == "(" || next == "[" || next == ":"
      // Emphasis does not start or end inside a word.
      case "_": isSpecial = !(isWord(previous) && isWord(next))
      // Mathematics starts right before a letter or command; an amount or a heading does not.
      case "$": isSpecial = next != " " && !("0"..."9").contains(next)
      default: isSpecial = false
      }
      if isSpecial { result += "\\" }
      result.unicodeScalars.append(scalar)
    }
    return result
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
  }

  /// `text` as inline code, verbatim; the fence is longer than any run of backticks inside.
  static func code(_ text: String) -> String {
    let text = PlainText.oneLine(text)
    let fence = String(repeating: "`", count: longestRun(of: "`", in: text) + 1)
    let isPadded = text.hasPrefix("`") || text.hasSuffix("`") || text.isEmpty
    return isPadded ? "\(fence) \(text) \(fence)" : fence + text + fence
  }

  /// `lines` as a fenced block; the fence is longer than any run of backticks inside.
  static func block(_ lines: [String], language: String) -> String {
    let lines = lines.map(PlainText.oneLine)
    let longest = lines.reduce(2) { max($0, longestRun(of: "`", in: $1)) }
    let fence = String(repeating: "`", count: longest + 1)
    return "\(fence)\(language)\n" + lines.map { $0 + "\n" }.joined() + "\(fence)\n"
  }

  /// A table; headings and cells are escaped. The first column is left-aligned, the others by `numbers`.
  static func table(_ header: [String], _ rows: [[String]], numbers: Bool = true) -> String {
    func line(_ cells: [String]) -> String {
      "| " + cells.map(escape).joined(separator: " | ") + " |\n"
    }
    let rules = header.indices.map { $0 == 0 || !numbers ? ":---" : "---:" }
    return line(header) + "| " + rules.joined(separator: " | ") + " |\n"
      + rows.map(line).joined()
  }

  private static func longestRun(of character: Character, in text: String) -> Int {
    var longest = 0
    var run = 0
    for next in text {
      run = next == character ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }
}
