/// From a word's hash to its ``WordGroup`` and ``WordMark`` with one comparison: no two words share a slot.
///
/// The hash names a bucket, and each bucket has a multiplier of its own, the first that gives free slots to all its words (as
/// Fredman, Komlós & Szemerédi, 1984, doi:10.1145/828.1884, with one array for all buckets). A slot holds the upper 48 bits
/// of the hash, then the group, then the mark.
struct WordTable: Equatable, Sendable {
  private static let bucketBits = 7
  private static let slotBits = 10
  /// Stand for "in no group" and "without a mark".
  static let noGroup = UInt8(17)
  static let noMark = UInt8(25)
  private static let unknown = UInt64(noGroup) << 8 | UInt64(noMark)
  /// Where the slots begin in ``memory``.
  private static let firstSlot = 1 << bucketBits

  /// The multiplier of every bucket, then the slots.
  private(set) var memory: [UInt64]
  /// Number of words that found no slot; 0 for every version.
  private(set) var lostWords = 0

  /// What is known of a word.
  struct Entry: Equatable, Sendable {
    let group: UInt8
    let mark: UInt8
  }

  init(version: UInt16) {
    let words = Self.words(version)
    memory = [UInt64](repeating: 0, count: Self.firstSlot)
    memory += [UInt64](repeating: Self.unknown, count: 1 << Self.slotBits)
    var buckets = [[UInt64]](repeating: [], count: Self.firstSlot)
    for word in words { buckets[Self.bucket(of: word)].append(word) }
    // The fullest first, while there is room.
    for size in stride(from: buckets.reduce(0) { max($0, $1.count) }, to: 0, by: -1) {
      for bucket in 0..<buckets.count where buckets[bucket].count == size {
        place(buckets[bucket], bucket)
      }
    }
  }

  /// Slots that hold a word.
  var slots: [UInt64] { memory[Self.firstSlot...].filter { $0 != Self.unknown } }

  private mutating func place(_ words: [UInt64], _ bucket: Int) {
    for attempt in 0..<(1 as UInt64) << 12 {
      let multiplier = StableHash.mixed(attempt) | 1
      var taken: [Int] = []
      for word in words {
        let slot = Self.slot(of: word, multiplier)
        if memory[slot] != Self.unknown || taken.contains(slot) { break }
        taken.append(slot)
      }
      if taken.count < words.count { continue }
      memory[bucket] = multiplier
      for i in 0..<words.count { memory[taken[i]] = words[i] }
      return
    }
    lostWords += words.count
  }

  /// All words of the lists as they stand in slots, each once.
  private static func words(_ version: UInt16) -> [UInt64] {
    var words: [UInt64] = []
    func add(_ list: StaticString, group: UInt8, mark: UInt8) {
      var hasher = WordHasher(version: version)
      for i in 0...list.utf8CodeUnitCount {
        // In bounds: i < utf8CodeUnitCount; the literal lives as long as the program.
        let byte = i == list.utf8CodeUnitCount ? 32 : unsafe list.utf8Start[i]
        if byte != 32 {
          hasher.add(byte)
        } else if hasher.length > 0 {
          add(hasher.value, group, mark)
          hasher = WordHasher(version: version)
        }
      }
    }
    func add(_ hash: UInt64, _ group: UInt8, _ mark: UInt8) {
      var (group, mark) = (group, mark)
      let known = words.firstIndex { ($0 ^ hash) >> 16 == 0 }
      if let known {
        // A word that stands in two lists belongs to the later one.
        if group == noGroup { group = UInt8(truncatingIfNeeded: words[known] >> 8) }
        if mark == noMark { mark = UInt8(truncatingIfNeeded: words[known]) }
      }
      let word = (hash >> 16) << 16 | UInt64(group) << 8 | UInt64(mark)
      if let known { words[known] = word } else { words.append(word) }
    }
    for group in WordGroup.allCases { add(group.words, group: group.rawValue, mark: noMark) }
    for mark in WordMark.allCases { add(mark.words, group: noGroup, mark: mark.rawValue) }
    return words
  }

  /// The word with this hash state. `memory` is that of a table.
  @inline(__always)
  static func entry(of hash: UInt64, in memory: UnsafePointer<UInt64>) -> Entry {
    let multiplier = unsafe memory[bucket(of: hash)]
    let found = unsafe memory[slot(of: hash, multiplier)]
    // Two selections, not one: a lone one would become a branch, and no processor foresees whether a word is in a list.
    let isKnown = (found ^ hash) &>> 16 == 0
    return Entry(
      group: isKnown ? UInt8(truncatingIfNeeded: found &>> 8) : noGroup,
      mark: isKnown ? UInt8(truncatingIfNeeded: found) : noMark)
  }

  @inline(__always)
  private static func bucket(of hash: UInt64) -> Int {
    Int(truncatingIfNeeded: hash &>> UInt64(64 - bucketBits))
  }

  /// Of the bits that a slot holds.
  @inline(__always)
  private static func slot(of hash: UInt64, _ multiplier: UInt64) -> Int {
    let product = (hash & ~0xffff) &* multiplier
    return firstSlot + Int(truncatingIfNeeded: product &>> UInt64(64 - slotBits))
  }
}
