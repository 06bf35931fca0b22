/// Which features a router reads: a version, the blocks that are on, and a fingerprint over all of it.
///
/// Dense columns stand in this order: text statistics, turn features, one column per category, the embedding less its mean.
public struct FeatureSchema: Equatable, Sendable {
  /// Version of the featurizer's definitions: 2 added marked words and the text's shape to the statistics. Version 1 is
  /// still computed for files that were learned with it; a reader refuses versions it does not know.
  public static let currentVersion: UInt16 = 3

  /// Number of text statistics in this version.
  public var statisticsCount: Int { TextStatistics.count(version: version) }

  /// Version of the featurizer that the weights were learned with.
  public let version: UInt16
  /// Whether the text statistics are read.
  public let usesStatistics: Bool
  /// Whether the turn features are read.
  public let usesTurn: Bool
  /// Hash buckets as a power of two; 0 without hashed n-grams.
  public let bucketBits: Int
  /// Word n-grams of 1 … this many words; 0 for none.
  public let wordOrders: Int
  /// Shortest character n-gram in bytes; 0 for none.
  public let characterMinimum: Int
  /// Longest character n-gram in bytes; 0 for none.
  public let characterMaximum: Int
  /// One column per category, "this field has this value", centred on the value's share of the training rows.
  public let categories: [Category]
  /// Mean of every embedding column over the training rows; empty without an embedding block. A request without an
  /// embedding is read as this average one.
  public let embeddingMeans: [Float]

  /// A field, the hash of one of its values, and how common the value was in training.
  ///
  /// The column is 1 − share when the field has the value, −share when it has another, and 0 when the field is
  /// unknown: a request without context is an average request, not a strange one.
  public struct Category: Equatable, Sendable {
    /// The field.
    public let field: ContextField
    /// ``RequestContext/hash(ofValue:)`` of the value.
    public let valueHash: UInt64
    /// Share of the training rows with a known field that have the value, in [0, 1].
    public let share: Float

    /// A category.
    public init(field: ContextField, valueHash: UInt64, share: Float) {
      self.field = field
      self.valueHash = valueHash
      self.share = share
    }
  }

  /// Columns of the turn block: log of the turn, follow-up or not.
  public static let turnColumnCount = 2
  /// Largest number of buckets a schema may have, as a power of two.
  public static let maximumBucketBits = 22
  /// Largest number of dense columns a schema may have.
  public static let maximumDenseCount = 8192
  /// Largest number of categories a schema may have.
  public static let maximumCategories = 1024

  /// A schema of the current version. Values outside the stated limits make ``isValid`` false.
  public init(
    usesStatistics: Bool = true, usesTurn: Bool = false, bucketBits: Int = 16,
    wordOrders: Int = 2, characterMinimum: Int = 0, characterMaximum: Int = 0,
    categories: [Category] = [], embeddingMeans: [Float] = [],
    version: UInt16 = FeatureSchema.currentVersion
  ) {
    self.version = version
    self.usesStatistics = usesStatistics
    self.usesTurn = usesTurn
    self.bucketBits = bucketBits
    self.wordOrders = wordOrders
    self.characterMinimum = characterMinimum
    self.characterMaximum = characterMaximum
    self.categories = categories
    self.embeddingMeans = embeddingMeans
  }

  /// Whether any n-gram is hashed.
  public var usesHashing: Bool { bucketBits > 0 }

  /// Number of dense columns.
  public var denseCount: Int {
    (usesStatistics ? statisticsCount : 0) + (usesTurn ? Self.turnColumnCount : 0)
      + categories.count + embeddingMeans.count
  }

  /// Whether every setting is within the limits of the format.
  public var isValid: Bool {
    let hashes =
      bucketBits == 0
      ? wordOrders == 0 && characterMinimum == 0 && characterMaximum == 0
      : bucketBits >= 4 && bucketBits <= Self.maximumBucketBits && wordOrders >= 0
        && wordOrders <= 2
        && (characterMinimum == 0
          ? characterMaximum == 0
          : characterMinimum >= 2 && characterMaximum >= characterMinimum && characterMaximum <= 8)
        && (wordOrders > 0 || characterMinimum > 0)
    let shares = categories.allSatisfy { $0.share >= 0 && $0.share <= 1 }
    return hashes && shares && categories.count <= Self.maximumCategories
      && denseCount <= Self.maximumDenseCount
      && embeddingMeans.count <= WeightFileLayout.maximumEmbedding
      && (denseCount > 0 || usesHashing)
  }

  /// Hash of every setting and of the featurizer's version: two schemas with one fingerprint read the same numbers.
  public var fingerprint: UInt64 {
    var state = StableHash.start
    func add(_ value: UInt64, _ bytes: Int) {
      for i in 0..<bytes {
        state = StableHash.adding(UInt8(truncatingIfNeeded: value >> UInt64(8 * i)), to: state)
      }
    }
    add(UInt64(version), 2)
    add((usesStatistics ? 1 : 0) | (usesTurn ? 2 : 0) | (embeddingMeans.isEmpty ? 0 : 4), 1)
    add(UInt64(bucketBits), 1)
    add(UInt64(wordOrders), 1)
    add(UInt64(characterMinimum), 1)
    add(UInt64(characterMaximum), 1)
    add(UInt64(usesStatistics ? statisticsCount : 0), 2)
    for category in categories {
      add(UInt64(category.field.rawValue), 1)
      add(UInt64(category.share.bitPattern), 4)
      add(category.valueHash, 8)
    }
    for mean in embeddingMeans { add(UInt64(mean.bitPattern), 4) }
    return StableHash.mixed(state)
  }
}
