import Foundation
import GRDB

/// What giving back free space came to.
public struct VacuumReport: Equatable, Sendable, Codable {
  /// Bytes of the file and its write-ahead log before.
  public var bytesBefore: Int
  /// The same after.
  public var bytesAfter: Int
  /// Vectors of texts that nobody asked, which were removed.
  public var orphanVectors: Int

  private enum CodingKeys: String, CodingKey {
    case bytesBefore = "bytes_before"
    case bytesAfter = "bytes_after"
    case orphanVectors = "orphan_vectors"
  }
}

extension Store {
  /// Free bytes that ``vacuum()`` needs, and those there are: SQLite writes the whole content once into a temporary file and
  /// once into the write-ahead log before it shrinks the file.
  ///
  /// - Returns: `needed` on the store's disk and `neededTemporary` where SQLite keeps temporary files, each with what is
  ///   free there. Where both are one disk the sum must be free.
  public func vacuumSpace() throws(StoreError) -> VacuumSpace {
    let used = try read { db in
      (try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0)
        * max(
          0,
          (try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0)
            - (try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0))
    }
    let folder = (path as NSString).deletingLastPathComponent
    let own = folder.isEmpty ? "." : folder
    let temporary = Self.temporaryFolder()
    return VacuumSpace(
      // Frames of the log are pages with a header of 24 bytes.
      content: used + used / 100, folder: own, free: Self.freeBytes(own),
      temporaryFolder: temporary, temporaryFree: Self.freeBytes(temporary),
      isOneDisk: Self.device(own) == Self.device(temporary))
  }

  /// Removes vectors of texts that nobody asked, rebuilds the file without free pages and folds the write-ahead log in.
  ///
  /// - Throws: `.io` when there is not enough room, saying how much is needed, before anything is written; `.storeBusy` when
  ///   another process uses the store.
  public func vacuum() throws(StoreError) -> VacuumReport {
    let before = Self.bytes(of: path) + Self.bytes(of: path + "-wal")
    if let lack = try vacuumSpace().lack {
      throw .io(path: path, operation: "vacuum", reason: lack)
    }
    let orphans = try write { db in
      let count = try Self.orphanVectors(db)
      if count > 0 { try db.execute(sql: "DELETE FROM embeddings WHERE \(Self.isOrphanVector)") }
      return count
    }
    try compact()
    return VacuumReport(
      bytesBefore: before, bytesAfter: Self.bytes(of: path) + Self.bytes(of: path + "-wal"),
      orphanVectors: orphans)
  }

  /// Rebuilds the file and empties the write-ahead log: no page of what was removed is left in either.
  func compact() throws(StoreError) {
    try withoutTransaction { db in
      try db.execute(sql: "PRAGMA secure_delete = ON")
      try db.execute(sql: "VACUUM")
    }
    try compactLog()
  }

  /// Folds the write-ahead log into the file and empties it.
  func compactLog() throws(StoreError) {
    // Readers of this process hold snapshots that need the log.
    if let writer {
      writer.invalidateReadOnlyConnections()
      writer.releaseMemory()
    }
    let isBusy = try withoutTransaction { db in
      try Bool.fetchOne(db, sql: "PRAGMA wal_checkpoint(TRUNCATE)") ?? true
    }
    if isBusy { throw .storeBusy(path: path) }
  }

  /// Runs `body` on the writing connection, outside of transactions.
  func withoutTransaction<T>(_ body: (Database) throws -> T) throws(StoreError) -> T {
    guard let writer else {
      throw .io(path: path, operation: "write", reason: "the store is open for reading only")
    }
    do {
      return try writer.barrierWriteWithoutTransaction(body)
    } catch {
      throw StoreError(error, path: path)
    }
  }

  /// Where SQLite puts temporary files on Unix: the first of these that is a folder one can write to.
  private static func temporaryFolder() -> String {
    let environment = ProcessInfo.processInfo.environment
    let candidates =
      [environment["SQLITE_TMPDIR"], environment["TMPDIR"]].compactMap(\.self)
      + ["/var/tmp", "/usr/tmp", "/tmp"]
    return candidates.first { access($0, W_OK | X_OK) == 0 } ?? "."
  }

  private static func freeBytes(_ folder: String) -> Int? {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return nil }
    return Int(
      clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        .partialValue)
  }

  private static func device(_ folder: String) -> UInt64? {
    var status = stat()
    return stat(folder, &status) == 0 ? UInt64(status.st_dev) : nil
  }
}

/// Room that rebuilding a store takes.
public struct VacuumSpace: Equatable, Sendable {
  /// Bytes written twice: to a temporary file and to the write-ahead log.
  public var content: Int
  /// The store's folder.
  public var folder: String
  /// Free bytes there; nil where the system does not say.
  public var free: Int?
  /// The folder of temporary files.
  public var temporaryFolder: String
  /// Free bytes there.
  public var temporaryFree: Int?
  /// Whether both folders are on one disk.
  public var isOneDisk: Bool

  /// Why there is not enough room, with the numbers; nil when there is.
  public var lack: String? {
    func short(_ needed: Int, _ free: Int?, _ folder: String) -> String? {
      guard let free, free < needed else { return nil }
      return "needs \(needed) free bytes in \(folder), \(free) are free; make room"
        + (folder == temporaryFolder
          ? ", or name another folder for temporary files with SQLITE_TMPDIR" : "")
    }
    if isOneDisk { return short(2 * content, free, folder) }
    return short(content, free, folder) ?? short(content, temporaryFree, temporaryFolder)
  }
}
