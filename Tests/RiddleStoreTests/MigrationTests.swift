import Foundation
import GRDB
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Migration")
struct MigrationTests {
  /// A store that the first released schema wrote: three queries, one labelling.
  private func version1(_ scratch: Scratch) throws -> String { try golden("v1", scratch) }

  /// A copy of an old store.
  private func golden(_ name: String, _ scratch: Scratch) throws -> String {
    let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../Golden/Store/\(name).sqlite.gz").standardized
    let source = try ByteSource(path: golden.path)
    var bytes: [UInt8] = []
    while try source.read(appendingTo: &bytes) {}
    return try scratch.file("old.sqlite", bytes)
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

  @Test("an old store and a new one of the same log are alike", arguments: ["v1", "v2"])
  func sameSchema(_ version: String) throws {
    let scratch = try Scratch()
    func tables(_ store: Store) throws -> [String] {
      try store.read { db in
        try ["queries", "outcomes", "imports", "verdicts", "embeddings"].map { table in
          try db.columns(in: table).map { "\(table).\($0.name) \($0.type) \($0.isNotNull)" }
            .joined(separator: " ")
        }
      }
    }
    let old = try Store.open(path: try golden(version, scratch), mode: .readWrite)
    let new = try Store.open(path: scratch.at("new"), mode: .create)
    #expect(try tables(old) == tables(new))
  }

  @Test("an old store that cannot be written says so, and stays as it is")
  func unwritable() throws {
    // Root may write everything.
    guard getuid() != 0 else { return }
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
