/// How a text is put together: how often it repeats words, and whether it is a stem with items, as multiple-choice
/// questions and lists are. Read since version 2 of the featurizer.
///
/// An item is a line that begins with a list mark: one or two letters or digits and a full stop or bracket, a dash or an
/// asterisk.
@safe struct TextShape {
  /// Number of dense features; their names are ``names``, in the same order.
  static let count = 14

  private let wordMemory: WordMemory
  /// All-capital words of negation or comparison: NOT, EXCEPT, LEAST.
  var emphasised = 0
  /// "how many", "how much".
  var howMany = 0
  var percentSigns = 0
  /// Arrows, logic and mathematical operators: U+2180 … U+22FF.
  var mathSymbols = 0
  /// Words seen for the first time, by 12 bits of their hash.
  var distinctWords = 0

  private var stemWords = 0
  private var items = 0
  private var itemWords = 0
  private var longestItem = 0
  private var itemBytes = 0
  private var squaredItemBytes = 0
  private var itemsWithDigits = 0
  private var repeatedItemWords = 0
  private var closingItems = 0

  private(set) var isInItem = false
  /// Whether the next word that is added is a list mark, which is no word of the item.
  var nextIsListMark = false
  private var itemStart = 0
  private var wordsInItem = 0
  private var digitsAtStart = 0
  private var previousMark = WordTable.noMark

  /// The shape of an empty text, over memory that has forgotten the last one.
  init(wordMemory: WordMemory) { unsafe self.wordMemory = wordMemory }

  /// A word that is not a list mark; `mixed` is its spread hash.
  @inline(__always)
  mutating func addWord(mixed: UInt64, mark: UInt8) {
    // In bounds: 64 words of bits, and a mark or ``WordTable/noMark``.
    let slot = Int(truncatingIfNeeded: mixed &>> 58)
    let shift = (mixed &>> 52) & 63
    let old = unsafe wordMemory.seen[slot]
    distinctWords &+= Int(truncatingIfNeeded: ~(old &>> shift) & 1)
    unsafe wordMemory.seen[slot] = old | 1 &<< shift
    unsafe wordMemory.marks[Int(mark)] &+= 1
    if mark == WordMark.many.rawValue && previousMark == WordMark.how.rawValue { howMany &+= 1 }
    previousMark = mark
    if isInItem { addItemWord(mark, slot, shift) }
  }

  /// Counts the groups of `count` words with these hash states and adds them.
  @inline(never)
  @_optimize(speed)
  mutating func addWords(
    _ states: UnsafePointer<UInt64>, _ count: Int, in table: UnsafePointer<UInt64>
  ) {
    var first = 0
    if nextIsListMark && count > 0 {
      nextIsListMark = false
      let group = unsafe WordTable.entry(of: states[0], in: table).group
      unsafe wordMemory.groups[Int(group)] &+= 1
      first = 1
    }
    if first == count { return }
    var distinct = distinctWords
    let memory = unsafe wordMemory
    var last = WordTable.noMark
    for i in first..<count {
      let word = unsafe states[i]
      let entry = unsafe WordTable.entry(of: word, in: table)
      // In bounds: a group and a mark, or ``WordTable/noGroup`` and ``WordTable/noMark``.
      unsafe memory.groups[Int(entry.group)] &+= 1
      unsafe memory.marks[Int(entry.mark)] &+= 1
      let mixed = WordHash.spread(word)
      let slot = Int(truncatingIfNeeded: mixed &>> 58)
      let shift = (mixed &>> 52) & 63
      let old = unsafe memory.seen[slot]
      distinct &+= Int(truncatingIfNeeded: ~(old &>> shift) & 1)
      unsafe memory.seen[slot] = old | 1 &<< shift
      last = entry.mark
      if isInItem { addItemWord(entry.mark, slot, shift) }
    }
    distinctWords = distinct
    if unsafe memory.marks[Int(WordMark.many.rawValue)] > 0
      && memory.marks[Int(WordMark.how.rawValue)] > 0
    {
      unsafe countHowMany(states + first, count - first, in: table)
    }
    previousMark = last
  }

  /// "how" before "many" is rare, and so asked for in a second loop.
  private mutating func countHowMany(
    _ states: UnsafePointer<UInt64>, _ count: Int, in table: UnsafePointer<UInt64>
  ) {
    var previous = previousMark
    for i in 0..<count {
      let mark = unsafe WordTable.entry(of: states[i], in: table).mark
      if mark == WordMark.many.rawValue && previous == WordMark.how.rawValue { howMany &+= 1 }
      previous = mark
    }
  }

  /// A word in capitals; what it means is counted as for every word.
  mutating func addShout(_ entry: WordTable.Entry) {
    if entry.group == WordGroup.negations.rawValue || entry.group == WordGroup.superlatives.rawValue
    {
      emphasised &+= 1
    }
  }

  private mutating func addItemWord(_ mark: UInt8, _ slot: Int, _ shift: UInt64) {
    if wordsInItem == 0 && mark == WordMark.quantifier.rawValue { closingItems &+= 1 }
    wordsInItem &+= 1
    let old = unsafe wordMemory.seenInItems[slot]
    repeatedItemWords &+= Int(truncatingIfNeeded: (old &>> shift) & 1)
    unsafe wordMemory.seenInItems[slot] = old | 1 &<< shift
  }

  /// An item begins at byte `start`.
  mutating func beginItem(at start: Int, words: Int, digits: Int) {
    if items == 0 {
      stemWords = words
      unsafe wordMemory.beginItems()
    }
    items += 1
    isInItem = true
    itemStart = start
    wordsInItem = 0
    digitsAtStart = digits
  }

  /// The line ends before byte `end`.
  @inline(__always)
  mutating func endLine(at end: Int, digits: Int) {
    if !isInItem { return }
    isInItem = false
    let length = end - itemStart
    itemWords += wordsInItem
    longestItem = max(longestItem, wordsInItem)
    itemBytes += length
    squaredItemBytes += length * length
    if digits > digitsAtStart { itemsWithDigits += 1 }
  }

  /// Writes the marks and then ``count`` features to `dense`; `table` is ``logarithmTable()``.
  @_optimize(speed)
  func write(
    to dense: UnsafeMutablePointer<Float>, words: Int, sentences: Int, numbers: Int,
    table: UnsafePointer<Float>
  ) {
    var column = 0
    func put(_ value: Float) {
      unsafe dense[column] = value
      column &+= 1
    }
    func log(_ value: Int) { unsafe put(logOnePlus(value, table)) }
    let perWord = Float(1) / Float(max(1, words))
    // In bounds: one count per mark, and one more.
    let marks = Int(WordTable.noMark)
    unsafe writeLogarithms(of: wordMemory.marks, marks, to: dense, words, table)
    column = marks
    log(emphasised)
    log(howMany)
    log(percentSigns)
    log(mathSymbols)
    put(Float(distinctWords) * perWord)
    log(words / max(1, sentences))
    put(min(1, Float(numbers) * perWord))
    if items == 0 {
      log(words)
      for _ in 0..<6 { put(0) }
      return
    }
    let perItem = Float(1) / Float(items)
    log(stemWords)
    log(itemWords / items)
    log(longestItem)
    put(itemSpread)
    put(Float(itemsWithDigits) * perItem)
    put(Float(repeatedItemWords) / Float(max(1, itemWords)))
    put(Float(closingItems) * perItem)
  }

  /// Standard deviation of the items' lengths as a share of their mean, at most 1.
  private var itemSpread: Float {
    if items < 2 { return 0 }
    let mean = Double(itemBytes) / Double(items)
    let variance = Double(squaredItemBytes) / Double(items) - mean * mean
    if variance <= 0 { return 0 }
    // √(variance / mean²) by the runtime's own inverse root, whose argument is at least 1.
    return Float(inverseSquareRoot(max(1, mean * mean / variance)))
  }

  /// Names of the features, space-separated, in column order.
  static let names: StaticString = """
    log_emphasised_words log_how_many log_percent_signs log_math_symbols distinct_word_share \
    log_words_per_sentence number_share log_stem_words log_item_words log_longest_item item_spread \
    item_digit_share item_repeat_share closing_item_share
    """
}
