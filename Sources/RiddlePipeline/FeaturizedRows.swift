import Dispatch
import RiddleData
import RiddleRuntime

/// Features of many rows, computed once by the runtime's featurizer.
public struct FeaturizedRows: Sendable {
  /// What was computed.
  public let schema: FeatureSchema
  /// Dense features, rows × ``FeatureSchema/denseCount``, row-major.
  public let dense: [Float]
  /// Hashed keys of all rows, one row after the other, words before characters.
  public let keys: [UInt32]
  /// Where each row's keys begin; one more entry than rows.
  public let rowStarts: [Int]
  /// Number of word keys of each row.
  public let wordCounts: [Int32]
  /// Value of a word key of each row.
  public let wordScales: [Float]
  /// Value of a character key of each row.
  public let characterScales: [Float]

  /// Number of rows.
  public var count: Int { wordCounts.count }

  /// Number of shards the rows are split into. Fixed, so that nothing depends on the number of processors.
  static let shardCount = 16

  /// Featurizes every row of `dataset`, shards in parallel, results in row order.
  public init(_ dataset: Dataset, schema: FeatureSchema) {
    self.init(
      texts: dataset.texts, contexts: dataset.contexts.map(requestContext),
      embeddings: dataset.embeddings, schema: schema)
  }

  /// Featurizes texts with their contexts and, where the schema reads them, embeddings.
  public init(
    texts: [String], contexts: [RequestContext], embeddings: EmbeddingColumn? = nil,
    schema: FeatureSchema
  ) {
    self.init(
      texts: texts, contexts: contexts, embeddings: embeddings, schema: schema,
      shards: Self.shardCount)
  }

  /// As above with another number of shards; 1 stays on the calling thread.
  init(
    texts: [String], contexts: [RequestContext], embeddings: EmbeddingColumn? = nil,
    schema: FeatureSchema, shards shardCount: Int
  ) {
    var shards = parallelShards(of: texts.count, shardCount) { range in
      Shard(range, texts: texts, contexts: contexts, embeddings: embeddings, schema: schema)
    }
    self.schema = schema
    var dense: [Float] = []
    var keys: [UInt32] = []
    var rowStarts = [0]
    var wordCounts: [Int32] = []
    var wordScales: [Float] = []
    var characterScales: [Float] = []
    dense.reserveCapacity(texts.count * schema.denseCount)
    keys.reserveCapacity(shards.reduce(0) { $0 + $1.keys.count })
    rowStarts.reserveCapacity(texts.count + 1)
    for i in shards.indices {
      let base = keys.count
      dense += shards[i].dense
      keys += shards[i].keys
      for end in shards[i].ends { rowStarts.append(base + end) }
      wordCounts += shards[i].wordCounts
      wordScales += shards[i].wordScales
      characterScales += shards[i].characterScales
      // Reserved memory is not resident before it is written: rows are held once, and one shard twice.
      shards[i] = Shard()
    }
    self.dense = dense
    self.keys = keys
    self.rowStarts = rowStarts
    self.wordCounts = wordCounts
    self.wordScales = wordScales
    self.characterScales = characterScales
  }

  private struct Shard: Sendable {
    var dense: [Float] = []
    var keys: [UInt32] = []
    var ends: [Int] = []
    var wordCounts: [Int32] = []
    var wordScales: [Float] = []
    var characterScales: [Float] = []

    init() {}

    init(
      _ rows: Range<Int>, texts: [String], contexts: [RequestContext],
      embeddings: EmbeddingColumn?, schema: FeatureSchema
    ) {
      let featurizer = Featurizer(schema: schema)
      var features = FeatureVector(schema: schema)
      for row in rows {
        featurizer.featurize(
          texts[row], context: contexts[row], embeddings: embeddings, row: row, into: &features)
        dense += features.dense
        keys += features.keys
        ends.append(keys.count)
        wordCounts.append(Int32(features.wordKeyCount))
        wordScales.append(features.wordScale)
        characterScales.append(features.characterScale)
      }
    }
  }
}

/// The runtime's view of a logged context.
public func requestContext(_ context: QueryContext) -> RequestContext {
  var request = RequestContext()
  request.turn = Int32(clamping: context.turn ?? 0)
  for (field, value) in [
    (ContextField.userTier, context.userTier), (.taskType, context.taskType),
    (.domain, context.domain),
  ] {
    if let value { request.set(field, to: value.utf8Span.span) }
  }
  return request
}

/// Splits `0 ..< count` into at most `shards` ranges of equal length, runs `body` on them in parallel, and returns the
/// results in range order.
func parallelShards<Result: Sendable>(
  of count: Int, _ shards: Int, _ body: @Sendable (Range<Int>) -> Result
) -> [Result] {
  let length = max(1, (count + shards - 1) / shards)
  let ranges = stride(from: 0, to: count, by: length).map { $0..<min($0 + length, count) }
  let results = ResultSlots<Result>(count: ranges.count)
  DispatchQueue.concurrentPerform(iterations: ranges.count) { results.set($0, body(ranges[$0])) }
  return results.values()
}

/// One slot per parallel piece of work.
///
/// `@unchecked`: every access holds the queue; each slot is written once, by the work that owns its index.
private final class ResultSlots<Result: Sendable>: @unchecked Sendable {
  private let queue = DispatchQueue(label: "riddle.results")
  private var slots: [Result?]

  init(count: Int) { slots = Array(repeating: nil, count: count) }
  func set(_ index: Int, _ value: Result) { queue.sync { slots[index] = value } }
  func values() -> [Result] { queue.sync { slots.compactMap { $0 } } }
}
