/// Where the words of one text are counted: memory of the scratch, because a structure of arrays would be copied and cleared
/// for every text.
@unsafe struct WordMemory {
  /// Words of bits in ``seen`` and ``seenInItems``: 12 bits of a hash name a bit.
  private static let bitWords = 64
  /// One count per ``WordGroup`` and per ``WordMark``, and one each for words in none, so that counting needs no branch.
  private static let counts = Int(WordTable.noGroup) + 1 + Int(WordTable.noMark) + 1

  /// Words of the text.
  let seen: UnsafeMutablePointer<UInt64>
  /// Number of words in each group.
  let groups: UnsafeMutablePointer<Int32>
  /// Number of words with each mark that stand outside list marks.
  let marks: UnsafeMutablePointer<Int32>
  /// Words of the text's items.
  let seenInItems: UnsafeMutablePointer<UInt64>

  static func allocate() -> WordMemory {
    let bits = unsafe UnsafeMutablePointer<UInt64>.allocate(capacity: 2 * bitWords)
    unsafe bits.initialize(repeating: 0, count: 2 * bitWords)
    let counters = unsafe UnsafeMutablePointer<Int32>.allocate(capacity: counts)
    unsafe counters.initialize(repeating: 0, count: counts)
    return unsafe WordMemory(
      seen: bits, groups: counters, marks: counters + Int(WordTable.noGroup) + 1,
      seenInItems: bits + bitWords)
  }

  func deallocate() {
    unsafe seen.deallocate()
    unsafe groups.deallocate()
  }

  /// Forgets the last text; ``seenInItems`` is forgotten by ``beginItems()``.
  @inline(__always)
  func beginText() {
    unsafe seen.update(repeating: 0, count: Self.bitWords)
    unsafe groups.update(repeating: 0, count: Self.counts)
  }

  /// The text's first item begins.
  func beginItems() {
    unsafe seenInItems.update(repeating: 0, count: Self.bitWords)
  }
}
