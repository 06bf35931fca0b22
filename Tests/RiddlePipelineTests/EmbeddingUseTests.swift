import RiddleData
import RiddleEvaluation
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddlePipeline

/// Embeddings as columns of a run.
@Suite struct EmbeddingUseTests {
  static func column(_ rows: [[Float]?], model: String = "e") -> EmbeddingColumn? {
    EmbeddingColumn(
      model: model, rows: rows.map { $0.map { LoggedEmbedding(model: model, values: $0) } })
  }

  /// World rows with a vector of length `dimension` each; every tenth has none.
  static func data(_ count: Int = 300, dimension: Int = 3) -> Dataset {
    var random = SplitMix64(seed: 2)
    let rows = (0..<count).map { i -> [Float]? in
      let vector = (0..<dimension).map { _ in Float(random.unit() + 1) }
      return i % 10 == 9 ? nil : vector
    }
    return World.dataset(count).withEmbeddings(column(rows))
  }

  @Test func theEmbeddingsColumnsStandBehindTheCategoriesAndSoDoTheirNames() throws {
    let contexts = SchemaChoiceTests.contexts([("a", 50), ("b", 50)])
    let column = try #require(Self.column([[1, 2], [3, 6], nil]))
    let schema = NamedSchema(plan: World.plan(), contexts: contexts, embeddings: column)
    #expect(
      Array(schema.columnNames.suffix(4))
        == ["task_type=a", "task_type=b", "embedding[0]", "embedding[1]"])
    #expect(schema.columnNames.count == schema.schema.denseCount)
    #expect(schema.schema.embeddingMeans == [2, 4])
    #expect(schema.embeddingModel == "e")
    var features = FeatureVector(schema: schema.schema)
    let featurizer = Featurizer(schema: schema.schema)
    let context = requestContext(QueryContext(taskType: "a"))
    featurizer.featurize("x", context: context, embeddings: column, row: 1, into: &features)
    expectClose(Double(features.dense[features.dense.count - 4]), 0.5, tolerance: 1e-6)
    #expect(Array(features.dense.suffix(2)) == [1, 2])
    featurizer.featurize("x", context: context, embeddings: column, row: 2, into: &features)
    #expect(Array(features.dense.suffix(2)) == [0, 0])
  }

  @Test func manyShardsAndOneReadTheSameRows() {
    let data = Self.data()
    let schema = NamedSchema(
      plan: World.plan(), contexts: data.contexts, embeddings: data.embeddings
    ).schema
    let one = FeaturizedRows(
      texts: data.texts, contexts: data.contexts.map(requestContext), embeddings: data.embeddings,
      schema: schema, shards: 1)
    let many = FeaturizedRows(data, schema: schema)
    #expect(one.dense == many.dense && one.keys == many.keys)
    let width = schema.denseCount
    for i in 0..<data.count {
      let own = many.dense[(i * width + width - 3)..<((i + 1) * width)]
      #expect(own.allSatisfy { $0 == 0 } == (i % 10 == 9))
    }
  }

  @Test func whatIsScoredIsWhatTheRuntimeDecides() throws {
    let data = Self.data()
    let trained = try trainRouter(data, plan: World.plan())
    #expect(trained.warnings.contains { $0.contains("have no embedding of model \"e\"") })
    let scored = scoredPolicy(trained.router, name: "r", on: data)
    var scratch = trained.router.makeScratch()
    for i in 0..<data.count {
      let vector = data.embeddings.map { $0.isPresent[i] ? Array($0[i]) : [] } ?? []
      let decision = trained.router.decide(
        data.texts[i].utf8Span.span, context: requestContext(data.contexts[i]),
        embedding: vector.span, scratch: &scratch)
      #expect(decision.margin.bitPattern == scored.margins[i].bitPattern)
    }
  }

  @Test func vectorsThatNoFileHoldsAreRefused() throws {
    #expect(throws: PipelineError.self) {
      try trainRouter(Self.data(60, dimension: 4001), plan: World.plan())
    }
    let absent = World.dataset(300).withEmbeddings(
      EmbeddingColumn(
        model: "e", dimension: 2, values: [Float](repeating: 0, count: 600),
        isPresent: [Bool](repeating: false, count: 300)))
    do {
      _ = try trainRouter(absent, plan: World.plan())
      Issue.record("trained without a vector")
    } catch {
      #expect("\(error)".contains("no training row has an embedding"))
    }
  }
}
