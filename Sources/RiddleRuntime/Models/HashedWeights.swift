/// A table of `2^bits` buckets × `heads` weights for hashed n-grams, in the precision it is stored with.
public struct HashedWeights: Equatable, Sendable {
  /// Number of buckets as a power of two; the table of a schema without hashed features is empty.
  public let bucketBits: Int
  /// Heads per bucket; the weights of one bucket lie side by side.
  public let headCount: Int
  /// How the weights are stored.
  public let storage: Storage

  /// Stored weights; index = bucket × headCount + head.
  public enum Storage: Equatable, Sendable {
    /// Four bytes a weight.
    case float32([Float])
    /// One byte a weight times the scale of its block of ``HashedWeights/blockLength`` consecutive weights.
    case int8([Int8], scales: [Float])
  }

  /// Weights that share one int8 scale.
  public static let blockLength = 64

  /// No hashed features.
  public static let none = HashedWeights(bucketBits: 0, headCount: 0, storage: .float32([]))

  /// A table over stored weights; `storage` holds `headCount << bucketBits` of them.
  public init(bucketBits: Int, headCount: Int, storage: Storage) {
    self.bucketBits = bucketBits
    self.headCount = headCount
    self.storage = storage
  }

  /// Number of stored weights.
  public var count: Int {
    switch storage {
    case .float32(let weights): weights.count
    case .int8(let weights, _): weights.count
    }
  }

  /// The weight at `index`, as the scorer uses it.
  @inlinable
  public func weight(at index: Int) -> Float {
    switch storage {
    case .float32(let weights): weights[index]
    case .int8(let weights, let scales): Float(weights[index]) * scales[index / Self.blockLength]
    }
  }
}
