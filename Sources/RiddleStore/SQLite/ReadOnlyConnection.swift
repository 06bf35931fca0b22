import GRDBSQLite

/// A value of a row that SQL selected.
public enum SQLValue: Equatable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  case blob([UInt8])
}

/// A connection on which nothing but reading is possible, for SQL that a person wrote.
///
/// Four locks, any of which would do: the file is opened for reading, `query_only` is on, an authorizer refuses everything
/// but reading (no ATTACH, no PRAGMA that sets anything, no extension), and a statement that could write is not run.
/// The handle belongs to this value from `init` to `deinit`; statements are finalized before the function that made them
/// returns.
final class ReadOnlyConnection {
  private let handle: OpaquePointer

  /// - Parameter name: a path, or a `file:` URI.
  init(_ name: String, path: String) throws(StoreError) {
    var handle: OpaquePointer?
    let status = sqlite3_open_v2(
      name, &handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, nil)
    guard status == SQLITE_OK, let handle else {
      sqlite3_close_v2(handle)
      throw .io(path: path, operation: "open", reason: String(cString: sqlite3_errstr(status)))
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, 10_000)
    for pragma in ["query_only = ON", "trusted_schema = OFF", "cell_size_check = ON"] {
      sqlite3_exec(handle, "PRAGMA \(pragma)", nil, nil, nil)
    }
    sqlite3_set_authorizer(
      handle,
      { _, action, first, second, _, _ in ReadOnlyConnection.verdict(action, first, second) },
      nil)
  }

  deinit { sqlite3_close_v2(handle) }

  /// Whether an action that a statement needs is reading.
  private static func verdict(
    _ action: Int32, _ first: UnsafePointer<CChar>?, _ second: UnsafePointer<CChar>?
  ) -> Int32 {
    switch action {
    case SQLITE_SELECT, SQLITE_READ, SQLITE_RECURSIVE: return SQLITE_OK
    // SQLite declares a virtual table (FTS5, json_each, pragma_table_info) as if it wrote a definition. Nothing is written,
    // and a statement that does write one is held up by the three other locks.
    case SQLITE_UPDATE:
      return first.map { String(cString: $0) } == "sqlite_master" ? SQLITE_OK : SQLITE_DENY
    case SQLITE_FUNCTION:
      return second.map { String(cString: $0).lowercased() } == "load_extension"
        ? SQLITE_DENY : SQLITE_OK
    case SQLITE_PRAGMA:
      let name = first.map { String(cString: $0).lowercased() } ?? ""
      let describing = [
        "table_info", "table_xinfo", "table_list", "index_list", "index_info", "index_xinfo",
        "foreign_key_list", "data_version",
      ]
      let reading = ["user_version", "application_id", "page_count", "page_size", "freelist_count"]
      return describing.contains(name) || (reading.contains(name) && second == nil)
        ? SQLITE_OK : SQLITE_DENY
    default: return SQLITE_DENY
    }
  }

  /// Runs one statement that reads.
  ///
  /// - Throws: `.badExpression` for SQL that is wrong, writes, or is not one statement; what `header` and `row` throw.
  func select(
    _ sql: String, path: String, header: ([String]) throws -> Void, row: ([SQLValue]) throws -> Void
  ) throws {
    let remedy = "Give one SELECT; tables and columns are listed in Schema.md."
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    // The bytes live for the closure; the tail is turned into a count before it ends.
    var text = sql
    let (status, rest) = text.withUTF8 { bytes -> (Int32, String) in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        guard let start = characters.baseAddress else { return (SQLITE_OK, "") }
        var tail: UnsafePointer<CChar>?
        let status = sqlite3_prepare_v2(handle, start, Int32(characters.count), &statement, &tail)
        let used = tail.map { start.distance(to: $0) } ?? characters.count
        return (status, String(decoding: bytes[used...], as: UTF8.self))
      }
    }
    guard status == SQLITE_OK else { throw failure(path, remedy) }
    guard let statement else {
      throw StoreError.badExpression(reason: "no statement to run", remedy: remedy)
    }
    guard isBlank(rest) else {
      throw StoreError.badExpression(
        reason: "more than one statement: one is run at a time", remedy: remedy)
    }
    guard sqlite3_stmt_readonly(statement) != 0 else {
      throw StoreError.badExpression(
        reason: "the statement writes; the store is only read here", remedy: remedy)
    }
    let width = sqlite3_column_count(statement)
    try header((0..<width).map { String(cString: sqlite3_column_name(statement, $0)) })
    while true {
      let status = sqlite3_step(statement)
      if status == SQLITE_DONE { return }
      guard status == SQLITE_ROW else { throw failure(path, remedy) }
      try row((0..<width).map { value(statement, $0) })
    }
  }

  /// Whether nothing but white space, semicolons and comments is left.
  private func isBlank(_ rest: String) -> Bool {
    var statement: OpaquePointer?
    defer { sqlite3_finalize(statement) }
    var text = rest
    // A semicolon alone is an empty statement: go on after it.
    while !text.isEmpty {
      var used = 0
      var copy = text
      let status = copy.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) { characters -> Int32 in
          guard let start = characters.baseAddress else { return SQLITE_OK }
          var tail: UnsafePointer<CChar>?
          let status = sqlite3_prepare_v2(handle, start, Int32(characters.count), &statement, &tail)
          used = tail.map { start.distance(to: $0) } ?? characters.count
          return status
        }
      }
      if status != SQLITE_OK || statement != nil { return false }
      if used == 0 { return true }
      text = String(decoding: Array(text.utf8).dropFirst(used), as: UTF8.self)
    }
    return true
  }

  private func value(_ statement: OpaquePointer, _ column: Int32) -> SQLValue {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: return .integer(sqlite3_column_int64(statement, column))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(statement, column))
    case SQLITE_TEXT:
      guard let start = sqlite3_column_text(statement, column) else { return .text("") }
      // SQLite's own memory, valid until the next step: copied here.
      let count = Int(sqlite3_column_bytes(statement, column))
      return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
    case SQLITE_BLOB:
      guard let start = sqlite3_column_blob(statement, column) else { return .blob([]) }
      let count = Int(sqlite3_column_bytes(statement, column))
      return .blob(Array(UnsafeRawBufferPointer(start: start, count: count)))
    default: return .null
    }
  }

  private func failure(_ path: String, _ remedy: String) -> StoreError {
    let message = String(cString: sqlite3_errmsg(handle))
    switch sqlite3_errcode(handle) {
    case SQLITE_AUTH:
      return .badExpression(
        reason: "the statement does more than read (\(message))",
        remedy: "The store is only read here. \(remedy)")
    case SQLITE_ERROR, SQLITE_MISMATCH, SQLITE_RANGE, SQLITE_TOOBIG:
      return .badExpression(reason: "SQL: \(message)", remedy: remedy)
    case SQLITE_BUSY, SQLITE_LOCKED: return .storeBusy(path: path)
    case SQLITE_CORRUPT, SQLITE_NOTADB: return .storeDamaged(path: path, detail: message)
    default: return .io(path: path, operation: "read", reason: message)
    }
  }
}
