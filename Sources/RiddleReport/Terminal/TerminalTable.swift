/// A plain-text table that fits the width it is given.
///
/// The first column names the rows. When the columns do not fit side by side, the table continues in further
/// panels below, each repeating the first column; nothing is dropped. Cells are cleaned of control characters.
public struct TerminalTable: Sendable {
  /// Side of a column's text.
  public enum Alignment: Sendable {
    /// For words.
    case left
    /// For numbers.
    case right
  }

  /// Whether escape sequences may be used.
  public enum Style: Sendable {
    /// No escape sequences: pipes, files, `NO_COLOR`.
    case plain
    /// Bold headings and dim rules.
    case ansi

    func bold(_ text: String) -> String { wrap(text, "1") }
    func dim(_ text: String) -> String { wrap(text, "2") }
    private func wrap(_ text: String, _ code: String) -> String {
      self == .ansi ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
  }

  /// A column's heading and alignment.
  public struct Column: Sendable {
    /// Heading.
    public var title: String
    /// Side of heading and cells.
    public var alignment: Alignment

    /// A column.
    public init(_ title: String, _ alignment: Alignment = .right) {
      self.title = title
      self.alignment = alignment
    }
  }

  /// Columns; the first one names the rows.
  public var columns: [Column]
  /// Cells by row; missing ones are empty, surplus ones are ignored.
  public var rows: [[String]]

  /// A table.
  public init(columns: [Column], rows: [[String]]) {
    self.columns = columns
    self.rows = rows
  }

  /// The table's lines, each ended by a newline, none longer than `width` unless a single column is.
  ///
  /// - Parameters:
  ///   - width: columns available, at least 20 are assumed.
  ///   - style: whether to use escape sequences.
  public func render(width: Int, style: Style = .plain) -> String {
    guard !columns.isEmpty else { return "" }
    let width = max(20, width)
    let cells = rows.map { row in
      columns.indices.map { $0 < row.count ? PlainText.oneLine(row[$0]) : "" }
    }
    let titles = columns.map { PlainText.oneLine($0.title) }
    var widths = columns.indices.map { column in
      cells.reduce(PlainText.width(titles[column])) { max($0, PlainText.width($1[column])) }
    }
    // A long name must not push every number into a panel of its own.
    let widest = widths.dropFirst().max() ?? 0
    let room = columns.count == 1 ? width : min(width - widest - Self.gap, max(12, width * 2 / 5))
    widths[0] = min(widths[0], max(6, room))
    var text = ""
    for panel in panels(widths, width: width) {
      if !text.isEmpty { text += "\n" }
      text += style.bold(line(titles, panel: panel, widths: widths)) + "\n"
      let rule = panel.map { String(repeating: "─", count: widths[$0]) }
      text += style.dim(rule.joined(separator: String(repeating: "─", count: Self.gap))) + "\n"
      for row in cells { text += line(row, panel: panel, widths: widths) + "\n" }
    }
    return text
  }

  /// Spaces between columns.
  private static let gap = 2

  /// Column indices of each panel; column 0 opens every one.
  private func panels(_ widths: [Int], width: Int) -> [[Int]] {
    var panels: [[Int]] = []
    var panel = [0]
    var used = widths[0]
    for column in widths.indices.dropFirst() {
      let more = Self.gap + widths[column]
      if used + more > width && panel.count > 1 {
        panels.append(panel)
        panel = [0]
        used = widths[0]
      }
      panel.append(column)
      used += more
    }
    return panels + [panel]
  }

  private func line(_ cells: [String], panel: [Int], widths: [Int]) -> String {
    var line = ""
    for column in panel {
      if !line.isEmpty { line += String(repeating: " ", count: Self.gap) }
      let cell = PlainText.truncated(cells[column], to: widths[column])
      line += PlainText.padded(
        cell, to: widths[column], right: columns[column].alignment == .right)
    }
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }
}
