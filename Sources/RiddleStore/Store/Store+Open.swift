import GRDB
import Glibc

extension Store {
  /// Opens the store at `path`.
  ///
  /// Looks before it touches: a file that is not a store is refused without a byte of it being changed. A store
  /// of an older schema is brought up to date in one transaction, also when it is opened for reading, as long as
  /// the file can be written.
  ///
  /// - Throws: `.storeMissing`; `.notAStore` for folders, text, other databases and the like, saying what
  ///   was found; `.newerSchema` and `.olderSchema` with both versions; `.storeBusy`; `.storeDamaged`; `.io`.
  public static func open(path: String, mode: Mode) throws(StoreError) -> Store {
    let exists = try isStoreFile(path)
    if !exists && mode != .create { throw .storeMissing(path: path) }
    let isOlder = exists ? try isOlderSchema(path, mode) : false
    do {
      if mode == .readOnly {
        if isOlder { try migrate(path) }
        return Store(path: path, reader: try openReadOnly(path), writer: nil)
      }
      let pool = try DatabasePool(path: path, configuration: configuration())
      try bringUpToDate(pool)
      return Store(path: path, reader: pool, writer: pool)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Brings the store at `path` up to date.
  private static func migrate(_ path: String) throws {
    guard access(path, W_OK) == 0 else {
      throw StoreError.olderSchema(
        path: path, found: try schemaVersion(path), supported: Schema.version)
    }
    let pool = try DatabasePool(path: path, configuration: configuration())
    try bringUpToDate(pool)
    try pool.close()
  }

  /// Another program may bring the store up to date at the same moment: its tables are there when ours would be made, and
  /// the next look finds nothing left to do.
  private static func bringUpToDate(_ pool: DatabasePool) throws {
    for _ in 0..<5 {
      do {
        return try Schema.migrator.migrate(pool)
      } catch let error as DatabaseError
        where error.resultCode == .SQLITE_ERROR || error.resultCode == .SQLITE_CONSTRAINT
      {
        usleep(100_000)
      }
    }
    try Schema.migrator.migrate(pool)
  }

  private static func schemaVersion(_ path: String) throws -> Int {
    let queue = try openReadOnly(path)
    defer { try? queue.close() }  // Nothing was written: a failure to close loses nothing.
    return try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
  }

  private static func configuration() -> Configuration {
    var configuration = Configuration()
    configuration.label = "riddle store"
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA synchronous = NORMAL")
      // Pages of 8 KB hold about ten queries each and need half the system calls of the default 4 KB;
      // measured 15 % faster. Has an effect only while the file is made.
      if !db.configuration.readonly { try db.execute(sql: "PRAGMA page_size = 8192") }
      // 64 MB of pages, so that the index of ids stays in memory while a large log is imported, and a
      // checkpoint every 64 MB.
      try db.execute(sql: "PRAGMA cache_size = -65536")
      if !db.configuration.readonly { try db.execute(sql: "PRAGMA wal_autocheckpoint = 8192") }
    }
    return configuration
  }

  /// Opens for reading. In a folder that cannot be written, SQLite cannot make its shared-memory file;
  /// then the file is read as immutable, which is right because nobody can be writing to it.
  private static func openReadOnly(_ path: String) throws -> DatabaseQueue {
    var configuration = configuration()
    configuration.readonly = true
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      _ = try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM sqlite_schema") }
      return queue
    } catch let error as DatabaseError
      where (error.resultCode == .SQLITE_CANTOPEN || error.resultCode == .SQLITE_READONLY)
      && !fileHasBytes(path + "-wal")
    {
      return try DatabaseQueue(path: immutableURI(path), configuration: configuration)
    }
  }

  private static func immutableURI(_ path: String) -> String {
    var escaped = ""
    for byte in path.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x2f, 0x5f:
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let hex = String(byte, radix: 16)
        escaped += "%" + (hex.count == 1 ? "0" : "") + hex
      }
    }
    return "file:\(escaped)?immutable=1"
  }

  /// Runs one SELECT that a person wrote, on a connection of its own that cannot but read.
  ///
  /// - Parameters:
  ///   - header: takes the columns' names before the first row.
  ///   - row: takes each row.
  /// - Throws: `.badExpression` for SQL that is wrong, that writes, or that is not one statement; what `header` and `row` throw.
  public func select(
    _ sql: String, header: ([String]) throws -> Void, row: ([SQLValue]) throws -> Void
  ) throws {
    do {
      let connection = try ReadOnlyConnection(path, path: path)
      // The first read shows whether the folder takes SQLite's shared memory.
      try connection.select("SELECT count(*) FROM sqlite_schema", path: path, header: { _ in }) {
        _ in
      }
      return try connection.select(sql, path: path, header: header, row: row)
    } catch let error as StoreError {
      guard case .io = error, !Self.fileHasBytes(path + "-wal") else { throw error }
      let connection = try ReadOnlyConnection(Self.immutableURI(path), path: path)
      return try connection.select(sql, path: path, header: header, row: row)
    }
  }

  /// Whether a SQLite file is at `path`; false when nothing is, or only an empty file.
  private static func isStoreFile(_ path: String) throws(StoreError) -> Bool {
    if path.isEmpty || path == "-" || path.utf8.contains(0) {
      throw .notAStore(path: path, found: "not the name of a file")
    }
    var status = stat()
    if stat(path, &status) != 0 {
      if errno == ENOENT { return false }
      throw .io(path: path, operation: "open", reason: ByteSource.lastError())
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .notAStore(path: path, found: "a folder")
    default: throw .notAStore(path: path, found: "not a regular file")
    }
    if status.st_size == 0 { return false }
    let head = try ByteSource.rawHead(path: path, count: 4096)
    if head.starts(with: "SQLite format 3\0".utf8) { return true }
    if head.starts(with: [0x1f, 0x8b]) { throw .notAStore(path: path, found: "a gzip file") }
    if let (kind, _) = Sniffer.foreignFormat(head, path: path) {
      throw .notAStore(path: path, found: kind)
    }
    throw .notAStore(path: path, found: head.contains(0) ? "a binary file" : "a text file")
  }

  private static func fileHasBytes(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_size > 0
  }

  /// Checks application id and schema version on a read-only connection; true for an older schema.
  private static func isOlderSchema(_ path: String, _ mode: Mode) throws(StoreError) -> Bool {
    do {
      let queue = try openReadOnly(path)
      defer { try? queue.close() }  // Nothing was written: a failure to close loses nothing.
      let (application, version, tables) = try queue.read { db in
        (
          try Int32.fetchOne(db, sql: "PRAGMA application_id") ?? 0,
          try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
          // The list of migrations stands there before the first of them is done, by whichever program.
          try Int.fetchOne(
            db,
            sql: "SELECT count(*) FROM sqlite_schema WHERE tbl_name <> 'grdb_migrations'") ?? 0
        )
      }
      // A crash between creating the file and the first migration leaves a database without tables.
      if application == 0 && tables == 0 && version == 0 {
        if mode == .create { return false }
        throw StoreError.notAStore(path: path, found: "an empty SQLite database")
      }
      if application != Schema.applicationID {
        throw StoreError.notAStore(
          path: path,
          found: "a SQLite database of another program (application id \(application))")
      }
      if version > Schema.version {
        throw StoreError.newerSchema(path: path, found: version, supported: Schema.version)
      }
      return version < Schema.version
    } catch {
      throw StoreError(error, path: path)
    }
  }
}
