import RiddleLinearAlgebra
import RiddleRuntime

/// Queries as 64 numbers each, whose distances are about those of their features: random signs (Achlioptas, 2003,
/// doi:10.1016/S0022-0000(03)00025-4), one hash of the column being its 64 signs.
///
/// Standardised dense features and hashed features weigh the same: each block has mean squared length 1.
public struct QuerySketch: Equatable, Sendable {
  /// Numbers of one query.
  public static let width = 64
  /// n × ``width``, row-major.
  public let values: [Float]
  /// Number of queries.
  public var count: Int { values.count / Self.width }

  /// Sketches n queries.
  ///
  /// - Parameters:
  ///   - dense: n × d, finite; columns are standardised, constant ones ignored.
  ///   - hashed: n rows, or nil.
  public init(dense: Matrix, hashed: SignedBinaryRows? = nil) {
    precondition(
      hashed == nil || hashed?.rowCount == dense.rowCount,
      "\(hashed?.rowCount ?? 0) hashed rows for \(dense.rowCount) dense ones")
    let (n, d) = (dense.rowCount, dense.columnCount)
    var values = [Float](repeating: 0, count: n * Self.width)
    var varying = 0
    var scales = [Double](repeating: 0, count: d)
    var means = scales
    for j in 0..<d {
      var sum = 0.0
      for i in 0..<n { sum += dense.values[i * d + j] }
      means[j] = sum / Double(max(1, n))
      var squares = 0.0
      for i in 0..<n {
        let x = dense.values[i * d + j] - means[j]
        squares += x * x
      }
      if squares > 1e-24 {
        scales[j] = (Double(n) / squares).squareRoot()
        varying += 1
      }
    }
    let denseScale = varying > 0 ? 1 / Double(varying * Self.width).squareRoot() : 0
    for j in 0..<d where scales[j] > 0 {
      let signs = StableHash.mixed(UInt64(j) &+ 0x5ca1_ab1e)
      for i in 0..<n {
        // One heavy tail must not put its query far from all others.
        let x = min(4, max(-4, (dense.values[i * d + j] - means[j]) * scales[j])) * denseScale
        Self.add(Float(x), signs, to: &values, row: i)
      }
    }
    if let hashed {
      let hashedScale = Float(1 / Double(Self.width).squareRoot())
      for i in 0..<n {
        for position in hashed.starts[i]..<hashed.starts[i + 1] {
          let key = hashed.keys[position]
          let scale = hashed.scales[position < hashed.splits[i] ? 2 * i : 2 * i + 1]
          let value = (key & 1 == 0 ? scale : -scale) * hashedScale
          Self.add(value, StableHash.mixed(UInt64(key >> 1)), to: &values, row: i)
        }
      }
    }
    self.values = values
  }

  private init(values: [Float]) { self.values = values }

  /// The rows at `indices`, in that order.
  public func rows(_ indices: [Int]) -> QuerySketch {
    var picked: [Float] = []
    picked.reserveCapacity(indices.count * Self.width)
    for i in indices {
      picked.append(contentsOf: values[(i * Self.width)..<((i + 1) * Self.width)])
    }
    return QuerySketch(values: picked)
  }

  private static func add(_ x: Float, _ signs: UInt64, to values: inout [Float], row: Int) {
    for k in 0..<width {
      values[row * width + k] += signs >> UInt64(k) & 1 == 0 ? x : -x
    }
  }

  /// Squared distance of row `i` to row `j` of `other`.
  func squaredDistance(_ i: Int, to other: QuerySketch, _ j: Int) -> Double {
    var sum: Float = 0
    let (a, b) = (values.span, other.values.span)
    for k in 0..<Self.width {
      let d = a[i * Self.width + k] - b[j * Self.width + k]
      sum += d * d
    }
    return Double(sum)
  }
}
