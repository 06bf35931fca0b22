/// A dense matrix of `Double`, row-major: entry (i, j) stands at index `i * columnCount + j`.
public struct Matrix: Equatable, Sendable {
  /// Number of rows.
  public let rowCount: Int
  /// Number of columns.
  public let columnCount: Int
  /// The entries, row after row.
  public var values: [Double]

  /// A matrix over `rowCount × columnCount` values, row-major.
  public init(rowCount: Int, columnCount: Int, values: [Double]) {
    precondition(
      rowCount >= 0 && columnCount >= 0 && values.count == rowCount * columnCount,
      "a \(rowCount) × \(columnCount) matrix needs \(rowCount * columnCount) values, got \(values.count)"
    )
    self.rowCount = rowCount
    self.columnCount = columnCount
    self.values = values
  }

  /// A matrix of zeros.
  public init(rowCount: Int, columnCount: Int) {
    self.init(
      rowCount: rowCount, columnCount: columnCount,
      values: [Double](repeating: 0, count: rowCount * columnCount))
  }

  /// A matrix of stored features, each widened to `Double` without rounding.
  public init(rowCount: Int, columnCount: Int, widening values: [Float]) {
    self.init(rowCount: rowCount, columnCount: columnCount, values: values.map(Double.init))
  }

  /// The entry of row `i`, column `j`.
  public subscript(i: Int, j: Int) -> Double {
    get { values[i * columnCount + j] }
    set { values[i * columnCount + j] = newValue }
  }

  /// Row `i` as a slice of ``values``.
  public func row(_ i: Int) -> ArraySlice<Double> {
    values[(i * columnCount)..<((i + 1) * columnCount)]
  }

  /// The rows at `indices`, in that order.
  public func rows(_ indices: [Int]) -> Matrix {
    var picked: [Double] = []
    picked.reserveCapacity(indices.count * columnCount)
    for i in indices { picked.append(contentsOf: row(i)) }
    return Matrix(rowCount: indices.count, columnCount: columnCount, values: picked)
  }

  /// The transpose.
  public var transposed: Matrix {
    var result = Matrix(rowCount: columnCount, columnCount: rowCount)
    for i in 0..<rowCount {
      for j in 0..<columnCount { result[j, i] = self[i, j] }
    }
    return result
  }
}
