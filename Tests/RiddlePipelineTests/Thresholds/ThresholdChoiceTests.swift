import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddleRuntime
import Testing

@testable import RiddlePipeline

/// Thresholds chosen for trained routers of every rule and calibration.
@Suite struct ThresholdChoiceTests {
  private static let data = World.dataset(400)
  private static let fresh = World.dataset(2500, seed: 77, prefix: "f")

  private func trained(_ change: (inout TrainingPlan) -> Void = { _ in }) throws -> TrainedRouter {
    var plan = World.plan()
    change(&plan)
    return try trainRouter(Self.data, plan: plan)
  }

  private func choice(
    _ trained: TrainedRouter, _ goal: ThresholdGoal, rows: RowChoice = .heldOut
  ) throws -> ThresholdChoice {
    try chooseThreshold(
      trained.router, name: "r", on: Self.fresh, seen: .fingerprints([trained.trainingRows]),
      plan: ThresholdPlan(goal: goal, rows: rows, replicates: 0))
  }

  static let promise = ThresholdGoal.promise(PromiseTerms(maximumLoss: 0.1))

  @Test(arguments: [CalibrationKind.platt, .isotonic, .identity])
  func theGridRisesAndSpansTheProbabilities(kind: CalibrationKind) throws {
    let made = try trained { $0.calibration = kind }
    let grid = offsetGrid(made.router)
    #expect(grid.count > 1000)
    #expect(zip(grid, grid.dropFirst()).allSatisfy { $0 < $1 })
    // It knows the router alone, and reaches from always-strongest to always-cheapest on rows it never saw.
    let policy = scoredPolicy(made.router, name: "r", on: Self.fresh)
    let family = ThresholdFamily(
      margins: policy.margins, base: policy.thresholds, offsets: grid)
    #expect(family.picks(grid[0]).allSatisfy { $0 == 1 })
    #expect(family.picks(grid[grid.count - 1]).allSatisfy { $0 == 0 })
  }

  @Test(arguments: [LabelTarget.weakFails, .strongWins, .utilityGap, .success, .fourWay])
  func theWrittenRouterDecidesAsPromised(target: LabelTarget) throws {
    let made = try trained { $0.target = target }
    let choice = try choice(made, Self.promise)
    let chosen = try #require(choice.report.chosen)
    let (router, bytes) = try applying(choice, to: made.router, trainingRows: "abc")
    let decoded = try Router(decoding: bytes.span)
    #expect(decoded == router)
    #expect(decoded.firstFailingProbe() == nil)
    #expect(decoded.thresholds.allSatisfy { $0.guarantee == .meanLoss })
    let picks = scoredPolicy(decoded, name: "r", on: Self.fresh).picks
    let n = Double(picks.count)
    let loss =
      picks.enumerated().reduce(0.0) {
        $0 + Self.fresh.outcomes.quality($1.0, 1) - Self.fresh.outcomes.quality($1.0, $1.1)
      } / n
    #expect(abs(loss - (chosen.figures.loss.value ?? -1)) < 1e-9)
    #expect(chosen.figures.strongShare.value == Double(picks.count { $0 == 1 }) / n)
    #expect(loss < 0.1)
  }

  @Test func rowsSeenInTrainingAreLeftOut() throws {
    let made = try trained()
    let both = World.dataset(400)
    let choice = try chooseThreshold(
      made.router, name: "r", on: both, seen: .fingerprints([made.trainingRows]),
      plan: ThresholdPlan(goal: .observed(.strongShare(0.5)), replicates: 0))
    let seen = choice.usedRows.filter {
      made.trainingRows.contains(text: both.texts[$0], context: both.contexts[$0])
    }
    #expect(seen.isEmpty)
    #expect(choice.report.rowsSeen == 400 - choice.usedRows.count)
    #expect(choice.report.rowsSeen > 300)
    #expect(choice.report.isProvenUnseen)
  }

  @Test func addedRowsAreRecognisedAndOldOnesStay() throws {
    let made = try trained()
    let more = made.trainingRows.adding(Self.fresh, rows: [0, 5])
    for i in [0, 5] {
      #expect(more.contains(text: Self.fresh.texts[i], context: Self.fresh.contexts[i]))
    }
    #expect(!more.contains(text: Self.fresh.texts[1], context: Self.fresh.contexts[1]))
    for i in 0..<400 {
      let (text, context) = (Self.data.texts[i], Self.data.contexts[i])
      #expect(
        more.contains(text: text, context: context)
          == made.trainingRows.contains(text: text, context: context))
    }
    #expect(TrainingRows(decoding: more.encoded) == more)
  }

  @Test func errorCostsNeedAQuestion() throws {
    let made = try trained { $0.target = .success }
    #expect(throws: PipelineError.self) {
      try choice(made, .errorCosts(failure: 5, overspend: 1))
    }
  }

  @Test func aPromiseNeedsUnitsAndSaysHowMany() throws {
    let made = try trained()
    let few = Self.fresh.rows(Array(0..<60))
    let choice = try chooseThreshold(
      made.router, name: "r", on: few, seen: .fingerprints([made.trainingRows]),
      plan: ThresholdPlan(
        goal: .promise(PromiseTerms(maximumLoss: 0.02, method: .binomial)), replicates: 0))
    #expect(choice.report.chosen == nil)
    // (1 − 0.02)ⁿ ≤ 0.05 from n = 149 on.
    #expect(choice.report.promise?.unitsNeeded == 149)
    #expect(throws: PipelineError.self) {
      try applying(choice, to: made.router, trainingRows: nil)
    }
  }
}
