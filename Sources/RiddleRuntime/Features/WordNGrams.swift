#if !hasFeature(Embedded)
  /// A word n-gram of a text with the key it is hashed to: what an explanation shows instead of a bucket number.
  public struct WordNGram: Equatable, Sendable {
    /// Lowered words, one space between them.
    public let words: [UInt8]
    /// Key as in ``FeatureVector/keys``.
    public let key: UInt32
  }

  extension Featurizer {
    /// The distinct word n-grams of `text` in order of first appearance, one per key.
    public func wordNGrams(_ text: Span<UInt8>) -> [WordNGram] {
      var found: [WordNGram] = []
      var keys: Set<UInt32> = []
      forEachWordNGram(text, where: { keys.insert($0).inserted }) { found.append($0) }
      return found
    }

    /// Calls `body` with the word n-grams of `text` whose key `isWanted`, in order and with repeats. Bytes are
    /// collected for those alone, so that a few keys are found in many texts at the speed of hashing.
    ///
    /// Follows the definition of words in `Features.md`; a test holds it against ``featurize(_:context:into:)``.
    public func forEachWordNGram(
      _ text: Span<UInt8>, where isWanted: (UInt32) -> Bool, _ body: (WordNGram) -> Void
    ) {
      guard schema.wordOrders > 0 else { return }
      let classes = ByteClass.table()
      let shift = UInt64(64 - schema.bucketBits - 1)
      var previous = 0..<0
      var previousState: UInt64 = 0
      var i = 0
      while i < text.count {
        guard classes[Int(text[i])] & ByteClass.wordPart != 0, text[i] != 39 else {
          i += 1
          continue
        }
        let start = i
        var state = StableHash.start
        while i < text.count, classes[Int(text[i])] & ByteClass.wordPart != 0 {
          let byte = classes[Int(text[i])] & ByteClass.upper != 0 ? text[i] | 32 : text[i]
          state = StableHash.adding(byte, to: state)
          i += 1
        }
        let key = UInt32(truncatingIfNeeded: StableHash.mixed(state) >> shift)
        if isWanted(key) {
          var words: [UInt8] = []
          Self.appendLowered(text, start..<i, classes, to: &words)
          body(WordNGram(words: words, key: key))
        }
        if schema.wordOrders > 1 && previousState != 0 {
          let pair = (previousState &* 0x9e37_79b9_7f4a_7c15) ^ state
          let key = UInt32(truncatingIfNeeded: StableHash.mixed(pair) >> shift)
          if isWanted(key) {
            var words: [UInt8] = []
            Self.appendLowered(text, previous, classes, to: &words)
            words.append(32)
            Self.appendLowered(text, start..<i, classes, to: &words)
            body(WordNGram(words: words, key: key))
          }
        }
        previous = start..<i
        previousState = state
      }
    }

    private static func appendLowered(
      _ text: Span<UInt8>, _ range: Range<Int>, _ classes: [UInt16], to words: inout [UInt8]
    ) {
      for i in range {
        words.append(classes[Int(text[i])] & ByteClass.upper != 0 ? text[i] | 32 : text[i])
      }
    }
  }
#endif
