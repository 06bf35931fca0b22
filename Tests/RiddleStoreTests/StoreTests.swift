import Dispatch
import Foundation
import GRDB
import RiddleData
import Synchronization
import Testing

@testable import RiddleStore

@Suite("Store")
struct StoreTests {
  @Test("a log comes back as it went in")
  func roundTrip() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s.sqlite"), mode: .create)
    let lines = [
      #"{"id":"'; DROP TABLE queries; --","query":"Robert'); DROP TABLE outcomes;--","outcomes":{"'); DROP TABLE candidates;--":{"quality":1}}}"#,
      #"{"id":"a","query":null,"time":1.5,"turn":3,"group":"g","conversation":"c","user_tier":"t","task_type":"k","domain":"d","outcomes":{"m":{"quality":0.1,"cost_usd":0.0001452,"latency_ms":0.001,"confidence":0.3,"gate_score":0.7,"in_tokens":1,"out_tokens":2,"answer":""},"n":{}}}"#,
      #"{"id":"é😀","query":"","outcomes":{"n":{"quality":false}}}"#,
    ]
    let path = try scratch.file("log.jsonl", lines.joined(separator: "\n"))
    let report = try store.import([path])
    let (direct, directReport) = try LogFile.read(paths: [path])
    #expect(report == directReport)
    #expect(report.inserted == 3)
    #expect(try store.readLog() == direct)
    #expect(try store.contentHash() == ContentHash.text(of: direct))
    #expect(try store.integrityProblems() == [])
    try store.close()
    let again = try Store.open(path: scratch.at("s.sqlite"), mode: .readOnly)
    #expect(try again.readLog() == direct)
    #expect(try again.counts().queries == 3)
  }

  @Test("importing the same file again changes no byte of the log")
  func idempotent() throws {
    let scratch = try Scratch()
    let path = try scratch.file("log.jsonl", rows(500))
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    var options = ImportOptions()
    options.rowsPerTransaction = 100
    try #expect(store.import([path], options: options).inserted == 500)
    let hash = try store.contentHash()
    let counts = try store.counts()
    try store.close()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: scratch.at("s")))
    let second = try Store.open(path: scratch.at("s"), mode: .readWrite)
    let report = try second.import([path, path], options: options)
    #expect((report.inserted, report.unchanged, report.conflicts) == (0, 1000, 0))
    #expect(try second.contentHash() == hash)
    #expect(try second.counts() == counts)
    try second.close()
    #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.at("s"))) == bytes)
  }

  @Test("a conflict is listed and the stored row stays")
  func conflict() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([scratch.file("a", row("x") + "\n" + row("y"))])
    let hash = try store.contentHash()
    let writer = RejectsWriter(path: scratch.at("r.jsonl"))
    let report = try store.import(
      [scratch.file("b", row("x", query: "secret words") + "\n" + row("y") + "\n{")],
      rejects: writer)
    #expect((report.inserted, report.unchanged, report.conflicts, report.rejected) == (0, 1, 1, 1))
    #expect(try store.contentHash() == hash)
    let rejects = try String(contentsOfFile: scratch.at("r.jsonl"), encoding: .utf8)
    #expect(rejects.split(separator: "\n").count == 2)
    #expect(!rejects.contains("secret"))
    for line in rejects.split(separator: "\n") {
      _ = try JSONDecoder().decode(RejectedRow.self, from: Data(line.utf8))
    }
    #expect(try store.candidateSummaries().count == 2)
  }

  @Test(
    "an import cut short after any batch leaves a whole store, and the same import completes it",
    arguments: [1, 2, 3, 4, 5])
  func interrupted(_ batches: Int) throws {
    let scratch = try Scratch()
    let path = try scratch.file("log.jsonl", rows(450) + "{\n" + row("last"))
    var options = ImportOptions()
    options.rowsPerTransaction = 100
    let whole = try Store.open(path: scratch.at("whole"), mode: .create)
    _ = try whole.import([path], options: options)

    let first = try Store.open(path: scratch.at("cut"), mode: .create)
    var done = 0
    #expect(throws: StoreError.interrupted(rowsRead: 452)) {
      try first.import([path], options: options) { progress throws(StoreError) in
        done += 1
        if done == batches { throw .interrupted(rowsRead: progress.rowsRead) }
      }
    }
    try first.close()

    let second = try Store.open(path: scratch.at("cut"), mode: .create)
    #expect(try second.integrityProblems() == [])
    let kept = try second.counts()
    #expect(kept.queries == min(451, batches * 100))
    #expect(kept.incompleteImports == (batches < 5 ? 1 : 0))
    let report = try second.import([path], options: options)
    #expect(report.unchanged == kept.queries && report.inserted == 451 - kept.queries)
    #expect(try second.contentHash() == whole.contentHash())
    #expect(try second.readLog() == whole.readLog())
    #expect(try second.integrityProblems() == [])
  }

  @Test("a transaction that fails leaves nothing of itself")
  func rolledBack() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([scratch.file("a", rows(10))])
    let hash = try store.contentHash()
    #expect(throws: StoreError.self) {
      try store.write { db in
        try db.execute(sql: "DELETE FROM outcomes")
        throw StoreError.defect("on purpose")
      }
    }
    #expect(try store.contentHash() == hash)
    #expect(try store.counts().outcomes == 20)
  }

  @Test("a full disk is an input-output error, and the store stays whole and completes later")
  func diskFull() throws {
    let scratch = try Scratch()
    let path = try scratch.file("log.jsonl", rows(3000))
    var options = ImportOptions()
    options.rowsPerTransaction = 100
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    let (allowed, limited) = try store.write { db in
      let allowed = (try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0) + 25
      return (allowed, try Int.fetchOne(db, sql: "PRAGMA max_page_count = \(allowed)"))
    }
    #expect(limited == allowed)
    let error = #expect(throws: StoreError.self) { try store.import([path], options: options) }
    #expect(error?.exitCode == 74)
    try store.close()
    let again = try Store.open(path: scratch.at("s"), mode: .readWrite)
    #expect(try again.integrityProblems() == [])
    let kept = try again.counts().queries
    #expect(kept > 0 && kept < 3000 && kept % 100 == 0)
    #expect(try again.import([path], options: options).inserted == 3000 - kept)
    #expect(try again.contentHash() == ContentHash.text(of: LogFile.read(paths: [path]).queries))
  }

  @Test("two importers take turns and lose nothing")
  func twoWriters() throws {
    let scratch = try Scratch()
    let path = scratch.at("s")
    try Store.open(path: path, mode: .create).close()
    let files = try (0..<2).map { try scratch.file("\($0)", rows(2000, prefix: "\($0)")) }
    let failures = Mutex<[String]>([])
    DispatchQueue.concurrentPerform(iterations: 2) { i in
      do {
        var options = ImportOptions()
        options.rowsPerTransaction = 50
        let store = try Store.open(path: path, mode: .readWrite)
        _ = try store.import([files[i]], options: options)
      } catch {
        failures.withLock { $0.append("\(error)") }
      }
    }
    #expect(failures.withLock { $0 } == [])
    let store = try Store.open(path: path, mode: .readOnly)
    #expect(try store.counts().queries == 4000)
    #expect(try store.counts().imports == 2)
    #expect(try store.counts().incompleteImports == 0)
    #expect(try store.integrityProblems() == [])
  }

  @Test("the schema refuses what the importer would")
  func constraints() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([scratch.file("a", row("x"))])
    for sql in [
      "UPDATE outcomes SET quality = 1.5", "UPDATE outcomes SET quality = -0.1",
      "UPDATE outcomes SET cost_nanousd = -1", "UPDATE outcomes SET latency_us = -1",
      "UPDATE outcomes SET quality = 'high'", "UPDATE queries SET id = ''",
      "INSERT INTO candidates (name) VALUES ('small')", "UPDATE outcomes SET candidate = 99",
      "DELETE FROM queries",
    ] {
      #expect(throws: StoreError.self, "\(sql)") {
        try store.write { try $0.execute(sql: sql) }
      }
    }
    #expect(try store.integrityProblems() == [])
  }

  @Test("what is not a store is refused, and not a byte of it changes")
  func notAStore() throws {
    let scratch = try Scratch()
    let other = scratch.at("other.sqlite")
    let queue = try DatabaseQueue(path: other)
    try queue.write { try $0.execute(sql: "CREATE TABLE t (x); INSERT INTO t VALUES (1)") }
    try queue.close()
    let files = [
      (try scratch.file("text", "hello, I am a text file\n"), "text"),
      (try scratch.file("log.gz", gzip(Array(rows(3).utf8))), "gzip"),
      (try scratch.file("bin", [1, 0, 2, 0]), "binary"),
      (try scratch.file("zip", [0x50, 0x4b, 3, 4]), "zip"),
      (other, "another program"), (scratch.path, "folder"), ("/dev/null", "regular file"),
      ("-", "name of a file"),
    ]
    for (path, what) in files {
      let before = FileManager.default.contents(atPath: path)
      for mode in [Store.Mode.readOnly, .readWrite, .create] {
        #expect {
          try Store.open(path: path, mode: mode)
        } throws: {
          guard let error = $0 as? StoreError, case .notAStore(_, let found) = error else {
            return false
          }
          return found.contains(what) && error.description.hasPrefix("not a Riddle store: ")
        }
      }
      #expect(FileManager.default.contents(atPath: path) == before)
    }
    #expect(FileManager.default.fileExists(atPath: other + "-wal") == false)
    // A SQLite header with nothing sound behind it.
    let torn = try scratch.file(
      "torn", Array("SQLite format 3\0".utf8) + [UInt8](repeating: 7, count: 5000))
    #expect(throws: StoreError.self) { try Store.open(path: torn, mode: .create) }
  }

  @Test("a missing store is made only when asked")
  func missing() throws {
    let scratch = try Scratch()
    for mode in [Store.Mode.readOnly, .readWrite] {
      #expect(throws: StoreError.storeMissing(path: scratch.at("s"))) {
        try Store.open(path: scratch.at("s"), mode: mode)
      }
    }
    #expect(StoreError.storeMissing(path: "s").exitCode == 66)
    #expect(throws: StoreError.self) {
      try Store.open(path: scratch.at("no/such/folder/s"), mode: .create)
    }
    _ = try scratch.file("empty", "")
    try Store.open(path: scratch.at("empty"), mode: .create).close()
    try Store.open(path: scratch.at("s"), mode: .create).close()
    try Store.open(path: scratch.at("s"), mode: .readOnly).close()
  }

  @Test("a newer schema is refused with both versions, in every mode")
  func newerSchema() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    try store.write { try $0.execute(sql: "PRAGMA user_version = 7") }
    try store.close()
    for mode in [Store.Mode.readOnly, .readWrite, .create] {
      #expect(
        throws: StoreError.newerSchema(path: scratch.at("s"), found: 7, supported: Schema.version)
      ) {
        try Store.open(path: scratch.at("s"), mode: mode)
      }
    }
  }

  @Test("a store open for reading refuses to write")
  func readOnly() throws {
    let scratch = try Scratch()
    try Store.open(path: scratch.at("s"), mode: .create).close()
    let store = try Store.open(path: scratch.at("s"), mode: .readOnly)
    #expect(throws: StoreError.self) { try store.import([scratch.file("a", row("x"))]) }
    #expect(try store.counts().queries == 0)
  }

  @Test("a reader sees the log while a writer holds it")
  func concurrentReader() throws {
    let scratch = try Scratch()
    let writer = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try writer.import([scratch.file("a", rows(10))])
    let reader = try Store.open(path: scratch.at("s"), mode: .readOnly)
    try writer.write { db in
      try db.execute(sql: "INSERT INTO candidates (name) VALUES ('new')")
      #expect(try reader.counts().queries == 10)
      #expect(try reader.counts().candidates == 2)
    }
    #expect(try reader.counts().candidates == 3)
  }

  @Test("wanted candidates limit the outcomes, not the queries; unknown ones are named")
  func wantedCandidates() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    _ = try store.import([scratch.file("a", rows(5))])
    let log = try store.readLog(candidates: ["large"])
    #expect(log.count == 5)
    #expect(log.allSatisfy { $0.outcomes.map(\.candidate) == ["large"] })
    #expect(throws: StoreError.unknownCandidate(name: "huge", available: ["large", "small"])) {
      try store.readLog(candidates: ["large", "huge"])
    }
  }

  @Test("summaries are the means of what is known")
  func summaries() throws {
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    let lines = [
      #"{"id":"a","outcomes":{"m":{"quality":1,"cost_usd":0.001,"latency_ms":1},"n":{}}}"#,
      #"{"id":"b","outcomes":{"m":{"quality":0,"cost_usd":0.003}}}"#,
      #"{"id":"c","outcomes":{"m":{"latency_ms":3}}}"#,
    ]
    _ = try store.import([scratch.file("a", lines.joined(separator: "\n"))])
    let expected = [
      CandidateSummary(
        name: "m", answered: 3, judged: 2, meanQuality: 0.5, priced: 2, meanCostNanoDollars: 2e6,
        timed: 2, meanLatencyMicroseconds: 2000),
      CandidateSummary(name: "n", answered: 1, judged: 0, priced: 0, timed: 0),
    ]
    #expect(try store.candidateSummaries() == expected)
  }

  @Test("the content hash sees every field and the order of rows")
  func contentHash() {
    let outcome = Outcome(
      quality: 0.5, cost: NanoDollars(1), latency: Microseconds(2), confidence: 0.5, gateScore: 0.5,
      inputTokens: 1, outputTokens: 2, answer: "a")
    let context = QueryContext(
      group: "g", conversation: "c", turn: 1, userTier: "u", taskType: "t", domain: "d",
      time: Microseconds(1))
    let base = LoggedQuery(
      id: "i", text: "x", context: context,
      outcomes: [CandidateOutcome(candidate: "m", outcome: outcome)])
    let changes: [(inout LoggedQuery) -> Void] = [
      { $0.id = "j" }, { $0.text = nil }, { $0.text = "" }, { $0.context.group = "c" },
      { $0.context.conversation = nil }, { $0.context.turn = 2 }, { $0.context.userTier = nil },
      { $0.context.taskType = nil }, { $0.context.domain = nil }, { $0.context.time = nil },
      { $0.outcomes = [] }, { $0.outcomes[0].candidate = "n" },
      { $0.outcomes[0].outcome.quality = nil }, { $0.outcomes[0].outcome.cost = NanoDollars(2) },
      { $0.outcomes[0].outcome.latency = nil }, { $0.outcomes[0].outcome.confidence = nil },
      { $0.outcomes[0].outcome.gateScore = 0.25 }, { $0.outcomes[0].outcome.inputTokens = nil },
      { $0.outcomes[0].outcome.outputTokens = 1 }, { $0.outcomes[0].outcome.answer = "" },
    ]
    var seen: Set<UInt64> = [ContentHash.row(base)]
    for change in changes {
      var other = base
      change(&other)
      seen.insert(ContentHash.row(other))
    }
    #expect(seen.count == changes.count + 1)
    var second = base
    second.id = "k"
    #expect(ContentHash.text(of: [base, second]) != ContentHash.text(of: [second, base]))
    #expect(ContentHash.text(of: []).count == 16)
  }

  @Test(
    "real logs go through the store unchanged",
    .enabled(if: realData != nil, "RIDDLE_DATA names no folder"),
    arguments: [
      ("routellm_mmlu", 9_576), ("routellm_gsm8k", 919), ("routellm_mtbench", 52),
      ("zeroeval_gsm8k", 926), ("mmlu_pro", 8_065), ("gate_wildbench", 710),
      ("quickstart/quickstart", 2_000),
    ])
  func real(_ name: String, _ count: Int) throws {
    let path = "\(try #require(realData))/\(name).jsonl.gz"
    let scratch = try Scratch()
    let store = try Store.open(path: scratch.at("s"), mode: .create)
    let report = try store.import([path])
    #expect((report.inserted, report.rejected, report.conflicts) == (count, 0, 0))
    let (direct, _) = try LogFile.read(paths: [path])
    #expect(try store.readLog() == direct)
    #expect(try store.contentHash() == ContentHash.text(of: direct))
    #expect(try store.import([path]).unchanged == count)
  }

  @Test(
    "a real decision log is rejected row by row with the reason",
    .enabled(if: realData != nil, "RIDDLE_DATA names no folder"))
  func realDecisionLog() throws {
    let path = "\(try #require(realData))/bandit_conduit_gsm8k.jsonl.gz"
    let (queries, report) = try LogFile.read(paths: [path])
    #expect(queries.isEmpty && report.rejected == 781)
    #expect(report.firstRejects.allSatisfy { $0.reason.contains("decision log") })
  }
}
