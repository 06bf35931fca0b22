import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddleRuntime
import Testing

@testable import RiddlePipeline

/// Plans compared on rows that are neither fitted nor the test side.
@Suite struct TrialTests {
  @Test func everyTargetIsTriedOnTheSameRowsTheSameWayTwice() throws {
    let data = TargetTests.dataset(700)
    let plans = World.plan().forEveryTarget(candidates: 2)
    #expect(plans.map(\.name) == LabelTarget.allCases.map(\.rawValue))
    let table = try TrialTable(data, plans: plans, replicates: 40)
    #expect(table.metric == "apgr" && table.lines.map(\.name) == plans.map(\.name))
    let best = try #require(table.lines.first { $0.name == table.reference })
    #expect(best.difference == nil)
    for line in table.lines {
      let value = try #require(line.value.value)
      #expect(value <= (best.value.value ?? 0) && value > 0.5)
      if line.name != best.name {
        let difference = try #require(line.difference?.value)
        #expect(abs(difference - (value - (best.value.value ?? 0))) < 1e-9)
      }
    }
    #expect(try TrialTable(data, plans: plans, replicates: 40) == table)
    #expect(World.plan().forEveryTarget(candidates: 3).allSatisfy { $0.name != "four-way" })
  }

  /// With a price on quality the utility at the routers' own thresholds decides.
  @Test func aPriceMakesUtilityTheMeasure() throws {
    var plan = World.plan()
    plan.costWeight = 100
    let table = try TrialTable(
      TargetTests.dataset(700), plans: plan.forEveryTarget(candidates: 2), replicates: 40)
    #expect(table.metric == "utility")
    #expect(table.lines.contains { $0.difference?.low != nil })
  }

  /// Nothing that the test side says may move a trial.
  @Test func theTestSideIsNotLookedAt() throws {
    let data = TargetTests.dataset(700)
    let plan = World.plan()
    let split = Split(unit: .text, seed: plan.seed)
    let log = (0..<data.count).map { i in
      let isTest = split.side(text: data.texts[i], context: data.contexts[i]) == .test
      return LoggedQuery(
        id: data.ids[i], text: data.texts[i], context: data.contexts[i],
        outcomes: ["tiny", "huge"].enumerated().map { k, name in
          CandidateOutcome(
            candidate: name,
            outcome: Outcome(
              quality: isTest ? 1 - data.outcomes.quality(i, k) : data.outcomes.quality(i, k),
              cost: data.outcomes.cost(i, k).map { NanoDollars($0) }))
        })
    }
    let turned = Dataset(log: log, candidates: ["tiny", "huge"])
    let plans = [("plan", plan)]
    #expect(
      try TrialTable(turned, plans: plans, replicates: 20)
        == TrialTable(data, plans: plans, replicates: 20))
    #expect(
      try learningCurve(turned, plan: plan, penalty: 1)
        == learningCurve(data, plan: plan, penalty: 1))
  }

  @Test func ablationsLeaveOutWhatThereIs() throws {
    let data = World.dataset(600)
    var names = World.plan().ablations(for: data).map(\.name)
    #expect(names.first == "all features" && names.contains("without context fields"))
    names = World.plan(features: .text, characters: 3...4).ablations(for: data).map(\.name)
    #expect(!names.contains("without context fields"))
    #expect(names.contains("without character n-grams"))
    #expect(World.plan(.tree).ablations(for: data).allSatisfy { !$0.name.contains("n-gram") })
    let table = try TrialTable(
      data, plans: World.plan().ablations(for: data), reference: 0, replicates: 20)
    #expect(table.reference == "all features")
    #expect(table.lines.allSatisfy { $0.failure == nil && $0.value.value != nil })
  }

  @Test func aPlanThatCannotBeTrainedIsNamedAndTheOthersGoOn() throws {
    var impossible = World.plan(.tree)
    impossible.calibrationRows = .folds
    let table = try TrialTable(
      TargetTests.dataset(700), plans: [("fine", World.plan()), ("not", impossible)],
      replicates: 20)
    #expect(table.reference == "fine" && table.lines[1].failure != nil)
    #expect(throws: PipelineError.self) {
      try TrialTable(TargetTests.dataset(700), plans: [("not", impossible)], replicates: 20)
    }
  }

  @Test(arguments: [TrainingPlan.ModelKind.logistic, .boosted, .stack])
  func foldsCalibrateAsWellAsRowsThatWereHeldOut(model: TrainingPlan.ModelKind) throws {
    let data = TargetTests.dataset(900)
    var plan = World.plan(model)
    let heldOut = try trainRouter(data, plan: plan)
    plan.calibrationRows = .folds
    let folds = try trainRouter(data, plan: plan)
    #expect(folds.rowCount(.calibrate) == 0)
    #expect(
      folds.rowCount(.train) == heldOut.rowCount(.train) + heldOut.rowCount(.calibrate))
    let test = data.rows(folds.rows[.test] ?? [])
    let p = try #require(scoredPolicy(folds.router, name: "", on: test).probabilities)
    let share =
      LabelTarget.weakFails.labels(test.outcomes, head: 0, qualityThreshold: 0.5)
      .reduce(0, +) / Double(test.count)
    #expect(abs(p.reduce(0, +) / Double(p.count) - share) < 0.1)
  }

  /// A group of the folds is held out whole, a span of time is judged by what came before it.
  @Test func foldsKeepGroupsTogetherAndTimeInOrder() throws {
    let data = World.dataset(600, groups: 12)
    var plan = World.plan()
    let split = Split(unit: .text, seed: 1)
    plan.foldsBy = .group
    let groups = try crossValidation(data, plan: plan, split: split)
    for i in 0..<data.count {
      for j in i..<data.count where data.contexts[i].group == data.contexts[j].group {
        #expect(groups.folds[i] == groups.folds[j])
      }
    }
    let log = (0..<data.count).map { i in
      var context = data.contexts[i]
      context.time = Microseconds(Int64((i * 7919) % 600))
      return LoggedQuery(
        id: data.ids[i], text: data.texts[i], context: context,
        outcomes: ["tiny", "huge"].enumerated().map { k, name in
          CandidateOutcome(candidate: name, outcome: Outcome(quality: data.outcomes.quality(i, k)))
        })
    }
    let timed = Dataset(log: log, candidates: ["tiny", "huge"])
    plan.foldsBy = .time
    let time = try crossValidation(timed, plan: plan, split: split)
    for fold in 0..<plan.folds {
      let latest = time.trainingRows(fold).compactMap { timed.contexts[$0].time?.count }.max()
      let earliest = time.heldOutRows(fold).compactMap { timed.contexts[$0].time?.count }.min()
      #expect(try #require(latest) < #require(earliest))
    }
    for model in [TrainingPlan.ModelKind.logistic, .stack, .tree] {
      plan.model = model
      plan.penalties = [1, 10]
      #expect(try trainRouter(timed, plan: plan).router.firstFailingProbe() == nil)
    }
    plan.model = .logistic
    plan.calibrationRows = .folds
    #expect(throws: PipelineError.self) { try trainRouter(timed, plan: plan) }
  }

  /// The simplest setting within one standard error is at most as flexible as the best one.
  @Test func oneStandardErrorTakesASimplerSetting() throws {
    let data = TargetTests.dataset(900)
    var plan = World.plan()
    plan.penalties = [0.1, 0.3, 1, 3, 10, 30, 100]
    plan.smoothing = [0]
    let best = try trainRouter(data, plan: plan).heads[0]
    plan.selectionRule = .oneStandardError
    let simple = try trainRouter(data, plan: plan).heads[0]
    let least = try #require(best.crossValidation.min { $0.loss < $1.loss })
    #expect(best.penalty == least.setting)
    let allowed = best.crossValidation.filter { $0.loss <= least.loss + least.standardError }
    #expect(simple.penalty == allowed.map(\.setting).max())
  }
}
