import RiddleData
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddlePipeline

/// Odds ratios of a run's heads.
@Suite struct OddsTableTests {
  static func trained(
    _ kind: TrainingPlan.ModelKind = .logistic, features: TrainingPlan.FeatureChoice = .context,
    change: (inout TrainingPlan) -> Void = { _ in }
  ) throws -> TrainedRouter {
    var plan = World.plan(kind, features: features)
    plan.infersOdds = true
    plan.smoothing = [0]
    change(&plan)
    return try trainRouter(World.dataset(300), plan: plan)
  }

  @Test(arguments: [TrainingPlan.FeatureChoice.context, .statistics])
  func intervalsHoldTheirEstimatesAndNamesTheirColumns(features: TrainingPlan.FeatureChoice) throws
  {
    let run = try Self.trained(features: features)
    let odds = try #require(run.heads[0].odds)
    #expect(odds.columns.count > 10)
    let model = try #require(run.router.model.linear)
    for row in odds.columns {
      #expect(row.feature == run.schema.columnNames[row.column])
      #expect(row.low < row.oddsRatio && row.oddsRatio < row.high && row.low > 0)
      expectClose(
        row.perDeviation, Double(model.dense[row.column]) * row.deviation, tolerance: 1e-3)
    }
    let sizes = odds.columns.map { abs($0.perDeviation) }
    #expect(sizes == sizes.sorted(by: >))
    #expect(odds.condition.contains("n-gram") == (features == .context))
  }

  @Test func theTableDoesNotChangeTheRouter() throws {
    let with = try Self.trained()
    let without = try Self.trained { $0.infersOdds = false }
    #expect(with.bytes == without.bytes)
    #expect(without.heads[0].odds == nil)
  }

  @Test func whatHasNoIntervalsSaysWhy() throws {
    let lasso = try Self.trained { $0.l1Ratio = 0.5 }
    let odds = try #require(lasso.heads[0].odds)
    #expect(odds.columns.isEmpty && odds.condition.contains("L1"))
    #expect(try Self.trained(.tree).heads[0].odds == nil)
    #expect(try Self.trained(.stack).heads[0].odds?.columns.isEmpty == false)
  }
}
