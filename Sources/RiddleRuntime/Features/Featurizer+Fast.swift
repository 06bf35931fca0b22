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
    var lanes = WordLanes()
    var longestWord = 0
    var lineStart = 0
    var isFirstLine = true
    var carry: UInt64 = 0
    unsafe beginLine(at: 0, lowered, &statistics)
    let blocks = (text.count + 63) >> 6
    for index in 0..<blocks {
      let parts = unsafe map[index, BytePlanes.wordPart]
      let upper = unsafe map[index, BytePlanes.upper]
      // Words begin behind other bytes; of the marks, tabs and newlines alone stand in the way of nothing else.
      let starts = parts & ~(parts &<< 1 | carry)
      let blanks = unsafe map[index, BytePlanes.mark] & map[index, BytePlanes.space]
      // Bytes that make a word be read byte after byte.
      let unusual = unsafe map.unusual(index) | map[index, BytePlanes.apostrophe] & starts
      carry = parts &>> 63
      var events = starts | blanks
      while events != 0 {
        let bit = UInt64(truncatingIfNeeded: events.trailingZeroBitCount)
        events &= events &- 1
        var start = index &<< 6 &+ Int(truncatingIfNeeded: bit)
        if (blanks &>> bit) & 1 != 0 {
          if unsafe lowered[start] == 9 {
            statistics.tableMarks &+= 1
          } else {
            let length = start &- lineStart
            statistics.lines &+= 1
            statistics.shape.endLine(at: start, digits: statistics.digits)
            statistics.longestLine = max(statistics.longestLine, length)
            if isFirstLine {
              statistics.firstLine = length
              isFirstLine = false
            }
            lineStart = start &+ 1
            lanes.empty(into: &statistics)
            unsafe beginLine(at: lineStart, lowered, &statistics)
          }
          continue
        }
        // The word's bytes within the block; ones are shifted out, so that no word is longer than the block.
        let length = UInt64(truncatingIfNeeded: (~(parts &>> bit)).trailingZeroBitCount)
        let mask = (1 &<< length) &- 1
        let end: Int
        if bit &+ length == 64 || (unusual &>> bit) & mask != 0 {
          end = unsafe map.readWord(&start, lowered, &statistics)
          if end == start { continue }
        } else {
          let capitals = upper &>> bit
          unsafe lanes.add(memory.wordLanes[Int(length)], isCapitalised: capitals & 1)
          longestWord = max(longestWord, Int(length))
          end = start &+ Int(length)
          statistics.endsInCapitals = false
          // Two capitals side by side are rare: the rest is asked seldom.
          if capitals & 3 == 3 && length >= 2 && ~capitals & mask == 0 {
            statistics.endsInCapitals = true
            statistics.allCaps &+= 1
          }
        }
        let word = unsafe Self.hash(lowered, from: start, to: end)
        unsafe next.pointee = word
        unsafe next += 1
        let entry = unsafe WordTable.entry(of: word, in: memory.words)
        countGroup(entry.group, &statistics)
        if unsafe start == lineStart && end &- start <= 2 && end < text.count
          && (lowered[end] == 46 || lowered[end] == 41)
        {
          lanes.empty(into: &statistics)
          unsafe countListLine(lowered[start], &statistics)
          statistics.shape.beginItem(
            at: start, words: statistics.words - 1, digits: statistics.digits)
        } else {
          statistics.shape.addWord(mixed: WordHash.spread(word), mark: entry.mark)
        }
      }
      if index % WordLanes.blocks == WordLanes.blocks - 1 { lanes.empty(into: &statistics) }
    }
    lanes.empty(into: &statistics)
    statistics.longestWord = max(statistics.longestWord, longestWord)
    finish(text, lineStart: lineStart, isFirstLine: isFirstLine, &statistics)
    return unsafe next - states
  }

  /// A line that begins with a dash or an asterisk is an item. A zero byte follows the text.
  @inline(__always)
  private func beginLine(
    at start: Int, _ lowered: UnsafePointer<UInt8>, _ statistics: inout TextStatistics
  ) {
    if unsafe lowered[start] == 45 || lowered[start] == 42 {
      statistics.listItems &+= 1
      statistics.shape.beginItem(
        at: start, words: statistics.words, digits: statistics.digits)
    }
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
