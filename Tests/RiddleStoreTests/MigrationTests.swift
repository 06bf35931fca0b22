import Foundation
import GRDB
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Migration")
struct MigrationTests {
  /// A store that the first released schema wrote: three queries, one labelling.
  private func version1(_ scratch: Scratch) throws -> String { try golden("v1", scratch) }

  static func goldenPath(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/Store/\(name).sqlite.gz").standardized.path
  }

  /// A copy of an old store.
  private func golden(_ name: String, _ scratch: Scratch) throws -> String {
    try scratch.file("old.sqlite", gunzip(Self.goldenPath(name)))
  }

  @Test(
    "a store of version 1 opens in every mode with its log, labelling and hash",
    arguments: [0, 1, 2])
  func opens(_ mode: Int) throws {
    let scratch = try Scratch()
    let path = try version1(scratch)
    let modes: [Store.Mode] = [.readOnly, .readWrite, .create]
    let store = try Store.open(path: path, mode: modes[mode])
    #expect(try store.contentHash() == "dc332ac06cc0d55e")
    let log = try store.readLog()
    #expect(log.map(\.id) == ["q1", "q2", "q3"])
    #expect(log.allSatisfy { $0.tier == nil })
    #expect(log[0].outcome(of: "small")?.answer == "On its way.")
    #expect(ContentHash.text(of: log) == "dc332ac06cc0d55e")
    let labelling = try #require(try store.latestLabelling())
    #expect(labelling.logHash == "dc332ac06cc0d55e")
    #expect(try store.verdicts(of: labelling).map(\.verdict) == [0, 1])
    #expect(try store.embeddingModels().isEmpty)
    #expect(try store.integrityProblems() == [])
    try store.close()
    let again = try Store.open(path: path, mode: .readOnly)
    #expect(try again.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == Schema.version)
  }

  @Test("a store of version 2 keeps its log, tier, vector and hash, and takes metadata")
  func version2() throws {
    let scratch = try Scratch()
    let path = try golden("v2", scratch)
    let store = try Store.open(path: path, mode: .readWrite)
    #expect(try store.contentHash() == "778dd7b82756bd15")
    let log = try store.readLog()
    #expect(log.map(\.id) == ["q1", "q2", "q3", "q4"])
    #expect(log[3].tier == "complex" && log.allSatisfy { $0.context.metadata.isEmpty })
    #expect(ContentHash.text(of: log) == "778dd7b82756bd15")
    #expect(try store.embeddingModels().map(\.name) == ["tiny"])
    #expect(try store.latestLabelling()?.logHash == "dc332ac06cc0d55e")
    let more = try scratch.file(
      "more.jsonl",
      #"{"id":"q5","query":null,"metadata":{"a":1},"outcomes":{"small":{"quality":1}}}"#)
    #expect(try store.import([more]).inserted == 1)
    #expect(try store.readLog().last?.context.metadata == ["a": "1"])
    #expect(try store.integrityProblems() == [])
  }

  @Test("a store of version 3 keeps everything it holds")
  func version3() throws {
    let scratch = try Scratch()
    let path = try golden("v3", scratch)
    let store = try Store.open(path: path, mode: .readWrite)
    let log = try store.readLog()
    #expect(log.map(\.id) == ["q1", "q2", "q3", "q4", "q5"])
    #expect(log[4].context.metadata == ["n": "3", "user_id": "u-17"])
    #expect(try store.contentHash() == ContentHash.text(of: log))
    #expect(try store.latestLabelling()?.logHash == "a33c788ea305effe")
    #expect(try store.embeddingModels().map(\.vectors) == [1])
    #expect(try store.spending(of: "judge").openNanoDollars == 5000)
    #expect(try store.check().findings.map(\.subject) == ["open-calls"])
    // What version 4 brought works.
    #expect(try store.updateSearchIndex() == 5)
    var request = SearchRequest()
    request.words = .plain("cafe naive")
    #expect(try store.search(request).hits.map(\.id) == ["q5"])
    _ = try store.redact(
      {
        var plan = RedactionPlan(); plan.hashesText = true; return plan
      }(), time: Microseconds(1))
    #expect(
      try store.read { try Int.fetchOne($0, sql: "SELECT count(text_hash) FROM queries") } == 4)
    #expect(try store.read { try Int.fetchOne($0, sql: "SELECT count(text) FROM queries") } == 0)
  }

  @Test(
    "an old store and a new one have the same tables, columns, constraints, references and indexes",
    arguments: ["v1", "v2", "v3"])
  func sameSchema(_ version: String) throws {
    let scratch = try Scratch()
    // Everything that SQLite knows of the schema, white space aside.
    func definitions(_ store: Store) throws -> [String] {
      try store.read { db in
        let all = try Row.fetchAll(
          db,
          sql: "SELECT type, name, tbl_name, ifnull(sql, '') FROM sqlite_schema ORDER BY 1, 2, 3")
        let described = try ["table_xinfo", "foreign_key_list", "index_list"].flatMap { pragma in
          try Row.fetchAll(
            db,
            sql: """
              SELECT m.name, p.* FROM sqlite_schema m JOIN pragma_\(pragma)(m.name) p
              WHERE m.type = 'table' ORDER BY 1, 2, 3
              """
          ).map { row in "\(pragma) \(row.databaseValues.map { "\($0)" }.joined(separator: " "))" }
        }
        return all.map { row in
          (row.databaseValues.map { "\($0)" }).joined(separator: "|")
            .split(whereSeparator: \.isWhitespace).joined(separator: " ")
        } + described
      }
    }
    let old = try Store.open(path: try golden(version, scratch), mode: .readWrite)
    let new = try Store.open(path: scratch.at("new"), mode: .create)
    let expected = try definitions(new)
    #expect(expected.contains { $0.contains("CHECK (text IS NULL OR text_hash IS NOT NULL)") })
    #expect(expected.count > 100)
    #expect(try definitions(old) == expected)
    let migrations = try new.read {
      try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations")
    }
    #expect(migrations.count == Schema.version)
    #expect(
      try old.read { try String.fetchAll($0, sql: "SELECT identifier FROM grdb_migrations") }
        == migrations)
    #expect(try old.check().isDamaged == false)
  }

  @Test("a store of a newer schema is refused by everything that opens one, and stays as it is")
  func newer() throws {
    let scratch = try Scratch()
    let path = try golden("v3", scratch)
    let raw = try DatabaseQueue(path: path)
    try raw.writeWithoutTransaction {
      try $0.execute(sql: "PRAGMA user_version = 5; PRAGMA wal_checkpoint(TRUNCATE)")
    }
    try raw.close()
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    for mode in [Store.Mode.readOnly, .readWrite, .create] {
      #expect(throws: StoreError.newerSchema(path: path, found: 5, supported: Schema.version)) {
        try Store.open(path: path, mode: mode)
      }
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }

  @Test(
    "an old store that cannot be written says so, and stays as it is",
    .disabled(if: getuid() == 0, "root may write everything"))
  func unwritable() throws {
    let scratch = try Scratch()
    let path = try version1(scratch)
    chmod(path, 0o444)
    let before = try Data(contentsOf: URL(fileURLWithPath: path))
    #expect(throws: StoreError.olderSchema(path: path, found: 1, supported: Schema.version)) {
      try Store.open(path: path, mode: .readOnly)
    }
    #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
  }
}
