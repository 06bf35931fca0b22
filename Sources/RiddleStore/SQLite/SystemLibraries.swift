import CZlib
import GRDB
import Glibc

/// The libraries of the system that a store and its importers use, as they are found at run time.
public enum SystemLibraries {
  /// Version of SQLite, such as `3.40.1`.
  public static var sqliteVersion: String {
    (try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") })
      .flatMap { $0 } ?? "unknown"
  }

  /// Oldest SQLite that knows STRICT tables.
  public static let oldestSQLite = "3.37"

  /// What a store needs and this SQLite does not do, tried in memory; empty when nothing is missing.
  public static func missingFromSQLite() -> [String] {
    let needs = [
      ("STRICT tables (SQLite 3.37)", "CREATE TABLE strict_try (x INTEGER) STRICT"),
      ("JSON functions", "SELECT json_extract('{\"a\":1}', '$.a')"),
      ("FTS5 full-text search", "CREATE VIRTUAL TABLE fts_try USING fts5(text)"),
    ]
    return needs.compactMap { name, sql in
      do {
        try DatabaseQueue().write { try $0.execute(sql: sql) }
        return nil
      } catch {
        return name
      }
    }
  }

  /// Version of zlib, such as `1.2.13`.
  public static var zlibVersion: String {
    // A static, null-terminated string of the library.
    CZlib.zlibVersion().map { String(cString: $0) } ?? "unknown"
  }

  /// Version of libzstd, which is looked up when a file needs it; nil where it is not installed.
  public static var zstdVersion: String? {
    guard let handle = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL),
      let symbol = dlsym(handle, "ZSTD_versionString")
    else { return nil }
    // The signature is that of zstd.h, stable since version 1.3; the string is static.
    let version = unsafeBitCast(
      symbol, to: (@convention(c) () -> UnsafePointer<CChar>?).self)
    return version().map { String(cString: $0) }
  }

  /// The newest schema of a store that this program knows.
  public static var storeSchema: Int { Schema.version }

  /// The schema of the store at `path`, read from its header without opening it, so that nothing is migrated; nil for
  /// a file that is no store of this program.
  public static func schema(ofStoreAt path: String) -> Int? {
    // SQLite's header: user_version at byte 60, application_id at byte 68, both big-endian.
    // https://www.sqlite.org/fileformat.html#the_database_header
    guard let head = try? ByteSource.rawHead(path: path, count: 100), head.count == 100,
      head.starts(with: "SQLite format 3\0".utf8)
    else { return nil }
    func number(_ offset: Int) -> Int {
      head[offset..<(offset + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    return number(68) == Int(Schema.applicationID) ? number(60) : nil
  }
}
