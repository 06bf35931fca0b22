import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddlePipeline
import RiddleRuntime
import RiddleTestSupport
import Testing

/// The straight line from rows to bytes.
@Suite struct TrainingTests {
  @Test(arguments: TrainingPlan.ModelKind.allCases, [2, 3])
  func theBytesAreTheRouterAndTheSameEveryTime(model: TrainingPlan.ModelKind, rungs: Int) throws {
    let data = World.dataset(300, candidates: rungs)
    let trained = try trainRouter(data, plan: World.plan(model))
    #expect(try Router(decoding: trained.bytes.span) == trained.router)
    #expect(try trainRouter(data, plan: World.plan(model)).bytes == trained.bytes)
    #expect(try trainRouter(data, plan: World.plan(model, seed: 2)).bytes != trained.bytes)
    #expect(trained.heads.count == rungs - 1)
    #expect(trained.router.candidates.count == rungs)
    #expect(trained.router.firstFailingProbe() == nil)
    for step in trained.steps {
      #expect(step.threshold.isFinite)
      #expect(step.probability > 0 && step.probability < 1)
    }
  }

  /// Every single-bit flip and every truncation of a trained file is refused; nothing traps.
  @Test func noDamageToATrainedFileGoesUnnoticed() throws {
    let trained = try trainRouter(
      World.dataset(200), plan: World.plan(.tree, features: .statistics))
    var bytes = trained.bytes
    func decodes(_ bytes: borrowing [UInt8]) -> Bool {
      do {
        _ = try Router(decoding: bytes.span)
        return true
      } catch { return false }
    }
    #expect(decodes(bytes))
    for length in 0..<bytes.count where decodes(Array(bytes[..<length])) {
      Issue.record("\(length) of \(bytes.count) bytes decode")
    }
    for bit in 0..<bytes.count * 8 {
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      if decodes(bytes) { Issue.record("bit \(bit) flipped, and it decodes") }
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }
  }

  /// Rows only move together with the data: importing in another order gives the same split, and the same model up
  /// to the order of adding.
  @Test func orderOfRowsDoesNotMoveTheSplit() throws {
    let data = World.dataset(300)
    let turned = data.rows(Array((0..<300).reversed()))
    let one = try trainRouter(data, plan: World.plan())
    let two = try trainRouter(turned, plan: World.plan())
    #expect(one.trainingRows == two.trainingRows)
    #expect(one.rows[.test] == two.rows[.test]?.map { 299 - $0 }.sorted())
    var scratch = one.router.makeScratch()
    for text in data.texts.prefix(50) {
      let a = one.router.decide(
        text.utf8Span.span, context: RequestContext(), scratch: &scratch)
      let b = two.router.decide(
        text.utf8Span.span, context: RequestContext(), scratch: &scratch)
      expectClose(a.margin, b.margin, tolerance: 1e-2)
    }
  }

  @Test func theEvaluatorComputesTheRoutersOwnMargins() throws {
    let data = World.dataset(200, candidates: 3)
    let trained = try trainRouter(data, plan: World.plan())
    let scored = scoredPolicy(trained.router, name: "r", on: data)
    var scratch = trained.router.makeScratch()
    for i in 0..<data.count {
      let decision = trained.router.decide(
        data.texts[i].utf8Span.span, context: requestContext(data.contexts[i]), scratch: &scratch)
      #expect(scored.margins[2 * i + decision.head] == decision.margin)
      for head in 0..<2 {
        #expect(scored.margins[2 * i + head] == trained.router.model.margin(scratch, head: head))
      }
    }
  }

  @Test func tooFewRowsOnASideAreNamed() {
    #expect {
      try trainRouter(World.dataset(20), plan: World.plan())
    } throws: { error in
      guard case .smallSide(_, let rows, let needed, 20, .text)? = error as? PipelineError
      else { return false }
      return rows < needed
    }
  }

  @Test(arguments: TrainingPlan.ModelKind.allCases)
  func oneClassNamesTheHead(model: TrainingPlan.ModelKind) {
    let data = World.dataset(200)
    let log = (0..<data.count).map { i in
      LoggedQuery(
        id: data.ids[i], text: data.texts[i],
        outcomes: ["tiny", "huge"].map { name in
          CandidateOutcome(candidate: name, outcome: Outcome(quality: 1))
        })
    }
    #expect {
      try trainRouter(Dataset(log: log, candidates: ["tiny", "huge"]), plan: World.plan(model))
    } throws: { error in
      guard case .head("above tiny", _)? = error as? PipelineError else { return false }
      return "\(error)".contains("above tiny")
    }
  }

  /// Identical texts carry no signal: training still ends, says so, and decides every query alike.
  @Test(arguments: TrainingPlan.ModelKind.allCases)
  func constantFeaturesGiveOneAnswerForAll(model: TrainingPlan.ModelKind) throws {
    let data = World.dataset(400)
    let log = (0..<data.count).map { i in
      LoggedQuery(
        id: data.ids[i], text: "same", context: QueryContext(conversation: "c\(i)"),
        outcomes: ["tiny", "huge"].enumerated().map { k, name in
          CandidateOutcome(candidate: name, outcome: Outcome(quality: data.outcomes.quality(i, k)))
        })
    }
    // No split would put one text on two sides; this looks at what the fits make of it.
    let trained = try trainRouter(
      Dataset(log: log, candidates: ["tiny", "huge"]),
      SplitAssignment(
        split: Split(unit: .conversation, seed: 1),
        sides: (0..<data.count).map { [.train, .train, .calibrate, .test][$0 % 4] },
        summary: SplitSummary()), plan: World.plan(model, splitUnit: .conversation))
    let scored = scoredPolicy(
      trained.router, name: "r", on: Dataset(log: log, candidates: ["tiny", "huge"]))
    #expect(Set(scored.margins).count == 1)
    #expect(scored.margins.allSatisfy { $0.isFinite })
  }
}
