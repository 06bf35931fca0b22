/// A row that was left out, and why. Never holds a query's text.
public struct RejectedRow: Equatable, Sendable, Codable {
  /// The file as it was named on the command line, or the file inside a folder that was.
  public var file: String
  /// Line where the row begins, from 1.
  public var line: Int
  /// Number of the element in a file that is one JSON document, from 1; nil in files of lines. Documents may be one line.
  public var element: Int?
  /// Byte where that element begins, from 0, in the uncompressed file.
  public var offset: Int?
  /// Byte position in the line, from 1; nil where it means nothing.
  public var column: Int?
  /// The field at fault, for example `outcomes.gpt-4.quality`; nil when the row as a whole is.
  public var field: String?
  /// What was wrong and what was expected.
  public var reason: String

  /// A rejected row.
  public init(file: String, line: Int, column: Int? = nil, field: String? = nil, reason: String) {
    self.file = file
    self.line = line
    self.column = column
    self.field = field
    self.reason = reason
  }
}

extension RejectedRow: CustomStringConvertible {
  /// For example `log.jsonl:12:40: outcomes.gpt-4.quality: expected a number from 0 to 1`.
  public var description: String {
    let place = column.map { "\(line):\($0)" } ?? "\(line)"
    let within =
      element.map { " element \($0)\(offset.map { " (byte \($0))" } ?? ""):" } ?? ""
    return "\(file):\(place):\(within) \(field.map { "\($0): " } ?? "")\(reason)"
  }

  /// The row as one line of JSON, without a newline: keys `file`, `line`, `element`, `offset`, `column`, `field`, `reason`.
  public var jsonLine: String {
    var line = "{\"file\":\(JSONText.quoted(file)),\"line\":\(self.line)"
    if let element { line += ",\"element\":\(element)" }
    if let offset { line += ",\"offset\":\(offset)" }
    if let column { line += ",\"column\":\(column)" }
    if let field { line += ",\"field\":\(JSONText.quoted(field))" }
    return line + ",\"reason\":\(JSONText.quoted(reason))}"
  }
}

/// What is wrong with one row, before its file and line are known.
struct RowError: Error, Equatable {
  var field: String?
  var column: Int?
  var reason: String

  func at(file: String, line: Int) -> RejectedRow {
    RejectedRow(file: file, line: line, column: column, field: field, reason: reason)
  }

  /// As above for a record, which may be an element of a document.
  func at(file: String, _ record: LogRecord) -> RejectedRow {
    var row = at(file: file, line: record.line)
    row.element = record.element
    row.offset = record.offset
    return row
  }
}
