/// From a word's hash to its ``WordGroup`` and ``WordMark``, without a branch: a bucket has four slots, and all four are
/// compared.
///
/// A slot holds the upper 48 bits of the hash, then the group, then the mark. No bucket has more than four words: a test
/// counts them for every version.
struct WordTable: Equatable, Sendable {
  static let bucketBits = 9
  /// Stand for "in no group" and "without a mark".
  static let noGroup = UInt8(17)
  static let noMark = UInt8(25)
  private static let unknown = UInt64(noGroup) << 8 | UInt64(noMark)

  private(set) var slots: [UInt64]
  /// Number of words that found no slot; 0 for every version.
  private(set) var lostWords = 0

  /// What is known of a word.
  struct Entry: Equatable, Sendable {
    let group: UInt8
    let mark: UInt8
  }

  init(version: UInt16) {
    slots = [UInt64](repeating: Self.unknown, count: 4 << Self.bucketBits)
    for group in WordGroup.allCases {
      add(group.words, version, group: group.rawValue, mark: Self.noMark)
    }
    for mark in WordMark.allCases {
      add(mark.words, version, group: Self.noGroup, mark: mark.rawValue)
    }
  }

  private mutating func add(
    _ words: StaticString, _ version: UInt16, group: UInt8, mark: UInt8
  ) {
    var hasher = WordHasher(version: version)
    for i in 0...words.utf8CodeUnitCount {
      // In bounds: i < utf8CodeUnitCount; the literal lives as long as the program.
      let byte = i == words.utf8CodeUnitCount ? 32 : unsafe words.utf8Start[i]
      if byte != 32 {
        hasher.add(byte)
      } else if hasher.length > 0 {
        add(hasher.value, group: group, mark: mark)
        hasher = WordHasher(version: version)
      }
    }
  }

  private mutating func add(_ hash: UInt64, group: UInt8, mark: UInt8) {
    let first = Self.firstSlot(of: hash)
    for slot in first..<(first + 4) {
      let known = slots[slot]
      if known == Self.unknown || (known ^ hash) >> 16 == 0 {
        // A word that stands in two lists belongs to the later one.
        let group = group == Self.noGroup ? UInt8(truncatingIfNeeded: known >> 8) : group
        let mark = mark == Self.noMark ? UInt8(truncatingIfNeeded: known) : mark
        slots[slot] = (hash >> 16) << 16 | UInt64(group) << 8 | UInt64(mark)
        return
      }
    }
    lostWords += 1
  }

  /// The word with this hash state. `slots` are those of a table.
  @inline(__always)
  static func entry(of hash: UInt64, in slots: UnsafePointer<UInt64>) -> Entry {
    let bucket = unsafe slots + firstSlot(of: hash)
    let (a, b, c, d) = unsafe (bucket[0], bucket[1], bucket[2], bucket[3])
    var found = (a ^ hash) &>> 16 == 0 ? a : unknown
    found = (b ^ hash) &>> 16 == 0 ? b : found
    found = (c ^ hash) &>> 16 == 0 ? c : found
    found = (d ^ hash) &>> 16 == 0 ? d : found
    return Entry(
      group: UInt8(truncatingIfNeeded: found &>> 8), mark: UInt8(truncatingIfNeeded: found))
  }

  @inline(__always)
  private static func firstSlot(of hash: UInt64) -> Int {
    Int(truncatingIfNeeded: (hash &* 0x9d24_4feb_e5e2_40cf) &>> UInt64(64 - bucketBits)) &<< 2
  }
}
