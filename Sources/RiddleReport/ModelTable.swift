/// A table about a router itself, for the terminal and for the page: a title, a sentence, and cells.
public struct ModelTable: Equatable, Sendable {
  /// What the table shows.
  public var title: String
  /// How to read it; may be empty.
  public var note: String
  /// Headings; the first column names the rows and stands on the left.
  public var columns: [String]
  /// Columns beside the first whose cells are words.
  public var textColumns: Set<Int>
  /// Cells by row.
  public var rows: [[String]]

  /// A table.
  public init(
    title: String, note: String = "", columns: [String], textColumns: Set<Int> = [],
    rows: [[String]]
  ) {
    self.title = title
    self.note = note
    self.columns = columns
    self.textColumns = textColumns
    self.rows = rows
  }

  /// The table as text, its title and sentence first.
  public func text(width: Int) -> String {
    let table = TerminalTable(
      columns: columns.enumerated().map {
        .init($1, $0 == 0 || textColumns.contains($0) ? .left : .right)
      }, rows: rows)
    let body = rows.isEmpty ? "" : table.render(width: width)
    let sentences = note.isEmpty ? "" : PlainText.wrapped(note, to: width) + "\n"
    return title + "\n" + sentences + body
  }

  /// Tables as one section of the page, then `after`; nothing without tables.
  static func section(
    _ tables: [ModelTable], id: Markup, title: Markup, lead: Markup, after: Markup = ""
  ) -> Markup {
    if tables.isEmpty { return "" }
    let body = tables.map { table -> Markup in
      let note: Markup = table.note.isEmpty ? "" : "<p>\(table.note)</p>\n"
      let rows = table.rows.map { row in
        HTMLParts.row(
          Markup.name(row.first ?? ""),
          row.enumerated().dropFirst().map { column, cell in
            HTMLParts.cell(cell, classes: table.textColumns.contains(column) ? "text" : "")
          })
      }
      let grid: Markup =
        table.rows.isEmpty
        ? ""
        : HTMLParts.table(
          caption: "\(table.title)", label: table.title, header: table.columns.map { "\($0)" },
          rows: rows, textColumns: table.textColumns.sorted())
      let heading: Markup = table.rows.isEmpty ? "<h3>\(table.title)</h3>\n" : ""
      return "\(heading)\(grid)\(note)"
    }
    return HTMLParts.section(id, title, lead: lead, "\(body)\(after)")
  }
}
