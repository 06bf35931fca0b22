/// Counts of words without a branch for each kind: a word adds one number whose parts of twelve bits are four counters.
struct WordLanes {
  /// Lanes are emptied after this many blocks of 64 bytes: 4032 letters fit a lane.
  static let blocks = 63
  /// Lengths that ``table()`` has.
  static let lengths = 64

  private var lanes: UInt64 = 0

  /// For every length below 64 what a word of that many letters adds: words, letters, long words, short words.
  static func table() -> [UInt64] {
    (0..<lengths).map { length in
      1 | UInt64(length) << 12 | (length >= 8 ? 1 << 24 : 0) | (length <= 3 ? 1 << 36 : 0)
    }
  }

  /// Counts a word that adds `lanes` of the table.
  @inline(__always)
  mutating func add(_ lanes: UInt64) { self.lanes &+= lanes }

  /// Moves the counts to `statistics`.
  @inline(__always)
  mutating func empty(into statistics: inout TextStatistics) {
    func take(_ lane: UInt64) -> Int {
      Int(truncatingIfNeeded: (lanes &>> (12 &* lane)) & 0xfff)
    }
    statistics.words &+= take(0)
    statistics.letters &+= take(1)
    statistics.wordLetters &+= take(1)
    statistics.longWords &+= take(2)
    statistics.shortWords &+= take(3)
    lanes = 0
  }
}
