import RiddleData
import RiddlePipeline
import RiddleRuntime
import RiddleTestSupport
import Testing

/// Training row after row.
@Suite struct StreamingTrainingTests {
  private func log(_ data: Dataset) -> [LoggedQuery] {
    let names = data.outcomes.candidates
    return (0..<data.count).map { i in
      LoggedQuery(
        id: data.ids[i], text: data.texts[i], context: data.contexts[i],
        outcomes: names.indices.map { k in
          CandidateOutcome(
            candidate: names[k],
            outcome: Outcome(
              quality: data.outcomes.quality(i, k),
              cost: data.outcomes.cost(i, k).map { NanoDollars($0) }))
        })
    }
  }

  private func limits(batch: Int = 64, sample: Int = 100_000) -> StreamingLimits {
    var limits = StreamingLimits()
    limits.batchRows = batch
    limits.sampleRows = sample
    return limits
  }

  @Test(arguments: [2, 3])
  func theBytesAreTheRouterAndTheSameEveryTime(rungs: Int) throws {
    let data = World.dataset(600, candidates: rungs)
    func stream(_ seed: UInt64 = 1) throws -> StreamedRouter {
      try streamRouter(
        log(data), candidates: data.outcomes.candidates, plan: World.plan(seed: seed),
        limits: limits())
    }
    let made = try stream()
    #expect(try Router(decoding: made.trained.bytes.span) == made.trained.router)
    #expect(try stream().trained.bytes == made.trained.bytes)
    #expect(try stream(2).trained.bytes != made.trained.bytes)
    #expect(made.trained.router.firstFailingProbe() == nil)
    #expect(made.progressiveLoss.count == rungs - 1)
    // log 2 is what a coin would lose.
    for loss in made.progressiveLoss { #expect(loss > 0 && loss < 0.69) }
  }

  /// Split, fingerprints, costs, schema and calibration rows are those of the batch path.
  @Test func everythingButTheFitIsTheBatchPaths() throws {
    let data = World.dataset(500, repeats: 0.2)
    let batch = try trainRouter(data, plan: World.plan())
    let made = try streamRouter(
      log(data), candidates: data.outcomes.candidates, plan: World.plan(), limits: limits())
    // The same texts and units; signatures would take 64 bytes a row.
    for (text, context) in zip(data.texts, data.contexts) {
      #expect(
        made.trained.trainingRows.sharing(text: text, context: context)
          == batch.trainingRows.sharing(text: text, context: context))
    }
    #expect(!made.trained.trainingRows.recognisesNearDuplicates)
    #expect(made.trained.split == batch.split)
    #expect(made.trained.schema == batch.schema)
    #expect(made.trained.router.candidates == batch.router.candidates)
    for side in SplitSide.allCases {
      #expect(made.trained.rowCount(side) == batch.rowCount(side))
      #expect(batch.rowCount(side) == batch.rows[side]?.count)
    }
    #expect(made.test.ids == data.rows(try #require(batch.rows[.test])).ids)
    // One pass comes near the optimum: decisions agree on nearly all rows.
    var scratch = batch.router.makeScratch()
    var agreeing = 0
    for (text, context) in zip(data.texts, data.contexts) {
      let request = requestContext(context)
      let a = batch.router.decide(text.utf8Span.span, context: request, scratch: &scratch)
      let b = made.trained.router.decide(text.utf8Span.span, context: request, scratch: &scratch)
      if a.candidate == b.candidate { agreeing += 1 }
    }
    #expect(agreeing > 400)
  }

  /// A head per candidate, and a rule that weighs their qualities.
  @Test(arguments: [LabelTarget.success, .utilityGap])
  func otherTargetsAreLearnedToo(target: LabelTarget) throws {
    let data = World.dataset(600, candidates: 3)
    var plan = World.plan()
    plan.target = target
    let made = try streamRouter(
      log(data), candidates: data.outcomes.candidates, plan: plan, limits: limits())
    let batch = try trainRouter(data, plan: plan)
    #expect(made.trained.heads.map(\.name) == batch.heads.map(\.name))
    #expect(made.trained.steps.count == batch.steps.count)
    #expect(try Router(decoding: made.trained.bytes.span) == made.trained.router)
  }

  /// Samples are bounded, whole texts stay together, and arrival order does not choose them.
  @Test func samplesAreBoundedAndDoNotDependOnOrder() throws {
    let data = World.dataset(900)
    func test(_ rows: [LoggedQuery]) throws -> [String] {
      try streamRouter(
        rows, candidates: data.outcomes.candidates, plan: World.plan(),
        limits: limits(sample: 50)
      ).test.ids
    }
    let ids = try test(log(data))
    #expect(ids.count == 50)
    #expect(Set(try test(log(data).reversed())) == Set(ids))
  }

  @Test func unusableRowsAreCountedAndLeftOut() throws {
    let data = World.dataset(300)
    var rows = log(data)
    let whole = try streamRouter(
      rows, candidates: data.outcomes.candidates, plan: World.plan(), limits: limits())
    rows.insert(LoggedQuery(id: "n", text: nil, outcomes: rows[0].outcomes), at: 7)
    rows.insert(LoggedQuery(id: "c", text: "a", outcomes: []), at: 3)
    let made = try streamRouter(
      rows, candidates: data.outcomes.candidates, plan: World.plan(), limits: limits())
    #expect(made.omitted.withoutText == 1 && made.omitted.withoutCandidate == 1)
    #expect(made.trained.bytes == whole.trained.bytes)
  }

  @Test func whatCannotBeStreamedIsRefused() throws {
    let names = ["tiny", "huge"]
    var plans = [World.plan(.tree), World.plan(.stack)]
    for change: (inout TrainingPlan) -> Void in [
      { $0.form = .ordinal }, { $0.target = .fourWay }, { $0.l1Ratio = 0.5 },
      { $0.balancesClasses = true }, { $0.usesInverseDocumentFrequency = true },
    ] {
      var plan = World.plan()
      change(&plan)
      plans.append(plan)
    }
    for plan in plans {
      let error = #expect(throws: PipelineError.self) {
        try streamRouter([], candidates: names, plan: plan)
      }
      guard case .unsupported(let message) = error else {
        Issue.record("expected a plan that cannot be streamed to be refused, got \(error as Any)")
        continue
      }
      #expect(message.contains("--stream"))
    }
    #expect(
      throws: PipelineError.smallSide(
        side: "train", rows: 0, needed: minimumSideRows, total: 0, unit: .text)
    ) {
      try streamRouter([], candidates: names, plan: World.plan())
    }
  }

  /// No sampled row is a near-duplicate of a training row, and none is left out for anything else.
  @Test func samplesShareNothingWithTheTrainingRows() throws {
    let data = SplitTrainingTests.log(600)
    let made = try streamRouter(
      log(data), candidates: ["tiny", "huge"], plan: World.plan(), limits: limits())
    let split = Split(unit: made.trained.split.unit, seed: 1)
    let sides = data.texts.indices.map {
      split.side(text: data.texts[$0], context: data.contexts[$0])
    }
    let train = data.rows(sides.indices.filter { sides[$0] == .train })
    let report = leaks(train: train, test: made.test)
    #expect(report.prompts.testRows == 0 && report.nearDuplicates.testRows == 0)
    let test = data.rows(sides.indices.filter { sides[$0] == .test })
    let dropped = leaks(train: data.rows(sides.indices.filter { sides[$0] != .test }), test: test)
    let repeats = dropped.prompts.testRows + dropped.nearDuplicates.testRows
    #expect(repeats > 10)
    // Pairs only: a row that is like a training row by way of a third may stay.
    #expect(made.test.count >= test.count - repeats && made.test.count < test.count)
    #expect(made.trained.warnings.contains { $0.contains("near-duplicates") })
  }
}
