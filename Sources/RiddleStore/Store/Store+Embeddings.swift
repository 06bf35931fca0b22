import Foundation
import GRDB
import RiddleData

/// What the store holds of one embedding model.
public struct EmbeddingModelSummary: Equatable, Sendable, Codable {
  /// The model's name.
  public var name: String
  /// Length of its vectors.
  public var dimension: Int
  /// Texts with a vector.
  public var vectors: Int
}

/// A distinct text of the log, known by its hash.
public struct TextToEmbed: Equatable, Sendable {
  /// Hash of the text: the key of its vector.
  public var textHash: UInt64
  /// The first query with this text, to name it in messages.
  public var queryID: String
  /// Bytes of the text.
  public var byteCount: Int
}

extension Store {
  /// The embedding models with vectors in the store, by name.
  public func embeddingModels() throws(StoreError) -> [EmbeddingModelSummary] {
    try read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT m.name, m.dimension, count(e.id) FROM embedding_models m
          LEFT JOIN embeddings e ON e.model = m.id GROUP BY m.id ORDER BY m.name
          """
      ).map { EmbeddingModelSummary(name: $0[0], dimension: $0[1], vectors: $0[2]) }
    }
  }

  /// The vectors of `model` for `texts`, in that order; texts without one are zeros and not present.
  ///
  /// Read straight into the column: beside it, one vector is in memory at a time.
  ///
  /// - Throws: `.unknownEmbeddingModel`, naming those there are; `.storeDamaged` for a vector that is not finite
  ///   or not of the model's length.
  public func embeddings(model: String, texts: [String]) throws(StoreError) -> EmbeddingColumn {
    try read { db in
      guard
        let row = try Row.fetchOne(
          db, sql: "SELECT id, dimension FROM embedding_models WHERE name = ?", arguments: [model])
      else {
        let known = try String.fetchAll(db, sql: "SELECT name FROM embedding_models ORDER BY name")
        throw StoreError.unknownEmbeddingModel(name: model, available: known)
      }
      let (id, dimension): (Int64, Int) = (row[0], row[1])
      let select = try db.makeStatement(
        sql: "SELECT vector FROM embeddings WHERE model = ? AND text_hash = ?")
      var values = [Float](repeating: 0, count: texts.count * dimension)
      var isPresent = [Bool](repeating: false, count: texts.count)
      for (i, text) in texts.enumerated() {
        let hash = Int64(bitPattern: ContentHash.text(bytesOf: text))
        guard let bytes = try Data.fetchOne(select, arguments: [id, hash]) else { continue }
        guard
          VectorBlob.decode(bytes, dimension: dimension, into: &values, at: i * dimension)
        else {
          throw StoreError.storeDamaged(
            path: path, detail: "a vector of model \"\(model)\" is not \(dimension) finite numbers")
        }
        isPresent[i] = true
      }
      return EmbeddingColumn(
        model: model, dimension: dimension, values: values, isPresent: isPresent)
    }
  }

  /// The distinct texts of the log without a vector of `model`, in the order of import.
  public func textsWithoutEmbedding(model: String) throws(StoreError) -> [TextToEmbed] {
    try read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT q.text_hash, q.id, length(CAST(q.text AS BLOB)) FROM queries q
          WHERE q.text IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM embeddings e JOIN embedding_models m ON m.id = e.model
            WHERE m.name = ? AND e.text_hash = q.text_hash)
          ORDER BY q.row
          """, arguments: [model])
      var seen: Set<Int64> = []
      var texts: [TextToEmbed] = []
      while let row = try rows.next() {
        let hash: Int64 = row[0]
        guard seen.insert(hash).inserted else { continue }
        texts.append(
          TextToEmbed(
            textHash: UInt64(bitPattern: hash), queryID: row[1], byteCount: row[2]))
      }
      return texts
    }
  }

  /// The text of a query; nil when the log keeps none.
  public func text(ofQuery id: String) throws(StoreError) -> String? {
    try read { db in
      guard
        let row = try Row.fetchOne(
          db, sql: "SELECT text FROM queries WHERE id = ?", arguments: [id])
      else { throw StoreError.unknownQuery(id: id) }
      return row[0]
    }
  }

  /// Keeps vectors that a call brought and settles the call, in one transaction.
  ///
  /// - Parameter vectors: text hashes with their vectors; a text that has one of this model keeps it.
  /// - Returns: how many were new.
  /// - Throws: `.invalidValue` for a vector of another length than the model's.
  @discardableResult
  public func saveEmbeddings(
    _ vectors: [(textHash: UInt64, values: [Float])], model: String, settling call: SettledCall?
  ) throws(StoreError) -> Int {
    try write { db in
      let writer = EmbeddingWriter(db)
      var added = 0
      for (hash, values) in vectors {
        let known = try Self.checked(values, model, writer)
        if try writer.insert(values, model: known, textHash: hash) { added += 1 }
      }
      if let call { try Self.settle(db, call) }
      return added
    }
  }

  /// Keeps the vectors of a file: one row of `next` for each of `ids`, in transactions of 2 000 rows.
  ///
  /// A text that has a vector of this model already must have the same one, unless `replacing`.
  ///
  /// - Parameters:
  ///   - ids: queries, one a vector. Several may have the same text.
  ///   - next: the next vectors, at most as many as asked for.
  /// - Returns: vectors that are new or replaced, and those that were there.
  /// - Throws: `.unknownQuery`; `.invalidValue` for a query without a text, another length, or another vector.
  public func saveEmbeddings(
    ids: [String], model: String, replacing: Bool,
    next: (_ atMost: Int) throws(StoreError) -> [[Float]]
  ) throws(StoreError) -> (written: Int, unchanged: Int) {
    var written = 0
    var unchanged = 0
    var start = 0
    while start < ids.count {
      let vectors = try next(min(2_000, ids.count - start))
      guard !vectors.isEmpty else { throw .defect("fewer vectors than ids") }
      let batch = ids[start..<(start + vectors.count)]
      let (new, known) = try write { db -> (Int, Int) in
        let writer = EmbeddingWriter(db)
        var counts = (0, 0)
        for (id, values) in zip(batch, vectors) {
          let modelID = try Self.checked(values, model, writer)
          let isNew = try Self.keep(
            db, values, ofQuery: id, model: modelID, writer, replacing: replacing)
          if isNew { counts.0 += 1 } else { counts.1 += 1 }
        }
        return counts
      }
      written += new
      unchanged += known
      start += vectors.count
    }
    return (written, unchanged)
  }

  private static func keep(
    _ db: Database, _ values: [Float], ofQuery id: String, model: Int64, _ writer: EmbeddingWriter,
    replacing: Bool
  ) throws -> Bool {
    let select = try db.cachedStatement(sql: "SELECT text_hash FROM queries WHERE id = ?")
    guard let row = try Row.fetchOne(select, arguments: [id]) else {
      throw StoreError.unknownQuery(id: id)
    }
    guard let hash: Int64 = row[0] else {
      throw StoreError.invalidValue(
        field: "query \(id)", reason: "has no text, and vectors are kept by text")
    }
    if try writer.insert(values, model: model, textHash: UInt64(bitPattern: hash)) { return true }
    let bytes = VectorBlob.encode(values)
    let stored = try Data.fetchOne(
      db.cachedStatement(sql: "SELECT vector FROM embeddings WHERE model = ? AND text_hash = ?"),
      arguments: [model, hash])
    if stored == bytes { return false }
    guard replacing else {
      throw StoreError.invalidValue(
        field: "query \(id)",
        reason: "its text has another vector of this model already; name another model, or replace "
          + "what is there with --replace")
    }
    try db.cachedStatement(
      sql: "UPDATE embeddings SET vector = ? WHERE model = ? AND text_hash = ?"
    ).execute(arguments: [bytes, model, hash])
    return true
  }

  /// The id of `model`, made if it is new; `values` must be of its length, and finite.
  private static func checked(_ values: [Float], _ model: String, _ writer: EmbeddingWriter) throws
    -> Int64
  {
    guard !values.isEmpty, values.count <= FieldRules.maximumDimension,
      values.allSatisfy(\.isFinite)
    else {
      throw StoreError.invalidValue(
        field: "embedding",
        reason: "expected 1 to \(FieldRules.maximumDimension) finite numbers")
    }
    let known = try writer.model(model, dimension: values.count)
    guard known.dimension == values.count else {
      throw StoreError.invalidValue(
        field: "embedding",
        reason: "has \(values.count) values; those of model \"\(model)\" have \(known.dimension); "
          + "name another model")
    }
    return known.id
  }
}
