import GRDB
import RiddleData

/// What the store knows about one candidate.
public struct CandidateSummary: Equatable, Sendable, Codable {
  /// The candidate's name.
  public var name: String
  /// Queries it answered.
  public var answered: Int
  /// Answers with a quality.
  public var judged: Int
  /// Mean quality of the judged answers, in [0, 1].
  public var meanQuality: Double?
  /// Answers with a cost.
  public var priced: Int
  /// Mean cost of the priced answers, in nano-dollars.
  public var meanCostNanoDollars: Double?
  /// Answers with a latency.
  public var timed: Int
  /// Mean latency of the timed answers, in microseconds.
  public var meanLatencyMicroseconds: Double?
}

/// Rows of the store's tables.
public struct StoreCounts: Equatable, Sendable, Codable {
  /// Logged queries.
  public var queries: Int
  /// Logged queries with a text.
  public var queriesWithText: Int
  /// Candidates.
  public var candidates: Int
  /// Outcomes.
  public var outcomes: Int
  /// Imports that added something.
  public var imports: Int
  /// Imports that were cut short; importing the same source again completes them.
  public var incompleteImports: Int
  /// Labellings.
  public var labellings: Int
}

extension Store {
  /// Rows of each table. Reads every page of `queries` and `outcomes`.
  public func counts() throws(StoreError) -> StoreCounts {
    try read { db in
      func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: sql) ?? 0 }
      return StoreCounts(
        queries: try count("SELECT count(*) FROM queries"),
        queriesWithText: try count("SELECT count(*) FROM queries WHERE text IS NOT NULL"),
        candidates: try count("SELECT count(*) FROM candidates"),
        outcomes: try count("SELECT count(*) FROM outcomes"),
        imports: try count("SELECT count(*) FROM imports"),
        incompleteImports: try count("SELECT count(*) FROM imports WHERE is_complete = 0"),
        labellings: try count("SELECT count(*) FROM labellings"))
    }
  }

  /// Every candidate with its counts and means, by name.
  public func candidateSummaries() throws(StoreError) -> [CandidateSummary] {
    try read { db in
      // One pass in key order; the means are of doubles, which any log that passed the importer fits.
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT c.name, count(o.query), count(o.quality), avg(o.quality), count(o.cost_nanousd),
            avg(o.cost_nanousd), count(o.latency_us), avg(o.latency_us)
          FROM candidates c LEFT JOIN outcomes o ON o.candidate = c.id GROUP BY c.id
          """)
      let summaries = rows.map { row in
        CandidateSummary(
          name: row[0], answered: row[1], judged: row[2], meanQuality: row[3], priced: row[4],
          meanCostNanoDollars: row[5], timed: row[6], meanLatencyMicroseconds: row[7])
      }
      return summaries.sorted { $0.name < $1.name }
    }
  }

  /// The whole log in the order of import.
  ///
  /// - Parameter candidates: the candidates whose outcomes are wanted; nil for all. Queries that none of
  ///   them answered are still in the log, with no outcomes.
  /// - Throws: `.unknownCandidate`, naming those there are.
  public func readLog(candidates: [String]? = nil) throws(StoreError) -> [LoggedQuery] {
    var log: [LoggedQuery] = []
    try forEachQuery(candidates: candidates) { log.append($0) }
    return log
  }

  /// Calls `body` with each logged query in the order of import, in constant memory, from one snapshot.
  ///
  /// - Parameters:
  ///   - candidates: the candidates whose outcomes are wanted; nil for all.
  ///   - filter: which queries are wanted.
  ///   - body: an error it throws ends the reading.
  /// - Throws: `.unknownCandidate`; ``StoreError`` of `body`.
  public func forEachQuery(
    candidates: [String]? = nil, filter: QueryFilter = QueryFilter(),
    _ body: (LoggedQuery) throws(StoreError) -> Void
  ) throws(StoreError) {
    try read { db in
      try Self.forEachRow(db, candidates: candidates, filter: filter) { _, query in
        try body(query)
      }
    }
  }

  /// As ``forEachQuery(candidates:filter:_:)``, with what the store keeps of the row beside the query.
  static func forEachRow(
    _ db: Database, candidates: [String]? = nil, filter: QueryFilter = QueryFilter(),
    after first: Int64 = 0, _ body: (StoredHashes, LoggedQuery) throws -> Void
  ) throws {
    let names = try candidateNames(db, wanted: candidates)
    let (condition, arguments) = try filter.condition(db)
    let queries = try Row.fetchCursor(
      db,
      sql: """
        SELECT row, id, text, group_name, conversation, turn, user_tier, task_type, domain, time_us,
          tier, metadata, text_hash, content_hash, applied_hash, redaction
        FROM queries q WHERE row > ? AND \(condition) ORDER BY row
        """, arguments: [first] + arguments)
    // Both cursors run in the order of `row`: a merge join that holds one query at a time.
    let outcomes = try Row.fetchCursor(
      db,
      sql: """
        SELECT query, candidate, quality, cost_nanousd, latency_us, confidence, gate_score,
          in_tokens, out_tokens, answer FROM outcomes WHERE query > ? ORDER BY query, candidate
        """, arguments: [first])
    var outcome = try outcomes.next()
    while let row = try queries.next() {
      let number: Int64 = row[0]
      var found: [CandidateOutcome] = []
      while let current = outcome, (current[0] as Int64) <= number {
        if (current[0] as Int64) == number, let name = names[current[1]] {
          found.append(CandidateOutcome(candidate: name, outcome: Outcome(current)))
        }
        outcome = try outcomes.next()
      }
      let hashes = StoredHashes(
        row: number, text: row[12], content: row[13], applied: row[14], redaction: row[15])
      try body(hashes, try LoggedQuery(row, outcomes: found))
    }
  }

  /// The hash of the log in the order of import: see ``ContentHash``. Qualities and tiers that verdicts gave
  /// count as they stand; labellings, vectors and the record of imports have no part in it.
  public func contentHash() throws(StoreError) -> String {
    try read(Self.contentHash)
  }

  static func contentHash(_ db: Database) throws -> String {
    var hash = ContentHash()
    let rows = try Int64.fetchCursor(
      db, sql: "SELECT coalesce(applied_hash, content_hash) FROM queries ORDER BY row")
    while let row = try rows.next() { hash.add(UInt64(bitPattern: row)) }
    return hash.text
  }

  /// SQLite's own check of every page, index and constraint; empty when all is well.
  public func integrityProblems() throws(StoreError) -> [String] {
    try read { db in
      let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check")
      let keys = try Row.fetchAll(db, sql: "PRAGMA foreign_key_check")
      return lines.filter { $0 != "ok" }
        + (keys.isEmpty ? [] : ["\(keys.count) rows refer to rows that are not there"])
    }
  }

  /// Names by id: all candidates, or those wanted.
  private static func candidateNames(_ db: Database, wanted: [String]?) throws -> [Int64: String] {
    var names: [Int64: String] = [:]
    for row in try Row.fetchAll(db, sql: "SELECT id, name FROM candidates") {
      names[row[0]] = row[1]
    }
    guard let wanted else { return names }
    let available = names.values.sorted()
    for name in wanted where !available.contains(name) {
      throw StoreError.unknownCandidate(name: name, available: available)
    }
    return names.filter { wanted.contains($0.value) }
  }
}

/// What the store keeps of a logged query beside what it says: its place and its hashes.
struct StoredHashes {
  var row: Int64
  /// Of the text; also of one that was removed.
  var text: Int64?
  /// Of the row as it was imported.
  var content: Int64
  /// Of the row as it stands, where verdicts or redactions changed it.
  var applied: Int64?
  /// The redaction that changed it last.
  var redaction: Int64?
}

extension Store {
  /// Brings `applied_hash` of a query up to date: the hash of the row as it stands when verdicts or a redaction changed
  /// it, else NULL. `content_hash` stays what was imported, so that importing the same log again changes nothing.
  static func updateAppliedHash(_ db: Database, ofQueryWithID id: String) throws {
    guard
      let row = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT row, id, text, group_name, conversation, turn, user_tier, task_type, domain, time_us,
              tier, metadata, tier_verdict IS NOT NULL OR redaction IS NOT NULL, text_hash
            FROM queries WHERE id = ?
            """), arguments: [id])
    else { throw StoreError.unknownQuery(id: id) }
    var isApplied: Bool = row[12]
    let outcomes = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT c.name, o.candidate, o.quality, o.cost_nanousd, o.latency_us, o.confidence,
            o.gate_score, o.in_tokens, o.out_tokens, o.answer, o.quality_verdict IS NOT NULL
          FROM outcomes o JOIN candidates c ON c.id = o.candidate WHERE o.query = ?
          """), arguments: [row[0] as Int64])
    for outcome in outcomes where outcome[10] { isApplied = true }
    let query = try LoggedQuery(
      row,
      outcomes: outcomes.map { CandidateOutcome(candidate: $0[0], outcome: Outcome($0)) })
    try db.execute(
      sql: "UPDATE queries SET applied_hash = ? WHERE row = ?",
      arguments: [
        isApplied ? Int64(bitPattern: Self.hash(query, textHash: row[13])) : nil, row[0] as Int64,
      ])
  }

  /// The hash of a row whose text, also one that was removed, has the hash `textHash`.
  static func hash(_ query: LoggedQuery, textHash: Int64?) -> UInt64 {
    ContentHash.row(query, textHash: textHash.map { UInt64(bitPattern: $0) })
  }
}

extension LoggedQuery {
  /// The query in a row of `row, id, text, group, conversation, turn, user tier, task type, domain, time, tier,
  /// metadata`. Throws what a damaged file does when another program wrote other metadata than an object of texts.
  fileprivate init(_ row: Row, outcomes: [CandidateOutcome]) throws {
    var context = QueryContext(
      group: row[3], conversation: row[4], turn: row[5], userTier: row[6], taskType: row[7],
      domain: row[8], time: (row[9] as Int64?).map { Microseconds($0) })
    guard let metadata = Metadata.parse(row[11]) else {
      throw DatabaseError(
        resultCode: .SQLITE_CORRUPT,
        message: "the metadata of query \(row[0] as Int64) is no JSON object of texts")
    }
    context.metadata = metadata
    self.init(id: row[1], text: row[2], context: context, outcomes: outcomes, tier: row[10])
  }
}

extension Outcome {
  /// The outcome in a row of `query, candidate, quality, cost, latency, confidence, gate score, tokens in,
  /// tokens out, answer`.
  fileprivate init(_ row: Row) {
    self.init(
      quality: row[2], cost: (row[3] as Int64?).map { NanoDollars($0) },
      latency: (row[4] as Int64?).map { Microseconds($0) }, confidence: row[5],
      gateScore: row[6], inputTokens: row[7], outputTokens: row[8], answer: row[9])
  }
}
