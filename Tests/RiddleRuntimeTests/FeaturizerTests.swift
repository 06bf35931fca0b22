import Foundation
import RiddleRuntime
import RiddleTestSupport
import Testing

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

  @Test func theFeaturesOfVersionOneNeverChange() {
    // Fingerprints recorded when version 1 was defined: a change here needs a new featurizer version.
    let schema = FeatureSchema(
      usesTurn: true, bucketBits: 12, characterMinimum: 3, characterMaximum: 4)
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
    #expect(schema.fingerprint == 13_962_079_019_124_821_715)
    #expect(state == 12_009_834_273_665_246_009)
  }
}
