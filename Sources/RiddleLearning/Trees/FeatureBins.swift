import RiddleLinearAlgebra

/// Dense features cut into at most 255 bins a column, so that split search adds up histograms.
///
/// A missing value (NaN) counts as larger than every number: a column that has one gets a last cut at the
/// largest finite `Float`, and its missing values a bin of their own above it. `x <= threshold` is false for
/// NaN, so a tree sends missing values right at every cut, and the last cut parts present from missing.
struct FeatureBins: Sendable {
  let rowCount: Int
  let featureCount: Int
  /// Bin of feature j, row i at `j * rowCount + i`.
  let codes: [UInt8]
  /// Cuts of each feature, ascending: `x <= cuts[b]` puts x into bin b or lower.
  let cuts: [[Float]]

  /// Features binned side by side: a cache line of a row-major matrix of doubles.
  private static let groupWidth = 8

  /// Bins of the columns of `dense`, whose infinities were refused at the door.
  init(_ dense: Matrix, maximumBins: Int) {
    let n = dense.rowCount
    let d = dense.columnCount
    rowCount = n
    featureCount = d
    let width = Self.groupWidth
    var groups = (0..<((d + width - 1) / width)).map { group in
      ColumnGroup(features: (group * width)..<min(d, (group + 1) * width))
    }
    Shards.update(&groups) { _, group in group.fill(dense, maximumBins: maximumBins) }
    codes = groups.flatMap(\.codes)
    cuts = groups.flatMap(\.cuts)
  }

  /// Bins of the rows of `data`.
  init(_ data: TrainingSet, maximumBins: Int) {
    self.init(data.dense, maximumBins: maximumBins)
  }

  /// Cuts halfway between neighbouring distinct values: all of them when at most `maximumBins` values occur,
  /// otherwise those nearest to equal shares of rows.
  static func cuts(of column: [Float], maximumBins: Int) -> [Float] {
    var sort = ColumnSort(column)
    sort.sort()
    return cuts(of: sort, maximumBins: maximumBins)
  }

  /// Cuts of a sorted column.
  static func cuts(of sort: borrowing ColumnSort, maximumBins: Int) -> [Float] {
    let distinct = sort.distinct
    let present = distinct.values.count
    // No rows, or nothing but missing values: nothing to compare.
    guard present > 0 else { return [] }
    let hasMissing = distinct.presentCount < sort.count
    let room = maximumBins - (hasMissing ? 1 : 0)
    var chosen = Array(0..<(present - 1))
    if present > room {
      chosen = []
      var v = 0
      for share in 1..<max(room, 1) {
        let target = distinct.presentCount * share / room
        while v < present - 1 && distinct.upTo[v] < target { v += 1 }
        if v < present - 1 && v != chosen.last { chosen.append(v) }
      }
    }
    var cuts = chosen.map { cut(between: distinct.values[$0], and: distinct.values[$0 + 1]) }
    if hasMissing { cuts.append(.greatestFiniteMagnitude) }
    return cuts
  }

  /// The midpoint, or `low` when rounding would carry the midpoint to `high`, which must go right.
  static func cut(between low: Float, and high: Float) -> Float {
    let middle = low / 2 + high / 2
    return middle < high && middle >= low ? middle : low
  }

  /// Number of cuts below `value`, by bisection; a missing value lies above all of them.
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

/// Neighbouring features on their way into bins.
private struct ColumnGroup: Sendable {
  let features: Range<Int>
  var codes: [UInt8] = []
  var cuts: [[Float]] = []

  init(features: Range<Int>) { self.features = features }

  mutating func fill(_ dense: Matrix, maximumBins: Int) {
    let n = dense.rowCount
    let d = dense.columnCount
    codes = [UInt8](repeating: 0, count: n * features.count)
    var sorts = features.map { _ in ColumnSort(count: n) }
    // Tiles of rows small enough that the lines read for the first column are there for the others.
    for start in stride(from: 0, to: n, by: 128) {
      let rows = start..<min(n, start + 128)
      for at in sorts.indices {
        sorts[at].load(
          dense.values.span, rows: rows, stride: d, column: features.lowerBound + at)
      }
    }
    for at in sorts.indices {
      sorts[at].sort()
      let cuts = FeatureBins.cuts(of: sorts[at], maximumBins: maximumBins)
      sorts[at].writeBins(of: cuts, to: &codes, from: at * n)
      self.cuts.append(cuts)
      sorts[at].clear()
    }
  }
}
