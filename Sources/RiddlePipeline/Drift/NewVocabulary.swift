import RiddleData
import RiddleEvaluation
import RiddleRuntime

/// Share of each query's distinct words that the reference does not know.
///
/// A reference row would know its own words, and a later one would seem new beside it. So that both are judged alike, the
/// reference is divided into ``spans`` stretches of equal length; a reference row is held against the words of the other
/// stretches, a later row against the words of the reference without one stretch, chosen by a hash of its text. Without drift both rates
/// are the same; ordinary rare words are in both.
///
/// A word is a run of letters, digits and bytes above 127, ASCII letters lowered; its 64-bit hash stands for it.
struct NewVocabulary {
  /// Stretches of the reference.
  static let spans = 8

  /// - Parameters:
  ///   - texts: of all rows.
  ///   - reference: rows of the reference.
  ///   - span: stretch of each reference row, in 0 ..< ``spans``, in their order.
  ///   - later: rows to be judged beside them.
  /// - Returns: one share a row of `texts`; NaN for rows that are neither, and for rows without a word.
  static func shares(
    texts: [String], reference: [Int], span: [Int], later: [Int]
  ) -> [Double] {
    var shares = [Double](repeating: .nan, count: texts.count)
    var stretchesOf: [UInt64: UInt8] = [:]
    for (row, span) in zip(reference, span) {
      for word in words(texts[row]) { stretchesOf[word, default: 0] |= 1 << UInt8(span) }
    }
    func share(_ row: Int, without span: Int) -> Double {
      let words = words(texts[row])
      if words.isEmpty { return .nan }
      let others = ~(UInt8(1) << UInt8(span))
      let new = words.count { (stretchesOf[$0] ?? 0) & others == 0 }
      return Double(new) / Double(words.count)
    }
    for (row, span) in zip(reference, span) { shares[row] = share(row, without: span) }
    for row in later {
      let hash = StableHash.mixed(StableHash.hash(texts[row].utf8))
      shares[row] = share(row, without: Int(hash % UInt64(spans)))
    }
    return shares
  }

  /// Distinct words, in order of their hashes.
  static func words(_ text: String) -> [UInt64] {
    var hashes: [UInt64] = []
    var state = StableHash.start
    var isInside = false
    func ends() -> UInt64 { StableHash.mixed(state) }
    for byte in text.utf8 {
      switch byte {
      case 48...57, 65...90, 97...122, 128...255:
        state = StableHash.adding(byte >= 65 && byte <= 90 ? byte | 32 : byte, to: state)
        isInside = true
      default:
        if isInside { hashes.append(ends()) }
        state = StableHash.start
        isInside = false
      }
    }
    if isInside { hashes.append(ends()) }
    hashes.sort()
    var distinct: [UInt64] = []
    for hash in hashes where distinct.last != hash { distinct.append(hash) }
    return distinct
  }
}
