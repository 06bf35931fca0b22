import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// The hashed block of featurized rows, as the estimators read it; the schema hashes. Shares the keys.
package func hashedRows(_ features: FeaturizedRows) -> SignedBinaryRows {
  var splits: [Int] = []
  var scales: [Float] = []
  splits.reserveCapacity(features.count)
  scales.reserveCapacity(2 * features.count)
  for i in 0..<features.count {
    splits.append(features.rowStarts[i] + Int(features.wordCounts[i]))
    scales.append(features.wordScales[i])
    scales.append(features.characterScales[i])
  }
  return SignedBinaryRows(
    bucketBits: features.schema.bucketBits, starts: features.rowStarts, splits: splits,
    scales: scales, keys: features.keys)
}

extension FeaturizedRows {
  /// The rows with their targets, dense features and keys shared, not copied.
  ///
  /// - Throws: `LearningError`, as ``CompactRows`` does.
  package func compactRows(targets: [Double], weights: [Double]? = nil) throws(LearningError)
    -> CompactRows
  {
    try CompactRows(
      denseCount: schema.denseCount, dense: dense,
      hashed: schema.usesHashing ? hashedRows(self) : nil, targets: targets, weights: weights)
  }
}
