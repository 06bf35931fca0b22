import RiddleData
import RiddlePipeline
import RiddleRuntime
import RiddleTestSupport
import Testing

/// Explanations are the margin taken apart, not a story about it.
@Suite struct ExplanationTests {
  /// Means of the dense columns as a run stores them.
  static func means(_ router: Router) throws -> [Double] {
    let entry = try #require(
      router.metadata.first { $0.key == Array(RouterMetadata.columnMeans.utf8) })
    return String(decoding: entry.value, as: UTF8.self).split(separator: " ").compactMap {
      Double($0)
    }
  }

  @Test(arguments: [nil, 3...4])
  func contributionsAddUpToTheMarginAboveTheMeanQuery(characters: ClosedRange<Int>?) throws {
    let trained = try trainRouter(
      World.dataset(300, candidates: 3), plan: World.plan(characters: characters))
    let router = trained.router
    guard case .linear(let model) = router.model else { Issue.record("not linear"); return }
    let means = try Self.means(router)
    #expect(means.count == router.schema.denseCount)
    var scratch = router.makeScratch()
    var random = SplitMix64(seed: 5)
    for text in generatedTexts(150, seed: 3) {
      let context = generatedContext(&random)
      _ = router.decide(text.span, context: context, scratch: &scratch)
      for head in 0..<2 {
        let mean = (0..<means.count).reduce(model.intercepts[head]) {
          $0 + means[$1] * Double(model.dense[head * model.denseCount + $1])
        }
        let parts = explain(
          router, text: text.span, context: context, head: head,
          columnNames: trained.schema.columnNames, means: means, limit: .max)
        expectClose(
          parts.reduce(0) { $0 + $1.contribution }, model.margin(scratch, head: head) - mean,
          tolerance: 1e-6)
        let sizes = parts.map { abs($0.contribution) }
        #expect(sizes == sizes.sorted(by: >))
        #expect(parts.allSatisfy { $0.contribution != 0 })
        if characters == nil { #expect(!parts.contains { $0.feature.hasPrefix("character") }) }
      }
    }
  }

  /// The fast path of servers against the plain one.
  @Test(arguments: GeneratedKind.allCases)
  func anExplainerNamesTheSameLargestParts(_ kind: GeneratedKind) {
    let router = generatedRouter(kind: kind, seed: 7)
    let explainer = Explainer(router)
    let (names, means) = (columnNames(of: router), columnMeans(of: router))
    var scratch = router.makeScratch()
    var random = SplitMix64(seed: 8)
    for text in generatedTexts(150, seed: 6) {
      let context = generatedContext(&random)
      _ = router.decide(text.span, context: context, scratch: &scratch)
      for (step, limit) in [(0, 3), (1, 1), (1, 10), (0, .max)] {
        let expected = explain(
          router, text: text.span, context: context, step: step, columnNames: names, means: means,
          limit: limit)
        #expect(explainer.largest(scratch, text: text.span, step: step, limit: limit) == expected)
      }
    }
  }

  /// Saabas: root value plus the changes along the path is the leaf.
  @Test func changesAlongATreesPathAddUpToItsMargin() throws {
    let trained = try trainRouter(World.dataset(400, candidates: 3), plan: World.plan(.tree))
    let router = trained.router
    guard case .tree(let model) = router.model else { Issue.record("not a tree"); return }
    var scratch = router.makeScratch()
    for text in generatedTexts(150, seed: 4) {
      _ = router.decide(text.span, context: RequestContext(), scratch: &scratch)
      for head in 0..<2 {
        let parts = explain(
          router, text: text.span, context: RequestContext(), head: head,
          columnNames: trained.schema.columnNames, means: [], limit: .max)
        let root = Double(model.nodes[Int(model.roots[head])].value)
        expectClose(
          parts.reduce(root) { $0 + $1.contribution }, model.margin(scratch.dense, head: head),
          tolerance: 1e-5)
      }
    }
  }

  @Test func theLimitKeepsTheLargest() throws {
    let trained = try trainRouter(World.dataset(300), plan: World.plan())
    let text = Array("prove the theorem please, then reset my password".utf8)
    func parts(_ limit: Int) -> [Contribution] {
      explain(
        trained.router, text: text.span, context: RequestContext(), head: 0,
        columnNames: trained.schema.columnNames, means: [], limit: limit)
    }
    #expect(parts(3) == Array(parts(.max).prefix(3)))
    #expect(parts(0).isEmpty)
  }

  /// What an explanation calls a word is what the featurizer hashed.
  @Test(arguments: [1, 2])
  func wordNGramsAreTheFeaturizersWordKeys(orders: Int) {
    let schema = FeatureSchema(
      usesTurn: false, bucketBits: 12, wordOrders: orders, characterMinimum: 3,
      characterMaximum: 4, categories: [])
    let featurizer = Featurizer(schema: schema)
    var features = FeatureVector(schema: schema)
    for (index, text) in generatedTexts(400, seed: 6).enumerated() {
      featurizer.featurize(text.span, context: RequestContext(), into: &features)
      let words = featurizer.wordNGrams(text.span)
      #expect(
        words.map(\.key) == Array(features.keys[..<features.wordKeyCount]), "text \(index)")
      for word in words { #expect(word.words.count { $0 == 32 } < orders) }
    }
  }
}
