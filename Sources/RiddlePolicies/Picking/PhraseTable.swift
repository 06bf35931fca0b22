/// Phrases to look for in lower-cased UTF-8, by their first byte, so that most positions of a text are passed over after one
/// look-up. At most 64 phrases.
struct PhraseTable: Equatable, Sendable {
  private let phrases: [[UInt8]]
  /// Bit p of entry b: phrase p starts with byte b.
  private let starting: [UInt64]

  /// A table of `phrases`, lower-cased; empty ones are never found.
  init(_ phrases: some Sequence<String>) {
    self.phrases = phrases.map { Array($0.lowercased().utf8) }
    precondition(self.phrases.count <= 64, "\(self.phrases.count) phrases, at most 64 fit")
    var starting = [UInt64](repeating: 0, count: 256)
    for (index, phrase) in self.phrases.enumerated() {
      if let first = phrase.first { starting[Int(first)] |= 1 << UInt64(index) }
    }
    self.starting = starting
  }

  /// How many of the phrases occur in `text`, inside words too; each counts once.
  func hits(in text: [UInt8], atMost limit: Int = 64) -> Int {
    var found: UInt64 = 0
    for start in text.indices {
      var open = starting[Int(text[start])] & ~found
      while open != 0 {
        let index = open.trailingZeroBitCount
        open &= open - 1
        if occurs(index, in: text, at: start) {
          found |= 1 << UInt64(index)
          if found.nonzeroBitCount >= limit { return limit }
        }
      }
    }
    return found.nonzeroBitCount
  }

  /// Whether any of the phrases occurs in `text`.
  func occurs(in text: [UInt8]) -> Bool { hits(in: text, atMost: 1) > 0 }

  private func occurs(_ index: Int, in text: [UInt8], at start: Int) -> Bool {
    let count = phrases[index].count
    if text.count - start < count { return false }
    for offset in 1..<max(1, count) where text[start + offset] != phrases[index][offset] {
      return false
    }
    return true
  }
}
