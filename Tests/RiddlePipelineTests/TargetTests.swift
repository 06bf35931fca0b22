import RiddleData
import RiddleLearning
import RiddleRuntime
import Testing

@testable import RiddlePipeline

/// Every target and form end to end, and the smoothing of targets.
@Suite struct TargetTests {
  /// A pair where each candidate is right more often on easy words, and neither always.
  static func dataset(_ count: Int) -> Dataset {
    var random = SplitMix64(seed: 3)
    return Dataset(
      log: (0..<count).map { i in
        let hard = random.unit()
        let words = (0..<8).map { _ in random.unit() < hard ? "prove" : "reset" }
        let weak = random.unit() < 0.9 - 0.7 * hard ? 1.0 : 0
        let strong = random.unit() < 0.95 - 0.2 * hard ? 1.0 : 0
        return LoggedQuery(
          id: "q\(i)", text: "q\(i) " + words.joined(separator: " "), context: QueryContext(),
          outcomes: [("tiny", weak, 100_000), ("huge", strong, 6_000_000)].map {
            CandidateOutcome(
              candidate: $0.0, outcome: Outcome(quality: $0.1, cost: NanoDollars($0.2)))
          })
      }, candidates: ["tiny", "huge"])
  }

  @Test(arguments: LabelTarget.allCases, [TrainingPlan.ModelKind.logistic, .stack])
  func everyTargetTrainsAPairTheSameWayTwice(target: LabelTarget, model: TrainingPlan.ModelKind)
    throws
  {
    let data = Self.dataset(600)
    var plan = World.plan(model)
    plan.target = target
    let trained = try trainRouter(data, plan: plan)
    #expect(trained.steps.count == 1)
    #expect(trained.router.firstFailingProbe() == nil)
    #expect(try trainRouter(data, plan: plan).bytes == trained.bytes)
  }

  @Test(arguments: [TrainingPlan.HeadForm.ordinal, .multinomial])
  func aLadderTrainsInEveryForm(form: TrainingPlan.HeadForm) throws {
    let data = World.dataset(900, candidates: 3)
    var plan = World.plan(.logistic)
    plan.form = form
    let trained = try trainRouter(data, plan: plan)
    #expect(trained.steps.count == 2)
    #expect((trained.router.rule == .ladder) == (form == .ordinal))
    if form == .ordinal, case .linear(let linear) = trained.router.model {
      let width = linear.denseCount
      #expect(Array(linear.dense[..<width]) == Array(linear.dense[width...]))
      #expect(linear.intercepts[0] > linear.intercepts[1])
    }
  }

  /// In this world the dearest candidate is always right.
  @Test(arguments: TrainingPlan.ModelKind.allCases)
  func aCandidateThatIsAlwaysRightGetsAConstantHead(model: TrainingPlan.ModelKind) throws {
    let data = World.dataset(900, candidates: 3)
    var plan = World.plan(model)
    plan.target = .success
    let trained = try trainRouter(data, plan: plan)
    let head = try #require(trained.heads.last)
    #expect(head.fit.solver == "constant" && head.calibration.kind == "identity")
    #expect(trained.warnings.contains { $0.contains("quality of huge") })
    let rows = head.fit.rows
    var features = trained.router.makeScratch()
    Featurizer(schema: trained.router.schema).featurize(
      "anything".utf8Span.span, context: RequestContext(), into: &features)
    let p = logistic(trained.router.model.margin(features, head: 2))
    #expect(abs(p - (Double(rows) + 0.5) / Double(rows + 1)) < 1e-3)
  }

  /// Nobody needs the middle candidate when it is never better than the cheapest.
  @Test(arguments: [TrainingPlan.HeadForm.ordinal, .multinomial])
  func anEmptyTierIsNeverChosen(form: TrainingPlan.HeadForm) throws {
    let log = Self.dataset(600)
    let outcomes = log.outcomes
    let rows = (0..<log.count).map { i in
      LoggedQuery(
        id: log.ids[i], text: log.texts[i], context: log.contexts[i],
        outcomes: [("tiny", 0, 1), ("middle", 0, 2), ("huge", 1, 9)].map { name, k, cost in
          CandidateOutcome(
            candidate: name,
            outcome: Outcome(quality: outcomes.quality(i, k), cost: NanoDollars(Int64(cost))))
        })
    }
    let data = Dataset(log: rows, candidates: ["tiny", "middle", "huge"])
    var plan = World.plan(.logistic)
    plan.form = form
    plan.target = .strongWins
    let trained = try trainRouter(data, plan: plan)
    var scratch = trained.router.makeScratch()
    let picks = Set(
      data.texts.map {
        trained.router.decide($0.utf8Span.span, context: RequestContext(), scratch: &scratch)
          .candidate
      })
    #expect(picks == [0, 2])
  }

  @Test func settingsThatDoNotGoTogetherAreRefused() {
    let data = World.dataset(900, candidates: 3)
    var plan = World.plan(.logistic)
    plan.target = .fourWay
    #expect(throws: PipelineError.self) { try trainRouter(data, plan: plan) }
    plan.target = .weakFails
    plan.form = .ordinal
    plan.model = .tree
    #expect(throws: PipelineError.self) { try trainRouter(data, plan: plan) }
  }

  @Test func smoothingLeavesTheRowItselfOutAndKeepsTheMean() throws {
    let contexts = (0..<40).map { i -> QueryContext in
      QueryContext(group: i < 20 ? "a" : "b")
    }
    let smoothing = try #require(GroupSmoothing(contexts))
    let targets = (0..<40).map { $0 < 20 ? 1.0 : 0 }
    let rows = Array(0..<40)
    #expect(smoothing.smoothed(targets, rows: rows, alpha: 0) == targets)
    let full = smoothing.smoothed(targets, rows: rows, alpha: 1)
    // 19 others of the group and 20 rows' worth of the mean ½.
    #expect(abs(full[0] - (19 + 10) / 39.0) < 1e-12)
    #expect(abs(full[30] - 10 / 39.0) < 1e-12)
    #expect(GroupSmoothing((0..<40).map { _ in QueryContext() }) == nil)
  }
}
