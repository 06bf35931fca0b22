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
    var plain = fast
    plain.isPlain = true
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
    for text in Self.texts where !text.isEmpty && text.count < 300 {
      var padded = text + [UInt8](repeating: 0, count: 16)
      var planes = [UInt64](repeating: .max, count: 8 * ((text.count + 63) / 64 + 1))
      unsafe BytePlanes.write(
        &padded, length: text.count, table: BytePlanes.table(), to: &planes)
      let table = BytePlanes.table()
      for i in 0..<planes.count * 8 {
        for plane in 0..<8 {
          let block = i / 64
          if block * 8 + plane >= planes.count { continue }
          let isSet = planes[block * 8 + plane] >> UInt64(i % 64) & 1 == 1
          let expected = i < text.count && table[Int(text[i])] >> UInt8(plane) & 1 == 1
          if isSet != expected { Issue.record("byte \(i), plane \(plane)") }
        }
      }
    }
  }
}
