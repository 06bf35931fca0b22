#if !hasFeature(Embedded)
  /// The featurizer's tables as numbers: what a generated C scorer is given, so that nothing is typed twice.
  package enum FeaturizerTables {
    /// ``ByteClass`` of every byte value.
    package static var byteClasses: [UInt16] { ByteClass.table() }

    /// Bits of ``ByteClass`` by the names that the C form has for them.
    package static var classBits: [(name: String, bits: UInt16)] {
      [
        ("UPPER", ByteClass.upper), ("DIGIT", ByteClass.digit), ("SPACE", ByteClass.space),
        ("PUNCTUATION", ByteClass.punctuation), ("SENTENCE_END", ByteClass.sentenceEnd),
        ("MATH_MARK", ByteClass.mathMark), ("CODE_MARK", ByteClass.codeMark),
        ("LATEX_MARK", ByteClass.latexMark), ("BRACKET", ByteClass.bracket),
        ("QUOTE", ByteClass.quote), ("TABLE_MARK", ByteClass.tableMark),
        ("COLON", ByteClass.colon), ("CONTINUATION", ByteClass.continuation),
        ("WORD_PART", ByteClass.wordPart), ("WIDE", ByteClass.wide),
      ]
    }

    /// The words of ``WordTable`` for a version of the featurizer: the upper 48 bits of the hash, group and mark.
    package static func wordSlots(version: UInt16) -> [UInt64] {
      WordTable(version: version).slots
    }

    /// A slot without a word: what is known of words that the table does not have.
    package static var unknownWord: UInt64 {
      UInt64(WordTable.noGroup) << 8 | UInt64(WordTable.noMark)
    }

    /// ln(1 + n) for n below 1024.
    package static var logarithms: [Float] { logarithmTable() }

    /// Number of word groups and of word marks.
    package static var counts: (groups: Int, marks: Int) {
      (WordGroup.allCases.count, WordMark.allCases.count)
    }

    /// Numbers of the groups and marks that the text's shape asks for.
    package static var special:
      (negations: Int, superlatives: Int, many: Int, how: Int, quantifier: Int)
    {
      (
        Int(WordGroup.negations.rawValue), Int(WordGroup.superlatives.rawValue),
        Int(WordMark.many.rawValue), Int(WordMark.how.rawValue), Int(WordMark.quantifier.rawValue)
      )
    }

    /// Constants of ``WordHash`` and ``CharacterWindows``.
    package static var hashing: (first: UInt64, second: UInt64, start: UInt64, stampBits: Int) {
      (WordHash.first, WordHash.second, WordHash.start, CharacterWindows.stampBits)
    }

    /// The odd number that a character n-gram of `length` bytes is multiplied with.
    package static func multiplier(length: Int) -> UInt64 { WordHash.multiplier(length: length) }
  }

  extension HashedWeights {
    /// Every weight as a whole number of a unit, index = bucket × headCount + head: what margins of version 3 add up.
    package var fixedPointWeights: (weights: [Int32], unit: Double) {
      let weights = (0..<count).map { index in
        let (bucket, head) = index.quotientAndRemainder(dividingBy: headCount)
        return fixed[2 * headCount * bucket + head]
      }
      return (weights, fixedUnit)
    }
  }
#endif
