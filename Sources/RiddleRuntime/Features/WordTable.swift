/// Open-addressed map from a word's hash to its ``WordGroup`` and ``WordMark``: one probe for nearly every word.
struct WordTable: Equatable, Sendable {
  static let slotBits = 11
  private var hashes: [UInt64]
  private var entries: [Entry]

  /// Stands for "in no group" and "without a mark".
  static let none: UInt8 = 0xff

  /// What is known of a word.
  struct Entry: Equatable, Sendable {
    var group = WordTable.none
    var mark = WordTable.none
    var isFree: Bool { group == WordTable.none && mark == WordTable.none }
  }

  init() {
    hashes = [UInt64](repeating: 0, count: 1 << Self.slotBits)
    entries = [Entry](repeating: Entry(), count: 1 << Self.slotBits)
    for group in WordGroup.allCases {
      add(group.words) { $0.group = group.rawValue }
    }
    for mark in WordMark.allCases {
      add(mark.words) { $0.mark = mark.rawValue }
    }
  }

  private mutating func add(_ words: StaticString, _ set: (inout Entry) -> Void) {
    var state = StableHash.start
    var length = 0
    for i in 0...words.utf8CodeUnitCount {
      // In bounds: i < utf8CodeUnitCount; the literal lives as long as the program.
      let byte = i == words.utf8CodeUnitCount ? 32 : unsafe words.utf8Start[i]
      if byte != 32 {
        state = StableHash.adding(byte, to: state)
        length += 1
      } else if length > 0 {
        let slot = slot(of: state)
        hashes[slot] = state
        set(&entries[slot])
        state = StableHash.start
        length = 0
      }
    }
  }

  /// The word with this FNV-1a state.
  @inline(__always)
  func entry(of hash: UInt64) -> Entry { entries[slot(of: hash)] }

  /// The slot that holds `hash`, or the free one where it belongs.
  @inline(__always)
  private func slot(of hash: UInt64) -> Int {
    var slot = Int((hash &* 0x9e37_79b9_7f4a_7c15) >> UInt64(64 - Self.slotBits))
    while !entries[slot].isFree && hashes[slot] != hash {
      slot = (slot + 1) & ((1 << Self.slotBits) - 1)
    }
    return slot
  }
}
