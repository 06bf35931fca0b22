/// Counts of marks without a branch for each: a mark adds a word whose bytes are eight counters, so that one addition
/// counts every kind the mark is of.
struct MarkLanes {
  /// Marks whose neighbours matter: solidus, back-tick, low line.
  static let special: UInt64 = 1 << 56

  private var first: UInt64 = 0
  private var second: UInt64 = 0

  /// Two words for every byte value: what a mark adds to the counters.
  static func table() -> [UInt64] {
    let classes = ByteClass.table()
    var table = [UInt64](repeating: 0, count: 512)
    for value in 33..<127 {
      let bits = classes[value]
      let kinds: InlineArray<14, Bool> = [
        bits & ByteClass.mathMark != 0, bits & ByteClass.codeMark != 0,
        bits & ByteClass.latexMark != 0, bits & ByteClass.bracket != 0,
        bits & ByteClass.quote != 0, bits & ByteClass.tableMark != 0,
        bits & ByteClass.colon != 0, value == 44,  // comma
        value == 36 || value == 37, value == 37, value == 33, value == 63, value == 64,
        bits & ByteClass.punctuation != 0,
      ]
      for kind in 0..<14 where kinds[kind] {
        table[2 * value + kind / 8] |= 1 << UInt64(8 * (kind % 8))
      }
      if value == 47 || value == 96 || value == 95 { table[2 * value + 1] |= special }
    }
    return table
  }

  /// Counts a mark that adds `first` and `second`. At most 255 times between two calls of ``empty(into:)``.
  @inline(__always)
  mutating func add(_ first: UInt64, _ second: UInt64) {
    self.first &+= first
    self.second &+= second
  }

  /// Moves the counts to `statistics`.
  @inline(__always)
  mutating func empty(into statistics: inout TextStatistics) {
    if second == 0 { return }
    func take(_ lanes: UInt64, _ lane: UInt64) -> Int {
      Int(truncatingIfNeeded: (lanes &>> (8 &* lane)) & 0xff)
    }
    statistics.mathMarks &+= take(first, 0)
    statistics.codeMarks &+= take(first, 1)
    statistics.latexMarks &+= take(first, 2)
    statistics.brackets &+= take(first, 3)
    statistics.quotes &+= take(first, 4)
    statistics.tableMarks &+= take(first, 5)
    statistics.colons &+= take(first, 6)
    statistics.commas &+= take(first, 7)
    statistics.currency &+= take(second, 0)
    statistics.shape.percentSigns &+= take(second, 1)
    statistics.exclamations &+= take(second, 2)
    statistics.questionMarks &+= take(second, 3)
    statistics.links &+= take(second, 4)
    statistics.punctuation &+= take(second, 5)
    first = 0
    second = 0
  }
}

extension PlaneMap {
  /// Counts all marks but apostrophes and white space. They do not depend on words or on one another.
  @inline(__always)
  func countMarks(
    _ text: UnsafePointer<UInt8>, _ classes: UnsafePointer<UInt16>,
    _ table: UnsafePointer<UInt64>, _ statistics: inout TextStatistics
  ) {
    var lanes = MarkLanes()
    let blocks = unsafe (count &+ 63) &>> 6
    for block in 0..<blocks {
      var marks = unsafe self[block, BytePlanes.mark] & ~self[block, BytePlanes.space]
      while marks != 0 {
        let at = block &<< 6 &+ marks.trailingZeroBitCount
        marks &= marks &- 1
        let byte = unsafe Int(text[at])
        // In bounds: a zero byte follows the text.
        let isBeforeSpace = unsafe text[at &+ 1] <= 32
        let isEnd = unsafe classes[byte] & ByteClass.sentenceEnd != 0
        statistics.sentences &+= isEnd && isBeforeSpace ? 1 : 0
        let second = unsafe table[2 &* byte &+ 1]
        unsafe lanes.add(table[2 &* byte], second & ~MarkLanes.special)
        if second & MarkLanes.special != 0 { unsafe countSpecial(text, at, &statistics) }
      }
      // Three blocks have 192 marks at most.
      if block % 3 == 2 { lanes.empty(into: &statistics) }
    }
    lanes.empty(into: &statistics)
    if unsafe count > 0 {
      statistics.endsWithQuestion = unsafe text[count &- 1] == 63
    }
  }

  private func countSpecial(
    _ text: UnsafePointer<UInt8>, _ i: Int, _ statistics: inout TextStatistics
  ) {
    switch unsafe text[i] {
    case 47:
      if unsafe i > 0 && i &+ 2 < count && text[i &+ 1] == 47 && text[i &- 1] == 58 {
        statistics.links &+= 1
      }
    case 96:
      if unsafe i >= 2 && text[i &- 1] == 96 && text[i &- 2] == 96 { statistics.fences &+= 1 }
    default: if unsafe i >= 1 && text[i &- 1] == 95 { statistics.blanks &+= 1 }
    }
  }
}
