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
    unsafe prepare(text, lowered, planes, table: memory.planeTable)
    let words = unsafe readWords(text, &statistics, lowered, planes, memory, to: keys)
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

  /// Copies the text with zero bytes behind it, writes its planes and lowers the copy.
  @_optimize(speed)
  private func prepare(
    _ text: Span<UInt8>, _ lowered: UnsafeMutablePointer<UInt8>,
    _ planes: UnsafeMutablePointer<UInt64>, table: UnsafePointer<UInt8>
  ) {
    let count = text.count
    unsafe text.withUnsafeBufferPointer { source in
      if let first = source.baseAddress {
        unsafe lowered.update(from: first, count: count)
      }
    }
    for i in count..<(count + 16) { unsafe lowered[i] = 0 }
    unsafe BytePlanes.write(lowered, length: count, table: table, to: planes)
    var i = 0
    while i < count {
      let byte = unsafe lowered[i]
      unsafe lowered[i] = byte | ((byte &- 65) < 26 ? 32 : 0)
      i &+= 1
    }
  }

  /// Statistics and word n-grams; returns the number of keys.
  @_optimize(speed)
  private func readWords(
    _ text: Span<UInt8>, _ statistics: inout TextStatistics, _ lowered: UnsafePointer<UInt8>,
    _ planes: UnsafePointer<UInt64>, _ memory: FeatureMemory,
    to keys: UnsafeMutablePointer<UInt32>
  ) -> Int {
    var block = unsafe KeyBlock(
      keys: keys, seen: memory.seen, seenCount: memory.seenCount, count: 0)
    let map = unsafe PlaneMap(planes: planes, count: text.count)
    unsafe map.countAll(lowered, &statistics)
    unsafe map.countMarks(lowered, memory.classes, memory.markLanes, &statistics)
    let wantsWords = schema.wordOrders > 0
    let wantsPairs = schema.wordOrders > 1
    let shift = UInt64(63 - schema.bucketBits)
    var previousWord: UInt64 = 0
    var lineStart = 0
    var isFirstLine = true
    var carry: UInt64 = 0
    unsafe beginLine(at: 0, lowered, &statistics)
    let blocks = (text.count + 63) >> 6
    for index in 0..<blocks {
      let parts = unsafe map[index, BytePlanes.wordPart]
      // Words begin behind other bytes; of the marks, tabs and newlines alone stand in the way of nothing else.
      let blanks = unsafe map[index, BytePlanes.mark] & map[index, BytePlanes.space]
      var events = parts & ~(parts &<< 1 | carry) | blanks
      carry = parts &>> 63
      while events != 0 {
        var start = index &<< 6 &+ events.trailingZeroBitCount
        events &= events &- 1
        let byte = unsafe lowered[start]
        if byte <= 10 {
          if byte == 9 {
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
            unsafe beginLine(at: lineStart, lowered, &statistics)
          }
          continue
        }
        // Apostrophes before a word are marks.
        while unsafe start < text.count && lowered[start] == 39 {
          statistics.punctuation &+= 1
          start &+= 1
        }
        if unsafe map.bits(BytePlanes.wordPart, from: start) & 1 == 0 { continue }
        let end = unsafe map.readWord(start, lowered, &statistics)
        let word = unsafe Self.hash(lowered, from: start, to: end)
        let mixed = WordHash.spread(word)
        let entry = unsafe WordTable.entry(of: word, in: memory.words)
        countGroup(entry.group, &statistics)
        if unsafe start == lineStart && end - start <= 2 && end < text.count
          && (lowered[end] == 46 || lowered[end] == 41)
        {
          unsafe countListLine(lowered[start], &statistics)
          statistics.shape.beginItem(
            at: start, words: statistics.words - 1, digits: statistics.digits)
        } else {
          statistics.shape.addWord(mixed: mixed, mark: entry.mark)
        }
        if wantsWords {
          unsafe block.insert(mixed &>> shift)
          if wantsPairs && previousWord != 0 {
            unsafe block.insert(WordHash.spread(WordHash.pair(previousWord, word)) &>> shift)
          }
          previousWord = word
        }
      }
    }
    finish(text, lineStart: lineStart, isFirstLine: isFirstLine, &statistics)
    unsafe block.forget(from: 0)
    return unsafe block.count
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
