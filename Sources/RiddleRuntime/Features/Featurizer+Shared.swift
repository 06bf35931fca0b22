/// What both readings of a text share: list lines and the end.
extension Featurizer {
  /// A line that begins with one or two letters or digits and a full stop or bracket: a list item or an option.
  func countListLine(_ first: UInt8, _ statistics: inout TextStatistics) {
    if first >= 48 && first <= 57 { statistics.listItems += 1 } else { statistics.optionLines += 1 }
  }

  /// What is known when the last line, which begins at `lineStart`, has ended.
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
