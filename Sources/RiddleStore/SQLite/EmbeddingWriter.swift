import GRDB
import RiddleData

/// Writes vectors inside one transaction, each text and model once.
///
/// A class, because it remembers the models it has met: a row writer passes it on unchanged.
final class EmbeddingWriter {
  private let db: Database
  private var models: [String: (id: Int64, dimension: Int)] = [:]

  init(_ db: Database) { self.db = db }

  /// Writes one vector unless the text has one of that model; refuses one whose length is not the model's.
  func write(_ vector: LoggedEmbedding, textHash: UInt64) throws -> ReportBuilder.Fate? {
    let model = try model(vector.model, dimension: vector.values.count)
    if let refusal = Self.refusal(of: vector, dimension: model.dimension) { return refusal }
    try insert(vector.values, model: model.id, textHash: textHash)
    return nil
  }

  /// The model's row, made with `dimension` when it is new.
  func model(_ name: String, dimension: Int) throws -> (id: Int64, dimension: Int) {
    if let known = models[name] { return known }
    try db.execute(
      sql: "INSERT INTO embedding_models (name, dimension) VALUES (?, ?) ON CONFLICT DO NOTHING",
      arguments: [name, dimension])
    guard
      let row = try Row.fetchOne(
        db, sql: "SELECT id, dimension FROM embedding_models WHERE name = ?", arguments: [name])
    else { throw StoreError.defect("an embedding model vanished while it was inserted") }
    let found: (id: Int64, dimension: Int) = (row[0], row[1])
    models[name] = found
    return found
  }

  /// Whether the vector was new.
  @discardableResult
  func insert(_ values: [Float], model: Int64, textHash: UInt64) throws -> Bool {
    let statement = try db.cachedStatement(
      sql: """
        INSERT INTO embeddings (model, text_hash, vector) VALUES (?, ?, ?)
        ON CONFLICT (model, text_hash) DO NOTHING
        """)
    try statement.execute(
      arguments: [model, Int64(bitPattern: textHash), VectorBlob.encode(values)])
    return db.changesCount == 1
  }

  /// Why a vector is not taken, or nil.
  static func refusal(of vector: LoggedEmbedding, dimension: Int) -> ReportBuilder.Fate? {
    if vector.values.count == dimension { return nil }
    return .refused(
      field: "embedding",
      reason: "has \(vector.values.count) values; those of model \"\(vector.model)\" have "
        + "\(dimension); name another model in embedding_model")
  }
}
