/// Every version of the features in its plainest form, byte after byte: what files of versions 1 and 2 are read with, and
/// what the fast reading of version 3 is held against.
extension Featurizer {
  func scanPlainly(
    _ text: Span<UInt8>, _ statistics: inout TextStatistics, _ features: inout FeatureVector
  ) {
    // `grow` has made room for the keys of a text of this length.
    var block = unsafe KeyBlock(
      keys: features.text.keys, seen: features.memory.seen, seenCount: features.memory.seenCount,
      count: 0)
    unsafe scan(text, &statistics, features, &block)
    unsafe block.forget(from: 0)
    features.wordKeyCount = unsafe block.count
    if schema.characterMinimum > 0 {
      if schema.version < 3 {
        unsafe addCharacterNGrams(text, &block)
      } else {
        unsafe addWindows(text, &block)
      }
      unsafe block.forget(from: features.wordKeyCount)
    }
    features.keyCount = unsafe block.count
    let characters = features.keyCount - features.wordKeyCount
    features.wordScale = unsafe scale(features.wordKeyCount, features.memory.scales)
    features.characterScale = unsafe scale(characters, features.memory.scales)
  }

  /// One pass over the bytes: statistics and word n-grams.
  private func scan(
    _ text: Span<UInt8>, _ statistics: inout TextStatistics, _ features: borrowing FeatureVector,
    _ block: inout KeyBlock
  ) {
    let end = text.count
    let wantsWords = schema.wordOrders > 0
    let wantsPairs = schema.wordOrders > 1
    let shift = UInt64(64 - schema.bucketBits - 1)
    var previousWord: UInt64 = 0
    var lineStart = 0
    var isFirstLine = true
    var i = 0
    while i < end {
      let byte = text[i]
      let bits = unsafe features.memory.classes[Int(byte)]
      if bits & ByteClass.wordPart != 0 && !(byte == 39) {
        let start = i
        let word = unsafe readWord(text, &i, &statistics, features.memory.classes)
        let isShort = i < end && start == lineStart && i - start <= 2
        let mixed = WordHasher.spread(word, version: schema.version)
        let entry = unsafe WordTable.entry(of: word, in: features.memory.words)
        countGroup(entry.group, &statistics)
        if isShort && (text[i] == 46 || text[i] == 41) {
          countListLine(text[start], &statistics)
          statistics.shape.beginItem(
            at: start, words: statistics.words - 1, digits: statistics.digits)
        } else {
          statistics.shape.addWord(mixed: mixed, mark: entry.mark)
        }
        if wantsWords {
          unsafe block.insert(mixed >> shift)
          if wantsPairs && previousWord != 0 {
            let pair = WordHasher.pair(previousWord, word, version: schema.version)
            unsafe block.insert(WordHasher.spread(pair, version: schema.version) >> shift)
          }
          previousWord = word
        }
        continue
      }
      if bits & ByteClass.space != 0 {
        statistics.spaces += 1
        if byte == 9 { statistics.tableMarks += 1 }
        if byte == 10 {
          let length = i - lineStart
          statistics.lines += 1
          statistics.shape.endLine(at: i, digits: statistics.digits)
          statistics.longestLine = max(statistics.longestLine, length)
          if isFirstLine {
            statistics.firstLine = length
            isFirstLine = false
          }
          lineStart = i + 1
        }
      } else {
        countMark(byte, bits, text, i, lineStart, &statistics)
      }
      i += 1
    }
    finish(text, lineStart: lineStart, isFirstLine: isFirstLine, &statistics)
  }

  /// Reads the word at `i`: counts it, moves `i` behind it, returns the FNV-1a state of its lower-cased bytes.
  @inline(__always)
  private func readWord(
    _ text: Span<UInt8>, _ i: inout Int, _ statistics: inout TextStatistics,
    _ classes: UnsafePointer<UInt16>
  ) -> UInt64 {
    let start = i
    let end = text.count
    var hash = WordHasher(version: schema.version)
    var upper = 0
    var digits = 0
    var continuations = 0
    var digitRun = 0
    let startsUpper = unsafe classes[Int(text[start])] & ByteClass.upper != 0
    while i < end {
      let byte = text[i]
      let bits = unsafe classes[Int(byte)]
      if bits & ByteClass.wordPart == 0 { break }
      var lowered = byte
      if bits & ByteClass.upper != 0 {
        upper += 1
        lowered = byte | 32
      }
      if bits & ByteClass.digit != 0 {
        digits += 1
        digitRun += 1
        if digitRun == 1 { statistics.numbers += 1 }
        statistics.longestNumber = max(statistics.longestNumber, digitRun)
      } else {
        digitRun = 0
        if byte >= 0x80 {
          statistics.nonASCII += 1
          if bits & ByteClass.continuation != 0 { continuations += 1 }
          if bits & ByteClass.wide != 0 {
            statistics.wideScalars += 1
            if byte == 0xe2 && i + 1 < end && text[i + 1] >= 0x86 && text[i + 1] <= 0x8b {
              statistics.shape.mathSymbols += 1
            }
          }
        } else if byte == 39 {
          statistics.quotes += 1
        }
      }
      hash.add(lowered)
      i += 1
    }
    let length = i - start - continuations
    statistics.scalars -= continuations
    statistics.words += 1
    statistics.digits += digits
    statistics.upper += upper
    statistics.letters += length - digits
    if digits < length {
      statistics.wordLetters += length
      statistics.longestWord = max(statistics.longestWord, length)
      if length >= 8 { statistics.longWords += 1 }
      if length <= 3 { statistics.shortWords += 1 }
    }
    if startsUpper { statistics.capitalised += 1 }
    statistics.endsInCapitals = upper >= 2 && upper == length
    if statistics.endsInCapitals { statistics.allCaps += 1 }
    return hash.value
  }

  /// Counts a word of `group`.
  @inline(__always)
  private func countGroup(_ group: UInt8, _ statistics: inout TextStatistics) {
    // In bounds: a group or ``WordTable/noGroup``.
    unsafe statistics.wordMemory.groups[Int(group)] &+= 1
    if statistics.endsInCapitals
      && (group == WordGroup.negations.rawValue || group == WordGroup.superlatives.rawValue)
    {
      statistics.shape.emphasised += 1
    }
  }

  /// Counts a byte that is neither white space nor part of a word.
  @inline(__always)
  private func countMark(
    _ byte: UInt8, _ bits: UInt16, _ text: Span<UInt8>, _ i: Int, _ lineStart: Int,
    _ statistics: inout TextStatistics
  ) {
    if bits & ByteClass.punctuation != 0 { statistics.punctuation += 1 }
    if bits & ByteClass.sentenceEnd != 0 {
      let isLast = i + 1 == text.count
      if isLast || text[i + 1] <= 32 { statistics.sentences += 1 }
      if byte == 63 {
        statistics.questionMarks += 1
        if isLast { statistics.endsWithQuestion = true }
      } else if byte == 33 {
        statistics.exclamations += 1
      }
    }
    if bits & ByteClass.mathMark != 0 { statistics.mathMarks += 1 }
    if bits & ByteClass.codeMark != 0 { statistics.codeMarks += 1 }
    if bits & ByteClass.latexMark != 0 { statistics.latexMarks += 1 }
    if bits & ByteClass.bracket != 0 { statistics.brackets += 1 }
    if bits & ByteClass.quote != 0 { statistics.quotes += 1 }
    if bits & ByteClass.tableMark != 0 { statistics.tableMarks += 1 }
    if bits & ByteClass.colon != 0 { statistics.colons += 1 }
    switch byte {
    case 44: statistics.commas += 1
    case 36: statistics.currency += 1
    case 37:
      statistics.currency += 1
      statistics.shape.percentSigns += 1
    case 64: statistics.links += 1
    case 47 where i + 2 < text.count && i > 0 && text[i + 1] == 47 && text[i - 1] == 58:
      statistics.links += 1
    case 96 where i >= 2 && text[i - 1] == 96 && text[i - 2] == 96: statistics.fences += 1
    case 95 where i >= 1 && text[i - 1] == 95: statistics.blanks += 1
    case 45 where i == lineStart, 42 where i == lineStart:
      statistics.listItems += 1
      statistics.shape.beginItem(at: i, words: statistics.words, digits: statistics.digits)
    default: break
    }
  }

  /// Character n-grams of versions 1 and 2: at every position one key per length.
  private func addCharacterNGrams(_ text: Span<UInt8>, _ block: inout KeyBlock) {
    let shift = UInt64(63 - schema.bucketBits)
    for start in 0..<text.count {
      var hash = StableHash.adding(0xff, to: StableHash.start)  // keeps n-grams apart from words
      var length = 0
      while length < schema.characterMaximum && start + length < text.count {
        hash = StableHash.adding(lowered(text[start + length]), to: hash)
        length += 1
        if length >= schema.characterMinimum {
          unsafe block.insert(StableHash.mixed(hash) >> shift)
        }
      }
    }
  }

  /// Character n-grams of version 3: see ``CharacterWindows``.
  private func addWindows(_ text: Span<UInt8>, _ block: inout KeyBlock) {
    var isRead = [Bool](repeating: false, count: 1 << CharacterWindows.stampBits)
    var position = 0
    while position + schema.characterMinimum <= text.count {
      for length in schema.characterMinimum...schema.characterMaximum
      where position + length <= text.count {
        var number: UInt64 = 0
        for k in 0..<length { number |= UInt64(lowered(text[position + k])) << UInt64(8 * k) }
        let product = number &* WordHash.multiplier(length: length)
        if length == schema.characterMinimum {
          let slot = CharacterWindows.slot(of: product)
          if isRead[slot] { break }
          isRead[slot] = true
        }
        unsafe block.keys[block.count] = UInt32(
          truncatingIfNeeded: product >> UInt64(63 - schema.bucketBits))
        unsafe block.count += 1
      }
      position += 1
    }
  }

  private func lowered(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte | 32 : byte }
}
