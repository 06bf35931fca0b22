import RiddleData
import RiddlePipeline
import RiddleRuntime
import RiddleTestSupport
import Testing

/// Which columns a run gets.
@Suite struct SchemaChoiceTests {
  static func contexts(_ counts: [(String, Int)]) -> [QueryContext] {
    counts.flatMap { value, count in
      (0..<count).map { _ in QueryContext(taskType: value) }
    }
  }

  static func names(
    _ counts: [(String, Int)], features: TrainingPlan.FeatureChoice = .context
  ) -> [String] {
    NamedSchema(plan: World.plan(features: features), contexts: contexts(counts)).categoryNames
  }

  @Test func frequentValuesGetColumnsMostFrequentFirstTiesByName() {
    #expect(
      Self.names([("rare", 19), ("b", 20), ("a", 20), ("often", 50)])
        == ["task_type=often", "task_type=a", "task_type=b"])
  }

  @Test func caseIsFoldedAsTheRuntimeFoldsIt() {
    #expect(Self.names([("SQL", 10), ("sql", 10), ("x", 30)]) == ["task_type=x", "task_type=sql"])
  }

  @Test func aFieldWithOneValueSaysNothing() {
    #expect(Self.names([("sql", 100)]).isEmpty)
    #expect(Self.names([("sql", 100), ("", 100)]).isEmpty)
  }

  @Test func noFieldGetsMoreThanItsShareOfColumns() {
    let many = (0..<100).map { ("v\($0)", 20) }
    #expect(Self.names(many).count == NamedSchema.maximumValues)
  }

  @Test func onlyTheContextChoiceReadsContexts() {
    let values = [("a", 50), ("b", 50)]
    #expect(Self.names(values, features: .text).isEmpty)
    #expect(Self.names(values, features: .statistics).isEmpty)
  }

  @Test func turnsAreReadWhenTheLogHasThem() {
    let with = NamedSchema(plan: World.plan(), contexts: [QueryContext(turn: 2), QueryContext()])
    let without = NamedSchema(plan: World.plan(), contexts: [QueryContext()])
    #expect(with.schema.usesTurn && !without.schema.usesTurn)
    #expect(
      with.columnNames.count == without.columnNames.count + FeatureSchema.turnColumnCount)
    #expect(with.columnNames.count == with.schema.denseCount)
  }

  @Test func thereIsANamePerColumnAndTheCategoriesComeLast() {
    let schema = NamedSchema(
      plan: World.plan(), contexts: Self.contexts([("a", 50), ("b", 50)]))
    #expect(schema.columnNames.count == schema.schema.denseCount)
    #expect(Array(schema.columnNames.suffix(2)) == ["task_type=a", "task_type=b"])
    #expect(Set(schema.columnNames).count == schema.columnNames.count)
  }

  @Test func treesAndStatisticsNeedNoHashing() {
    #expect(!NamedSchema(plan: World.plan(.tree), contexts: []).schema.usesHashing)
    #expect(!NamedSchema(plan: World.plan(features: .statistics), contexts: []).schema.usesHashing)
    #expect(NamedSchema(plan: World.plan(), contexts: []).schema.bucketBits == 9)
  }

  /// 1 less the value's share of the training rows for requests that carry the value, less the share for those that
  /// carry another, and nothing for those that carry none.
  @Test func aCategoryColumnRecognisesItsValue() {
    let schema = NamedSchema(
      plan: World.plan(), contexts: Self.contexts([("Debug", 60), ("sql", 40)]))
    let featurizer = Featurizer(schema: schema.schema)
    var features = FeatureVector(schema: schema.schema)
    let text = Array("hello".utf8)
    for (value, expected) in [
      ("debug", [0.4, -0.4]), ("DEBUG", [0.4, -0.4]), ("sql", [-0.6, 0.6]),
      ("other", [-0.6, -0.4]),
      ("", [0, 0]), (nil, [0, 0]),
    ] as [(String?, [Double])] {
      featurizer.featurize(
        text.span, context: requestContext(QueryContext(taskType: value)), into: &features)
      for (column, number) in zip(features.dense.suffix(2), expected) {
        expectClose(Double(column), number, tolerance: 1e-6, "\(value ?? "none")")
      }
    }
  }
}
