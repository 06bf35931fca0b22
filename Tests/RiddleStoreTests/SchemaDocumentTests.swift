import Foundation
import GRDB
import Testing

@testable import RiddleStore

/// Schema.md against the schema: what is drawn is what is there.
@Suite("Schema.md")
struct SchemaDocumentTests {
  let document: String
  let store: Store

  init() throws {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/RiddleStore/RiddleStore.docc/Schema.md").standardized
    document = try String(contentsOf: file, encoding: .utf8)
    store = try Store.open(path: try Scratch().at("s"), mode: .create)
  }

  /// The lines of code blocks of a language.
  private func blocks(_ language: String) -> [[String]] {
    var found: [[String]] = []
    var block: [String]?
    for line in document.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line == "```" {
        if let block { found.append(block) }
        block = nil
      } else if line == "```\(language)" {
        block = []
      } else {
        block?.append(line)
      }
    }
    return found
  }

  private var tables: [String] {
    get throws {
      try store.read {
        try String.fetchAll(
          $0,
          sql: """
            SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'grdb_migrations'
              AND name NOT LIKE 'sqlite~_%' ESCAPE '~' AND name NOT LIKE 'query~_search~_%' ESCAPE '~' ORDER BY name
            """)
      }
    }
  }

  @Test("the diagram's tables, columns, types, order and keys are those of the schema")
  func columns() throws {
    let diagram = try #require(blocks("mermaid").first)
    var drawn: [String: [String]] = [:]
    var table: String?
    for line in diagram {
      let words = line.split(separator: " ").map(String.init)
      if words.count == 2, words[1] == "{" {
        table = words[0]
        drawn[words[0]] = []
      } else if words == ["}"] {
        table = nil
      } else if let table {
        // Type, name, keys; a comment stands in quotes.
        let facts = words.prefix { !$0.hasPrefix("\"") }
        #expect((2...3).contains(facts.count), "\(table): \(line)")
        drawn[table]?.append(facts.joined(separator: " "))
      }
    }
    #expect(try drawn.keys.sorted() == tables)
    for name in try tables {
      let actual = try store.read { db in
        let foreign = try String.fetchSet(
          db, sql: "SELECT \"from\" FROM pragma_foreign_key_list(?)", arguments: [name])
        let unique = try String.fetchSet(
          db,
          sql: """
            SELECT (SELECT name FROM pragma_index_info(l.name)) FROM pragma_index_list(?) l
            WHERE l."unique" AND l.origin = 'u' AND (SELECT count(*) FROM pragma_index_info(l.name)) = 1
            """, arguments: [name])
        return try Row.fetchAll(
          db, sql: "SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid",
          arguments: [name]
        ).map { row in
          let column: String = row[0]
          let type: String = row[1]
          var keys: [String] = (row[2] as Int) > 0 ? ["PK"] : []
          if foreign.contains(column) { keys.append("FK") }
          if unique.contains(column) { keys.append("UK") }
          return "\(type.isEmpty ? "TEXT" : type) \(column)"
            + (keys.isEmpty ? "" : " " + keys.joined(separator: ","))
        }
      }
      #expect(drawn[name] == actual, "\(name)")
    }
  }

  @Test("every reference of the schema is a line of the diagram, and every line joins tables")
  func references() throws {
    let diagram = try #require(blocks("mermaid").first)
    let lines = diagram.filter { $0.contains("--") }
    let names = Set(try tables)
    let drawn = Set(
      lines.map { line in
        let words = line.split(separator: " ").map(String.init)
        #expect(names.contains(words[0]) && names.contains(words[2]), "\(line)")
        return "\(words[0]) \(words[2])"
      })
    for name in try tables {
      let parents = try store.read {
        try String.fetchSet(
          $0, sql: "SELECT \"table\" FROM pragma_foreign_key_list(?)", arguments: [name])
      }
      for parent in parents { #expect(drawn.contains("\(parent) \(name)"), "\(parent) → \(name)") }
    }
  }

  @Test("every question in SQL is one that a store answers")
  func questions() throws {
    let statements = blocks("sql").joined().filter { !$0.hasPrefix("--") }.joined(separator: "\n")
      .split(separator: ";").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
      .filter { !$0.isEmpty }
    #expect(statements.count >= 4)
    for statement in statements {
      try store.select(statement, header: { #expect(!$0.isEmpty) }) { _ in }
    }
  }

  @Test("which data trained the router now in production is one question")
  func production() throws {
    let hash = { (digit: String) in String(repeating: digit, count: 64) }
    try store.write { db in
      try db.execute(
        sql: """
          INSERT INTO imports VALUES (1, 'a', 'riddle-jsonl', 1, 1, 1, 0, 0, 0, 0, 1, 0);
          INSERT INTO labellings VALUES (1, 'weekly', '["a","b"]', 'best-quality', 'weak-fails', 0.5, 'abcd', 1);
          INSERT INTO runs VALUES (1, 'models/one', 1, '\(hash("1"))', '{"inputs":[{"content":"abcd"}]}', 1), (2, 'models/two', 2, '\(hash("2"))', '{}', 1);
          INSERT INTO splits VALUES (1, 'train', '{}', 60, '\(hash("a"))'), (1, 'test', '{}', 20, '\(hash("b"))'),
            (2, 'train', '{}', 70, '\(hash("c"))');
          INSERT INTO routers VALUES (1, '\(hash("3"))', 'one', NULL, 1, 1), (2, '\(hash("4"))', 'two', NULL, 2, 2);
          INSERT INTO deployments (environment, router, kind, time_us) VALUES
            ('production', 1, 'promote', 1), ('staging', 2, 'promote', 2), ('production', 2, 'promote', 3),
            ('production', 1, 'rollback', 4), ('staging', 1, 'promote', 5);
          """)
    }
    let statement = try #require(
      blocks("sql").joined(separator: [";"]).joined(separator: "\n").components(separatedBy: ";")
        .first { $0.contains("environment = 'production'") })
    var rows: [[SQLValue]] = []
    try store.select(statement, header: { _ in }) { rows.append($0) }
    #expect(
      rows == [
        [
          .text("one"), .text(hash("3")), .text("models/one"), .text("test"), .integer(20),
          .text(hash("b")), .text("weekly"), .text("abcd"),
        ],
        [
          .text("one"), .text(hash("3")), .text("models/one"), .text("train"), .integer(60),
          .text(hash("a")), .text("weekly"), .text("abcd"),
        ],
      ])
  }
}
