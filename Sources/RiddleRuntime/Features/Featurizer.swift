/// The one featurizer of Riddle: training, evaluation, the command line and the C library all call it.
///
/// Reads bytes and decodes nothing: text that is not valid UTF-8 gives features too, never an error.
/// Linear in the length of the text.
public struct Featurizer: Equatable, Sendable {
  /// The features that are computed.
  public let schema: FeatureSchema

  /// A featurizer for a valid schema.
  public init(schema: FeatureSchema) { self.schema = schema }

  /// Computes the features of `text` into `features`, which must have been made for the same schema. The embedding
  /// is unknown.
  public func featurize(
    _ text: Span<UInt8>, context: RequestContext, into features: inout FeatureVector
  ) {
    for column in embeddingStart..<features.dense.count { features.dense[column] = 0 }
    featurizeText(text, context: context, into: &features)
  }

  /// The same with the query's embedding: as many finite numbers as the schema has embedding columns. Another
  /// number of them, or a number that is not finite, counts as unknown.
  public func featurize(
    _ text: Span<UInt8>, context: RequestContext, embedding: Span<Float>,
    into features: inout FeatureVector
  ) {
    let means = schema.embeddingMeans
    let isKnown = embedding.count == means.count
    for j in 0..<means.count {
      let value = isKnown ? embedding[j] - means[j] : 0
      features.dense[embeddingStart + j] = value.isFinite ? value : 0
    }
    featurizeText(text, context: context, into: &features)
  }

  private var embeddingStart: Int { schema.denseCount - schema.embeddingMeans.count }

  private func featurizeText(
    _ text: Span<UInt8>, context: RequestContext, into features: inout FeatureVector
  ) {
    features.keys.removeAll(keepingCapacity: true)
    var statistics = TextStatistics()
    scan(text, &statistics, &features)
    features.wordKeyCount = features.keys.count
    features.wordScale = features.closeBlock(from: 0)
    if schema.characterMinimum > 0 { addCharacterNGrams(text, &features) }
    features.characterScale = features.closeBlock(from: features.wordKeyCount)

    var column = 0
    if schema.usesStatistics {
      statistics.write(
        to: &features.dense, version: schema.version, logarithms: features.logarithms)
      column = schema.statisticsCount
    }
    if schema.usesTurn {
      // A request that does not say its turn is taken for a first one.
      features.dense[column] = features.logarithms.logOnePlus(Int(max(1, context.turn)))
      features.dense[column + 1] = context.turn > 1 ? 1 : 0
      column += FeatureSchema.turnColumnCount
    }
    for category in schema.categories {
      let value = context.valueHashes[category.field]
      features.dense[column] =
        value == 0 ? 0 : (value == category.valueHash ? 1 : 0) - category.share
      column += 1
    }
  }

  /// One pass over the bytes: statistics and word n-grams.
  private func scan(
    _ text: Span<UInt8>, _ statistics: inout TextStatistics, _ features: inout FeatureVector
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
      let bits = features.classes[Int(byte)]
      if bits & ByteClass.wordPart != 0 && !(byte == 39) {
        let start = i
        let word = readWord(text, &i, &statistics, features.classes)
        let isShort = i < end && start == lineStart && i - start <= 2
        let mixed = StableHash.mixed(word)
        let entry = features.words.entry(of: word)
        countGroup(entry.group, &statistics)
        if isShort && (text[i] == 46 || text[i] == 41) {
          countListLine(text[start], &statistics)
          statistics.shape.beginItem(
            at: start, words: statistics.words - 1, digits: statistics.digits)
        } else {
          statistics.shape.addWord(mixed: mixed, mark: entry.mark)
        }
        if wantsWords {
          features.insert(UInt32(truncatingIfNeeded: mixed >> shift))
          if wantsPairs && previousWord != 0 {
            let pair = (previousWord &* 0x9e37_79b9_7f4a_7c15) ^ word
            features.insert(UInt32(truncatingIfNeeded: StableHash.mixed(pair) >> shift))
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

  @inline(__always)
  private func countGroup(_ group: UInt8, _ statistics: inout TextStatistics) {
    if group == WordTable.none { return }
    statistics.groups[Int(group)] += 1
    if statistics.endsInCapitals
      && (group == WordGroup.negations.rawValue || group == WordGroup.superlatives.rawValue)
    {
      statistics.shape.emphasised += 1
    }
  }

  /// Reads the word at `i`: counts it, moves `i` behind it, returns the FNV-1a state of its lower-cased bytes.
  @inline(__always)
  private func readWord(
    _ text: Span<UInt8>, _ i: inout Int, _ statistics: inout TextStatistics, _ classes: [UInt16]
  ) -> UInt64 {
    let start = i
    let end = text.count
    var hash = StableHash.start
    var upper = 0
    var digits = 0
    var continuations = 0
    var digitRun = 0
    let startsUpper = classes[Int(text[start])] & ByteClass.upper != 0
    while i < end {
      let byte = text[i]
      let bits = classes[Int(byte)]
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
      hash = StableHash.adding(lowered, to: hash)
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
    return hash
  }

  /// A line that begins with one or two letters or digits and a full stop or bracket: a list item or an option.
  private func countListLine(_ first: UInt8, _ statistics: inout TextStatistics) {
    if first >= 48 && first <= 57 { statistics.listItems += 1 } else { statistics.optionLines += 1 }
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

  private func finish(
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

  /// Character n-grams over the lower-cased bytes: at every position one key per length.
  private func addCharacterNGrams(_ text: Span<UInt8>, _ features: inout FeatureVector) {
    let end = text.count
    let shift = UInt64(64 - schema.bucketBits - 1)
    let shortest = schema.characterMinimum
    for start in 0..<end {
      var hash = StableHash.adding(0xff, to: StableHash.start)  // keeps n-grams apart from words
      var length = 0
      while length < schema.characterMaximum && start + length < end {
        let byte = text[start + length]
        hash = StableHash.adding(byte >= 65 && byte <= 90 ? byte | 32 : byte, to: hash)
        length += 1
        if length >= shortest {
          features.insert(UInt32(truncatingIfNeeded: StableHash.mixed(hash) >> shift))
        }
      }
    }
  }
}
