extension Featurizer {
  /// The features of version 3 over whole machine words: ``BytePlanes`` say where words, marks and lines are, and keys are
  /// made from eight bytes at a time. The same features as `scanPlainly` gives, which tests hold it against.
  @_optimize(speed)
  func scanFast(
    _ text: Span<UInt8>, _ statistics: inout TextStatistics, _ features: inout FeatureVector
  ) {
    let count = text.count
    let memory = unsafe features.memory
    // `grow` has made room for a text of this length.
    let lowered = unsafe features.text.lowered
    let planes = unsafe features.text.planes
    let keys = unsafe features.text.keys
    unsafe text.withUnsafeBufferPointer { source in
      // An empty text may have no address; nothing of it is read.
      unsafe BytePlanes.write(
        source.baseAddress ?? UnsafePointer(lowered), length: count, lowered: lowered, to: planes)
    }
    let states = unsafe features.text.states
    let stateCount = unsafe readWords(
      text, &statistics, lowered, planes, memory, states: states)
    let words = unsafe writeWordKeys(states, stateCount, memory, to: keys)
    var all = words
    if schema.characterMinimum > 0 {
      unsafe memory.stamp.pointee &+= 1
      if unsafe memory.stamp.pointee == 0 {
        unsafe memory.stamps.update(repeating: 0, count: 1 << CharacterWindows.stampBits)
        unsafe memory.stamp.pointee = 1
      }
      let windows = CharacterWindows(
        shortest: schema.characterMinimum, longest: schema.characterMaximum,
        shift: UInt64(63 - schema.bucketBits))
      all += unsafe windows.write(
        lowered, count: count, stamps: memory.stamps, stamp: memory.stamp.pointee,
        to: keys + words)
    }
    features.wordKeyCount = words
    features.keyCount = all
    features.wordScale = unsafe scale(words, memory.scales)
    features.characterScale = unsafe scale(all - words, memory.scales)
  }

  /// Keys of words and of pairs of words; returns their number.
  @inline(never)
  @_optimize(speed)
  private func writeWordKeys(
    _ states: UnsafePointer<UInt64>, _ count: Int, _ memory: FeatureMemory,
    to keys: UnsafeMutablePointer<UInt32>
  ) -> Int {
    if schema.wordOrders == 0 { return 0 }
    let shift = UInt64(63 - schema.bucketBits)
    let wantsPairs = schema.wordOrders > 1
    var block = unsafe KeyBlock(
      keys: keys, seen: memory.seen, seenCount: memory.seenCount, count: 0)
    var previous: UInt64 = 0
    for i in 0..<count {
      let state = unsafe states[i]
      unsafe block.insert(WordHash.spread(state) &>> shift)
      if wantsPairs && previous != 0 {
        unsafe block.insert(WordHash.spread(WordHash.pair(previous, state)) &>> shift)
      }
      previous = state
    }
    unsafe block.forget(from: 0)
    return unsafe block.count
  }

  /// Statistics; writes the hash state of every word to `states` and returns the number of words.
  ///
  /// Lines are found first, then the words of a line in one loop and what they mean in another: ``TextShape``. Words that
  /// were found are looked up before an item begins or ends, so that they are the item's.
  @_optimize(speed)
  private func readWords(
    _ text: Span<UInt8>, _ statistics: inout TextStatistics, _ lowered: UnsafePointer<UInt8>,
    _ planes: UnsafePointer<UInt64>, _ memory: FeatureMemory,
    states: UnsafeMutablePointer<UInt64>
  ) -> Int {
    let map = unsafe PlaneMap(planes: planes, count: text.count)
    unsafe map.countAll(lowered, &statistics)
    unsafe map.countMarks(lowered, memory.classes, memory.markLanes, &statistics)
    var next = unsafe states
    var pending = unsafe states
    var lanes = WordLanes()
    var longest = 0
    var lineStart = 0
    var isFirstLine = true
    var carry: UInt64 = 0
    unsafe beginLine(at: 0, map, lowered, &lanes, &statistics)
    let blocks = (text.count &+ 63) &>> 6
    for index in 0..<blocks {
      let parts = unsafe map[index, BytePlanes.wordPart]
      // Words begin behind other bytes; of the marks, tabs and newlines alone stand in the way of nothing else.
      var starts = parts & ~(parts &<< 1 | carry)
      var blanks = unsafe map[index, BytePlanes.mark] & map[index, BytePlanes.space]
      // Bytes that make a word be read byte after byte.
      let unusual = unsafe map.unusual(index) | map[index, BytePlanes.apostrophe] & starts
      let upper = unsafe map[index, BytePlanes.upper]
      let capitals = starts & upper
      if capitals != 0 {
        statistics.capitalised &+= capitals.nonzeroBitCount
        // Two capitals side by side are rare.
        if capitals & (upper &>> 1) != 0 {
          unsafe countShouts(
            capitals & (upper &>> 1), parts, upper, unusual, lowered + index &<< 6, memory,
            &statistics)
        }
      }
      carry = parts &>> 63
      while true {
        let line = blanks == 0 ? starts : starts & (blanks ^ (blanks &- 1))
        starts ^= line
        var words = line
        while words != 0 {
          let bit = UInt64(truncatingIfNeeded: words.trailingZeroBitCount)
          words &= words &- 1
          // The word's bytes within the block; ones are shifted out, so that no word is longer than the block.
          let length = Int(truncatingIfNeeded: (~(parts &>> bit)).trailingZeroBitCount)
          let start = index &<< 6 | Int(truncatingIfNeeded: bit)
          if Int(truncatingIfNeeded: bit) &+ length == 64
            || (unusual &>> bit) &<< UInt64(truncatingIfNeeded: 64 &- length) != 0
          {
            unsafe next += readUnusual(start, map, lowered, memory, to: next, &statistics)
          } else {
            unsafe lanes.add(memory.wordLanes[length])
            longest = max(longest, length)
            unsafe next.pointee = Self.hash(lowered, from: start, to: start &+ length)
            unsafe next += 1
          }
        }
        if blanks == 0 { break }
        let end = index &<< 6 | blanks.trailingZeroBitCount
        blanks &= blanks &- 1
        if unsafe lowered[end] == 9 {
          statistics.tableMarks &+= 1
          continue
        }
        let isItem = unsafe Self.isItem(at: end &+ 1, map, lowered)
        if statistics.shape.isInItem || isItem {
          unsafe statistics.shape.addWords(pending, next - pending, in: memory.words)
          unsafe pending = next
        }
        let length = end &- lineStart
        statistics.lines &+= 1
        statistics.shape.endLine(at: end, digits: statistics.digits)
        statistics.longestLine = max(statistics.longestLine, length)
        if isFirstLine {
          statistics.firstLine = length
          isFirstLine = false
        }
        lineStart = end &+ 1
        if isItem { unsafe beginLine(at: lineStart, map, lowered, &lanes, &statistics) }
      }
      if index % WordLanes.blocks == WordLanes.blocks - 1 { lanes.empty(into: &statistics) }
    }
    unsafe statistics.shape.addWords(pending, next - pending, in: memory.words)
    lanes.empty(into: &statistics)
    statistics.longestWord = max(statistics.longestWord, longest)
    finish(text, lineStart: lineStart, isFirstLine: isFirstLine, &statistics)
    return unsafe next - states
  }

  /// Reads a word that has digits or bytes ≥ 0x80, begins with an apostrophe or goes on in the next block, and writes its hash
  /// state to `state`; returns the number of words: 0 when there are apostrophes only.
  @inline(never)
  private func readUnusual(
    _ first: Int, _ map: PlaneMap, _ lowered: UnsafePointer<UInt8>, _ memory: FeatureMemory,
    to state: UnsafeMutablePointer<UInt64>, _ statistics: inout TextStatistics
  ) -> Int {
    var start = first
    let end = unsafe map.readWord(&start, lowered, &statistics)
    if end == start { return 0 }
    let word = unsafe Self.hash(lowered, from: start, to: end)
    unsafe state.pointee = word
    if statistics.endsInCapitals {
      unsafe statistics.shape.addShout(WordTable.entry(of: word, in: memory.words))
    }
    return 1
  }

  /// Counts the words of a block that begin with two capitals and have nothing else.
  @inline(never)
  private func countShouts(
    _ candidates: UInt64, _ parts: UInt64, _ upper: UInt64, _ unusual: UInt64,
    _ block: UnsafePointer<UInt8>, _ memory: FeatureMemory, _ statistics: inout TextStatistics
  ) {
    var rest = candidates
    while rest != 0 {
      let start = rest.trailingZeroBitCount
      rest &= rest &- 1
      let bit = UInt64(truncatingIfNeeded: start)
      let length = (~(parts &>> bit)).trailingZeroBitCount
      // Such words are counted where they are read.
      if start &+ length == 64 { continue }
      let mask = (1 as UInt64) &<< UInt64(truncatingIfNeeded: length) &- 1
      if (unusual &>> bit) & mask != 0 || ~(upper &>> bit) & mask != 0 { continue }
      statistics.allCaps &+= 1
      let word = unsafe Self.hash(block, from: start, to: start &+ length)
      unsafe statistics.shape.addShout(WordTable.entry(of: word, in: memory.words))
    }
  }

  /// Whether a line that begins at `start` is an item: it begins with a dash, an asterisk or a list mark. Zero bytes follow
  /// the text.
  @inline(__always)
  private static func isItem(
    at start: Int, _ map: PlaneMap, _ lowered: UnsafePointer<UInt8>
  ) -> Bool {
    let byte = unsafe lowered[start]
    if byte == 45 || byte == 42 { return true }
    return unsafe markLength(at: start, map, lowered) > 0
  }

  /// Length of the list mark at `start`: one or two bytes of a word before a full stop or a bracket; 0 without.
  @inline(__always)
  private static func markLength(
    at start: Int, _ map: PlaneMap, _ lowered: UnsafePointer<UInt8>
  ) -> Int {
    let length = unsafe (~map.bits(BytePlanes.wordPart, from: start)).trailingZeroBitCount
    // An apostrophe before a word is no part of it.
    if unsafe length == 0 || length > 2 || lowered[start] == 39 { return 0 }
    let mark = unsafe lowered[start &+ length]
    return mark == 46 || mark == 41 ? length : 0
  }

  /// The line at `start` begins an item, if it is one.
  @inline(never)
  private func beginLine(
    at start: Int, _ map: PlaneMap, _ lowered: UnsafePointer<UInt8>, _ lanes: inout WordLanes,
    _ statistics: inout TextStatistics
  ) {
    if unsafe !Self.isItem(at: start, map, lowered) { return }
    lanes.empty(into: &statistics)
    var digits = statistics.digits
    let first = unsafe lowered[start]
    if first == 45 || first == 42 {
      statistics.listItems &+= 1
    } else {
      countListLine(first, &statistics)
      let end = unsafe start &+ Self.markLength(at: start, map, lowered)
      // The mark's own digits are counted when it is read, and are none of the item's.
      for i in start..<end where unsafe lowered[i] &- 48 < 10 { digits &+= 1 }
      statistics.shape.nextIsListMark = true
    }
    statistics.shape.beginItem(at: start, words: statistics.words, digits: digits)
  }

  /// The hash state of the word in `start ..< end`.
  @inline(__always)
  private static func hash(_ lowered: UnsafePointer<UInt8>, from start: Int, to end: Int)
    -> UInt64
  {
    let raw = unsafe UnsafeRawPointer(lowered)
    var at = start
    var rest = end &- start
    var state = WordHash.start
    while rest > 8 {
      state = WordHash.adding(
        unsafe UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)),
        to: state)
      at &+= 8
      rest &-= 8
    }
    let last = unsafe UInt64(
      littleEndian: raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
    return WordHash.adding(WordHash.lowest(rest, of: last), to: state)
  }
}
