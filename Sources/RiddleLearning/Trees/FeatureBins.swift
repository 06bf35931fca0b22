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
  /// The bin that most rows of each feature share, the lowest of those, and their number.
  let dominant: [(bin: Int, rows: Int)]

  /// Sort keys held at once at most, 64 MB of them; a block of columns is read from the matrix in one go.
  private static let keyLimit = 1 << 24

  /// Bins of the columns of `dense`, whose infinities were refused at the door.
  init(_ dense: Matrix, maximumBins: Int) {
    let n = dense.rowCount
    let d = dense.columnCount
    rowCount = n
    featureCount = d
    var codes: [UInt8] = []
    codes.reserveCapacity(n * d)
    var cuts: [[Float]] = []
    var dominant: [(bin: Int, rows: Int)] = []
    let rows = Shards.ranges(of: n)
    let width = max(8, Self.keyLimit / max(n, 1))
    for first in stride(from: 0, to: d, by: width) {
      let features = first..<min(d, first + width)
      // Rows are read from end to end: column by column every value would cost a cache line.
      let keys = Shards.map(count: rows.count) {
        ColumnKeys(dense, rows: rows[$0], columns: features)
      }
      let columns = Shards.map(count: features.count) {
        BinnedColumn(keys, column: $0, rowCount: n, maximumBins: maximumBins)
      }
      for column in columns {
        codes += column.codes
        cuts.append(column.cuts)
        dominant.append(column.dominant)
      }
    }
    self.dominant = dominant
    self.codes = codes
    self.cuts = cuts
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
    let present = sort.presentCount
    // No rows, or nothing but missing values: nothing to compare.
    if present == 0 { return [] }
    let hasMissing = present < sort.count
    let room = maximumBins - (hasMissing ? 1 : 0)
    var cuts: [Float] = []
    // Every run of equal values but the last has a cut at its end.
    if sort.hasDistinct(moreThan: room) {
      var end = 0
      for share in 1..<max(room, 1) {
        // The run that completes this share of the rows, unless it has its cut already.
        let target = present * share / room
        if target <= end { continue }
        end = sort.runEnd(from: target - 1)
        if end == present { break }
        cuts.append(cut(between: sort.value(at: end - 1), and: sort.value(at: end)))
      }
    } else {
      var end = sort.runEnd(from: 0)
      while end < present {
        cuts.append(cut(between: sort.value(at: end - 1), and: sort.value(at: end)))
        end = sort.runEnd(from: end)
      }
    }
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

/// One feature in bins.
private struct BinnedColumn: Sendable {
  var codes: [UInt8]
  let cuts: [Float]
  let dominant: (bin: Int, rows: Int)

  init(_ keys: [ColumnKeys], column: Int, rowCount: Int, maximumBins: Int) {
    var sort = ColumnSort(keys, column: column, count: rowCount)
    sort.sort()
    cuts = FeatureBins.cuts(of: sort, maximumBins: maximumBins)
    codes = [UInt8](repeating: 0, count: rowCount)
    dominant = sort.writeBins(of: cuts, to: &codes)
  }
}
