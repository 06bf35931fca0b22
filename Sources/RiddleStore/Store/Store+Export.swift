import Foundation
import GRDB
import RiddleData

/// What an export wrote.
public struct LogExport: Equatable, Sendable {
  /// Queries.
  public var queries = 0
  /// Queries whose text was removed, of which only the hash is left: an import of what was written cannot know it.
  public var withoutTheirText = 0
}

extension Store {
  /// Writes the log as Riddle JSON lines in the order of import, in constant memory, from one snapshot.
  ///
  /// Importing what it writes into a new store gives the same content hash, unless texts were removed and only their hashes
  /// kept. Qualities and tiers that verdicts gave are written as they stand; labellings, verdicts, runs and decisions are
  /// not part of a log.
  ///
  /// - Parameters:
  ///   - embeddingModel: the model whose vectors are written beside the texts.
  ///   - sink: takes whole lines, about 64 KB at a time.
  ///   - progress: queries written so far.
  /// - Throws: `.unknownCandidate`; `.unknownEmbeddingModel`; what `sink` throws.
  public func exportLog(
    filter: QueryFilter = QueryFilter(), embeddingModel: String? = nil,
    progress: (Int) -> Void = { _ in }, to sink: ([UInt8]) throws -> Void
  ) throws -> LogExport {
    var result = LogExport()
    var failure: (any Error)?
    do {
      try read { db in
        let vectors = try embeddingModel.map { try VectorReader(db, model: $0) }
        var bytes: [UInt8] = []
        try Self.forEachRow(db, filter: filter) { stored, query in
          var query = query
          if let vectors, query.text != nil, let hash = stored.text {
            query.embedding = try vectors.vector(ofText: hash, path: path)
          }
          RiddleJSONLWriter.append(query, to: &bytes)
          result.queries += 1
          if query.text == nil && stored.text != nil { result.withoutTheirText += 1 }
          if bytes.count >= 1 << 16 {
            do { try sink(bytes) } catch {
              failure = error
              throw StoreError.interrupted(rowsRead: result.queries)
            }
            bytes.removeAll(keepingCapacity: true)
            progress(result.queries)
          }
        }
        do { try sink(bytes) } catch {
          failure = error
          throw StoreError.interrupted(rowsRead: result.queries)
        }
      }
    } catch {
      throw failure ?? error
    }
    return result
  }
}

/// Vectors of one model, by the hash of the text.
private struct VectorReader {
  let model: String
  let dimension: Int
  private let select: Statement
  private let id: Int64

  init(_ db: Database, model: String) throws {
    guard
      let row = try Row.fetchOne(
        db, sql: "SELECT id, dimension FROM embedding_models WHERE name = ?", arguments: [model])
    else {
      throw StoreError.unknownEmbeddingModel(
        name: model,
        available: try String.fetchAll(db, sql: "SELECT name FROM embedding_models ORDER BY name"))
    }
    self.model = model
    id = row[0]
    dimension = row[1]
    select = try db.makeStatement(
      sql: "SELECT vector FROM embeddings WHERE model = ? AND text_hash = ?")
  }

  func vector(ofText hash: Int64, path: String) throws -> LoggedEmbedding? {
    guard let bytes = try Data.fetchOne(select, arguments: [id, hash]) else { return nil }
    var values = [Float](repeating: 0, count: dimension)
    guard VectorBlob.decode(bytes, dimension: dimension, into: &values, at: 0) else {
      throw StoreError.storeDamaged(
        path: path, detail: "a vector of model \"\(model)\" is not \(dimension) finite numbers")
    }
    return LoggedEmbedding(model: model, values: values)
  }
}
