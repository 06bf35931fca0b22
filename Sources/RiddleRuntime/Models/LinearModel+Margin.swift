extension LinearModel {
  /// Margin of `head`: see ``LinearModel`` for the formula and the order of summation.
  @_optimize(speed)
  public func margin(_ features: borrowing FeatureVector, head: Int) -> Double {
    precondition(features.denseCount == denseCount, "features of another schema")
    if features.version < 3 { return sequentialMargin(features, head: head) }
    var margin = unsafe intercepts[head] + denseSum(features.memory.dense, head)
    if hashed.headCount > 0 {
      let words = features.wordKeyCount
      let keys = unsafe UnsafePointer(features.text.keys)
      // In bounds: a key is below 2 · buckets, the table holds headCount weights a bucket.
      let wordSum = unsafe sum(keys, words, hashed.fixed, head)
      let characterSum = unsafe sum(keys + words, features.keyCount &- words, hashed.fixed, head)
      margin += Double(wordSum) * (Double(features.wordScale) * hashed.fixedUnit)
      margin += Double(characterSum) * (Double(features.characterScale) * hashed.fixedUnit)
    }
    return margin
  }

  /// Σ_j dense_j · weight_j in four sums, over j ≡ 0, 1, 2, 3 modulo 4.
  @inline(__always)
  private func denseSum(_ x: UnsafePointer<Float>, _ head: Int) -> Double {
    unsafe Self.product(x, dense, from: head &* denseCount, count: denseCount)
  }

  @inline(__always)
  private static func product(
    _ x: UnsafePointer<Float>, _ all: UnsafePointer<Float>, from first: Int, count width: Int
  ) -> Double {
    let weights = unsafe all + first
    var a = 0.0
    var b = 0.0
    var c = 0.0
    var d = 0.0
    var j = 0
    while j &+ 4 <= width {
      unsafe a += Double(x[j]) * Double(weights[j])
      unsafe b += Double(x[j &+ 1]) * Double(weights[j &+ 1])
      unsafe c += Double(x[j &+ 2]) * Double(weights[j &+ 2])
      unsafe d += Double(x[j &+ 3]) * Double(weights[j &+ 3])
      j &+= 4
    }
    if j < width { unsafe a += Double(x[j]) * Double(weights[j]) }
    if j &+ 1 < width { unsafe b += Double(x[j &+ 1]) * Double(weights[j &+ 1]) }
    if j &+ 2 < width { unsafe c += Double(x[j &+ 2]) * Double(weights[j &+ 2]) }
    return (a + b) + (c + d)
  }

  /// Σ sign(key) · weight[bucket(key)] of `count` keys.
  @inline(__always)
  private func sum(
    _ keys: UnsafePointer<UInt32>, _ count: Int, _ table: UnsafePointer<Int32>, _ head: Int
  ) -> Int64 {
    // One head, the common case, needs no multiplication.
    unsafe headCount == 1
      ? Self.sum(keys, count, table, stride: 1)
      : Self.sum(keys, count, table + head, stride: headCount)
  }

  @inline(__always)
  private static func sum(
    _ keys: UnsafePointer<UInt32>, _ count: Int, _ table: UnsafePointer<Int32>, stride: Int
  ) -> Int64 {
    var sum: Int64 = 0
    var i = 0
    while i < count {
      unsafe sum &+= Int64(table[Int(keys[i]) &* stride])
      i &+= 1
    }
    return sum
  }

  /// The margin of features of versions 1 and 2: one sum in index order.
  private func sequentialMargin(_ features: borrowing FeatureVector, head: Int) -> Double {
    var sum = intercepts[head]
    let first = head * denseCount
    for j in 0..<denseCount {
      unsafe sum += Double(features.memory.dense[j]) * Double(dense[first + j])
    }
    let words = features.wordKeyCount
    if words > 0 {
      sum += Double(features.wordScale) * sequentialSum(features, 0, words, head)
    }
    if features.keyCount > words {
      sum +=
        Double(features.characterScale) * sequentialSum(features, words, features.keyCount, head)
    }
    return sum
  }

  private func sequentialSum(
    _ features: borrowing FeatureVector, _ from: Int, _ to: Int, _ head: Int
  ) -> Double {
    var sum = 0.0
    for i in from..<to {
      let key = unsafe features.text.keys[i]
      let weight = Double(hashed.weight(at: Int(key >> 1) * headCount + head))
      sum += key & 1 == 1 ? -weight : weight
    }
    return sum
  }
}
