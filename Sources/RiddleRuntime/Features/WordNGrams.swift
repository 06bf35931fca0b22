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
        var hasher = WordHasher(version: schema.version)
        while i < text.count, classes[Int(text[i])] & ByteClass.wordPart != 0 {
          let byte = classes[Int(text[i])] & ByteClass.upper != 0 ? text[i] | 32 : text[i]
          hasher.add(byte)
          i += 1
        }
        let state = hasher.value
        func key(_ state: UInt64) -> UInt32 {
          UInt32(truncatingIfNeeded: WordHasher.spread(state, version: schema.version) >> shift)
        }
        let single = key(state)
        if isWanted(single) {
          var words: [UInt8] = []
          Self.appendLowered(text, start..<i, classes, to: &words)
          body(WordNGram(words: words, key: single))
        }
        if schema.wordOrders > 1 && previousState != 0 {
          let pair = key(WordHasher.pair(previousState, state, version: schema.version))
          if isWanted(pair) {
            var words: [UInt8] = []
            Self.appendLowered(text, previous, classes, to: &words)
            words.append(32)
            Self.appendLowered(text, start..<i, classes, to: &words)
            body(WordNGram(words: words, key: pair))
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
