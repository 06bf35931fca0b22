import Glibc

/// Weighted counts of a set of rows.
struct ClassWeightSums: Equatable, Sendable {
  /// Σ weight.
  var total = 0.0
  /// Σ weight · target.
  var positive = 0.0

  /// Impurity times weight, 0 for no rows: total · 2p(1 − p) (Gini), or total · entropy(p) in bits.
  func impurity(_ criterion: DecisionTree.Criterion) -> Double {
    if !(total > 0) { return 0 }
    let negative = total - positive
    switch criterion {
    case .gini: return 2 * positive * negative / total
    case .entropy:
      var sum = 0.0
      if positive > 0 { sum += positive * log2(total / positive) }
      if negative > 0 { sum += negative * log2(total / negative) }
      return sum
    }
  }
}

/// Class weights of all rows in fixed steps: x sums weight · target, y sums weight.
struct ClassSums: Sendable {
  let scale: Double
  let values: [FixedPair]

  init(_ rows: [ClassWeightSums]) {
    let scale = FixedPoint.scale(total: rows.reduce(0) { $0 + $1.total }, bits: 61)
    self.scale = scale
    values = rows.map {
      FixedPair(
        FixedPoint.steps($0.positive, scale: scale), FixedPoint.steps($0.total, scale: scale))
    }
  }

  /// The sums that `fixed` stands for.
  func sums(_ fixed: FixedPair) -> ClassWeightSums {
    ClassWeightSums(total: Double(fixed.y) / scale, positive: Double(fixed.x) / scale)
  }

  /// Sums over rows.
  func sums(of rows: ArraySlice<UInt32>) -> ClassWeightSums {
    var all = FixedPair.zero
    for row in rows { all &+= values[Int(row)] }
    return sums(all)
  }

  /// `weight` in steps, or more than there is if it exceeds what steps can hold.
  func steps(_ weight: Double) -> Int64 {
    let steps = weight * scale
    return steps < 0x1p62 ? Int64(steps.rounded()) : .max
  }
}

/// Minus the weighted impurity, in steps of weight.
struct ImpurityScore: SplitScore {
  let criterion: DecisionTree.Criterion
  let scale: Double
  /// Smallest weight of a leaf, in steps.
  let minimumLeaf: Int64

  @inline(__always)
  func score(_ sums: FixedPair) -> Double {
    -ClassWeightSums(total: Double(sums.y), positive: Double(sums.x)).impurity(criterion)
  }

  @inline(__always)
  func mayBeLeaf(_ sums: FixedPair) -> Bool { sums.y >= minimumLeaf && sums.y > 0 }

  func maySplit(_ sums: FixedPair) -> Bool {
    sums.x > 0 && sums.x < sums.y && sums.y / 2 >= minimumLeaf
  }

  /// Equal gains differ by rounding alone, so rows in another order give the same tree.
  @inline(__always)
  func slack(_ sums: FixedPair) -> Double { 1e-12 * Double(sums.y) }
}
