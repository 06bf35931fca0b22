import RiddleData
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddlePipeline

/// The global view is the mean of what single queries are told.
@Suite struct GlobalExplanationTests {
  @Test(arguments: [TrainingPlan.ModelKind.logistic, .tree, .boosted, .stack])
  func effectsAreMeansOfTheQueriesContributions(kind: TrainingPlan.ModelKind) throws {
    let data = World.dataset(300)
    var plan = World.plan(kind, characters: kind == .logistic ? 3...4 : nil)
    plan.smoothing = [0]
    let trained = try trainRouter(data, plan: plan)
    let names = trained.schema.columnNames
    let means = try ExplanationTests.means(trained.router)
    let judged = data.rows(trained.rows[.calibrate] ?? [])
    let found = GlobalExplanation(
      trained.router, heads: trained.heads.map(\.name), columnNames: names, means: means,
      data: judged)
    #expect(found.rows == judged.count)
    let head = try #require(found.heads.first)
    #expect(head.name == trained.heads[0].name)
    var expected: [String: Double] = [:]
    for i in 0..<judged.count {
      let parts = explain(
        trained.router, text: judged.texts[i].utf8Span.span,
        context: requestContext(judged.contexts[i]), head: 0, columnNames: names, means: means,
        limit: .max)
      for part in parts { expected[part.feature, default: 0] += abs(part.contribution) }
      expected["words", default: 0] += abs(
        parts.filter { $0.feature.hasPrefix("\"") }.reduce(0) { $0 + $1.contribution })
    }
    #expect(!head.columns.isEmpty)
    for column in head.columns {
      expectClose(
        column.effect, (expected[column.feature] ?? 0) / Double(judged.count), tolerance: 1e-6)
    }
    #expect(head.columns.map(\.effect) == head.columns.map(\.effect).sorted(by: >))
    let isLinear = kind == .logistic || kind == .stack
    #expect((head.words != nil) == isLinear)
    #expect((head.characters != nil) == (kind == .logistic))
    if let words = head.words {
      expectClose(words, (expected["words"] ?? 0) / Double(judged.count), tolerance: 1e-6)
    }
    #expect(head.columns.allSatisfy { ($0.perDeviation != nil) == isLinear })
  }

  @Test func aLinearColumnPushesWhereItsWeightPoints() throws {
    let data = World.dataset(300)
    let trained = try trainRouter(data, plan: World.plan())
    let found = GlobalExplanation(
      trained.router, heads: [], columnNames: trained.schema.columnNames,
      means: try ExplanationTests.means(trained.router), data: data)
    for column in found.heads[0].columns {
      let weight = try #require(column.perDeviation)
      if weight != 0 { #expect(column.direction == (weight > 0 ? .towards : .against)) }
    }
  }

  /// Four-way heads weigh against each other: the sign of a step's reason still says which way the choice moves.
  @Test func aStepsReasonsPointTowardsTheDearerCandidate() throws {
    var plan = World.plan()
    plan.target = .success
    let data = World.dataset(400)
    let trained = try trainRouter(data, plan: plan)
    let means = try ExplanationTests.means(trained.router)
    func effect(_ text: String, _ word: String) -> Double {
      explain(
        trained.router, text: text.utf8Span.span, context: RequestContext(), step: 0,
        columnNames: trained.schema.columnNames, means: means, limit: .max
      ).first { $0.feature == "\"\(word)\"" }?.contribution ?? 0
    }
    #expect(effect("prove the deadlock", "prove") > 0)
    #expect(effect("reset my password", "password") < 0)
  }
}
