import RiddleLinearAlgebra

/// Dense design and hashed rows as one linear map A = [Z X] from weights to margins, for H heads at once.
///
/// A weight vector holds H blocks of k dense weights (intercept last) and R ranked hashed weights; margins are
/// head-major, H × n. Both directions are done in one pass over the dense rows: a block of them is standardised
/// into the cache, multiplied, handed to the caller and multiplied back. Shards add up in shard order.
struct LinearMap: Sendable {
  let design: LogisticDesign
  let columns: SignedBinaryColumns?
  let headCount: Int

  /// n.
  var rowCount: Int { design.rowCount }
  /// k + R: weights of one head.
  var headSize: Int { design.columnCount + (columns?.rankCount ?? 0) }
  /// Weights of all heads.
  var weightCount: Int { headCount * headSize }

  /// What a pass yields.
  struct Pass: Sendable {
    /// The caller's sums over all rows.
    var sums: [Double]
    /// A w before the caller changed it, H × n; empty unless asked for.
    var margins: [Double]
    /// Aᵀ of what the caller made of the margins, `weightCount`.
    var product: [Double]
  }

  /// Margins Aw of all rows, H × n.
  func margins(_ w: [Double]) -> [Double] {
    pass(w, keepsMargins: true) { _, block, _ in
      for i in block.indices { block[i] = 0 }
    }.margins
  }

  /// Aᵀ f(A w) for a function f of rows.
  ///
  /// - Parameters:
  ///   - w: `weightCount` weights.
  ///   - sumCount: how many sums the body adds up.
  ///   - body: replaces the margins of some rows (head-major, H × rows.count) and adds to the sums.
  func pass(
    _ w: [Double], sumCount: Int = 0, keepsMargins: Bool = false,
    _ body: @Sendable (Range<Int>, inout [Double], inout [Double]) -> Void
  ) -> Pass {
    precondition(w.count == weightCount, "\(w.count) weights, expected \(weightCount)")
    let k = design.columnCount
    let dense = (0..<headCount).map { Array(w[($0 * headSize)..<($0 * headSize + k)]) }
    let tables = columns.map { columns in
      (0..<headCount).map {
        columns.signedTable(Array(w[($0 * headSize + k)..<(($0 + 1) * headSize)]))
      }
    }
    let ranges = Shards.ranges(of: rowCount)
    let parts = Shards.map(count: ranges.count) { shard in
      part(
        ranges[shard], dense: dense, tables: tables, sumCount: sumCount,
        keepsMargins: keepsMargins, body)
    }
    return combined(parts, sumCount: sumCount)
  }

  /// One shard's share of a pass.
  private struct Part: Sendable {
    var sums: [Double]
    /// Per head.
    var margins: [[Double]]
    var values: [[Double]]
    var dense: [[Double]]
  }

  private func part(
    _ range: Range<Int>, dense: [[Double]], tables: [[Double]]?, sumCount: Int,
    keepsMargins: Bool, _ body: (Range<Int>, inout [Double], inout [Double]) -> Void
  ) -> Part {
    let k = design.columnCount
    var part = Part(
      sums: [Double](repeating: 0, count: sumCount),
      margins: [[Double]](repeating: [], count: headCount),
      values: [[Double]](repeating: [], count: headCount),
      dense: [[Double]](repeating: [Double](repeating: 0, count: k), count: headCount))
    if range.isEmpty { return part }
    var hashed: [[Double]] = []
    if let columns, let tables {
      for table in tables {
        var margins = [Double](repeating: 0, count: range.count)
        columns.addProduct(rows: range, signed: table, to: &margins)
        hashed.append(margins)
      }
    }
    var scratch = Matrix(rowCount: min(design.blockRows, range.count), columnCount: k)
    var start = range.lowerBound
    while start < range.upperBound {
      let rows = start..<min(start + scratch.rowCount, range.upperBound)
      let offset = start - range.lowerBound
      design.fill(first: start, count: rows.count, into: &scratch)
      var block: [Double] = []  // H × rows.count
      block.reserveCapacity(headCount * rows.count)
      for head in 0..<headCount {
        var margins =
          hashed.isEmpty
          ? [Double](repeating: 0, count: rows.count)
          : Array(hashed[head][offset..<(offset + rows.count)])
        BLAS.multiply(scratch, firstRows: rows.count, dense[head], beta: 1, into: &margins)
        if keepsMargins { part.margins[head].append(contentsOf: margins) }
        block.append(contentsOf: margins)
      }
      body(rows, &block, &part.sums)
      for head in 0..<headCount {
        let values = Array(block[(head * rows.count)..<((head + 1) * rows.count)])
        BLAS.multiply(
          scratch, firstRows: rows.count, transposed: true, values, beta: 1,
          into: &part.dense[head])
        if columns != nil { part.values[head].append(contentsOf: values) }
      }
      start = rows.upperBound
    }
    return part
  }

  private func combined(_ parts: [Part], sumCount: Int) -> Pass {
    var pass = Pass(sums: [Double](repeating: 0, count: sumCount), margins: [], product: [])
    for part in parts { BLAS.add(1, part.sums, to: &pass.sums) }
    for head in 0..<headCount {
      pass.margins += parts.flatMap { $0.margins[head] }
      var dense = [Double](repeating: 0, count: design.columnCount)
      for part in parts { BLAS.add(1, part.dense[head], to: &dense) }
      pass.product += dense
      if let columns {
        pass.product += columns.transposedProduct(parts.flatMap { $0.values[head] })
      }
    }
    return pass
  }
}
