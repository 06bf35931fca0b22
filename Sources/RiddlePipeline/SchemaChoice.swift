import RiddleData
import RiddleRuntime

/// A schema with the names of its categories, which the runtime keeps as hashes only.
public struct NamedSchema: Equatable, Sendable {
  /// The schema.
  public let schema: FeatureSchema
  /// `field=value` of each category, in column order.
  public let categoryNames: [String]

  /// Fewest training rows that a value needs to get a column of its own.
  public static let minimumRows = 20
  /// Most columns of one field.
  public static let maximumValues = 48

  /// The model whose embeddings are read, if any.
  public let embeddingModel: String?

  /// Names of all dense columns, in column order: the embedding stands behind the categories.
  public var columnNames: [String] {
    let names = featureNames(schema)
    let end = names.count - schema.embeddingMeans.count
    return names.prefix(end - categoryNames.count) + categoryNames + names[end...]
  }

  /// The schema of `plan` for the contexts of the training rows: a context field gets columns for its frequent
  /// values, most frequent first, ties by name; embeddings get a column per dimension.
  ///
  /// - Parameter embeddings: the vectors of the training rows; nil for a router that reads none.
  public init(
    plan: TrainingPlan, contexts: [QueryContext], embeddings: EmbeddingColumn? = nil
  ) {
    var categories: [FeatureSchema.Category] = []
    var names: [String] = []
    var usesTurn = false
    if plan.features == .context {
      usesTurn = contexts.contains { $0.turn != nil }
      for field in ContextField.allCases {
        var counts: [String: Int] = [:]
        for context in contexts {
          if let value = context.value(of: field), !value.isEmpty {
            counts[value.lowercasedASCII, default: 0] += 1
          }
        }
        let known = counts.values.reduce(0, +)
        let frequent =
          counts.filter { $0.value >= Self.minimumRows }
          .sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
          .prefix(Self.maximumValues)
        for (value, count) in frequent where counts.count > 1 {
          categories.append(
            FeatureSchema.Category(
              field: field, valueHash: RequestContext.hash(ofValue: value.utf8Span.span),
              share: Float(Double(count) / Double(known))))
          names.append("\(field.name)=\(value)")
        }
      }
    }
    let hashes =
      (plan.model == .logistic || plan.model == .stack) && plan.features != .statistics
      && (plan.wordOrders > 0 || plan.characters != nil)
    schema = FeatureSchema(
      usesStatistics: plan.usesStatistics, usesTurn: usesTurn,
      bucketBits: hashes ? plan.bucketBits : 0,
      wordOrders: hashes ? plan.wordOrders : 0,
      characterMinimum: hashes ? plan.characters?.lowerBound ?? 0 : 0,
      characterMaximum: hashes ? plan.characters?.upperBound ?? 0 : 0, categories: categories,
      embeddingMeans: embeddings?.means ?? [], version: plan.featurizerVersion)
    embeddingModel = embeddings?.model
    categoryNames = names
  }
}

extension QueryContext {
  /// The value of a categorical field.
  func value(of field: ContextField) -> String? {
    switch field {
    case .userTier: userTier
    case .taskType: taskType
    case .domain: domain
    }
  }
}

extension String {
  /// With A–Z folded to lower case, as the runtime folds categorical values.
  var lowercasedASCII: String {
    String(decoding: utf8.map { $0 >= 65 && $0 <= 90 ? $0 | 32 : $0 }, as: UTF8.self)
  }
}
