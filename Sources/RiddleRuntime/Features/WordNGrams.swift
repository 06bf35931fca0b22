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
    ///
    /// Follows the definition of words in `Features.md`; a test holds it against ``featurize(_:context:into:)``.
    public func wordNGrams(_ text: Span<UInt8>) -> [WordNGram] {
      guard schema.wordOrders > 0 else { return [] }
      let classes = ByteClass.table()
      let shift = UInt64(64 - schema.bucketBits - 1)
      var found: [WordNGram] = []
      var keys: Set<UInt32> = []
      func add(_ words: [UInt8], _ state: UInt64) {
        let key = UInt32(truncatingIfNeeded: StableHash.mixed(state) >> shift)
        if keys.insert(key).inserted { found.append(WordNGram(words: words, key: key)) }
      }
      var previous: [UInt8] = []
      var previousState: UInt64 = 0
      var i = 0
      while i < text.count {
        guard classes[Int(text[i])] & ByteClass.wordPart != 0, text[i] != 39 else {
          i += 1
          continue
        }
        var word: [UInt8] = []
        var state = StableHash.start
        while i < text.count, classes[Int(text[i])] & ByteClass.wordPart != 0 {
          let byte = classes[Int(text[i])] & ByteClass.upper != 0 ? text[i] | 32 : text[i]
          word.append(byte)
          state = StableHash.adding(byte, to: state)
          i += 1
        }
        add(word, state)
        if schema.wordOrders > 1 && previousState != 0 {
          add(previous + [32] + word, (previousState &* 0x9e37_79b9_7f4a_7c15) ^ state)
        }
        previous = word
        previousState = state
      }
      return found
    }
  }
#endif
