import RiddleLinearAlgebra

/// Sorts a column's values with their rows: least-significant-digit radix sort on 11-bit digits.
///
/// A column of n values costs at most three passes over n eight-byte words; digits that all values share, as the
/// low digits of whole numbers do, cost none. A comparison sort took over half of a tree's time.
struct ColumnSort: Sendable {
  /// Order-preserving image of the value in the high half, the row in the low half.
  private var words: [UInt64] = []

  /// The values of a column whose keys stand in pieces, one after the other.
  init(_ pieces: [ColumnKeys], column: Int, count: Int) {
    words = [UInt64](repeating: 0, count: count)
    var words = words.mutableSpan
    for piece in pieces {
      let keys = piece.keys
      let from = column * piece.rows.count
      for (i, row) in piece.rows.enumerated() {
        words[row] = UInt64(keys[from + i]) << 32 | UInt64(row)
      }
    }
  }

  /// The values of one column.
  init(_ column: [Float]) {
    for (row, value) in column.enumerated() {
      words.append(UInt64(Self.key(of: value)) << 32 | UInt64(UInt32(row)))
    }
  }

  /// Number of values.
  var count: Int { words.count }

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
    Self.count(words.span, to: &counts)
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

  /// How often each value of each digit occurs.
  private static func count(_ words: Span<UInt64>, to counts: inout [Int]) {
    precondition(counts.count == 3 * 2048, "three digits of 11 bits")
    var counts = counts.mutableSpan
    for i in 0..<words.count {
      // In bounds: a digit is below 2048, the highest has ten bits.
      let word = unsafe words[unchecked: i]
      unsafe counts[unchecked: Int(word >> 32 & 0x7ff)] &+= 1
      unsafe counts[unchecked: 2048 &+ Int(word >> 43 & 0x7ff)] &+= 1
      unsafe counts[unchecked: 4096 &+ Int(word >> 54)] &+= 1
    }
  }

  private static func scatter(
    _ words: Span<UInt64>, to other: inout [UInt64], places: inout [Int], base: Int, shift: UInt64
  ) {
    precondition(base + 2048 <= places.count, "a place for every digit")
    var target = other.mutableSpan
    var places = places.mutableSpan
    for i in 0..<words.count {
      // Digits are in bounds by the precondition; the place is checked.
      let word = unsafe words[unchecked: i]
      let slot = base &+ Int(word >> shift & 0x7ff)
      let place = unsafe places[unchecked: slot]
      target[place] = word
      unsafe places[unchecked: slot] = place &+ 1
    }
  }

  // MARK: the sorted column

  private func key(at place: Int) -> UInt32 { UInt32(words[place] >> 32) }

  /// The value at `place`.
  func value(at place: Int) -> Float { Self.value(of: key(at: place)) }

  /// Number of values that are not missing; they come first.
  var presentCount: Int {
    var (low, high) = (0, words.count)
    while low < high {
      let middle = (low + high) / 2
      if key(at: middle) == .max { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The first place after the values that equal the one at `place`.
  func runEnd(from place: Int) -> Int {
    let words = words.span
    let key = words[place] >> 32
    var end = place + 1
    while end < words.count && words[end] >> 32 == key { end += 1 }
    return end
  }

  /// Whether more than `limit` distinct values are present.
  func hasDistinct(moreThan limit: Int) -> Bool {
    let words = words.span
    var found = 0
    // A block at a time: within it no branch depends on the data.
    for start in stride(from: 0, to: presentCount, by: 1024) {
      let end = min(start + 1024, presentCount)
      if start == 0 { found = 1 }
      for i in max(start, 1)..<max(end, 1) {
        found += words[i] >> 32 == words[i - 1] >> 32 ? 0 : 1
      }
      if found > limit { return true }
    }
    return false
  }

  /// Writes every row's bin to `codes[row]`: the number of `cuts` below its value.
  ///
  /// - Returns: the bin of most rows, the lowest of those, and their number.
  func writeBins(of cuts: [Float], to codes: inout [UInt8]) -> (bin: Int, rows: Int) {
    let words = words.span
    var codes = codes.mutableSpan
    var dominant = (bin: 0, rows: 0)
    var start = 0
    var bin = 0
    // A value stays in a bin up to the key of the bin's cut; nothing lies above the last bin.
    var limit = cuts.isEmpty ? UInt32.max : Self.key(of: cuts[0])
    for i in words.indices {
      let key = UInt32(words[i] >> 32)
      while key > limit {
        if i - start > dominant.rows { dominant = (bin, i - start) }
        start = i
        bin += 1
        limit = bin < cuts.count ? Self.key(of: cuts[bin]) : .max
      }
      codes[Int(UInt32(truncatingIfNeeded: words[i]))] = UInt8(bin)
    }
    if words.count - start > dominant.rows { dominant = (bin, words.count - start) }
    return dominant
  }
}

/// Sort keys of a few columns over consecutive rows, column after column.
struct ColumnKeys: Sendable {
  let rows: Range<Int>
  /// Key of column c, row r at `c * rows.count + r - rows.lowerBound`.
  let keys: [UInt32]

  init(_ matrix: Matrix, rows: Range<Int>, columns: Range<Int>) {
    self.rows = rows
    precondition(
      rows.upperBound <= matrix.rowCount && columns.upperBound <= matrix.columnCount,
      "keys beyond the matrix")
    var made = [UInt32](repeating: 0, count: rows.count * columns.count)
    let values = matrix.values.span
    var target = made.mutableSpan
    let n = rows.count
    // Tiles: each column gets a whole cache line before the next tile begins.
    for start in stride(from: 0, to: n, by: 16) {
      let tile = start..<min(n, start + 16)
      for c in 0..<columns.count {
        let from = rows.lowerBound * matrix.columnCount + columns.lowerBound + c
        for r in tile {
          // In bounds by the precondition.
          let value = Float(unsafe values[unchecked: from &+ r &* matrix.columnCount])
          unsafe target[unchecked: c &* n &+ r] = ColumnSort.key(of: value)
        }
      }
    }
    keys = made
  }
}
