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
  private static let slotCount = 1 << slotBits
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
    memory = [UInt64](repeating: Self.unknown, count: Self.firstSlot + Self.slotCount)
    let words = Self.words(version)
    var sizes = [Int](repeating: 0, count: Self.firstSlot)
    for word in words where word != Self.unknown { sizes[Self.bucket(of: word)] += 1 }
    // The fullest first, while there is room.
    var size = sizes.reduce(0, max)
    while size > 0 {
      for bucket in 0..<sizes.count where sizes[bucket] == size { place(bucket, of: words, size) }
      size -= 1
    }
  }

  /// Slots that hold a word.
  var slots: [UInt64] { memory[Self.firstSlot...].filter { $0 != Self.unknown } }

  /// Finds a multiplier for the words of `bucket` and puts them into their slots.
  private mutating func place(_ bucket: Int, of words: [UInt64], _ size: Int) {
    for attempt in 0..<UInt64(1 << 12) {
      memory[bucket] = StableHash.mixed(attempt) | 1
      let placed = put(bucket, of: words, first: size, from: Self.unknown)
      if placed == size { return }
      _ = put(bucket, of: words, first: placed, from: nil)
    }
    lostWords += size
  }

  /// Writes the first `count` words of `bucket` into slots that hold `old`, or empties their slots when that is nil. Stops at
  /// a slot that holds something else; returns the number of words before it.
  private mutating func put(
    _ bucket: Int, of words: [UInt64], first count: Int, from old: UInt64?
  ) -> Int {
    var done = 0
    // Where the bucket's words begin among the words, which are in the order of their hashes but for neighbours.
    var place = bucket << (Self.slotBits - Self.bucketBits)
    while done < count {
      let word = words[place & (Self.slotCount - 1)]
      place += 1
      if word == Self.unknown || Self.bucket(of: word) != bucket { continue }
      let slot = Self.slot(of: word, memory[bucket])
      if let old, memory[slot] != old { return done }
      memory[slot] = old == nil ? Self.unknown : word
      done += 1
    }
    return done
  }

  /// All words of the lists as they stand in slots, each once, at the place that the top of its hash names or behind it.
  private static func words(_ version: UInt16) -> [UInt64] {
    var words = [UInt64](repeating: unknown, count: slotCount)
    for group in WordGroup.allCases {
      add(group.words, version, group: group.rawValue, mark: noMark, to: &words)
    }
    for mark in WordMark.allCases {
      add(mark.words, version, group: noGroup, mark: mark.rawValue, to: &words)
    }
    return words
  }

  private static func add(
    _ list: StaticString, _ version: UInt16, group: UInt8, mark: UInt8, to words: inout [UInt64]
  ) {
    var hasher = WordHasher(version: version)
    for i in 0...list.utf8CodeUnitCount {
      // In bounds: i < utf8CodeUnitCount; the literal lives as long as the program.
      let byte = i == list.utf8CodeUnitCount ? 32 : unsafe list.utf8Start[i]
      if byte != 32 {
        hasher.add(byte)
      } else if hasher.length > 0 {
        add(hasher.value, group: group, mark: mark, to: &words)
        hasher = WordHasher(version: version)
      }
    }
  }

  private static func add(_ hash: UInt64, group: UInt8, mark: UInt8, to words: inout [UInt64]) {
    var place = Int(hash >> UInt64(64 - slotBits))
    while words[place] != unknown && (words[place] ^ hash) >> 16 != 0 {
      place = (place + 1) & (slotCount - 1)
    }
    // A word that stands in two lists belongs to the later one.
    let known = words[place]
    let group = group == noGroup ? UInt8(truncatingIfNeeded: known >> 8) : group
    let mark = mark == noMark ? UInt8(truncatingIfNeeded: known) : mark
    words[place] = (hash >> 16) << 16 | UInt64(group) << 8 | UInt64(mark)
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
