import RiddleData
import RiddleRuntime
import RiddleTestSupport
import Testing

/// Steps of a ladder against the choice they stand for.
@Suite struct DecisionRuleTests {
  /// The candidate with the largest value − τ · price, the cheaper of equals, written out plainly.
  static func choice(_ router: Router, _ features: borrowing FeatureVector) -> Int {
    guard case .values(let values) = router.rule else { return -1 }
    let heads = router.model.headCount
    let margins = (0..<heads).map { router.model.margin(features, head: $0) }
    var p: [Double]
    switch values.link {
    case .independent:
      p = (0..<heads).map { router.calibration[$0].probability(ofMargin: margins[$0]) }
    case .softmax:
      p = (0..<heads).map {
        if case .platt(let slope, let offset) = router.calibration[$0] {
          return exponential(slope * margins[$0] + offset)
        }
        return exponential(margins[$0])
      }
      let sum = p.reduce(0, +)
      p = p.map { $0 / sum }
    }
    let scores = values.prices.indices.map { c in
      (0..<heads).reduce(-router.thresholds[0].value * values.prices[c]) {
        $0 + p[$1] * values.worth[c * heads + $1]
      }
    }
    return scores.indices.max { scores[$0] < scores[$1] } ?? -1
  }

  @Test(arguments: [GeneratedKind.forest, .stack], [-0.5, 0, 0.05, 0.3, 2])
  func climbingStepByStepFindsTheBestCandidate(kind: GeneratedKind, threshold: Double) {
    var differing = 0
    var chosen: Set<Int> = []
    for seed: UInt64 in 1...20 {
      let made = generatedRouter(kind: kind, seed: seed)
      let router = Router(
        schema: made.schema, model: made.model, calibration: made.calibration, rule: made.rule,
        thresholds: [.init(value: threshold), .init(value: threshold)], candidates: made.candidates)
      var features = router.makeScratch()
      for text in generatedTexts(20, seed: seed) {
        let decision = router.decide(text.span, context: RequestContext(), scratch: &features)
        chosen.insert(decision.candidate)
        if decision.candidate != Self.choice(router, features) { differing += 1 }
      }
    }
    #expect(differing == 0)
    if threshold == 0.05 { #expect(chosen.count > 1) }
  }

  @Test func wellFormedValuesHaveIncreasingPrices() {
    func values(_ prices: [Double], worth: Int = 4) -> OutcomeValues {
      OutcomeValues(
        link: .independent, worth: [Double](repeating: 0, count: worth), prices: prices)
    }
    #expect(values([0, 1]).isWellFormed(headCount: 2))
    #expect(!values([0, 0]).isWellFormed(headCount: 2))
    #expect(!values([0.1, 1]).isWellFormed(headCount: 2))
    #expect(!values([0, 1], worth: 3).isWellFormed(headCount: 2))
    #expect(!values([0]).isWellFormed(headCount: 4))
  }

  @Test func anIsotonicMapInterpolatesAndNeverFalls() {
    let map = IsotonicMap(margins: [-1, 0, 2], probabilities: [0.1, 0.4, 0.9])
    #expect(map.probability(ofMargin: -5) == 0.1)
    #expect(map.probability(ofMargin: -1) == 0.1)
    #expect(map.probability(ofMargin: -0.5) == 0.25)
    #expect(map.probability(ofMargin: 0) == 0.4)
    #expect(abs(map.probability(ofMargin: 1) - 0.65) < 1e-15)
    #expect(map.probability(ofMargin: 7) == 0.9)
    #expect(map.probability(ofMargin: .nan) == 0.1)
    #expect(IsotonicMap(margins: [0], probabilities: [0.5]).probability(ofMargin: 3) == 0.5)
    #expect(!IsotonicMap(margins: [0, 0], probabilities: [0.1, 0.2]).isWellFormed)
    #expect(!IsotonicMap(margins: [0, 1], probabilities: [0.3, 0.2]).isWellFormed)
    #expect(!IsotonicMap(margins: [], probabilities: []).isWellFormed)
  }

  @Test func anUnknownEmbeddingIsTheAverageOne() {
    let schema = FeatureSchema(
      bucketBits: 0, wordOrders: 0, embeddingMeans: [0.5, -0.25])
    let featurizer = Featurizer(schema: schema)
    var features = FeatureVector(schema: schema)
    let text = Array("Why?".utf8)
    let known: [Float] = [1.5, 0.75]
    featurizer.featurize(
      text.span, context: RequestContext(), embedding: known.span, into: &features)
    #expect(Array(features.dense.suffix(2)) == [1, 1])
    featurizer.featurize(text.span, context: RequestContext(), into: &features)
    #expect(Array(features.dense.suffix(2)) == [0, 0])
    let broken: [Float] = [.nan, 0.75]
    featurizer.featurize(
      text.span, context: RequestContext(), embedding: broken.span, into: &features)
    #expect(Array(features.dense.suffix(2)) == [0, 1])
    let short: [Float] = [3]
    featurizer.featurize(
      text.span, context: RequestContext(), embedding: short.span, into: &features)
    #expect(Array(features.dense.suffix(2)) == [0, 0])
  }
}
