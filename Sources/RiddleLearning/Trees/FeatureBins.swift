import RiddleLinearAlgebra

/// Dense features cut into at most 255 bins a column, so that split search adds up histograms.
struct FeatureBins: Sendable {
  let rowCount: Int
  let featureCount: Int
  /// Bin of feature j, row i at `j * rowCount + i`.
  let codes: [UInt8]
  /// Cuts of each feature, ascending: `x <= cuts[b]` puts x into bin b or lower.
  let cuts: [[Float]]

  init(_ data: TrainingSet, maximumBins: Int) {
    let n = data.count
    let d = data.dense.columnCount
    rowCount = n
    featureCount = d
    let columns = Shards.map(count: d) { j -> (cuts: [Float], codes: [UInt8]) in
      let column = (0..<n).map { Float(data.dense.values[$0 * d + j]) }
      let cuts = Self.cuts(of: column, maximumBins: maximumBins)
      return (cuts, column.map { UInt8(Self.bin(of: $0, cuts: cuts)) })
    }
    codes = columns.flatMap(\.codes)
    cuts = columns.map(\.cuts)
  }

  /// Cuts halfway between neighbouring distinct values: all of them when at most `maximumBins` values occur,
  /// otherwise those nearest to equal shares of rows.
  static func cuts(of column: [Float], maximumBins: Int) -> [Float] {
    let sorted = column.sorted()
    var values: [Float] = []
    var upTo: [Int] = []  // rows with at most this value
    for (i, value) in sorted.enumerated() {
      if value != values.last {
        values.append(value)
        upTo.append(i)
      }
      upTo[upTo.count - 1] = i + 1
    }
    guard values.count > 1 else { return [] }
    var chosen = Array(0..<(values.count - 1))
    if values.count > maximumBins {
      chosen = []
      var v = 0
      for share in 1..<maximumBins {
        let target = column.count * share / maximumBins
        while v < values.count - 1 && upTo[v] < target { v += 1 }
        if v < values.count - 1 && v != chosen.last { chosen.append(v) }
      }
    }
    return chosen.map { cut(between: values[$0], and: values[$0 + 1]) }
  }

  /// The midpoint, or `low` when rounding would carry the midpoint to `high`, which must go right.
  static func cut(between low: Float, and high: Float) -> Float {
    let middle = low / 2 + high / 2
    return middle < high && middle >= low ? middle : low
  }

  /// Number of cuts below `value`, by bisection.
  static func bin(of value: Float, cuts: [Float]) -> Int {
    var low = 0
    var high = cuts.count
    while low < high {
      let middle = (low + high) / 2
      if value <= cuts[middle] { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
