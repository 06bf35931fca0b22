import GRDB
import GRDBSQLite

/// A prepared statement bound through SQLite's C interface.
///
/// GRDB's `StatementArguments` build arrays of boxed values for each row: about a third of the writing
/// thread's time in an import. This binds the values in place, texts without a copy. The statement belongs to GRDB, which prepared
/// it and finalizes it; the pointer is used only while `owner` is alive, inside one transaction.
struct BulkStatement {
  private let owner: Statement
  private let handle: OpaquePointer
  private let connection: OpaquePointer

  /// Prepares `sql` on `db`, or takes it from its cache.
  init(_ db: Database, _ sql: String) throws {
    owner = try db.cachedStatement(sql: sql)
    handle = owner.sqliteStatement
    guard let connection = db.sqliteConnection else {
      throw StoreError.defect("a closed connection")
    }
    self.connection = connection
  }

  /// Binds `values` to the parameters from 1 on.
  ///
  /// SQLite keeps pointers to the texts and reads them in ``run()``: `texts` must stay in place until then. The next
  /// row binds every parameter anew, and ``forget()`` ends the use.
  func bind(_ values: UnsafeBufferPointer<BoundValue>, texts: UnsafePointer<CChar>?) {
    for i in 0..<values.count { bind(Int32(i + 1), values[i], texts: texts) }
  }

  /// Binds parameter `index`, from 1, likewise.
  func bind(_ index: Int32, _ value: BoundValue, texts: UnsafePointer<CChar>?) {
    switch value.kind {
    case .null: sqlite3_bind_null(handle, index)
    case .integer: sqlite3_bind_int64(handle, index, value.bits)
    case .real:
      sqlite3_bind_double(handle, index, Double(bitPattern: UInt64(bitPattern: value.bits)))
    case .text:
      // No destructor: SQLite neither copies nor frees.
      if let texts, value.length > 0 {
        sqlite3_bind_text(handle, index, texts + Int(value.bits), value.length, nil)
      } else {
        sqlite3_bind_text(handle, index, "", 0, nil)
      }
    }
  }

  /// Binds parameter `index`, from 1. SQLite copies the bytes before the call returns.
  func bind(_ index: Int32, _ text: String?) {
    guard var text else {
      sqlite3_bind_null(handle, index)
      return
    }
    // SQLITE_TRANSIENT, a cast in C that Swift does not import: "copy now".
    let copy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    text.withUTF8 { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) { characters in
        if let start = characters.baseAddress {
          sqlite3_bind_text(handle, index, start, Int32(bytes.count), copy)
        } else {
          sqlite3_bind_text(handle, index, "", 0, copy)
        }
      }
    }
  }

  /// Binds parameter `index`, from 1.
  func bind(_ index: Int32, _ number: Int64?) {
    guard let number else {
      sqlite3_bind_null(handle, index)
      return
    }
    sqlite3_bind_int64(handle, index, number)
  }

  /// Binds parameter `index`, from 1.
  func bind(_ index: Int32, _ number: Double?) {
    guard let number else {
      sqlite3_bind_null(handle, index)
      return
    }
    sqlite3_bind_double(handle, index, number)
  }

  /// Unbinds every parameter: none points to a text any more.
  func forget() { sqlite3_clear_bindings(handle) }

  /// Binds parameter `index`, from 1. SQLite copies the bytes before the call returns.
  func bind(_ index: Int32, blob: [UInt8]?) {
    guard let blob else {
      sqlite3_bind_null(handle, index)
      return
    }
    // SQLITE_TRANSIENT, as above.
    let copy = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    _ = blob.withUnsafeBytes {
      sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), copy)
    }
  }

  /// Runs the statement once and makes it ready for the next values.
  ///
  /// - Returns: the number of rows changed.
  func run() throws -> Int {
    let status = sqlite3_step(handle)
    guard status == SQLITE_DONE else {
      let message = String(cString: sqlite3_errmsg(connection))
      let code = ResultCode(rawValue: sqlite3_extended_errcode(connection))
      sqlite3_reset(handle)
      throw DatabaseError(resultCode: code, message: message)
    }
    let changes = Int(sqlite3_changes(connection))
    sqlite3_reset(handle)
    return changes
  }

  /// Runs a query for one integer: nil without a row.
  func integer() throws -> Int64? {
    let status = sqlite3_step(handle)
    defer { sqlite3_reset(handle) }
    if status == SQLITE_DONE { return nil }
    guard status == SQLITE_ROW else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: sqlite3_extended_errcode(connection)),
        message: String(cString: sqlite3_errmsg(connection)))
    }
    return sqlite3_column_int64(handle, 0)
  }

  /// The row number of the last insertion.
  var lastRow: Int64 { sqlite3_last_insert_rowid(connection) }
}
