import RiddleData
import RiddleRuntime
import RiddleTestSupport

/// Routers that every form is tried on.
enum FormRouters {
  /// Text, context and, where the router reads one, an embedding.
  struct Query {
    var text: [UInt8]
    var context: RequestContext
    /// The values behind `context`, by field.
    var values: [String]
    var embedding: [Float]
  }

  static let fieldValues = [
    ["premium", "Premium", "standard", ""], ["debug", "sql", ""], ["billing", "it's", ""],
  ]

  /// Seeded queries: every text the featurizer knows, broken UTF-8, NULs, one byte, one long word.
  static func queries(_ count: Int, seed: UInt64, embedding: Int = 0) -> [Query] {
    var random = SplitMix64(seed: seed)
    var texts = generatedTexts(count - 8, seed: seed)
    texts += [
      [], [0], [0x80], [39], [10], Array(repeating: 0x61, count: 70_001),
      Array(repeating: 0xcc, count: 4_099), (0..<3_000).flatMap { Array("\($0) ".utf8) },
    ]
    return texts.enumerated().map { index, text in
      var query = Query(text: text, context: RequestContext(), values: ["", "", ""], embedding: [])
      if index % 3 == 0 { return query }
      query.context.turn = Int32(random.below(5))
      for field in ContextField.allCases {
        let choices = fieldValues[Int(field.rawValue)]
        let value = choices[random.below(choices.count)]
        query.values[Int(field.rawValue)] = value
        query.context.set(field, to: value.utf8Span.span)
      }
      if index % 2 == 0 {
        query.embedding = (0..<embedding).map { _ in Float(random.unit() - 0.5) }
      }
      return query
    }
  }

  static let categories: [FeatureSchema.Category] = [
    .init(field: .userTier, valueHash: hash("premium"), share: 0.25),
    .init(field: .domain, valueHash: hash("it's"), share: 0.125),
    .init(field: .taskType, valueHash: hash("sql"), share: 0.7),
  ]
  static let categoryNames = ["user_tier=premium", "domain=it's", "task_type=sql"]

  static func hash(_ value: String) -> UInt64 {
    RequestContext.hash(ofValue: value.utf8Span.span)
  }

  /// Names as a weight file's metadata have them.
  static func columns(of schema: FeatureSchema) -> [String] {
    var names = featureNames(schema)
    let first = schema.denseCount - schema.categories.count - schema.embeddingMeans.count
    for i in schema.categories.indices where schema.categories.count == categoryNames.count {
      names[first + i] = categoryNames[i]
    }
    return names
  }

  /// Routers over statistics, turn and context alone: the kinds that SQL can express.
  enum Plain: CaseIterable {
    case linear, tree, forest, stack, classes, success, isotonicSuccess
  }

  static func plain(_ kind: Plain, seed: UInt64 = 3) -> Router {
    var random = SplitMix64(seed: seed)
    func weight() -> Double { random.unit() - 0.5 }
    let schema = FeatureSchema(
      usesTurn: true, bucketBits: 0, wordOrders: 0, categories: categories)
    let heads = kind == .success || kind == .isotonicSuccess || kind == .classes ? 3 : 2
    /// Trees of up to `depth` levels, one node after the other.
    func grow(_ nodes: inout [TreeModel.Node], depth: Int) {
      let index = nodes.count
      nodes.append(.init(feature: 0, threshold: 0, left: 0, right: 0, value: Float(weight())))
      if depth == 0 || depth < 5 && random.below(5) == 0 { return }
      // Two of three columns are such as vary from text to text.
      let column = random.below(random.below(3) == 0 ? schema.denseCount : 20)
      nodes[index].feature = UInt16(column)
      nodes[index].threshold =
        column >= schema.denseCount - categories.count
        ? 0 : Float(random.below(40)) / 10 - 0.05
      nodes[index].left = UInt32(nodes.count)
      grow(&nodes, depth: depth - 1)
      nodes[index].right = UInt32(nodes.count)
      grow(&nodes, depth: depth - 1)
    }
    func forest() -> ForestModel {
      var nodes: [TreeModel.Node] = []
      var roots: [UInt32] = []
      for _ in 0..<(heads * 7) {
        roots.append(UInt32(nodes.count))
        grow(&nodes, depth: 5)
      }
      return ForestModel(
        nodes: nodes, roots: roots, treeCounts: (0..<heads).map { $0 == 0 ? 8 : $0 == 1 ? 6 : 7 },
        bases: (0..<heads).map { _ in weight() })
    }
    func linear() -> LinearModel {
      LinearModel(
        headCount: heads, intercepts: (0..<heads).map { _ in weight() },
        dense: (0..<(heads * schema.denseCount)).map { $0 % 11 == 5 ? 0 : Float(weight()) },
        hashed: .none)
    }
    let model: RouterModel =
      switch kind {
      case .tree:
        {
          var nodes: [TreeModel.Node] = []
          var roots: [UInt32] = []
          for _ in 0..<heads {
            roots.append(UInt32(nodes.count))
            grow(&nodes, depth: 6)
          }
          return .tree(TreeModel(nodes: nodes, roots: roots))
        }()
      case .forest, .isotonicSuccess: .forest(forest())
      case .stack: .stack(linear(), forest())
      case .linear, .classes, .success: .linear(linear())
      }
    let isotonic = CalibrationMap.isotonic(
      IsotonicMap(margins: [-1, -0.25, 0, 2], probabilities: [0.1, 0.1, 0.4, 0.9]))
    let calibration: [CalibrationMap] = (0..<heads).map { head in
      if kind == .isotonicSuccess { return isotonic }
      return head == 0 ? .platt(slope: 0.7, offset: -0.2) : head == 1 ? .identity : isotonic
    }
    let values: OutcomeValues? =
      switch kind {
      case .classes:
        OutcomeValues(
          link: .softmax, worth: [1, 0.1, 0.3, 0.5, 0.6, 0.5, 0.2, 0.9, 0.7], prices: [0, 0.25, 1])
      case .success, .isotonicSuccess:
        OutcomeValues(
          link: .independent, worth: [1, 0, 0, 0, 1, 0, 0, 0, 1], prices: [0, 0.25, 1])
      default: nil
      }
    let usable: [CalibrationMap] =
      kind == .classes ? [calibration[0], .identity, .platt(slope: 1.5, offset: 0.1)] : calibration
    func router(_ thresholds: [Double]) -> Router {
      Router(
        schema: schema, model: model, calibration: usable,
        rule: values.map { .values($0) } ?? .ladder,
        thresholds: thresholds.map { .init(value: $0) },
        candidates: ["it's small", "me\"dium\\", "large -- ; \u{e9}"].map {
          .init(name: Array($0.utf8), meanCost: 1000)
        })
    }
    // Thresholds in the middle of the margins, above the smallest: more than one candidate is chosen.
    let open = router([0, 0])
    var margins: [[Double]] = [[], []]
    var scratch = open.makeScratch()
    for query in queries(101, seed: seed) {
      var steps = InlineArray<64, Double>(repeating: 0)
      _ = open.decide(query.text.span, context: query.context, scratch: &scratch)
      open.writeStepMargins(scratch, to: &steps)
      for step in 0..<2 { margins[step].append(steps[step]) }
    }
    return router(
      margins.map { all in
        let sorted = all.sorted()
        return sorted[50...].first { $0 > sorted[0] } ?? sorted[50]
      })
  }
}
