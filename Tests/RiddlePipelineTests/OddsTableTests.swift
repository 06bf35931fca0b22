import Glibc
import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
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

  /// Weights that must be estimated too leave less certainty than given ones.
  @Test func accountingForNGramsWidensTheIntervals() throws {
    let given = try #require(Self.trained().heads[0].odds)
    let wide = try #require(
      Self.trained { $0.accountsForNGramsInOdds = true }.heads[0].odds)
    #expect(given.condition.contains("given the n-gram weights"))
    #expect(wide.condition.contains("uncertainty is accounted for"))
    #expect(given.columns.map(\.oddsRatio) == wide.columns.map(\.oddsRatio))
    var widened = 0
    for (a, b) in zip(given.columns, wide.columns) {
      #expect(b.high / b.low > a.high / a.low * 0.9999)
      if b.high / b.low > a.high / a.low * 1.0001 { widened += 1 }
    }
    #expect(widened > 0)
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

  /// Half of the rows, each counted twice, know as much as all: errors agree to what two samples differ by.
  @Test func aSampleThatStandsForAllGivesTheSameErrors() throws {
    var random = SplitMix64(seed: 8)
    let count = 2000
    let values = (0..<count * 3).map { _ in random.unit() * 2 - 1 }
    let targets = (0..<count).map { i -> Double in
      random.unit() < 1 / (1 + exp(-2 * values[i * 3])) ? 1 : 0
    }
    let data = try TrainingSet(
      dense: Matrix(rowCount: count, columnCount: 3, values: values), targets: targets)
    let settings = LogisticRegression(l2Penalty: 1)
    let model = try settings.fit(data).model
    let all = OddsTable(model, settings: settings, data: data, alpha: 0)
    let half = OddsTable(model, settings: settings, data: data, alpha: 0, maximumRows: 1000)
    #expect(half.condition.contains("1000 of 2000 rows stand for all"))
    #expect(!all.condition.contains("stand for all"))
    for (a, b) in zip(all.columns, half.columns) {
      #expect(a.column == b.column && a.low < a.oddsRatio)
      let widths = (log(a.high / a.low) / a.deviation, log(b.high / b.low) / b.deviation)
      expectClose(widths.1 / widths.0, 1, tolerance: 0.1)
    }
  }
}
