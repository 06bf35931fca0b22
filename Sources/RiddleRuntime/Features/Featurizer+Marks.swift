/// What both readings of a text share: word groups, marks, list lines and the end.
extension Featurizer {
  /// Counts a word of `group`.
  @inline(__always)
  func countGroup(_ group: UInt8, _ statistics: inout TextStatistics) {
    // In bounds: a group or ``WordTable/noGroup``.
    unsafe statistics.wordMemory.groups[Int(group)] &+= 1
    if statistics.endsInCapitals
      && (group == WordGroup.negations.rawValue || group == WordGroup.superlatives.rawValue)
    {
      statistics.shape.emphasised += 1
    }
  }

  /// A line that begins with one or two letters or digits and a full stop or bracket: a list item or an option.
  func countListLine(_ first: UInt8, _ statistics: inout TextStatistics) {
    if first >= 48 && first <= 57 { statistics.listItems += 1 } else { statistics.optionLines += 1 }
  }

  /// Counts a byte that is neither white space nor part of a word.
  @inline(__always)
  func countMark(
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

  func finish(
    _ text: Span<UInt8>, lineStart: Int, isFirstLine: Bool, _ statistics: inout TextStatistics
  ) {
    let length = text.count - lineStart
    statistics.shape.endLine(at: text.count, digits: statistics.digits)
    statistics.bytes = text.count
    statistics.scalars += text.count
    statistics.lastLine = length
    statistics.longestLine = max(statistics.longestLine, length)
    if isFirstLine { statistics.firstLine = length }
  }
}
