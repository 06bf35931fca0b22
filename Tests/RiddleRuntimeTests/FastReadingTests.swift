import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleRuntime

/// The fast reading of version 3 against the plain one: the same features to the bit, on any bytes.
@Suite struct FastReadingTests {
  /// Texts that reach every edge: block boundaries, long runs, marks side by side, random bytes of a few kinds.
  static let texts: [[UInt8]] = {
    var random = SplitMix64(seed: 41)
    var texts = generatedTexts(400, seed: 9)
    let alphabets: [[UInt8]] = [
      Array(0...255), Array("ab' ".utf8), Array("aA1.\n".utf8), Array("''a\n.-*) ".utf8),
      Array("09a ".utf8), [0xe2, 0x86, 0x92, 0x20], [0, 9, 10, 13, 32, 65], Array("NOTnot ".utf8),
    ]
    for length in 0..<200 {
      let alphabet = alphabets[length % alphabets.count]
      texts.append((0..<length).map { _ in alphabet[random.below(alphabet.count)] })
    }
    // Lists, capitals and words that are told apart, in every order and across blocks.
    let pieces = [
      "how", "many", "NOT", "EXCEPT", "no", "NO", "the", "a", "B", "12", "x1", "é", "'", "\n", "\t",
      " ", ".", ")",
      "a.", "B)", "\n1.", "\n-", "\n*", "\nc) ", "\n'a.", "\né. ", "ABCDEFGHIJKL", "understand",
      "aB'", "how many ",
    ].map { Array($0.utf8) }
    for length in 0..<3000 {
      texts.append((0..<length % 90).flatMap { _ in pieces[random.below(pieces.count)] })
    }
    texts += wordsWithoutState()
    for byte: UInt8 in [0, 9, 10, 39, 48, 65, 97, 46, 0x80, 0xff] {
      for length in [1, 63, 64, 65, 127, 128, 129, 1000, 40_000] {
        texts.append([UInt8](repeating: byte, count: length))
      }
    }
    return texts
  }()

  /// Words whose hash state is 0, which stands for "no word before" where pairs are made.
  private static func wordsWithoutState() -> [[UInt8]] {
    var random = SplitMix64(seed: 43)
    let classes = ByteClass.table()
    var words: [[UInt8]] = []
    while words.count < 3 {
      let start = (0..<8).map { _ in UInt8(97 + random.below(26)) }
      let eight = start.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      let state = WordHash.adding(eight, to: WordHash.start)
      let rest = (0..<8).map { UInt8(truncatingIfNeeded: state >> UInt64(8 * $0)) }
      if rest.allSatisfy({
        classes[Int($0)] & ByteClass.wordPart != 0 && classes[Int($0)] & ByteClass.upper == 0
      }) {
        words.append(start + rest + Array(" and what follows it".utf8))
      }
    }
    return words
  }

  static let schemas = [
    FeatureSchema(usesTurn: true, bucketBits: 12, characterMinimum: 3, characterMaximum: 5),
    FeatureSchema(bucketBits: 4, wordOrders: 1, characterMinimum: 2, characterMaximum: 8),
    FeatureSchema(bucketBits: 16, wordOrders: 0, characterMinimum: 4, characterMaximum: 4),
    FeatureSchema(bucketBits: 0, wordOrders: 0),
    FeatureSchema(usesStatistics: false, bucketBits: 22, characterMinimum: 6, characterMaximum: 8),
  ]

  @Test(arguments: schemas.indices)
  func givesTheFeaturesOfThePlainReading(index: Int) {
    let schema = Self.schemas[index]
    let fast = Featurizer(schema: schema)
    let plain = fast.plain
    var a = FeatureVector(schema: schema)
    var b = FeatureVector(schema: schema)
    var differing: [Int] = []
    for (i, text) in Self.texts.enumerated() {
      fast.featurize(text.span, context: RequestContext(), into: &a)
      plain.featurize(text.span, context: RequestContext(), into: &b)
      let isEqual =
        a.fingerprint == b.fingerprint && a.wordScale == b.wordScale
        && a.characterScale == b.characterScale
      if !isEqual { differing.append(i) }
    }
    #expect(differing.isEmpty, "texts \(differing.prefix(5))")
  }

  @Test func everyWordOfTheListsIsFound() {
    for version: UInt16 in 1...FeatureSchema.currentVersion {
      let table = WordTable(version: version)
      #expect(table.lostWords == 0)
      // A word that stands in two lists belongs to the later one.
      var groups: [Substring: UInt8] = [:]
      var marks: [Substring: UInt8] = [:]
      for group in WordGroup.allCases {
        for word in "\(group.words)".split(whereSeparator: \.isWhitespace) {
          groups[word] = group.rawValue
        }
      }
      for mark in WordMark.allCases {
        for word in "\(mark.words)".split(whereSeparator: \.isWhitespace) {
          marks[word] = mark.rawValue
        }
      }
      for word in Set(groups.keys).union(marks.keys) {
        let found = entry(of: word, version, table)
        #expect(found.group == groups[word] ?? WordTable.noGroup, "\(word)")
        #expect(found.mark == marks[word] ?? WordTable.noMark, "\(word)")
      }
      let unknown = entry(of: "riddle", version, table)
      #expect(unknown.group == WordTable.noGroup && unknown.mark == WordTable.noMark)
    }
  }

  private func entry(of word: Substring, _ version: UInt16, _ table: WordTable) -> WordTable.Entry {
    var hasher = WordHasher(version: version)
    for byte in word.utf8 { hasher.add(byte) }
    return unsafe WordTable.entry(of: hasher.value, in: table.memory)
  }

  @Test func aPositionIsReadOnce() {
    let schema = FeatureSchema(bucketBits: 16, characterMinimum: 3, characterMaximum: 5)
    var features = FeatureVector(schema: schema)
    Featurizer(schema: schema).featurize(
      Array("abcabcabcabc".utf8).span, context: RequestContext(), into: &features)
    // Three positions, three lengths; one word.
    #expect(features.keyCount - features.wordKeyCount == 9)
    #expect(features.wordKeyCount == 1)
  }

  /// After 255 texts stamps begin anew: nothing of an earlier text may be taken for this one's.
  @Test func stampsBeginAnewUnseen() {
    let schema = FeatureSchema(bucketBits: 12, characterMinimum: 3, characterMaximum: 5)
    let featurizer = Featurizer(schema: schema)
    var used = FeatureVector(schema: schema)
    var fresh = FeatureVector(schema: schema)
    let text = Array("the quick brown fox".utf8)
    featurizer.featurize(text.span, context: RequestContext(), into: &fresh)
    for _ in 0..<600 {
      featurizer.featurize(text.span, context: RequestContext(), into: &used)
      #expect(used.fingerprint == fresh.fingerprint)
    }
  }

  @Test func planesSayWhatEveryByteIs() {
    let classes = ByteClass.table()
    let every = (0...255).map { UInt8($0) }
    for text in Self.texts + [every] where text.count < 300 {
      let blocks = (text.count + 63) / 64
      var planes = [UInt64](repeating: .max, count: 8 * (blocks + 1))
      var lowered = [UInt8](repeating: .max, count: 64 * blocks + BytePlanes.margin)
      unsafe BytePlanes.write(text, length: text.count, lowered: &lowered, to: &planes)
      for i in 0..<64 * (blocks + 1) {
        let byte = i < text.count ? text[i] : 0
        for plane in 0..<8 {
          let isSet = planes[i / 64 * 8 + plane] >> UInt64(i % 64) & 1 == 1
          if isSet != isOfKind(byte, plane, classes) { Issue.record("byte \(i), plane \(plane)") }
        }
      }
      for i in lowered.indices {
        let byte = i < text.count ? text[i] : 0
        #expect(lowered[i] == (byte >= 65 && byte <= 90 ? byte + 32 : byte), "byte \(i)")
      }
    }
  }

  private func isOfKind(_ byte: UInt8, _ plane: Int, _ classes: [UInt16]) -> Bool {
    let bits = classes[Int(byte)]
    return switch plane {
    case BytePlanes.wordPart: bits & ByteClass.wordPart != 0
    case BytePlanes.upper: bits & ByteClass.upper != 0
    case BytePlanes.digit: bits & ByteClass.digit != 0
    case BytePlanes.mark:
      bits & ByteClass.punctuation != 0 && byte != 39 || byte == 9 || byte == 10
    case BytePlanes.space: bits & ByteClass.space != 0
    case BytePlanes.apostrophe: byte == 39
    case BytePlanes.high: byte >= 0x80
    default: false
    }
  }
}
