/// A row that was left out, and why. Never holds a query's text.
public struct RejectedRow: Equatable, Sendable, Codable {
  /// The file as it was named on the command line, or the file inside a folder that was.
  public var file: String
  /// Line where the row begins, from 1.
  public var line: Int
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
    return "\(file):\(place): \(field.map { "\($0): " } ?? "")\(reason)"
  }

  /// The row as one line of JSON, without a newline: keys `file`, `line`, `column`, `field`, `reason`.
  public var jsonLine: String {
    var line = "{\"file\":\(JSONText.quoted(file)),\"line\":\(self.line)"
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
}
