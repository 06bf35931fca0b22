import RiddleData
import RiddleEvaluation
import RiddleTestSupport
import Testing

@testable import RiddlePipeline

/// The same settings under several splits.
@Suite struct SideBySideTests {
  /// A log in which the answer is a property of the subject and every subject has words of its own: a random split
  /// learns the subjects, one that leaves them out cannot.
  static func memorised(_ count: Int = 600, subjects: Int = 40, seed: UInt64 = 1) -> Dataset {
    var random = SplitMix64(seed: seed)
    let hard = (0..<subjects).map { _ in random.below(2) == 0 }
    return Dataset(
      log: (0..<count).map { i in
        let s = random.below(subjects)
        let words = (0..<8).map { _ in "s\(s)w\(random.below(12))" }
        return LoggedQuery(
          id: "q\(i)", text: words.joined(separator: " ") + " q\(i)",
          context: QueryContext(group: "subject \(s)", time: Microseconds(Int64(i))),
          outcomes: [
            CandidateOutcome(
              candidate: "tiny", outcome: Outcome(quality: hard[s] ? 0 : 1, cost: NanoDollars(1))),
            CandidateOutcome(candidate: "huge", outcome: Outcome(quality: 1, cost: NanoDollars(9))),
          ])
      }, candidates: ["tiny", "huge"])
  }

  @Test func aRandomSplitFlattersAndLeavingSubjectsOutShowsIt() throws {
    let data = Self.memorised()
    let plan = World.plan()
    let trained = try trainRouter(data, plan: plan)
    let table = try #require(try SideBySide(data, trained: trained, plan: plan, replicates: 60))
    #expect(
      table.lines.map(\.name) == [
        "random, nothing together", "near-duplicates together", "segments left out (group)",
        "newest 20 % held out",
      ])
    let auc = try table.lines.map { try #require($0.auc.value) }
    #expect(auc[0] > 0.95 && auc[1] > 0.95 && auc[3] > 0.95)
    #expect(auc[2] < 0.7)
    #expect(table.lines[2].resampled == "segment")
    #expect(try #require(table.lines[2].auc.high) > (try #require(table.lines[2].auc.low)))
    #expect(table.lines.map(\.isOwn) == [false, true, false, false])
    #expect(table.lines[0].rows == 600 && table.lines[3].rows == 120)
    let again = try SideBySide(data, trained: trained, plan: plan, replicates: 60)
    #expect(again == table)
  }

  /// Copies with a word changed: the random split sees them, the safe one does not; here labels are noise, so all that a
  /// random split "learns" is the copies.
  @Test func copiesFlatterTheRandomSplitOnly() throws {
    var random = SplitMix64(seed: 3)
    var log: [LoggedQuery] = []
    for f in 0..<150 {
      let base = (0..<30).map { _ in "w\(random.below(4000))" }
      let fails = random.below(2) == 0
      for copy in 0..<4 {
        log.append(
          LoggedQuery(
            id: "\(f)-\(copy)", text: (base + ["copy\(copy)"]).joined(separator: " "),
            outcomes: [
              CandidateOutcome(candidate: "tiny", outcome: Outcome(quality: fails ? 0 : 1)),
              CandidateOutcome(candidate: "huge", outcome: Outcome(quality: 1)),
            ]))
      }
    }
    let data = Dataset(log: log, candidates: ["tiny", "huge"])
    let plan = World.plan()
    let trained = try trainRouter(data, plan: plan)
    let table = try #require(try SideBySide(data, trained: trained, plan: plan, replicates: 0))
    #expect(try #require(table.lines[0].auc.value) > 0.9)
    #expect(abs(try #require(table.lines[1].auc.value) - 0.5) < 0.12)
    // And the router's own figures are the honest ones.
    let report = try HeldOutTests.evaluation(trained, on: data)
    #expect(report.queries == trained.rowCount(.test))
    #expect(abs(try #require(report.routers[0].auc.value) - 0.5) < 0.25)
  }

  @Test(arguments: [
    (TrainingPlan.ModelKind.logistic, LabelTarget.success), (.tree, .weakFails),
    (.stack, .weakFails),
  ])
  func everyModelIsFittedAgain(model: TrainingPlan.ModelKind, target: LabelTarget) throws {
    let data = World.dataset(model == .stack ? 240 : 400, groups: 8)
    var plan = World.plan(model)
    plan.target = target
    let trained = try trainRouter(data, plan: plan)
    let table = try #require(try SideBySide(data, trained: trained, plan: plan, replicates: 0))
    for line in table.lines {
      #expect(line.failure == nil, "\(line.failure ?? "")")
      // A tree on statistics alone hardly beats a coin here, but it is fitted.
      #expect(try #require(line.auc.value) > (model == .tree ? 0.4 : 0.55), "\(line.name)")
    }
  }

  @Test(arguments: [TrainingPlan.HeadForm.heads, .ordinal, .multinomial])
  func laddersAreFittedAgain(form: TrainingPlan.HeadForm) throws {
    let data = World.dataset(500, candidates: 3, groups: 8)
    var plan = World.plan()
    plan.form = form
    let trained = try trainRouter(data, plan: plan)
    let table = try #require(try SideBySide(data, trained: trained, plan: plan, replicates: 0))
    for line in table.lines { #expect(try #require(line.apgr.value) > 0.5, "\(line.name)") }
  }

  @Test func theOrderOfTheLogChangesNothing() throws {
    let data = Self.memorised(300)
    let plan = World.plan()
    let trained = try trainRouter(data, plan: plan)
    let turned = data.rows(Array((0..<300).reversed()))
    #expect(
      try SideBySide(data, trained: trained, plan: plan, replicates: 30)
        == SideBySide(turned, trained: trained, plan: plan, replicates: 30))
  }

  @Test func aFewRowsAreNotWorthIt() throws {
    let data = World.dataset(99)
    let trained = try trainRouter(data, plan: World.plan())
    #expect(try SideBySide(data, trained: trained, plan: World.plan()) == nil)
  }

  /// No fold's fit sees a row that it judges, nor a near-duplicate of one where these are kept together.
  @Test func protocolsHoldOutWhatTheySay() throws {
    var random = SplitMix64(seed: 8)
    var log: [LoggedQuery] = []
    for i in 0..<300 {
      var text = (0..<20).map { _ in "w\(random.below(900))" }.joined(separator: " ")
      if i > 0 && random.below(3) == 0, let earlier = log[random.below(i)].text {
        text = earlier + " end\(i)"
      }
      log.append(
        LoggedQuery(
          id: "q\(i)", text: text,
          context: QueryContext(
            group: "g\(random.below(12))", conversation: "c\(random.below(200))",
            domain: "d\(random.below(6))", time: Microseconds(Int64(i))), outcomes: []))
    }
    let data = Dataset(textsOf: log).withDuplicateKeys()
    let all = SplitProtocol.all(
      data, split: Split(unit: .text, seed: 1), segmentField: .domain, seed: 1)
    #expect(all.count == 6)
    for (index, held) in all.enumerated() {
      var judged: [Int] = []
      for fold in 0..<held.foldCount {
        let (training, test) = (held.training(fold), held.heldOut(fold))
        #expect(Set(training).isDisjoint(with: test) && !training.isEmpty)
        judged += test
        if index == 0 { continue }
        let report = leaks(train: data.rows(training), test: data.rows(test))
        #expect(report.prompts.testRows == 0 && report.nearDuplicates.testRows == 0, "\(held.name)")
        // Split by text, conversations may be shared; all others keep them apart.
        if index > 1 { #expect(report.conversations.testRows == 0, "\(held.name)") }
        let domains = { (rows: [Int]) in Set(rows.compactMap { data.contexts[$0].domain }) }
        if held.name.contains("domain") {
          #expect(domains(training).isDisjoint(with: domains(test)))
        }
      }
      #expect(judged.sorted() == held.judged.sorted())
    }
  }
}
