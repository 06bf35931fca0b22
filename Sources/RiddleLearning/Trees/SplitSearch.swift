import RiddleLinearAlgebra

/// Weighted counts of a set of rows and their Gini impurity.
struct ClassWeightSums: Equatable, Sendable {
  /// Σ weight.
  var total = 0.0
  /// Σ weight · target.
  var positive = 0.0

  /// total · 2p(1 − p): Gini impurity times weight, 0 for no rows.
  var impurity: Double {
    total > 0 ? 2 * positive * (total - positive) / total : 0
  }

  mutating func add(_ other: ClassWeightSums) {
    total += other.total
    positive += other.positive
  }
}

/// The best cut of a node's rows.
struct Split: Equatable, Sendable {
  var feature: Int
  /// Rows in bins up to this one go left.
  var bin: Int
  /// Fall in weighted impurity, above 0.
  var gain: Double
}

/// Finds splits by histograms: one pass over a node's rows per feature, then one over its bins.
struct SplitSearch: Sendable {
  let bins: FeatureBins
  /// Each row's weight and weight · target.
  let rows: [ClassWeightSums]
  let minimumLeafWeight: Double

  init(_ data: TrainingSet, maximumBins: Int, minimumLeafWeight: Double) {
    bins = FeatureBins(data, maximumBins: maximumBins)
    rows = data.weights.indices.map {
      ClassWeightSums(total: data.weights[$0], positive: data.weights[$0] * data.targets[$0])
    }
    self.minimumLeafWeight = minimumLeafWeight
  }

  /// The split with the largest fall in weighted Gini impurity that leaves both sides heavy enough, or nil.
  ///
  /// Gains within 10⁻¹² of the node's weight count as equal; ties go to the lowest feature, then the lowest cut,
  /// so rounding in another row order does not change the tree.
  func best(_ rows: [Int32], sums: ClassWeightSums) -> Split? {
    let slack = 1e-12 * sums.total
    if sums.total < 2 * minimumLeafWeight - slack { return nil }
    // One feature a shard; small nodes are done before a thread would wake.
    let perFeature =
      rows.count >= 512
      ? Shards.map(count: bins.featureCount) { best(rows, sums: sums, feature: $0, slack) }
      : (0..<bins.featureCount).map { best(rows, sums: sums, feature: $0, slack) }
    var winner: Split?
    for case let split? in perFeature where split.gain > (winner?.gain ?? 0) + slack {
      winner = split
    }
    return winner
  }

  private func best(
    _ rows: [Int32], sums: ClassWeightSums, feature: Int, _ slack: Double
  ) -> Split? {
    if bins.cuts[feature].isEmpty { return nil }
    let histogram = histogram(rows, feature: feature)
    var best: Split?
    var left = ClassWeightSums()
    for bin in 0..<(histogram.count - 1) where histogram[bin].total > 0 {
      left.add(histogram[bin])
      let right = ClassWeightSums(
        total: sums.total - left.total, positive: sums.positive - left.positive)
      if min(left.total, right.total) < minimumLeafWeight - slack { continue }
      if right.total <= slack { continue }
      let gain = sums.impurity - left.impurity - right.impurity
      if gain > (best?.gain ?? 0) + slack {
        best = Split(feature: feature, bin: bin, gain: gain)
      }
    }
    return best
  }

  private func histogram(_ rows: [Int32], feature: Int) -> [ClassWeightSums] {
    var sums = [ClassWeightSums](
      repeating: ClassWeightSums(), count: bins.cuts[feature].count + 1)
    let base = feature * bins.rowCount
    for row in rows {
      sums[Int(bins.codes[base + Int(row)])].add(self.rows[Int(row)])
    }
    return sums
  }

  /// The rows that go left and right, each in their present order.
  func partition(_ rows: [Int32], by split: Split) -> (left: [Int32], right: [Int32]) {
    let base = split.feature * bins.rowCount
    var left: [Int32] = []
    var right: [Int32] = []
    for row in rows {
      if Int(bins.codes[base + Int(row)]) <= split.bin {
        left.append(row)
      } else {
        right.append(row)
      }
    }
    return (left, right)
  }
}
