import GRDB

/// A log store: one SQLite file with every logged query, its outcomes, and the labellings made of them.
///
/// Written in WAL mode with `synchronous = NORMAL`: after a crash of the process nothing committed is lost,
/// after a power failure at most the last transactions are; the file stays whole in both cases. Readers do
/// not block the writer. A store value may be shared by any number of threads.
public struct Store: Sendable {
  /// What the caller means to do.
  public enum Mode: Sendable {
    /// Read an existing store; nothing in its folder is changed, where SQLite allows it.
    case readOnly
    /// Read and write an existing store.
    case readWrite
    /// Read and write; a missing store is made.
    case create
  }

  /// The file.
  public let path: String
  let reader: any DatabaseReader
  /// Nil when open for reading only.
  let writer: DatabasePool?

  /// Closes the file, folding the write-ahead log into it when no other process has it open.
  ///
  /// - Throws: `.storeBusy` while one of its methods runs on another thread.
  public func close() throws(StoreError) {
    try mapErrors { try reader.close() }
  }

  // MARK: access

  /// Runs `body` on one snapshot of the store.
  func read<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    try mapErrors { try reader.read(body) }
  }

  /// Runs `body` in one immediate transaction: all of it is kept, or nothing.
  func write<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    guard let writer else {
      throw .io(path: path, operation: "write", reason: "the store is open for reading only")
    }
    return try mapErrors { try writer.write(body) }
  }

  private func mapErrors<T>(_ body: () throws -> T) throws(StoreError) -> T {
    do {
      return try body()
    } catch {
      throw StoreError(error, path: path)
    }
  }
}

extension StoreError {
  /// A failure of SQLite in this module's words. Values bound to statements are never shown.
  init(_ error: any Error, path: String) {
    if let error = error as? StoreError {
      self = error
      return
    }
    guard let error = error as? DatabaseError else {
      self = .defect("\(type(of: error)) while using \(path)")
      return
    }
    let detail = error.message ?? "SQLite error \(error.extendedResultCode.rawValue)"
    switch error.resultCode {
    case .SQLITE_BUSY, .SQLITE_LOCKED:
      self = .storeBusy(path: path)
    case .SQLITE_CORRUPT, .SQLITE_NOTADB:
      self = .storeDamaged(path: path, detail: detail)
    case .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM,
      .SQLITE_AUTH, .SQLITE_NOMEM, .SQLITE_TOOBIG:
      self = .io(path: path, operation: "use", reason: detail)
    default:
      self = .defect("SQLite error \(error.extendedResultCode.rawValue), \(detail)")
    }
  }
}
