/// The one featurizer of Riddle: training, evaluation, the command line and the C library all call it.
///
/// Reads bytes and decodes nothing: text that is not valid UTF-8 gives features too, never an error.
/// Linear in the length of the text.
public struct Featurizer: Equatable, Sendable {
  /// The features that are computed.
  public let schema: FeatureSchema

  /// Whether versions that have a fast reading are read plainly: to hold one against the other.
  private var isPlain = false

  /// A featurizer for a valid schema.
  public init(schema: FeatureSchema) { self.schema = schema }

  /// The same features read byte after byte: the reference that the fast reading is held against.
  public var plain: Featurizer {
    var plain = self
    plain.isPlain = true
    return plain
  }

  /// Computes the features of `text` into `features`, which must have been made for the same schema. The embedding
  /// is unknown.
  public func featurize(
    _ text: Span<UInt8>, context: RequestContext, into features: inout FeatureVector
  ) {
    precondition(features.isMade(for: schema), "the scratch was made for another schema")
    let means = schema.embeddingMeans.count
    for column in (features.denseCount - means)..<features.denseCount {
      unsafe features.memory.dense[column] = 0
    }
    featurizeText(text, context: context, into: &features)
  }

  /// The same with the query's embedding: as many finite numbers as the schema has embedding columns. Another
  /// number of them, or a number that is not finite, counts as unknown.
  public func featurize(
    _ text: Span<UInt8>, context: RequestContext, embedding: Span<Float>,
    into features: inout FeatureVector
  ) {
    precondition(features.isMade(for: schema), "the scratch was made for another schema")
    let means = schema.embeddingMeans
    let isKnown = embedding.count == means.count
    let start = features.denseCount - means.count
    for j in 0..<means.count {
      let value = isKnown ? embedding[j] - means[j] : 0
      unsafe features.memory.dense[start + j] = value.isFinite ? value : 0
    }
    featurizeText(text, context: context, into: &features)
  }

  @_optimize(speed)
  private func featurizeText(
    _ text: Span<UInt8>, context: RequestContext, into features: inout FeatureVector
  ) {
    var statistics = unsafe TextStatistics(wordMemory: features.memory.wordMemory)
    features.grow(to: text.count, schema: schema)
    if schema.version >= 3 && !isPlain {
      scanFast(text, &statistics, &features)
    } else {
      scanPlainly(text, &statistics, &features)
    }
    // The dense block has room for every column of the schema it was made for.
    let dense = unsafe features.memory.dense
    let table = unsafe UnsafePointer(features.memory.logarithms)
    var column = 0
    if schema.usesStatistics {
      unsafe statistics.write(to: dense, version: schema.version, table: table)
      column = schema.statisticsCount
    }
    if schema.usesTurn {
      // A request that does not say its turn is taken for a first one.
      unsafe dense[column] = logOnePlus(Int(max(1, context.turn)), table)
      unsafe dense[column + 1] = context.turn > 1 ? 1 : 0
      column += FeatureSchema.turnColumnCount
    }
    for category in schema.categories {
      let value = context.valueHashes[category.field]
      unsafe dense[column] =
        value == 0 ? 0 : (value == category.valueHash ? 1 : 0) - category.share
      column += 1
    }
  }
}
