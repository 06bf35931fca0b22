import Foundation
import RiddleTestSupport
import Testing

@testable import RiddleRuntime

@Suite struct FeaturizerTests {
  private func features(_ text: String, _ schema: FeatureSchema = FeatureSchema()) -> FeatureVector
  {
    var vector = FeatureVector(schema: schema)
    Featurizer(schema: schema).featurize(
      Array(text.utf8).span, context: RequestContext(), into: &vector)
    return vector
  }

  private func column(_ name: String) throws -> Int {
    try #require(featureNames(FeatureSchema()).firstIndex(of: name))
  }

  @Test func everyDenseColumnHasItsOwnName() {
    let names = featureNames(FeatureSchema(usesTurn: true))
    #expect(names.count == FeatureSchema(usesTurn: true).denseCount)
    #expect(Set(names).count == names.count)
    #expect(names.count >= 40)
  }

  @Test(arguments: [
    ("log_characters", "abcd", 4), ("log_characters", "äöü€", 4),
    ("log_words", "one two  three", 3),
    ("log_lines", "a\nb\nc", 3), ("log_sentences", "One. Two! Three? 3.14", 3),
    ("log_numbers", "3 of 12,000", 3), ("log_longest_number", "12345 6", 5),
    ("log_question_marks", "really??", 2), ("log_exclamations", "no!!!", 3),
    ("log_commas", "a,b,c", 2),
    ("log_brackets", "f(x)[0]", 4), ("log_code_fences", "```x```", 2),
    ("log_links", "http://a b@c", 2),
    ("log_list_items", "- a\n* b\n1. c", 3), ("log_option_lines", "A. x\nB. y\nC) z", 3),
    ("log_math_marks", "a=b+c", 2), ("log_all_caps", "NOT an API", 2),
    ("log_reasoning_words", "Why? Because", 2),
    ("log_service_words", "Reset PASSWORD", 2), ("log_negations", "don't say never", 2),
  ])
  func countsEnterAsLogarithms(name: String, text: String, count: Int) throws {
    let value = features(text).dense[try column(name)]
    #expect(abs(Double(value) - log1p(Double(count))) < 1e-6)
  }

  @Test func caseOfLettersDoesNotChangeTheKeys() {
    #expect(features("Why IS it SO").keys == features("why is it so").keys)
  }

  @Test func aRepeatedWordAddsNoKey() {
    #expect(features("why why why").keys.count == 2)  // the word, and the pair of it
  }

  @Test func everyBlockHasLengthOne() {
    let schema = FeatureSchema(characterMinimum: 3, characterMaximum: 5)
    let vector = features("Explain the difference between a mutex and a semaphore.", schema)
    let words = Double(vector.wordKeyCount) * Double(vector.wordScale * vector.wordScale)
    let characters =
      Double(vector.keys.count - vector.wordKeyCount)
      * Double(vector.characterScale * vector.characterScale)
    #expect(abs(words - 1) < 1e-6)
    #expect(abs(characters - 1) < 1e-6)
  }

  @Test func scratchRemembersNothing() {
    let schema = FeatureSchema(usesTurn: true, characterMinimum: 2, characterMaximum: 3)
    var used = FeatureVector(schema: schema)
    let featurizer = Featurizer(schema: schema)
    for text in generatedTexts(40, seed: 3) {
      featurizer.featurize(text.span, context: RequestContext(), into: &used)
      var fresh = FeatureVector(schema: schema)
      featurizer.featurize(text.span, context: RequestContext(), into: &fresh)
      #expect(used.fingerprint == fresh.fingerprint)
      #expect(used.dense.allSatisfy { $0.isFinite })
    }
  }

  @Test func anEmptyTextHasFeatures() {
    let vector = features("")
    #expect(vector.keys.isEmpty)
    #expect(vector.dense.allSatisfy { $0.isFinite })
  }

  @Test func unknownContextIsAverageContext() {
    let premium = RequestContext.hash(ofValue: Array("premium".utf8).span)
    let schema = FeatureSchema(
      usesStatistics: false, usesTurn: true, bucketBits: 0, wordOrders: 0,
      categories: [.init(field: .userTier, valueHash: premium, share: 0.25)])
    func dense(_ tier: String, turn: Int32) -> [Float] {
      var context = RequestContext()
      context.turn = turn
      context.set(.userTier, to: Array(tier.utf8).span)
      var vector = FeatureVector(schema: schema)
      Featurizer(schema: schema).featurize(Span(), context: context, into: &vector)
      return vector.dense
    }
    #expect(dense("Premium", turn: 1)[2] == 0.75)
    #expect(dense("free", turn: 1)[2] == -0.25)
    #expect(dense("", turn: 1)[2] == 0)
    #expect(dense("", turn: 0) == dense("", turn: 1))
    #expect(dense("", turn: 2)[1] == 1)
  }

  /// Fingerprints recorded when the versions were defined: a change here needs a new featurizer version.
  @Test(
    arguments: [
      (1, 13_962_079_019_124_821_715, 12_009_834_273_665_246_009),
      (2, 5_625_086_142_295_515_069, 1_640_834_296_160_885_727),
    ] as [(UInt16, UInt64, UInt64)])
  func theFeaturesOfAVersionNeverChange(version: UInt16, schemaHash: UInt64, textHash: UInt64) {
    let schema = FeatureSchema(
      usesTurn: true, bucketBits: 12, characterMinimum: 3, characterMaximum: 4, version: version)
    var state = StableHash.start
    var vector = FeatureVector(schema: schema)
    for text in generatedTexts(100, seed: 11) {
      var context = RequestContext()
      context.turn = 2
      Featurizer(schema: schema).featurize(text.span, context: context, into: &vector)
      for shift in 0..<8 {
        state = StableHash.adding(
          UInt8(truncatingIfNeeded: vector.fingerprint >> UInt64(8 * shift)), to: state)
      }
    }
    #expect(schema.fingerprint == schemaHash)
    #expect(state == textHash)
  }

  /// A question with options: what the shape of a text says.
  @Test func theShapeOfAMultipleChoiceQuestionIsRead() {
    let schema = FeatureSchema(bucketBits: 0, wordOrders: 0)
    let text = """
      Which of these is NOT 25% of how many metres?
      A. two red apples
      B. two green apples
      C. 4 → 8
      D. all of the above
      """
    var vector = FeatureVector(schema: schema)
    Featurizer(schema: schema).featurize(
      text.utf8Span.span, context: RequestContext(), into: &vector)
    func value(_ name: String) -> Float? {
      featureNames(schema).firstIndex(of: name).map { vector.dense[$0] }
    }
    let logTwo = Float(naturalLog(2))
    for name in [
      "log_which", "log_emphasised_words", "log_how_many", "log_percent_signs",
      "log_math_symbols", "log_units", "log_all_none",
    ] {
      #expect(value(name) == logTwo, "\(name)")
    }
    #expect(value("log_stem_words") == Float(naturalLog(11)))
    #expect(value("log_longest_item") == Float(naturalLog(5)))
    #expect(value("item_digit_share") == 0.25)
    #expect(value("closing_item_share") == 0.25)
    // "two" and "apples" come twice among 13 words.
    #expect(value("item_repeat_share") == Float(2) / 13)
    let allAreFinite = vector.dense.allSatisfy { $0.isFinite }
    #expect(allAreFinite)
  }

  @Test func everyColumnHasAName() {
    for version in [UInt16(1), 2, 3] {
      let schema = FeatureSchema(usesTurn: true, bucketBits: 0, wordOrders: 0, version: version)
      let names = featureNames(schema)
      #expect(names.count == schema.denseCount && Set(names).count == names.count)
    }
    #expect(FeatureSchema(version: 1).denseCount == 56)
    #expect(FeatureSchema(version: 2).denseCount == 95)
  }

  @Test func aWordCarriesOneMark() {
    let words = WordMark.allCases.map { "\($0.words)" }.joined(separator: " ").split(separator: " ")
    #expect(Set(words).count == words.count)
  }
}
