import Foundation
import GRDB
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Check of a store")
struct StoreCheckTests {
  let scratch: Scratch
  let store: Store

  init() throws {
    scratch = try Scratch()
    store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([scratch.file("a", rows(30))])
    try store.saveLabelling(
      Labelling(
        name: "w", candidates: ["small", "large"], oracle: .bestQuality, target: .weakFails,
        qualityThreshold: 0.5),
      verdicts: (0..<30).map { LabelVerdict(queryID: "q/\($0)", verdict: 0) })
  }

  private func found(_ sql: String) throws -> [String] {
    try store.withoutTransaction { db in
      try db.execute(sql: "PRAGMA foreign_keys = OFF; PRAGMA ignore_check_constraints = ON")
      try db.execute(sql: sql)
    }
    return try store.check().findings.map { "\($0.kind.rawValue) \($0.subject) \($0.count)" }
  }

  @Test("a store that nobody touched is sound, and its counts are right")
  func sound() throws {
    let check = try store.check()
    #expect(check.findings == [] && check.notes == [] && !check.isDamaged)
    #expect(check.schemaVersion == Schema.version)
    #expect(try check.contentHash == store.contentHash())
    let rows = Dictionary(uniqueKeysWithValues: check.tables.map { ($0.name, $0.rows) })
    #expect(rows["queries"] == 30 && rows["outcomes"] == 60 && rows["labels"] == 30)
    #expect(check.tables.allSatisfy { ($0.bytes ?? 1) > 0 })
    #expect(rows["query_search"] == 0)
  }

  @Test(
    "what another program changed is damage",
    arguments: [
      ("UPDATE queries SET text = 'other' WHERE row = 3", "damage text-hashes 1"),
      ("UPDATE queries SET text_hash = text_hash + 1 WHERE row < 3", "damage text-hashes 2"),
      ("UPDATE queries SET domain = 'other' WHERE row = 3", "damage content-hashes 1"),
      ("UPDATE outcomes SET quality = 0.5 WHERE query < 4", "damage content-hashes 3"),
      ("DELETE FROM outcomes WHERE query = 1 AND candidate = 1", "damage content-hashes 1"),
      (
        "DELETE FROM outcomes WHERE query = 1; DELETE FROM queries WHERE row = 1",
        "damage foreign-keys 1"
      ),
      ("DELETE FROM candidates WHERE id = 2", "damage foreign-keys 30"),
      ("UPDATE labels SET verdict = 2 WHERE query < 3", "damage labels 2"),
      (
        """
        INSERT INTO embedding_models VALUES (1, 'm', 2);
        INSERT INTO embeddings SELECT 1, 1, text_hash, x'00000000' FROM queries WHERE row = 1
        """, "damage vectors 1"
      ),
      (
        "INSERT INTO routers (sha256, bytes, time_us) VALUES ('\(String(repeating: "0", count: 64))', x'00', 1)",
        "damage routers 1"
      ),
      (
        "INSERT INTO policies (sha256, name, document) VALUES ('"
          + String(repeating: "0", count: 64) + "', 'p', 'd')",
        "damage policies 1"
      ),
      (
        "UPDATE outcomes SET quality = 7 WHERE query = 1 AND candidate = 1",
        "damage content-hashes 1"
      ),
    ])
  func damage(_ sql: String, _ expected: String) throws {
    #expect(try found(sql).first == expected)
    #expect(try store.check().isDamaged)
  }

  @Test(
    "what work left behind is a finding",
    arguments: [
      ("UPDATE imports SET is_complete = 0", "finding imports 1"),
      (
        "INSERT INTO remote_jobs (id, name) VALUES (1, 'j'); INSERT INTO open_calls VALUES (1, 1, 5, 5)",
        "finding open-calls 1"
      ),
      (
        """
        INSERT INTO embedding_models VALUES (1, 'm', 1);
        INSERT INTO embeddings VALUES (1, 1, 99, x'00000000'), (2, 1, 98, x'00000000')
        """, "finding vectors 2"
      ),
      ("UPDATE search_state SET indexed_row = 30", "finding search 0"),
      ("UPDATE labellings SET log_hash = '0123456789abcdef'", "finding labels 30"),
    ])
  func findings(_ sql: String, _ expected: String) throws {
    #expect(try found(sql) == [expected])
    #expect(try store.check().isDamaged == false)
  }

  @Test("a log that grew is worth a note; one that changed makes its labels stale")
  func growth() throws {
    _ = try store.import([scratch.file("b", rows(5, prefix: "p"))])
    #expect(try store.check().findings == [])
    #expect(
      try store.check().notes == ["labelling 'w' is older than 5 queries that were imported since"])
    // The same source again completes what was cut short, also when nothing was missing.
    try store.write { try $0.execute(sql: "UPDATE imports SET is_complete = 0 WHERE id = 1") }
    #expect(try store.check().findings.map(\.subject) == ["imports"])
    #expect(try store.import([scratch.at("a")]).unchanged == 30)
    #expect(try store.check().findings == [])
    try store.write { try $0.execute(sql: "UPDATE imports SET is_complete = 0 WHERE id = 1") }
    try store.write {
      try $0.execute(
        sql: "UPDATE imports SET source = (SELECT source FROM imports WHERE id = 1) WHERE id = 2")
    }
    #expect(try store.check().findings == [])
    let tiered = try scratch.file(
      "c", row("q/3", query: "Question 3", quality: "0").dropLast() + #","tier":"complex"}"#)
    #expect(try store.import([String(tiered)]).updated == 1)
    #expect(try store.check().findings.map(\.subject) == ["labels"])
  }

  @Test("bytes overwritten in the file are found, or the file is refused, never believed")
  func overwritten() throws {
    _ = try store.import([scratch.file("big", rows(3000, prefix: "b"))])
    try store.close()
    let sound = try Data(contentsOf: URL(fileURLWithPath: scratch.at("s")))
    var random = SplitMix64(seed: 11)
    var silent = 0
    for round in 0..<24 {
      var bytes = sound
      // Beyond the header: 64 bytes somewhere.
      let at = 100 + Int(random.next() % UInt64(bytes.count - 200))
      let old = bytes[at..<(at + 64)]
      bytes.replaceSubrange(at..<(at + 64), with: Data(repeating: 0xa5, count: 64))
      if bytes[at..<(at + 64)] == old { continue }
      let path = try scratch.file("d\(round)", Array(bytes))
      do {
        let damaged = try Store.open(path: path, mode: .readOnly)
        // Free space inside a page may be overwritten without harm.
        if try damaged.check().findings.isEmpty { silent += 1 }
        try damaged.close()
      } catch {
        #expect(error.exitCode == 65 || error.exitCode == 74, "\(error)")
      }
    }
    #expect(silent < 12)
  }

  @Test("vacuum removes vectors of no text, gives space back and keeps the log")
  func vacuum() throws {
    _ = try store.import([scratch.file("big", rows(4000, prefix: "b"))])
    #expect(
      try found(
        """
        INSERT INTO embedding_models VALUES (1, 'm', 1);
        INSERT INTO embeddings VALUES (1, 1, 99, x'00000000')
        """) == ["finding vectors 1"])
    _ = try store.updateSearchIndex()
    try store.clearSearchIndex()
    let hash = try store.contentHash()
    let report = try store.vacuum()
    #expect(report.orphanVectors == 1)
    #expect(report.bytesAfter < report.bytesBefore)
    #expect(Store.bytes(of: scratch.at("s") + "-wal") == 0)
    #expect(try store.contentHash() == hash)
    #expect(try store.check().findings == [])
    #expect(try store.vacuumSpace().lack == nil)
    var space = try store.vacuumSpace()
    space.free = 10
    #expect(
      space.lack?.contains(
        "needs \(space.isOneDisk ? 2 * space.content : space.content) free bytes") == true)
  }
}
