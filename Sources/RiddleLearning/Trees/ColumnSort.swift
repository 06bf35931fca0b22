/// Sorts a column's values with their rows: least-significant-digit radix sort on 11-bit digits.
///
/// A column of n values costs at most three passes over n eight-byte words; digits that all values share, as the
/// low digits of whole numbers do, cost none. A comparison sort took over half of a tree's time.
struct ColumnSort: Sendable {
  /// Order-preserving image of the value in the high half, the row in the low half.
  private var words: [UInt64] = []

  /// Room for `count` values, to be given by ``load(_:rows:stride:column:)``.
  init(count: Int) { words = [UInt64](repeating: 0, count: count) }

  /// The values of one column.
  init(_ column: [Float]) {
    for (row, value) in column.enumerated() {
      words.append(UInt64(Self.key(of: value)) << 32 | UInt64(UInt32(row)))
    }
  }

  /// Number of values.
  var count: Int { words.count }

  mutating func clear() { words = [] }

  /// Takes `rows` of a column of a row-major matrix `stride` wide, before sorting.
  mutating func load(_ values: borrowing Span<Double>, rows: Range<Int>, stride: Int, column: Int) {
    precondition(
      rows.isEmpty
        || (rows.upperBound - 1) * stride + column < values.count
          && rows.upperBound <= words.count && column >= 0 && rows.lowerBound >= 0,
      "rows beyond the matrix")
    var words = words.mutableSpan
    for row in rows {
      // In bounds by the precondition.
      let value = Float(unsafe values[unchecked: row &* stride &+ column])
      unsafe words[unchecked: row] = UInt64(Self.key(of: value)) << 32 | UInt64(UInt32(row))
    }
  }

  /// Larger for larger values; both zeros alike; every NaN above infinity.
  static func key(of value: Float) -> UInt32 {
    if value.isNaN { return .max }
    let bits = (value + 0).bitPattern  // −0 + 0 = 0
    return bits >> 31 == 1 ? ~bits : bits | 0x8000_0000
  }

  /// The value of a key; `.nan` for the key of missing values.
  static func value(of key: UInt32) -> Float {
    if key == .max { return .nan }
    return Float(bitPattern: key >> 31 == 1 ? key & 0x7fff_ffff : ~key)
  }

  /// Sorts by value, equal values by row.
  mutating func sort() {
    var counts = [Int](repeating: 0, count: 3 * 2048)
    for word in words {
      counts[Int(word >> 32 & 0x7ff)] += 1
      counts[2048 + Int(word >> 43 & 0x7ff)] += 1
      counts[4096 + Int(word >> 54)] += 1
    }
    var other = [UInt64](repeating: 0, count: words.count)
    for digit in 0..<3 {
      let base = digit * 2048
      let shift = UInt64(32 + 11 * digit)
      if let first = words.first, counts[base + Int(first >> shift & 0x7ff)] == words.count {
        continue
      }
      var start = 0
      for value in base..<(base + 2048) {
        let count = counts[value]
        counts[value] = start
        start += count
      }
      Self.scatter(words.span, to: &other, places: &counts, base: base, shift: shift)
      swap(&words, &other)
    }
  }

  private static func scatter(
    _ words: Span<UInt64>, to other: inout [UInt64], places: inout [Int], base: Int, shift: UInt64
  ) {
    var target = other.mutableSpan
    var places = places.mutableSpan
    for i in words.indices {
      let word = words[i]
      let slot = base + Int(word >> shift & 0x7ff)
      target[places[slot]] = word
      places[slot] += 1
    }
  }

  /// Distinct present values ascending, how many rows hold at most each, and how many hold any.
  var distinct: (values: [Float], upTo: [Int], presentCount: Int) {
    var values: [Float] = []
    var upTo: [Int] = []
    var last: UInt32?
    for i in words.indices {
      let key = UInt32(words[i] >> 32)
      if key == .max { return (values, upTo, i) }
      if key != last {
        if last != nil { upTo.append(i) }
        values.append(Self.value(of: key))
        last = key
      }
    }
    if last != nil { upTo.append(words.count) }
    return (values, upTo, words.count)
  }

  /// Writes every row's bin to `codes[start + row]`: the number of `cuts` below its value.
  func writeBins(of cuts: [Float], to codes: inout [UInt8], from start: Int) {
    let words = words.span
    var codes = codes.mutableSpan
    var bin = 0
    // A value stays in a bin up to the key of the bin's cut; nothing lies above the last bin.
    var limit = cuts.isEmpty ? UInt32.max : Self.key(of: cuts[0])
    for i in words.indices {
      let key = UInt32(words[i] >> 32)
      while key > limit {
        bin += 1
        limit = bin < cuts.count ? Self.key(of: cuts[bin]) : .max
      }
      codes[start + Int(UInt32(truncatingIfNeeded: words[i]))] = UInt8(bin)
    }
  }
}
