import RiddleData
import RiddleRuntime

/// Seeded texts that touch every part of the featurizer, broken UTF-8 included.
public func generatedTexts(_ count: Int, seed: UInt64) -> [[UInt8]] {
  var random = SplitMix64(seed: seed)
  let words = [
    "reset", "my", "password", "Explain", "why", "the", "QUEUE", "grows", "SELECT", "3.14", "x^2",
    "don't",
    "Größe", "请比较", "\u{1F620}", "A.", "\n", "- item", "{", "}", "http://a.b", "```", "__",
    "refund", "then",
    "calculate", "patient", "contract", "e\u{301}", "\t", "?", "!", "12,000", "Answer:", "\\frac",
    "$5", "50%",
  ]
  return (0..<count).map { index in
    if index % 37 == 36 {
      return (0..<random.below(80)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
    let length = random.below(index % 10 == 9 ? 200 : 30)
    var text = ""
    for _ in 0..<length { text += words[random.below(words.count)] + " " }
    return Array(text.utf8)
  }
}

/// A seeded request context over a few values of each field.
public func generatedContext(_ random: inout SplitMix64) -> RequestContext {
  var context = RequestContext()
  context.turn = Int32(random.below(5))
  for (field, values) in [
    (ContextField.userTier, ["premium", "standard", ""]), (.taskType, ["debug", "sql", ""]),
    (.domain, ["billing", "legal", ""]),
  ] {
    let value = Array(values[random.below(values.count)].utf8)
    context.set(field, to: value.span)
  }
  return context
}

/// A small router of any kind with seeded weights, two heads, three candidates, and probes left empty.
public func generatedRouter(kind: GeneratedKind, seed: UInt64, bucketBits: Int = 6) -> Router {
  var random = SplitMix64(seed: seed)
  func weight() -> Double { random.unit() - 0.5 }
  let premium = Array("premium".utf8)
  let schema = FeatureSchema(
    usesTurn: true, bucketBits: kind.usesHashing ? bucketBits : 0,
    wordOrders: kind.usesHashing ? 2 : 0,
    characterMinimum: kind == .linearInt8 ? 3 : kind == .linearHalf ? 3 : 0,
    characterMaximum: kind == .linearInt8 ? 4 : kind == .linearHalf ? 5 : 0,
    categories: [
      .init(
        field: .userTier, valueHash: RequestContext.hash(ofValue: premium.span), share: 0.25)
    ], embeddingMeans: kind == .forest ? [0.5, -0.25] : [])
  let heads = 2
  func nodes(_ trees: Int) -> [TreeModel.Node] {
    (0..<trees).flatMap { tree -> [TreeModel.Node] in
      let base = UInt32(tree * 5)
      let feature = UInt16(random.below(schema.denseCount))
      return [
        .init(feature: 1, threshold: 2, left: base + 1, right: base + 2, value: 0),
        .init(feature: 0, threshold: 0, left: 0, right: 0, value: Float(weight())),
        .init(feature: feature, threshold: 0.5, left: base + 3, right: base + 4, value: 0),
        .init(feature: 0, threshold: 0, left: 0, right: 0, value: Float(weight())),
        .init(feature: 0, threshold: 0, left: 0, right: 0, value: Float(weight())),
      ]
    }
  }
  func linear() -> LinearModel {
    let dense = (0..<heads * schema.denseCount).map { _ in Float(weight()) }
    let count = heads << bucketBits
    // Half the buckets, or every ninth: one is stored as a bitmap, the other as gaps.
    let kept: [UInt32]? =
      switch kind {
      case .linearHalf: (0..<(1 << UInt32(bucketBits))).filter { _ in random.below(2) == 0 }
      case .linearPruned: (0..<(1 << UInt32(bucketBits))).filter { $0 % 9 == 4 }
      default: nil
      }
    let stored = heads * (kept?.count ?? count / heads)
    let storage: HashedWeights.Storage =
      switch kind {
      case .linearFloat: .float32((0..<stored).map { _ in Float(weight()) })
      case .linearHalf:
        .float16((0..<stored).map { _ in UInt16(random.below(0x3c00) | random.below(2) << 15) })
      default:
        .int8(
          (0..<stored).map { _ in Int8(random.below(255) - 127) },
          scales: (0..<(stored + 63) / 64).map { _ in Float(random.unit() / 100) })
      }
    return LinearModel(
      headCount: heads, intercepts: (0..<heads).map { _ in weight() }, dense: dense,
      hashed: HashedWeights(
        bucketBits: bucketBits, headCount: heads, storage: storage, keptBuckets: kept))
  }
  func forest() -> ForestModel {
    ForestModel(
      nodes: nodes(3), roots: [0, 5, 10], treeCounts: [2, 1],
      bases: (0..<heads).map { _ in weight() })
  }
  let model: RouterModel =
    switch kind {
    case .tree: .tree(TreeModel(nodes: nodes(heads), roots: [0, 5]))
    case .linearFloat, .linearInt8, .linearHalf, .linearPruned: .linear(linear())
    case .forest: .forest(forest())
    case .stack: .stack(linear(), forest())
    }
  var calibration = [CalibrationMap.platt(slope: 1.1, offset: -0.2), .identity]
  if kind == .forest {
    calibration[1] = .isotonic(
      IsotonicMap(margins: [-1, 0, 2], probabilities: [0.1, 0.4, 0.4]))
  }
  let values = OutcomeValues(
    link: kind == .forest ? .independent : .softmax, worth: [1, 0.1, 0.5, 0.5, 0.2, 0.9],
    prices: [0, 0.25, 1])
  return Router(
    schema: schema, model: model, calibration: calibration,
    rule: kind == .forest || kind == .stack ? .values(values) : .ladder,
    thresholds: [.init(value: 0.05), .init(value: 0.2)],
    candidates: ["small", "medium", "large"].map {
      .init(
        name: Array($0.utf8), meanCost: 1000,
        prices: kind == .tree ? .unknown : .init(input: 150, cachedInput: -1, output: 600))
    }, policy: kind == .linearPruned ? Array("candidates: [small, medium, large]\n".utf8) : [],
    metadata: [.init(key: Array("name".utf8), value: Array("generated".utf8))])
}

/// Kinds of generated routers.
public enum GeneratedKind: CaseIterable, Sendable {
  /// Linear with float32 weights.
  case linearFloat
  /// Linear with int8 weights and character n-grams.
  case linearInt8
  /// Linear with float16 weights of some of the buckets and character n-grams of three lengths.
  case linearHalf
  /// Linear with int8 weights of a few of the buckets, and a policy.
  case linearPruned
  /// A tree per head.
  case tree
  /// A sum of trees per head over an embedding too, an isotonic map, and values of independent outcomes.
  case forest
  /// Linear plus trees, and values of classes.
  case stack

  var usesHashing: Bool { self != .tree && self != .forest }
}
