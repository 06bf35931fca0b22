import GRDB

/// Rows of one table of a SQLite database: an object a row. The database is opened read-only, and only tables are read:
/// a view or a virtual table could run what its author wrote.
final class SQLiteRecords: RecordSource {
  let path: String
  private(set) var storedBytesRead = 0
  private let database: DatabaseQueue
  private let table: String
  private var last: Int64?
  private var offset = 0
  private var hasRowNumbers = true

  private static let rowsPerBatch = 2_000

  /// Opens the table called `table`, or the only one there is.
  init(path: String, table: String?) throws(StoreError) {
    self.path = path
    database = try Self.open(path)
    let tables = try Self.tables(of: database, path)
    let list = tables.prefix(20).joined(separator: ", ")
    guard let chosen = table ?? (tables.count == 1 ? tables.first : nil) else {
      throw .badFormat(
        path: path,
        reason: tables.isEmpty
          ? "is a database without a table"
          : "has several tables; say in the mapping which one: table: NAME\n  Tables: \(list)")
    }
    guard tables.contains(chosen) else {
      throw .badFormat(path: path, reason: "has no table \"\(chosen)\"\n  Tables: \(list)")
    }
    self.table = chosen
  }

  /// The tables of a database, by name.
  static func tables(path: String) throws(StoreError) -> [String] {
    try tables(of: try open(path), path)
  }

  private static func open(_ path: String) throws(StoreError) -> DatabaseQueue {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA trusted_schema = OFF; PRAGMA query_only = ON")
    }
    do {
      return try DatabaseQueue(path: path, configuration: configuration)
    } catch {
      throw .badFormat(path: path, reason: "is a database that cannot be read")
    }
  }

  private static func tables(of database: DatabaseQueue, _ path: String) throws(StoreError)
    -> [String]
  {
    do {
      return try database.read { db in
        try String.fetchAll(
          db,
          sql: """
            SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%'
            ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name
            """)
      }
    } catch {
      throw .badFormat(path: path, reason: "is a database that cannot be read")
    }
  }

  func next() throws(StoreError) -> (records: [LogRecord], bytes: Int)? {
    var records: [LogRecord] = []
    do {
      try database.read { db in
        do {
          try read(db, &records)
        } catch let error as DatabaseError
          where hasRowNumbers && error.resultCode == .SQLITE_ERROR
        {
          // A table WITHOUT ROWID: its rows are counted instead.
          hasRowNumbers = false
          records = []
          try read(db, &records)
        }
      }
    } catch {
      throw .badFormat(path: path, reason: "table \"\(table)\" cannot be read to its end")
    }
    return records.isEmpty ? nil : (records, records.count << 9)
  }

  private func read(_ db: Database, _ records: inout [LogRecord]) throws {
    let quoted =
      "\""
      + table.split(separator: "\"", omittingEmptySubsequences: false)
      .joined(separator: "\"\"") + "\""
    let rows: RowCursor
    if hasRowNumbers {
      rows = try Row.fetchCursor(
        db,
        sql:
          "SELECT rowid, * FROM \(quoted) WHERE rowid > ? ORDER BY rowid LIMIT \(Self.rowsPerBatch)",
        arguments: [last ?? Int64.min])
    } else {
      rows = try Row.fetchCursor(
        db, sql: "SELECT 0, * FROM \(quoted) LIMIT \(Self.rowsPerBatch) OFFSET ?",
        arguments: [offset])
    }
    while let row = try rows.next() {
      offset += 1
      if hasRowNumbers { last = row[0] }
      var members: [LogValue.Member] = []
      for (name, value) in row.dropFirst() {
        members.append(LogValue.Member(key: name, value: Self.value(value)))
      }
      records.append(LogRecord(line: offset, content: .success(.object(members))))
    }
  }

  private static func value(_ value: DatabaseValue) -> LogValue {
    switch value.storage {
    case .null, .blob: .null
    case .int64(let number): .number(String(number))
    case .double(let number): number.isFinite ? .number("\(number)") : .null
    case .string(let text): .string(text)
    }
  }
}
