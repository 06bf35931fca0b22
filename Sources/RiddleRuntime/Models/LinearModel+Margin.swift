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

  /// Σ_j dense_j · weight_j in eight sums, over columns that are equal modulo 8.
  @inline(__always)
  private func denseSum(_ x: UnsafePointer<Float>, _ head: Int) -> Double {
    unsafe Self.product(x, dense, from: head &* denseCount, count: denseCount)
  }

  @inline(__always)
  private static func product(
    _ x: UnsafePointer<Float>, _ all: UnsafePointer<Float>, from first: Int, count width: Int
  ) -> Double {
    let weights = unsafe all + first
    var low = SIMD4<Double>.zero
    var high = SIMD4<Double>.zero
    var j = 0
    while j &+ 8 <= width {
      low += unsafe doubles(x + j) * doubles(weights + j)
      high += unsafe doubles(x + (j &+ 4)) * doubles(weights + (j &+ 4))
      j &+= 8
    }
    if j &+ 4 <= width {
      low += unsafe doubles(x + j) * doubles(weights + j)
      j &+= 4
      unsafe add(x + j, weights + j, width &- j, to: &high)
    } else {
      unsafe add(x + j, weights + j, width &- j, to: &low)
    }
    let sums = low + high
    return (sums[0] + sums[1]) + (sums[2] + sums[3])
  }

  /// Adds the products of up to three columns.
  @inline(__always)
  private static func add(
    _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ count: Int,
    to sums: inout SIMD4<Double>
  ) {
    if count > 0 { unsafe sums[0] += Double(x[0]) * Double(weights[0]) }
    if count > 1 { unsafe sums[1] += Double(x[1]) * Double(weights[1]) }
    if count > 2 { unsafe sums[2] += Double(x[2]) * Double(weights[2]) }
  }

  @inline(__always)
  private static func doubles(_ four: UnsafePointer<Float>) -> SIMD4<Double> {
    let x = unsafe UnsafeRawPointer(four).loadUnaligned(as: SIMD4<Float>.self)
    return SIMD4(Double(x[0]), Double(x[1]), Double(x[2]), Double(x[3]))
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
