import RiddleData
import RiddleEvaluation
import RiddlePipeline
import RiddleTestSupport
import Testing

/// What is judged was not learned from.
@Suite struct HeldOutTests {
  static func evaluation(
    _ trained: TrainedRouter, on data: Dataset, seen: SeenRows? = nil, rows: RowChoice = .heldOut
  ) throws -> EvaluationReport {
    try evaluateRouters(
      [("r", trained.router)], on: data, seen: seen ?? .fingerprints([trained.trainingRows]),
      plan: EvaluationPlan(settings: EvaluationSettings(replicates: 0), rows: rows))
  }

  static func normalised(_ text: String) -> String {
    text.lowercased().split { $0.isWhitespace }.joined(separator: " ")
  }

  @Test(arguments: [SplitUnit.text, .group])
  func noTestRowSharesAUnitWithTheOthersAndExactlyTheyAreJudged(unit: SplitUnit) throws {
    let data = World.dataset(400, repeats: 0.3, groups: 60)
    let trained = try trainRouter(data, plan: World.plan(splitUnit: unit))
    let sides = try [SplitSide.train, .calibrate, .test].map { try #require(trained.rows[$0]) }
    let left = Set(0..<data.count).subtracting(sides.flatMap { $0 })
    func keys(_ rows: [Int]) -> Set<String> {
      Set(
        rows.map {
          unit == .text ? Self.normalised(data.texts[$0]) : data.contexts[$0].group ?? "none"
        })
    }
    #expect(keys(sides[2]).isDisjoint(with: keys(sides[0] + sides[1])))
    #expect(keys(sides[1]).isDisjoint(with: keys(sides[0])))
    let report = try Self.evaluation(trained, on: data)
    // Groups that repeat one another's texts stay apart: then the repeats are on no side, and not judged.
    let texts = Set((sides[0] + sides[1]).map { Self.normalised(data.texts[$0]) })
    for i in sides[2] { #expect(!texts.contains(Self.normalised(data.texts[i]))) }
    for i in left { #expect(texts.contains(Self.normalised(data.texts[i]))) }
    #expect(left.isEmpty == (unit == .text))
    #expect(report.queries == sides[2].count)
    #expect(report.rows.seenInTraining == data.count - sides[2].count)
    #expect(report.rows.total == data.count)
  }

  /// The figures are those of the test rows, not of as many others.
  @Test func theFiguresAreThoseOfTheTestSide() throws {
    let data = World.dataset(400)
    let trained = try trainRouter(data, plan: World.plan())
    let all = try Self.evaluation(trained, on: data)
    let alone = try Self.evaluation(
      trained, on: data.rows(try #require(trained.rows[.test])), rows: .all)
    #expect(all.queries == alone.queries)
    #expect(all.routers[0].auc == alone.routers[0].auc)
    #expect(all.routers[0].quality == alone.routers[0].quality)
    #expect(all.routers[0].costDollars == alone.routers[0].costDollars)
  }

  @Test func labelsOfTheTestSideChangeNothingInTheRouter() throws {
    let data = World.dataset(400)
    let trained = try trainRouter(data, plan: World.plan())
    let test = Set(try #require(trained.rows[.test]))
    let table = data.outcomes
    var quality = table.quality
    for i in test { for k in 0..<2 { quality[2 * i + k] = 1 - quality[2 * i + k] } }
    let log = (0..<data.count).map { i in
      LoggedQuery(
        id: data.ids[i], text: data.texts[i], context: data.contexts[i],
        outcomes: table.candidates.enumerated().map { k, name in
          CandidateOutcome(
            candidate: name,
            outcome: Outcome(
              quality: quality[2 * i + k], cost: table.cost(i, k).map { NanoDollars($0) }))
        })
    }
    let other = try trainRouter(
      Dataset(log: log, candidates: table.candidates), plan: World.plan())
    #expect(other.bytes == trained.bytes)
  }

  @Test func newRowsAreJudgedWholeAndSeenRowsNotAtAll() throws {
    let data = World.dataset(300)
    let trained = try trainRouter(data, plan: World.plan())
    let new = World.dataset(80, seed: 99, prefix: "n")
    let report = try Self.evaluation(trained, on: new)
    #expect(report.queries == 80)
    #expect(report.rows.seenInTraining == 0)
    #expect(report.warnings.allSatisfy { !$0.contains("seen") })
    let seen = data.rows(try #require(trained.rows[.train]))
    #expect(throws: PipelineError.nothingUnseen(total: seen.count)) {
      try Self.evaluation(trained, on: seen)
    }
  }

  @Test func judgingAllRowsSaysHowManyFlatter() throws {
    let data = World.dataset(300)
    let trained = try trainRouter(data, plan: World.plan())
    let seen = data.count - (trained.rows[.test]?.count ?? 0)
    let report = try Self.evaluation(trained, on: data, rows: .all)
    #expect(report.queries == 300)
    #expect(report.warnings.contains { $0.contains("\(seen) of 300") && $0.contains("flatter") })
  }

  /// Without the list of rows only the test side of the split is provably unseen, and the report says so.
  @Test func withoutFingerprintsTheSplitDecides() throws {
    let data = World.dataset(300)
    let trained = try trainRouter(data, plan: World.plan())
    let report = try Self.evaluation(trained, on: data, seen: .split(trained.split))
    #expect(report.queries == trained.rows[.test]?.count)
    #expect(report.warnings.contains { $0.contains("training rows") })
    let unknown = try Self.evaluation(trained, on: data, seen: .unknown)
    #expect(unknown.queries == 300)
    #expect(unknown.warnings.contains { $0.contains("unknown") })
  }

  /// With several routers a row must be unseen by each.
  @Test func rowsMustBeUnseenByEveryRouter() throws {
    let data = World.dataset(300)
    let one = try trainRouter(data, plan: World.plan(seed: 1))
    let two = try trainRouter(data, plan: World.plan(seed: 2))
    let report = try evaluateRouters(
      [("one", one.router), ("two", two.router)], on: data,
      seen: .fingerprints([one.trainingRows, two.trainingRows]),
      plan: EvaluationPlan(settings: EvaluationSettings(replicates: 0)))
    let both = Set(try #require(one.rows[.test])).intersection(try #require(two.rows[.test]))
    #expect(report.queries == both.count)
  }
}
