import Foundation
import RiddleData
import Testing

@testable import RiddleStore

@Suite("SQL of a person's own")
struct ReadOnlySQLTests {
  let scratch: Scratch
  let store: Store

  init() throws {
    scratch = try Scratch()
    store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([scratch.file("a", rows(3))])
  }

  private func select(_ sql: String) throws -> (columns: [String], rows: [[SQLValue]]) {
    var columns: [String] = []
    var rows: [[SQLValue]] = []
    try store.select(sql, header: { columns = $0 }) { rows.append($0) }
    return (columns, rows)
  }

  @Test("every type of value comes back, and columns may share a name")
  func values() throws {
    let (columns, rows) = try select(
      "SELECT 1 AS a, 2.5 AS a, 'x''ü', x'00ff', NULL, 9223372036854775807, 1e999, '' ;; -- end\n /* */ ;"
    )
    #expect(columns.prefix(2) == ["a", "a"])
    #expect(
      rows == [
        [
          .integer(1), .real(2.5), .text("x'ü"), .blob([0, 255]), .null, .integer(.max),
          .real(.infinity), .text(""),
        ]
      ])
    #expect(
      try select(
        "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5) SELECT sum(n) FROM c"
      ).rows == [[.integer(15)]])
    #expect(try select("SELECT name FROM pragma_table_info('candidates')").rows.count == 2)
    #expect(try select("PRAGMA user_version").rows == [[.integer(4)]])
    #expect(try select("EXPLAIN QUERY PLAN SELECT * FROM queries").rows.count > 0)
    try store.updateSearchIndex()
    #expect(
      try select("SELECT rowid FROM query_search WHERE query_search MATCH 'question'").rows.count
        == 3)
  }

  @Test(
    "what is not one statement that reads is refused, and nothing is changed",
    arguments: [
      "", " ;; -- nothing", "SELECT 1; SELECT 2", "SELECT 1; DELETE FROM queries",
      "DELETE FROM queries",
      "INSERT INTO candidates (name) VALUES ('x')", "UPDATE queries SET text = ''",
      "UPDATE sqlite_schema SET sql = ''", "DELETE FROM sqlite_master",
      "DROP TABLE queries",
      "CREATE TABLE x (a)", "CREATE TEMP TABLE x (a)", "ATTACH 'other.db' AS o", "DETACH main",
      "VACUUM",
      "VACUUM INTO 'copy.db'", "PRAGMA user_version = 9", "PRAGMA writable_schema = ON",
      "PRAGMA query_only = OFF", "PRAGMA journal_mode = DELETE", "PRAGMA wal_checkpoint", "BEGIN",
      "COMMIT", "SAVEPOINT a", "REINDEX", "ANALYZE", "SELECT load_extension('x')", "SELEC 1",
      "SELECT * FROM nowhere", "INSERT INTO query_search (query_search) VALUES ('delete-all')",
      "WITH a AS (SELECT 1) DELETE FROM queries", "EXPLAIN", "SELECT ?1 FROM",
      "PRAGMA user_version(9)",
    ])
  func refused(_ sql: String) throws {
    let before = try (
      store.contentHash(), FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted()
    )
    do {
      _ = try select(sql)
      Issue.record("\(sql) was run")
    } catch let error as StoreError {
      #expect(error.exitCode == 64, "\(error)")
    }
    let after = try (
      store.contentHash(), FileManager.default.contentsOfDirectory(atPath: scratch.path).sorted()
    )
    #expect(after == before)
    #expect(try store.integrityProblems() == [])
  }

  @Test("the receiver's error ends the reading")
  func receiver() throws {
    struct Enough: Error {}
    #expect(throws: Enough.self) {
      try store.select("SELECT 1", header: { _ in }) { _ in throw Enough() }
    }
  }
}
