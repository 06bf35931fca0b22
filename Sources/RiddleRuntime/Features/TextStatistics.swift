/// Counts of one text, gathered in a single pass over its bytes, and the dense features made of them.
///
/// Every feature is finite for every input, the empty text included. Counts enter as ln(1 + count), shares
/// as numbers in [0, 1]: no feature has a tail that a linear model would have to fear.
@safe struct TextStatistics {
  /// Number of dense features in a version of the featurizer: version 2 adds word marks and the text's shape.
  static func count(version: UInt16) -> Int {
    let first = 39 + WordGroup.allCases.count
    return version < 2 ? first : first + WordMark.allCases.count + TextShape.count
  }

  var bytes = 0
  var scalars = 0
  var lines = 1
  var sentences = 0
  var words = 0
  var wordLetters = 0
  var longestWord = 0
  var longWords = 0
  var capitalised = 0
  var allCaps = 0
  var shortWords = 0
  var digits = 0
  var upper = 0
  var letters = 0
  var punctuation = 0
  var spaces = 0
  var nonASCII = 0
  var wideScalars = 0
  var numbers = 0
  var longestNumber = 0
  var questionMarks = 0
  var exclamations = 0
  var commas = 0
  var brackets = 0
  var colons = 0
  var quotes = 0
  var mathMarks = 0
  var codeMarks = 0
  var latexMarks = 0
  var tableMarks = 0
  var fences = 0
  var blanks = 0
  var listItems = 0
  var optionLines = 0
  var links = 0
  var currency = 0
  var firstLine = 0
  var lastLine = 0
  var longestLine = 0
  var endsWithQuestion = false
  /// Whether the last word was in capitals, of two letters or more.
  var endsInCapitals = false
  let wordMemory: WordMemory
  var shape: TextShape

  /// Counts of an empty text, over memory that forgets the last one.
  init(wordMemory: WordMemory) {
    unsafe wordMemory.beginText()
    unsafe self.wordMemory = wordMemory
    shape = unsafe TextShape(wordMemory: wordMemory)
  }

  /// Writes the features of a version to `dense`, which has room for them; `table` is ``logarithmTable()``.
  @_optimize(speed)
  func write(to dense: UnsafeMutablePointer<Float>, version: UInt16, table: UnsafePointer<Float>) {
    let perScalar = Float(1) / Float(max(1, scalars))
    let perByte = Float(1) / Float(max(1, bytes))
    let perWord = Float(1) / Float(max(1, words))
    var column = 0
    func put(_ value: Float) {
      unsafe dense[column] = value
      column &+= 1
    }
    func log(_ value: Int) { unsafe put(logOnePlus(value, table)) }
    log(scalars)
    log(words)
    log(lines)
    log(sentences)
    put(Float(wordLetters) * perWord * 0.1)
    log(longestWord)
    put(Float(longWords) * perWord)
    put(Float(shortWords) * perWord)
    put(Float(capitalised) * perWord)
    log(allCaps)
    put(Float(digits) * perByte)
    put(Float(upper) * perByte)
    put(Float(letters) * perByte)
    put(Float(punctuation) * perByte)
    put(Float(spaces) * perByte)
    put(Float(nonASCII) * perByte)
    put(Float(wideScalars) * perScalar)
    log(numbers)
    log(longestNumber)
    log(questionMarks)
    log(exclamations)
    log(commas)
    log(brackets)
    log(colons)
    log(quotes)
    log(mathMarks)
    log(codeMarks)
    log(latexMarks)
    log(tableMarks)
    log(fences)
    log(blanks)
    log(listItems)
    log(optionLines)
    log(links)
    log(currency)
    log(firstLine)
    log(lastLine)
    log(longestLine)
    put(endsWithQuestion ? 1 : 0)
    // In bounds: one count per group, and one more.
    let last = Int(WordTable.noGroup) - 1
    unsafe writeLogarithms(of: wordMemory.groups, last, to: dense + column, words, table)
    column &+= last
    put(Float(unsafe wordMemory.groups[last]) * perWord)
    if version >= 2 {
      unsafe shape.write(
        to: dense + column, words: words, sentences: sentences, numbers: numbers, table: table)
    }
  }

  /// Names of the features of version 1, space-separated, in column order; used to explain a decision.
  static let names: StaticString = """
    log_characters log_words log_lines log_sentences mean_word_length log_longest_word long_word_share \
    short_word_share capitalised_share log_all_caps digit_share upper_share letter_share \
    punctuation_share space_share non_ascii_share wide_scalar_share log_numbers log_longest_number \
    log_question_marks log_exclamations log_commas log_brackets log_colons log_quotes log_math_marks \
    log_code_marks log_latex_marks log_table_marks log_code_fences log_blanks log_list_items \
    log_option_lines log_links log_currency_signs log_first_line log_last_line log_longest_line \
    ends_with_question log_asking_words log_reasoning_words log_analysing_words log_creating_words \
    log_transforming_words log_code_words log_mathematics_words log_quantity_words log_step_words \
    log_condition_words log_negations log_superlatives log_legal_words log_medical_words \
    log_service_words log_polite_words function_word_share
    """
}

/// ln(1 + n) for the whole numbers below 1024, which are common.
func logarithmTable() -> [Float] {
  var table = [Float](repeating: 0, count: 1024)
  for n in 0..<1024 { table[n] = Float(naturalLog(Double(n + 1))) }
  return table
}

/// ln(1 + n) of `count` counts, none of which is above `most`.
@inline(never)
@_optimize(speed)
func writeLogarithms(
  of counts: UnsafePointer<Int32>, _ count: Int, to dense: UnsafeMutablePointer<Float>, _ most: Int,
  _ table: UnsafePointer<Float>
) {
  if most < 1024 {
    for i in 0..<count { unsafe dense[i] = table[Int(counts[i])] }
  } else {
    for i in 0..<count { unsafe dense[i] = logOnePlus(Int(counts[i]), table) }
  }
}

/// ln(1 + n) for n ≥ 0.
@inline(__always)
func logOnePlus(_ n: Int, _ table: UnsafePointer<Float>) -> Float {
  unsafe n < 1024 ? table[n] : Float(naturalLog(Double(n + 1)))
}

/// ln x for finite x ≥ 1: exponent plus 2·artanh((m − 1)/(m + 1)) with m in [√½, √2); relative error below 1e−13.
///
/// Own code because the embedded build has no libm and features must be the same bits everywhere.
@inline(never)
func naturalLog(_ x: Double) -> Double {
  var exponent = Int((x.bitPattern >> 52) & 0x7ff) - 1023
  var mantissa = Double(bitPattern: (x.bitPattern & 0x000f_ffff_ffff_ffff) | 0x3ff0_0000_0000_0000)
  if mantissa > 1.4142135623730951 {
    mantissa *= 0.5
    exponent += 1
  }
  let s = (mantissa - 1) / (mantissa + 1)
  let z = s * s
  var sum = 1.0 / 17
  sum = sum * z + 1.0 / 15
  sum = sum * z + 1.0 / 13
  sum = sum * z + 1.0 / 11
  sum = sum * z + 1.0 / 9
  sum = sum * z + 1.0 / 7
  sum = sum * z + 1.0 / 5
  sum = sum * z + 1.0 / 3
  sum = sum * z + 1
  return Double(exponent) * 0.6931471805599453 + 2 * s * sum
}
