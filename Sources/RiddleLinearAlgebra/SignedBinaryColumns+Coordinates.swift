/// One bucket at a time, for coordinate descent.
extension SignedBinaryColumns {
  /// x_rᵀ y: the column of `rank` times a vector over rows.
  public func columnDot(_ rank: Int, _ y: [Double]) -> Double {
    precondition(y.count == rows.rowCount, "\(y.count) values for \(rows.rowCount) rows")
    let (first, last) = (starts[rank], starts[rank + 1])
    var sum = 0.0
    // Borrowed for the closures; an entry's row is below rowCount by construction, its scale below 2 · rowCount.
    unsafe entries.withUnsafeBufferPointer { entries in
      unsafe rows.scales.withUnsafeBufferPointer { scales in
        unsafe y.withUnsafeBufferPointer { y in
          for p in first..<last {
            let entry = unsafe entries[p]
            let value = unsafe Double(scales[Int(entry >> 1)]) * y[Int(entry >> 2)]
            sum += entry & 1 == 1 ? -value : value
          }
        }
      }
    }
    return sum
  }

  /// y_i += δ · d_i · x_ir for every row i in which the bucket of `rank` occurs.
  public func addColumn(
    _ rank: Int, scaledBy delta: Double, weights d: [Double], to y: inout [Double]
  ) {
    precondition(
      y.count == rows.rowCount && d.count == rows.rowCount,
      "\(y.count) values and \(d.count) weights for \(rows.rowCount) rows")
    let (first, last) = (starts[rank], starts[rank + 1])
    // Borrowed for the closures; indices as in `columnDot`.
    unsafe entries.withUnsafeBufferPointer { entries in
      unsafe rows.scales.withUnsafeBufferPointer { scales in
        unsafe d.withUnsafeBufferPointer { d in
          unsafe y.withUnsafeMutableBufferPointer { y in
            for p in first..<last {
              let entry = unsafe entries[p]
              let row = Int(entry >> 2)
              let value = unsafe delta * d[row] * Double(scales[Int(entry >> 1)])
              unsafe y[row] += entry & 1 == 1 ? -value : value
            }
          }
        }
      }
    }
  }
}
