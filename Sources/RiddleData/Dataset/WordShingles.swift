import RiddleRuntime

/// The set of word 5-grams of a text, as sorted distinct hashes: what near-duplicates are compared by.
///
/// A word is a run of bytes without ASCII white space, ASCII letters lowered, without the punctuation `. , ; : ! ? " ' ( )`
/// at its ends; a run of nothing else stays as it is. Signs of mathematics and code are kept, because `3 + 4` and
/// `3 - 4` are different questions.
struct WordShingles {
  /// Words of one shingle.
  static let order = 5

  private(set) var hashes: [UInt64] = []
  private var words: [UInt64] = []

  /// Replaces the set by that of `text`; empty for a text of fewer than five words.
  mutating func read(_ text: String) {
    hashes.removeAll(keepingCapacity: true)
    words.removeAll(keepingCapacity: true)
    let bytes = text.utf8Span.span
    var start = 0
    while start < bytes.count {
      if Self.isSpace(bytes[start]) {
        start += 1
        continue
      }
      var end = start
      while end < bytes.count && !Self.isSpace(bytes[end]) { end += 1 }
      var (first, last) = (start, end)
      while first < last && Self.isPunctuation(bytes[first]) { first += 1 }
      while last > first && Self.isPunctuation(bytes[last - 1]) { last -= 1 }
      if first == last { (first, last) = (start, end) }
      var state = StableHash.start
      for i in first..<last {
        let byte = bytes[i]
        state = StableHash.adding(byte >= 65 && byte <= 90 ? byte | 32 : byte, to: state)
      }
      words.append(StableHash.mixed(state))
      start = end
    }
    if words.count < Self.order { return }
    for i in 0...(words.count - Self.order) {
      var state: UInt64 = 0
      for k in 0..<Self.order { state = StableHash.mixed(state &+ words[i + k]) }
      hashes.append(state)
    }
    hashes.sort()
    var kept = 1
    for i in 1..<hashes.count where hashes[i] != hashes[kept - 1] {
      hashes[kept] = hashes[i]
      kept += 1
    }
    hashes.removeLast(hashes.count - kept)
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (byte >= 9 && byte <= 13) }

  private static func isPunctuation(_ byte: UInt8) -> Bool {
    switch byte {
    case 33, 34, 39, 40, 41, 44, 46, 58, 59, 63: true  // ! " ' ( ) , . : ; ?
    default: false
    }
  }

  /// Whether |A ∩ B| / |A ∪ B| ≥ `threshold` for two sorted sets without repeats; never for an empty one.
  static func areSimilar(_ a: [UInt64], _ b: [UInt64], threshold: Double) -> Bool {
    let (small, large) = (min(a.count, b.count), max(a.count, b.count))
    if small == 0 || Double(small) < threshold * Double(large) { return false }
    let (left, right) = (a.span, b.span)
    var (i, j, common) = (0, 0, 0)
    while i < left.count && j < right.count {
      if left[i] == right[j] {
        common += 1
        i += 1
        j += 1
      } else if left[i] < right[j] {
        i += 1
      } else {
        j += 1
      }
    }
    return Double(common) >= threshold * Double(a.count + b.count - common)
  }
}
