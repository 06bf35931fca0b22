import COpenBLAS

/// Products in single precision: similarities of embeddings.
extension BLAS {
  /// C = ABᵀ for blocks of rows (`sgemm`): entry i · rowsB.count + j of `c` is the product of row rowsA[i] and row rowsB[j].
  ///
  /// - Parameters:
  ///   - a: rows of `dimension` values, row-major; so is `b`.
  ///   - c: at least rowsA.count · rowsB.count values; these many are overwritten.
  public static func products(
    _ a: [Float], rows rowsA: Range<Int>, _ b: [Float], rows rowsB: Range<Int>, dimension: Int,
    into c: inout [Float]
  ) {
    precondition(dimension >= 1, "rows need a value, got \(dimension)")
    precondition(
      rowsA.lowerBound >= 0 && rowsA.upperBound * dimension <= a.count && rowsB.lowerBound >= 0
        && rowsB.upperBound * dimension <= b.count,
      "rows \(rowsA) of \(a.count) and \(rowsB) of \(b.count) values, \(dimension) a row")
    precondition(
      c.count >= rowsA.count * rowsB.count, "\(c.count) values for \(rowsA) against \(rowsB)")
    if rowsA.isEmpty || rowsB.isEmpty { return }
    // Borrowed for the call; all three were checked to hold the rows that are read and written.
    unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        guard let baseA = a.baseAddress, let baseB = b.baseAddress else { return }
        WorkBuffers.working {
          unsafe cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, int(rowsA.count), int(rowsB.count),
            int(dimension), 1, baseA + rowsA.lowerBound * dimension, int(dimension),
            baseB + rowsB.lowerBound * dimension, int(dimension), 0, &c, int(rowsB.count))
        }
      }
    }
  }

  /// The product of row `i` of `a` and row `j` of `b` (`sdot`): the same bits for the same two rows wherever they stand, which
  /// ``products(_:rows:_:rows:dimension:into:)`` does not promise.
  public static func dot(_ a: [Float], row i: Int, _ b: [Float], row j: Int, dimension: Int)
    -> Float
  {
    precondition(
      i >= 0 && j >= 0 && dimension >= 0 && (i + 1) * dimension <= a.count
        && (j + 1) * dimension <= b.count,
      "rows \(i) of \(a.count) and \(j) of \(b.count) values, \(dimension) a row")
    // Borrowed for the call; both rows were checked to exist.
    return unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        guard let baseA = a.baseAddress, let baseB = b.baseAddress else { return 0 }
        return unsafe cblas_sdot(
          int(dimension), baseA + i * dimension, 1, baseB + j * dimension, 1)
      }
    }
  }
}
