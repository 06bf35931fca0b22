import Foundation
import GRDB
import RiddleData
import Testing

@testable import RiddleStore

@Suite("Redaction and erasure")
struct RedactionTests {
  static let canary = "CANARYx7qp"

  /// Rows of three users; everything of `u-1` carries the canary, texts of `u-2` an address.
  static func log() -> String {
    (0..<60).map { i -> String in
      let user = ["u-1", "u-2", "u-3"][i % 3]
      let text =
        i % 3 == 0
        ? "\(canary) text \(i)"
        : i % 3 == 1 ? "write to c\(i)@\(canary.lowercased()).org" : "plain \(i)"
      let field = ["user_id", "end_user", "user.id"][i / 3 % 3]
      return """
        {"id":"r\(i)","query":"\(text)","conversation":"\(i % 3 == 1 ? "talk-\(i / 6)@x.org" : "c\(i / 6)")",\
        "metadata":{"\(field)":"\(user)","n":"u-1"},\
        "outcomes":{"small":{"quality":1,"answer":"\(i % 3 == 0 ? "\(canary) says" : "call 415-555-01\(10 + i % 80)")"},"large":{"quality":1}}}
        """
    }.joined(separator: "\n")
  }

  /// Whether any file of the store holds the bytes, in any case of letters.
  static func holds(_ path: String, _ needle: String) throws -> [String] {
    try ["", "-wal", "-shm", "-journal"].filter { suffix in
      guard FileManager.default.fileExists(atPath: path + suffix) else { return false }
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path + suffix))
      let text = String(decoding: bytes, as: Unicode.ASCII.self).lowercased()
      return text.contains(needle.lowercased())
    }
  }

  /// A store with everything that can hold something of a user.
  static func filled(_ scratch: Scratch) throws -> (store: Store, path: String, log: String) {
    let log = try scratch.file("log.jsonl", log())
    let path = scratch.at("s.sqlite")
    let store = try Store.open(path: path, mode: .create)
    #expect(try store.import([log]).inserted == 60)
    try store.saveLabelling(
      Labelling(
        name: "l", candidates: ["small", "large"], oracle: .bestQuality, target: .weakFails,
        qualityThreshold: 0.5),
      verdicts: (0..<60).map { LabelVerdict(queryID: "r\($0)", verdict: $0 % 2) })
    _ = try store.saveEmbeddings(
      ids: (0..<60).map { "r\($0)" }, model: "tiny", replacing: false
    ) { count in (0..<count).map { [Float($0), 1] } }
    let prompt = String(repeating: "ab", count: 32)
    try store.savePrompt(JudgePromptRecord(hash: prompt, name: "p", template: "t"))
    for i in 0..<6 {
      try store.saveVerdict(
        JudgeVerdict(
          queryID: "r\(i)", candidate: "large", result: .failed("no reply"), calls: 1,
          inputTokens: 1,
          outputTokens: 1, cost: NanoDollars(1), time: Microseconds(1)), prompt: prompt, judge: "j",
        settling: nil)
    }
    try store.write { db in
      for i in 0..<12 {
        try db.execute(
          sql: """
            INSERT INTO decisions (request_id, time_us, candidate, text, text_hash, user_id)
            VALUES (?, 1, 1, ?, ?, ?)
            """,
          arguments: [
            i < 6 ? "r\(i)" : "d\(i)", i % 3 == 0 ? "\(canary) decision \(i)" : "mail m@x.org", i,
            i >= 6 && i % 3 == 0 ? "u-1" : nil,
          ])
        try db.execute(
          sql:
            "INSERT INTO feedback (request_id, source, satisfaction, comment) VALUES (?, 'web', 1, ?)",
          arguments: [
            i < 6 ? "r\(i)" : "d\(i)", i % 3 == 0 ? "\(canary) comment" : "from 10.1.2.3",
          ])
      }
    }
    try store.updateSearchIndex()
    return (store, path, log)
  }

  @Test(
    "after an erasure no byte of the user is in any file of the store, and nobody else lost anything"
  )
  func erasure() throws {
    let scratch = try Scratch()
    let (store, path, log) = try Self.filled(scratch)
    let others = try store.readLog().filter { Int($0.id.dropFirst()).map { $0 % 3 != 0 } ?? false }
    #expect(!(try Self.holds(path, Self.canary)).isEmpty)
    let planned = try store.erase(user: "u-1", isDryRun: true, time: Microseconds(5))
    #expect(try store.counts().queries == 60)
    let report = try store.erase(user: "u-1", time: Microseconds(5))
    #expect(report.changed == planned.changed)
    #expect(
      report.changed == [
        "queries": 20, "outcomes": 40, "labels": 20, "verdicts": 2, "decisions": 4, "feedback": 4,
        "embeddings": 20,
      ])
    #expect(report.staleLabellings == ["l"])
    #expect(report.contentHashBefore != report.contentHashAfter)
    // What is left of the canary belongs to the second user's address.
    try store.write {
      try $0.execute(
        sql: "UPDATE queries SET text = 'x', redaction = 1 WHERE text LIKE 'write to%'")
    }
    try store.compact()
    #expect(try Self.holds(path, Self.canary) == [])
    try store.close()
    #expect(try Self.holds(path, Self.canary) == [])
    let again = try Store.open(path: path, mode: .readWrite)
    #expect(try again.readLog().map(\.id) == others.map(\.id))
    #expect(try again.readLog().map(\.outcomes) == others.map(\.outcomes))
    #expect(try again.integrityProblems() == [])
    #expect(try again.embeddingModels().map(\.vectors) == [40])

    // The same log again, and the user's next request.
    let report2 = try again.import([log])
    #expect((report2.inserted, report2.unchanged, report2.leftOut) == (0, 40, 20))
    #expect(report2.firstRejects.isEmpty)
    let more = try scratch.file(
      "more.jsonl",
      """
      {"id":"new-1","query":"x","metadata":{"userId":"u-1"},"outcomes":{"small":{"quality":1}}}
      {"id":"new-2","query":"x","metadata":{"n":"u-1"},"outcomes":{"small":{"quality":1}}}
      {"id":"d6","query":"x","outcomes":{"small":{"quality":1}}}
      """)
    let report3 = try again.import([more])
    #expect((report3.inserted, report3.leftOut) == (1, 2))
    // The store does not say whom it forgot.
    #expect(
      try again.read { try String.fetchAll($0, sql: "SELECT counts FROM redactions") }.allSatisfy {
        !$0.contains("u-1")
      })
  }

  @Test("erasing whole conversations goes by the named field, and so does what stays out")
  func field() throws {
    let scratch = try Scratch()
    let (store, _, log) = try Self.filled(scratch)
    let report = try store.erase(user: "c3", field: "conversation", time: Microseconds(5))
    #expect(report.queries == 4)
    let again = try store.import([log])
    #expect((again.inserted, again.unchanged, again.leftOut) == (0, 56, 4))
    let more = try scratch.file(
      "m", #"{"id":"z","query":"x","conversation":"c3","outcomes":{"small":{"quality":1}}}"#)
    #expect(try store.import([more]).leftOut == 1)
    #expect(try store.erase(user: "3", field: "n", time: Microseconds(6)).changed == [:])
  }

  @Test("a text that somebody else asked, too, keeps its vector")
  func sharedText() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([
      scratch.file(
        "a",
        """
        {"id":"1","query":"same","embedding":[1],"metadata":{"user":"a"},"outcomes":{"m":{}}}
        {"id":"2","query":"same","metadata":{"user":"b"},"outcomes":{"m":{}}}
        """)
    ])
    #expect(try store.erase(user: "a", time: Microseconds(1)).changed["embeddings"] == nil)
    #expect(try store.embeddingModels().map(\.vectors) == [1])
    #expect(try store.erase(user: "b", time: Microseconds(1)).changed["embeddings"] == 1)
  }

  @Test("patterns go from every kind of text; the same log imported again changes nothing")
  func patterns() throws {
    let scratch = try Scratch()
    let (store, path, log) = try Self.filled(scratch)
    let planned = try store.redact(RedactionPlan(), isDryRun: true, time: Microseconds(1))
    #expect(planned.contentHashAfter == planned.contentHashBefore)
    let report = try store.redact(RedactionPlan(), time: Microseconds(1))
    #expect(report.found == planned.found && report.queries == planned.queries)
    #expect(report.found == ["email": 20 + 20 + 8, "phone": 40, "ip": 8])
    #expect(
      report.changed == [
        "queries.text": 20, "queries.conversation": 20, "outcomes.answer": 40, "decisions.text": 8,
        "feedback.comment": 8, "embeddings": 20,
      ])
    #expect(try Self.holds(path, "\(Self.canary).org") == [])
    #expect(try Self.holds(path, "415-555") == [])
    #expect(try Self.holds(path, "10.1.2.3") == [])
    #expect(try Self.holds(path, "@x.org") == [])
    let redacted = try store.readLog()
    #expect(redacted[1].text == "write to [email]")
    // Conversations stay apart, and together.
    #expect(
      Set(redacted.compactMap(\.context.conversation).filter { $0.hasPrefix("[email:") }).count
        == 10)
    #expect(redacted[1].context.conversation == redacted[4].context.conversation)
    #expect(try store.contentHash() == ContentHash.text(of: redacted))
    #expect(try store.check().findings.map(\.subject) == ["labels"])
    let again = try store.import([log])
    #expect((again.inserted, again.unchanged, again.conflicts) == (0, 60, 0))
    #expect(try store.readLog() == redacted)
    #expect(try store.redact(RedactionPlan(), time: Microseconds(2)).changed == [:])
    #expect(try store.unindexedQueries() == 60)
  }

  @Test("hashed texts are gone and known; everything else stays")
  func hashText() throws {
    let scratch = try Scratch()
    let (store, path, log) = try Self.filled(scratch)
    let hashes = {
      try store.read { try Int64.fetchAll($0, sql: "SELECT text_hash FROM queries ORDER BY row") }
    }
    let before = try hashes()
    var plan = RedactionPlan()
    plan.hashesText = true
    let report = try store.redact(plan, time: Microseconds(1))
    #expect(report.changed["queries.text"] == 60)
    #expect(try Self.holds(path, Self.canary) == [])
    #expect(try hashes() == before)
    #expect(
      try store.readLog().allSatisfy { $0.text == nil && $0.outcome(of: "small")?.answer == nil })
    #expect(try store.counts().queriesWithText == 0)
    #expect(try store.textsWithoutEmbedding(model: "other").isEmpty)
    #expect(try store.embeddingModels().map(\.vectors) == [60])
    #expect(try store.check().isDamaged == false)
    let again = try store.import([log])
    #expect((again.inserted, again.unchanged) == (0, 60))
    var written = 0
    let export = try store.exportLog { written += $0.count }
    #expect(export.withoutTheirText == 60 && written > 0)
  }

  @Test("a redaction that was cut short is said and completed by another one")
  func cutShort() throws {
    let scratch = try Scratch()
    let (store, _, _) = try Self.filled(scratch)
    try store.write { db in
      try db.execute(
        sql:
          "INSERT INTO redactions (kind, time_us, counts, is_complete) VALUES ('patterns', 1, '{}', 0)"
      )
    }
    #expect(try store.check().findings.map(\.subject) == ["redactions"])
    _ = try store.redact(RedactionPlan(), time: Microseconds(2))
    #expect(try store.check().findings.map(\.subject) == ["labels"])
  }

  @Test("ids with personal data are counted, not changed")
  func ids() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([scratch.file("a", row("a@b.org"))])
    let report = try store.redact(RedactionPlan(), time: Microseconds(1))
    #expect(report.idsWithMatches == 1 && report.changed == [:])
    #expect(try store.readLog().map(\.id) == ["a@b.org"])
  }
}
