import RiddleLinearAlgebra

/// Products of single rows with weights: what a visit of ``DualAscent`` consists of.
///
/// Unchecked subscripts are proved in bounds by construction: `SignedBinaryRows` keeps every key below
/// 2 · bucketCount and every start within the keys; weights have one value per bucket and column.
struct DualRows: Sendable {
  private let denseCount: Int
  private let raw: [Float]
  private let centers: [Double]
  private let columnScales: [Double]
  private let keys: [UInt32]
  private let starts: [Int]
  private let splits: [Int]
  private let scales: [Float]

  init(_ rows: CompactRows, centers: [Double], scales: [Double]) {
    denseCount = rows.denseCount
    raw = rows.dense
    self.centers = centers
    columnScales = scales
    keys = rows.hashed?.keys ?? []
    starts = rows.hashed?.starts ?? []
    splits = rows.hashed?.splits ?? []
    self.scales = rows.hashed?.scales ?? []
  }

  /// Scaled dense features of row `i`; returns the squared length of the row, dense and hashed (keys of one bucket
  /// taken as distinct).
  @inline(__always)
  func load(_ i: Int, into z: inout MutableSpan<Double>) -> Double {
    // A row's own span: indices that start at 0 let the loop be vectorised.
    let row = raw.span.extracting(i * denseCount..<(i + 1) * denseCount)
    let (centers, scales) = (centers.span, columnScales.span)
    for j in 0..<denseCount {
      let x = unsafe Double(row[unchecked: j])
      unsafe z[unchecked: j] = (x - centers[unchecked: j]) * scales[unchecked: j]
    }
    var (even, odd) = (0.0, 0.0)
    var j = 0
    while j + 2 <= denseCount {
      unsafe even += z[unchecked: j] * z[unchecked: j]
      unsafe odd += z[unchecked: j + 1] * z[unchecked: j + 1]
      j += 2
    }
    if j < denseCount { unsafe even += z[unchecked: j] * z[unchecked: j] }
    if splits.isEmpty { return even + odd }
    let words = Double(self.scales[2 * i])
    let characters = Double(self.scales[2 * i + 1])
    return even + odd + words * words * Double(splits[i] - starts[i])
      + characters * characters * Double(starts[i + 1] - splits[i])
  }

  @inline(__always)
  func denseProduct(_ z: borrowing MutableSpan<Double>, _ w: borrowing MutableSpan<Double>)
    -> Double
  {
    denseProduct(z, w.span)
  }

  @inline(__always)
  func denseProduct(_ z: borrowing MutableSpan<Double>, _ w: Span<Double>) -> Double {
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    var j = 0
    while j + 4 <= denseCount {
      unsafe a += z[unchecked: j] * w[unchecked: j]
      unsafe b += z[unchecked: j + 1] * w[unchecked: j + 1]
      unsafe c += z[unchecked: j + 2] * w[unchecked: j + 2]
      unsafe d += z[unchecked: j + 3] * w[unchecked: j + 3]
      j += 4
    }
    while j < denseCount {
      unsafe a += z[unchecked: j] * w[unchecked: j]
      j += 1
    }
    return (a + b) + (c + d)
  }

  @inline(__always)
  func hashedProduct(_ i: Int, _ v: borrowing MutableSpan<Double>) -> Double {
    hashedProduct(i, v.span)
  }

  @inline(__always)
  func hashedProduct(_ i: Int, _ v: Span<Double>) -> Double {
    if splits.isEmpty { return 0 }
    let words = signedSum(starts[i], splits[i], v)
    let characters = signedSum(splits[i], starts[i + 1], v)
    return Double(scales[2 * i]) * words + Double(scales[2 * i + 1]) * characters
  }

  @inline(__always)
  func addDense(
    _ amount: Double, _ z: borrowing MutableSpan<Double>, to w: inout MutableSpan<Double>
  ) {
    for j in 0..<denseCount { unsafe w[unchecked: j] += amount * z[unchecked: j] }
  }

  @inline(__always)
  func addHashed(_ amount: Double, row i: Int, to v: inout MutableSpan<Double>) {
    if splits.isEmpty { return }
    addSigned(amount * Double(scales[2 * i]), starts[i], splits[i], to: &v)
    addSigned(amount * Double(scales[2 * i + 1]), splits[i], starts[i + 1], to: &v)
  }

  @inline(__always)
  private func signedSum(_ start: Int, _ end: Int, _ v: Span<Double>) -> Double {
    let row = keys.span.extracting(start..<end)
    var (a, b, c, d) = (0.0, 0.0, 0.0, 0.0)
    var p = 0
    while p &+ 4 <= row.count {
      unsafe a += Self.value(row[unchecked: p], v)
      unsafe b += Self.value(row[unchecked: p &+ 1], v)
      unsafe c += Self.value(row[unchecked: p &+ 2], v)
      unsafe d += Self.value(row[unchecked: p &+ 3], v)
      p &+= 4
    }
    while p < row.count {
      unsafe a += Self.value(row[unchecked: p], v)
      p &+= 1
    }
    return (a + b) + (c + d)
  }

  @inline(__always)
  private func addSigned(
    _ amount: Double, _ start: Int, _ end: Int, to v: inout MutableSpan<Double>
  ) {
    let row = keys.span.extracting(start..<end)
    for p in 0..<row.count {
      let key = unsafe row[unchecked: p]
      unsafe v[unchecked: Int(key >> 1)] += Self.signed(amount, key)
    }
  }

  @inline(__always)
  private static func value(_ key: UInt32, _ v: Span<Double>) -> Double {
    signed(unsafe v[unchecked: Int(key >> 1)], key)
  }

  /// −`value` when the key's sign bit is set.
  @inline(__always)
  private static func signed(_ value: Double, _ key: UInt32) -> Double {
    Double(bitPattern: value.bitPattern ^ (UInt64(key) << 63))
  }
}
