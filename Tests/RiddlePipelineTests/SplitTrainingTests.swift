import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddleTestSupport
import Testing

@testable import RiddlePipeline

/// Training under every split, and what its list of training rows proves.
@Suite struct SplitTrainingTests {
  /// A log with near-duplicates, groups, conversations, domains and times.
  static func log(_ count: Int = 500, seed: UInt64 = 1) -> Dataset {
    let base = World.dataset(count, seed: seed)
    var random = SplitMix64(seed: seed ^ 99)
    var texts: [String] = []
    for i in 0..<count {
      var text =
        base.texts[i] + " " + (0..<12).map { _ in "n\(random.below(5000))" }.joined(separator: " ")
      if i > 0 && random.below(4) == 0 { text = texts[random.below(i)] + " again\(i)" }
      texts.append(text)
    }
    return Dataset(
      log: (0..<count).map { i in
        LoggedQuery(
          id: base.ids[i], text: texts[i],
          context: QueryContext(
            group: "g\(random.below(60))", conversation: "c\(random.below(300))",
            domain: "d\(random.below(12))", time: Microseconds(Int64(random.below(5000)))),
          outcomes: base.outcomes.candidates.enumerated().map { k, name in
            CandidateOutcome(
              candidate: name,
              outcome: Outcome(
                quality: base.outcomes.quality(i, k),
                cost: base.outcomes.cost(i, k).map { NanoDollars($0) }))
          })
      }, candidates: base.outcomes.candidates)
  }

  static func plan(_ unit: SplitUnit) -> TrainingPlan {
    var plan = World.plan(splitUnit: unit)
    if unit == .segment { plan.segmentField = .domain }
    return plan
  }

  @Test(arguments: SplitUnit.allCases)
  func exactlyTheTestSideIsProvenUnseen(unit: SplitUnit) throws {
    let data = Self.log()
    let trained = try trainRouter(data, plan: Self.plan(unit))
    let rows = try SplitSide.allCases.map { try #require(trained.rows[$0]) }
    let report = leaks(train: data.rows(rows[0] + rows[1]), test: data.rows(rows[2]))
    #expect(report.prompts.testRows == 0 && report.nearDuplicates.testRows == 0)
    let judged = try HeldOutTests.evaluation(trained, on: data)
    #expect(judged.queries == rows[2].count)
    #expect(judged.rows.description.contains("near-duplicates"))
    #expect(try #require(trained.splitSummary).nearDuplicateRows > 50)
    // A near-duplicate of a training row is not new, whatever file it comes in.
    let copies = Dataset(
      log: rows[0].map { i in
        LoggedQuery(
          id: "n\(i)", text: data.texts[i] + " indeed",
          outcomes: ["tiny", "huge"].map {
            CandidateOutcome(candidate: $0, outcome: Outcome(quality: 1))
          })
      }, candidates: ["tiny", "huge"])
    #expect(throws: PipelineError.nothingUnseen(total: copies.count)) {
      try HeldOutTests.evaluation(trained, on: copies)
    }
  }

  @Test func theNewestRowsTestAndWholeSegmentsDo() throws {
    let data = Self.log()
    let byTime = try trainRouter(data, plan: Self.plan(.time))
    func times(_ side: SplitSide) -> [Int64] {
      (byTime.rows[side] ?? []).compactMap { data.contexts[$0].time?.count }
    }
    #expect(try #require(times(.train).max()) < (try #require(times(.calibrate).min())))
    #expect(try #require(times(.calibrate).max()) < (try #require(times(.test).min())))
    #expect(try #require(byTime.splitSummary).droppedFromTest > 0)

    let bySegment = try trainRouter(data, plan: Self.plan(.segment))
    let held = Set(try #require(bySegment.splitSummary?.heldOutSegments))
    for i in bySegment.rows[.test] ?? [] { #expect(held.contains(data.contexts[i].domain ?? "")) }
    for i in (bySegment.rows[.train] ?? []) + (bySegment.rows[.calibrate] ?? []) {
      #expect(!held.contains(data.contexts[i].domain ?? ""))
    }
    #expect(bySegment.split.segmentField == .domain)
  }

  @Test func splitsThatTheDataDoNotAllowAreRefused() {
    let data = World.dataset(200)
    for (unit, word) in [(SplitUnit.time, "time"), (.segment, "--segment")] {
      var plan = World.plan(splitUnit: unit)
      plan.segmentField = unit == .segment ? .userTier : nil
      let error = #expect(throws: PipelineError.self) { try trainRouter(data, plan: plan) }
      #expect("\(error.map { "\($0)" } ?? "")".contains(word))
      #expect(throws: PipelineError.self) {
        try StreamingTraining(candidates: ["tiny", "huge"], plan: plan)
      }
    }
  }

  @Test func foldsKeepNearDuplicatesTogether() throws {
    let data = Self.log()
    let keys = try #require(data.withDuplicateKeys().duplicateKeys)
    // Unless they would chain nearly all rows, as these groups and conversations do.
    for (choice, isApart) in [(nil, true), (TrainingPlan.FoldChoice.text, true), (.group, false)] {
      var plan = World.plan()
      plan.foldsBy = choice
      let made = try crossValidation(data, plan: plan, split: Split(unit: .text, seed: 1))
      var fold: [UInt64: Int] = [:]
      var straddling = 0
      for (key, own) in zip(keys, made.folds) {
        if let known = fold[key], known != own { straddling += 1 }
        fold[key] = own
      }
      #expect((straddling == 0) == isApart)
    }
    var plan = World.plan()
    plan.foldsBy = .segment
    plan.segmentField = .domain
    let made = try crossValidation(data, plan: plan, split: Split(unit: .text, seed: 1))
    var foldOf: [String: Int] = [:]
    for (context, own) in zip(data.contexts, made.folds) {
      let domain = try #require(context.domain)
      #expect(foldOf[domain] == nil || foldOf[domain] == own)
      foldOf[domain] = own
    }
    // Split by time, folds go forward in time; split by segment, they leave segments out.
    plan.foldsBy = nil
    let forward = try crossValidation(data, plan: plan, split: Split(unit: .time, seed: 1))
    #expect(forward.everHeldOut.count < data.count)
    let segments = try crossValidation(
      data, plan: plan, split: Split(unit: .segment, seed: 1, segmentField: .domain))
    #expect(segments.folds == made.folds)
  }
}
