import GRDB
import RiddleData

/// Writes parsed rows inside one transaction, with prepared statements.
///
/// Rows go in by id: a new id is inserted, a known one with the same content hash is left alone, a known one
/// with another hash is a conflict and is left alone too, unless a tier that the stored row lacks is the whole
/// difference.
struct RowWriter {
  private let db: Database
  private let insertQuery: BulkStatement
  private let selectHash: Statement
  private let insertOutcome: BulkStatement
  private let embeddings: EmbeddingWriter
  private let importID: Int64

  init(_ db: Database, importID: Int64) throws {
    self.db = db
    self.importID = importID
    embeddings = EmbeddingWriter(db)
    insertQuery = try BulkStatement(
      db,
      """
      INSERT INTO queries (id, text, text_hash, group_name, conversation, turn, user_tier,
        task_type, domain, time_us, content_hash, import, tier, metadata)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
      """)
    selectHash = try db.cachedStatement(sql: "SELECT content_hash FROM queries WHERE id = ?")
    insertOutcome = try BulkStatement(
      db,
      """
      INSERT INTO outcomes (query, candidate, quality, cost_nanousd, latency_us, confidence,
        gate_score, in_tokens, out_tokens, answer)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
  }

  /// Writes one row. `candidates` are the ids known so far; new ones are added.
  func write(_ row: ParsedRow, candidates: inout [String: Int64]) throws -> ReportBuilder.Fate {
    let query = row.query
    let context = query.context
    let hash = Int64(bitPattern: row.contentHash)
    if let vector = query.embedding, let textHash = row.textHash,
      let refusal = try embeddings.write(vector, textHash: textHash)
    {
      return refusal
    }
    // Bound by position; no value is ever part of the SQL text.
    insertQuery.bind(1, query.id)
    insertQuery.bind(2, query.text)
    insertQuery.bind(3, row.textHash.map { Int64(bitPattern: $0) })
    insertQuery.bind(4, context.group)
    insertQuery.bind(5, context.conversation)
    insertQuery.bind(6, context.turn.map(Int64.init))
    insertQuery.bind(7, context.userTier)
    insertQuery.bind(8, context.taskType)
    insertQuery.bind(9, context.domain)
    insertQuery.bind(10, context.time?.count)
    insertQuery.bind(11, hash)
    insertQuery.bind(12, importID)
    insertQuery.bind(13, query.tier)
    insertQuery.bind(14, Metadata.json(context.metadata))
    guard try insertQuery.run() == 1 else {
      let known = try Int64.fetchOne(selectHash, arguments: [query.id])
      if known == hash { return .unchanged }
      return try takesTier(row, known: known) ? .updated : .conflict
    }
    let number = insertQuery.lastRow
    for entry in query.outcomes {
      let outcome = entry.outcome
      insertOutcome.bind(1, number)
      insertOutcome.bind(2, try id(of: entry.candidate, in: &candidates))
      insertOutcome.bind(3, outcome.quality)
      insertOutcome.bind(4, outcome.cost?.count)
      insertOutcome.bind(5, outcome.latency?.count)
      insertOutcome.bind(6, outcome.confidence)
      insertOutcome.bind(7, outcome.gateScore)
      insertOutcome.bind(8, outcome.inputTokens)
      insertOutcome.bind(9, outcome.outputTokens)
      insertOutcome.bind(10, outcome.answer)
      _ = try insertOutcome.run()
    }
    return .inserted
  }

  /// Gives the stored row the tier of `row` when that is all it lacks.
  private func takesTier(_ row: ParsedRow, known: Int64?) throws -> Bool {
    guard let bare = row.hashWithoutTier, known == Int64(bitPattern: bare) else { return false }
    try db.execute(
      sql: "UPDATE queries SET tier = ?, tier_verdict = NULL, content_hash = ? WHERE id = ?",
      arguments: [row.query.tier, Int64(bitPattern: row.contentHash), row.query.id])
    try Store.updateAppliedHash(db, ofQueryWithID: row.query.id)
    return true
  }

  private func id(of name: String, in candidates: inout [String: Int64]) throws -> Int64 {
    if let id = candidates[name] { return id }
    try db.execute(
      sql: "INSERT INTO candidates (name) VALUES (?) ON CONFLICT (name) DO NOTHING",
      arguments: [name])
    guard
      let id = try Int64.fetchOne(
        db, sql: "SELECT id FROM candidates WHERE name = ?", arguments: [name])
    else { throw StoreError.defect("a candidate vanished while it was inserted") }
    candidates[name] = id
    return id
  }
}
