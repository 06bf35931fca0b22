import GRDB
import RiddleData

/// Writes parsed rows inside one transaction, with prepared statements.
///
/// Rows go in by id: a new id is inserted, a known one with the same content hash is left alone, a known one
/// with another hash is a conflict and is left alone too, unless a tier that the stored row lacks is the whole
/// difference. One whose user or request was erased stays out.
struct RowWriter {
  private let db: Database
  private let insertQuery: BulkStatement
  private let selectHash: BulkStatement
  private let insertOutcome: BulkStatement
  private let embeddings: EmbeddingWriter
  private let tombstones: Tombstones?
  private let importID: Int64

  init(_ db: Database, importID: Int64) throws {
    self.db = db
    self.importID = importID
    embeddings = EmbeddingWriter(db)
    tombstones = try Tombstones(db)
    // Parameters in the order of `EncodedRows`, the number that only the writer knows behind them. Bound by
    // position; no value is ever part of the SQL text.
    insertQuery = try BulkStatement(
      db,
      """
      INSERT INTO queries (id, text, text_hash, group_name, conversation, turn, user_tier,
        task_type, domain, time_us, content_hash, tier, metadata, import)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING
      """)
    selectHash = try BulkStatement(db, "SELECT content_hash FROM queries WHERE id = ?")
    insertOutcome = try BulkStatement(
      db,
      """
      INSERT INTO outcomes (candidate, quality, cost_nanousd, latency_us, confidence,
        gate_score, in_tokens, out_tokens, answer, query)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """)
  }

  /// Writes the items of `batch` in `range` that are rows.
  ///
  /// - Parameters:
  ///   - candidates: the ids of the batch's candidates known so far; new ones are added.
  ///   - fates: gets what became of each row.
  func write(
    _ batch: EncodedRows, _ range: Range<Int>, candidates: inout [Int64],
    fates: inout [ReportBuilder.Fate]
  ) throws {
    // Statements hold pointers into the batch until they are bound anew or unbound.
    defer {
      insertQuery.forget()
      insertOutcome.forget()
      selectHash.forget()
    }
    try batch.texts.withUnsafeBytes { raw in
      let texts = raw.bindMemory(to: CChar.self).baseAddress
      try batch.values.withUnsafeBufferPointer { values in
        for index in range {
          guard case .row(let first, let outcomes) = batch.items[index] else { continue }
          if let tombstones, try tombstones.forbids(batch.facts(at: first)) {
            fates.append(.erased)
            continue
          }
          let special = batch.special.isEmpty ? nil : batch.special[index]
          if let refusal = try special.flatMap(refusal) {
            fates.append(refusal)
            continue
          }
          insertQuery.bind(
            UnsafeBufferPointer(rebasing: values[first..<(first + EncodedRows.queryWidth)]),
            texts: texts)
          insertQuery.bind(Int32(EncodedRows.queryWidth + 1), importID)
          guard try insertQuery.run() == 1 else {
            selectHash.bind(1, values[first], texts: texts)
            let known = try selectHash.integer()
            let isSame = known == values[first + 10].bits
            fates.append(
              isSame ? .unchanged : try takesTier(special, known: known) ? .updated : .conflict)
            continue
          }
          let row = insertQuery.lastRow
          var start = first + EncodedRows.queryWidth
          for _ in 0..<outcomes {
            let end = start + EncodedRows.outcomeWidth
            insertOutcome.bind(UnsafeBufferPointer(rebasing: values[start..<end]), texts: texts)
            let candidate = Int(values[start].bits)
            insertOutcome.bind(1, try id(of: candidate, batch.candidates, &candidates))
            insertOutcome.bind(Int32(EncodedRows.outcomeWidth + 1), row)
            _ = try insertOutcome.run()
            start = end
          }
          fates.append(.inserted)
        }
      }
    }
  }

  /// Writes the row's vector; why it is not taken, or nil.
  private func refusal(_ row: ParsedRow) throws -> ReportBuilder.Fate? {
    guard let vector = row.query.embedding, let textHash = row.textHash else { return nil }
    return try embeddings.write(vector, textHash: textHash)
  }

  /// Gives the stored row the tier of `row` when that is all it lacks.
  private func takesTier(_ row: ParsedRow?, known: Int64?) throws -> Bool {
    guard let row, let bare = row.hashWithoutTier, known == Int64(bitPattern: bare) else {
      return false
    }
    try db.execute(
      sql: "UPDATE queries SET tier = ?, tier_verdict = NULL, content_hash = ? WHERE id = ?",
      arguments: [row.query.tier, Int64(bitPattern: row.contentHash), row.query.id])
    try Store.updateAppliedHash(db, ofQueryWithID: row.query.id)
    return true
  }

  /// The id of the candidate with the number `number`; 0 in `ids` stands for one not looked up yet.
  private func id(of number: Int, _ names: [String], _ ids: inout [Int64]) throws -> Int64 {
    if number < ids.count && ids[number] != 0 { return ids[number] }
    while ids.count <= number { ids.append(0) }
    try db.execute(
      sql: "INSERT INTO candidates (name) VALUES (?) ON CONFLICT (name) DO NOTHING",
      arguments: [names[number]])
    guard
      let id = try Int64.fetchOne(
        db, sql: "SELECT id FROM candidates WHERE name = ?", arguments: [names[number]])
    else { throw StoreError.defect("a candidate vanished while it was inserted") }
    ids[number] = id
    return id
  }
}
