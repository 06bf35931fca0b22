import RiddleExport
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// What one head learned, in working precision.
struct FittedHead: Sendable {
  var linear: LogisticCoefficients?
  var tree: TreeModel?
  var forest: ForestModel?
}

/// Significant bits of a stored dense weight: see ``roundedToSignificantBits(_:bits:)``.
private let denseWeightBits = 14

/// All heads as one model in the precision they are stored with.
func storedModel(
  _ heads: [FittedHead], _ schema: FeatureSchema, _ precision: StoredPrecision
) -> RouterModel {
  let linear = heads.compactMap(\.linear)
  let forests = heads.compactMap(\.forest)
  if !linear.isEmpty && !forests.isEmpty {
    return .stack(storedLinear(linear, schema, precision), joined(forests))
  }
  if !forests.isEmpty { return .forest(joined(forests)) }
  if !linear.isEmpty { return .linear(storedLinear(linear, schema, precision)) }
  return .tree(TreeModel(heads: heads.compactMap(\.tree)))
}

private func storedLinear(
  _ heads: [LogisticCoefficients], _ schema: FeatureSchema, _ precision: StoredPrecision
) -> LinearModel {
  let buckets = schema.usesHashing ? 1 << schema.bucketBits : 0
  var table = [Double](repeating: 0, count: buckets * heads.count)
  for (head, coefficients) in heads.enumerated() {
    for bucket in 0..<buckets { table[bucket * heads.count + head] = coefficients.hashed[bucket] }
  }
  return LinearModel(
    headCount: heads.count,
    intercepts: heads.map {
      Double(roundedToSignificantBits($0.intercept, bits: denseWeightBits))
    },
    dense: heads.flatMap { head in
      head.dense.map { roundedToSignificantBits($0, bits: denseWeightBits) }
    },
    hashed: buckets == 0
      ? .none
      : HashedWeights(
        rounding: table, bucketBits: schema.bucketBits, headCount: heads.count, to: precision))
}

/// Forests of one head each as one forest, leaf values rounded like dense weights.
func joined(_ forests: [ForestModel]) -> ForestModel {
  var nodes: [TreeModel.Node] = []
  var roots: [UInt32] = []
  for forest in forests {
    let offset = UInt32(nodes.count)
    roots += forest.roots.map { $0 + offset }
    for node in forest.nodes {
      var moved = node
      moved.value = roundedToSignificantBits(Double(node.value), bits: denseWeightBits)
      if !node.isLeaf {
        moved.left += offset
        moved.right += offset
      }
      nodes.append(moved)
    }
  }
  return ForestModel(
    nodes: nodes, roots: roots, treeCounts: forests.map(\.roots.count),
    bases: forests.flatMap(\.bases).map {
      Double(roundedToSignificantBits($0, bits: denseWeightBits))
    })
}

extension LogisticCoefficients {
  /// Margins plus `factor` times the margins of `other`.
  func adding(_ other: LogisticCoefficients, times factor: Double) -> LogisticCoefficients {
    LogisticCoefficients(
      intercept: intercept + factor * other.intercept,
      dense: zip(dense, other.dense).map { $0 + factor * $1 },
      hashed: zip(hashed, other.hashed).map { $0 + factor * $1 })
  }
}

extension ForestModel {
  /// Every margin times `factor`.
  func scaled(by factor: Double) -> ForestModel {
    ForestModel(
      nodes: nodes.map { node in
        var scaled = node
        scaled.value = Float(factor * Double(node.value))
        return scaled
      }, roots: roots, treeCounts: treeCounts, bases: bases.map { factor * $0 })
  }

  /// Margins of the rows of a matrix with this forest's columns, head 0.
  func margins(of dense: Matrix) -> [Double] {
    let width = dense.columnCount
    return parallelShards(of: dense.rowCount, FeaturizedRows.shardCount) { rows in
      var features = [Float](repeating: 0, count: width)
      return rows.map { i in
        for j in 0..<width { features[j] = Float(dense.values[i * width + j]) }
        return margin(features, head: 0)
      }
    }.flatMap { $0 }
  }
}
