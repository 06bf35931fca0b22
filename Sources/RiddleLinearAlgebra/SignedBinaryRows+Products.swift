extension SignedBinaryRows {
  /// `margins[i − rows.lowerBound] += factor · (X v)_i` for the rows of one shard.
  ///
  /// For repeated products, and for Xᵀr, prepare ``SignedBinaryColumns``.
  ///
  /// - Parameters:
  ///   - rows: a range within 0 ..< rowCount.
  ///   - v: `bucketCount` weights.
  ///   - margins: `rows.count` values.
  public func addProduct(
    rows: Range<Int>, _ v: [Double], scaledBy factor: Double = 1, to margins: inout [Double]
  ) {
    precondition(v.count == bucketCount, "\(v.count) weights for \(bucketCount) buckets")
    addProduct(rows, keys: keys, signed: signedTable(v), scaledBy: factor, to: &margins)
  }

  /// The product for keys numbered in any way that stays below `table.count`; the caller vouches for that.
  func addProduct(
    _ rows: Range<Int>, keys: [UInt32], signed table: [Double], scaledBy factor: Double,
    to margins: inout [Double]
  ) {
    precondition(
      rows.lowerBound >= 0 && rows.upperBound <= rowCount && margins.count == rows.count
        && keys.count == self.keys.count,
      "\(margins.count) margins for rows \(rows) of \(rowCount)")
    // The arrays own the memory and outlive the closures. Keys are below table.count: checked on append
    // (or by construction); starts and splits are positions in `keys` by construction.
    unsafe keys.withUnsafeBufferPointer { keys in
      unsafe table.withUnsafeBufferPointer { table in
        for i in rows {
          let words = unsafe gatheredSum(keys, starts[i], splits[i], table)
          let characters = unsafe gatheredSum(keys, splits[i], starts[i + 1], table)
          let sum = Double(scales[2 * i]) * words + Double(scales[2 * i + 1]) * characters
          margins[i - rows.lowerBound] += factor * sum
        }
      }
    }
  }

  /// `margins += X v` over all rows, in parallel over row shards.
  ///
  /// - Parameters:
  ///   - v: `bucketCount` weights.
  ///   - margins: `rowCount` values.
  public func addProduct(_ v: [Double], to margins: inout [Double]) {
    precondition(
      margins.count == rowCount, "\(margins.count) margins for \(rowCount) rows")
    precondition(v.count == bucketCount, "\(v.count) weights for \(bucketCount) buckets")
    let table = signedTable(v)
    let ranges = Shards.ranges(of: rowCount)
    let parts = Shards.map(count: ranges.count) { shard in
      var part = [Double](repeating: 0, count: ranges[shard].count)
      addProduct(ranges[shard], keys: keys, signed: table, scaledBy: 1, to: &part)
      return part
    }
    for (range, part) in zip(ranges, parts) {
      for i in range { margins[i] += part[i - range.lowerBound] }
    }
  }

  /// What an entry of each row, block and sign contributes: ±r_i · scale, at 4i + 2·block + sign.
  func entryValues(_ r: [Double]) -> [Double] {
    precondition(r.count == rowCount, "\(r.count) values for \(rowCount) rows")
    var table = [Double](repeating: 0, count: 4 * rowCount)
    for i in 0..<rowCount {
      for block in 0..<2 {
        let value = r[i] * Double(scales[2 * i + block])
        table[4 * i + 2 * block] = value
        table[4 * i + 2 * block + 1] = -value
      }
    }
    return table
  }
}

/// v at 2b, −v at 2b + 1: a key `b << 1 | sign` is then an index, and the inner loop one load and one addition.
func signedTable(_ v: [Double]) -> [Double] {
  var table = [Double](repeating: 0, count: 2 * v.count)
  for b in v.indices {
    table[2 * b] = v[b]
    table[2 * b + 1] = -v[b]
  }
  return table
}

/// Σ table[key] over `keys[start ..< end]`, four running sums so that loads overlap.
///
/// The caller guarantees that the positions lie in `keys` and every key in `table`.
@inline(__always)
func gatheredSum(
  _ keys: UnsafeBufferPointer<UInt32>, _ start: Int, _ end: Int,
  _ table: UnsafeBufferPointer<Double>
) -> Double {
  var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
  var p = start
  while p + 4 <= end {
    unsafe a += table[Int(keys[p])]
    unsafe b += table[Int(keys[p + 1])]
    unsafe c += table[Int(keys[p + 2])]
    unsafe d += table[Int(keys[p + 3])]
    p += 4
  }
  while p < end {
    unsafe a += table[Int(keys[p])]
    p += 1
  }
  return (a + b) + (c + d)
}
