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
    for byte: UInt8 in [0, 9, 10, 39, 48, 65, 97, 46, 0x80, 0xff] {
      for length in [1, 63, 64, 65, 127, 128, 129, 1000, 40_000] {
        texts.append([UInt8](repeating: byte, count: length))
      }
    }
    return texts
  }()

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

  @Test func noWordOfTheListsIsLost() {
    for version: UInt16 in 1...FeatureSchema.currentVersion {
      #expect(WordTable(version: version).lostWords == 0)
    }
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
