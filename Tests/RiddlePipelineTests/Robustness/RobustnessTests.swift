import RiddleData
import RiddleEvaluation
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddlePipeline

/// Attacks on small routers.
@Suite struct RobustnessTests {
  private static let quick: RobustnessPlan = {
    var plan = RobustnessPlan()
    plan.gadgetTokens = 3
    plan.candidatesPerStep = 12
    plan.searchQueries = 40
    plan.seed = 3
    return plan
  }()

  private func trained(
    _ model: TrainingPlan.ModelKind = .logistic, rungs: Int = 2
  ) throws -> (router: Router, data: Dataset) {
    let data = World.dataset(300, candidates: rungs)
    return (try trainRouter(data, plan: World.plan(model)).router, data)
  }

  /// The margins of `router` with the other sign.
  private func negated(_ router: Router) throws -> Router {
    guard case .linear(let model) = router.model else { throw Unexpected() }
    let buckets = model.hashed.count
    let weights = (0..<buckets).map { -model.hashed.weight(at: $0) }
    return Router(
      schema: router.schema,
      model: .linear(
        LinearModel(
          headCount: model.headCount, intercepts: model.intercepts.map { -$0 },
          dense: model.dense.map { -$0 },
          hashed: HashedWeights(
            bucketBits: router.schema.bucketBits, headCount: model.headCount,
            storage: .float32(weights)))),
      calibration: router.calibration, thresholds: router.thresholds, candidates: router.candidates)
  }

  private struct Unexpected: Error {}

  @Test(arguments: TrainingPlan.ModelKind.allCases, [2, 3])
  func theSameAttackFindsTheSame(model: TrainingPlan.ModelKind, rungs: Int) throws {
    let (router, all) = try trained(model, rungs: rungs)
    let data = all.rows(Array(0..<100))
    var plan = Self.quick
    plan.searchQueries = 12
    plan.candidatesPerStep = 5
    func attack() -> RobustnessReport {
      measureRobustness(
        of: router, name: "r", on: data, rows: "all", hasOutcomes: true, plan: plan)
    }
    let report = attack()
    #expect(report == attack())
    #expect(report.changes.map(\.name) == Perturbation.allCases.map(\.rawValue))
    #expect(report.gadgets.map(\.direction) == [.upgrade, .downgrade])
    expectClose(report.shares.reduce(0, +), 1)
    let vocabulary = Set(
      GadgetVocabulary(texts: data.texts, partitions: [data.duplicateClusters]).tokens)
    for gadget in report.gadgets {
      #expect(gadget.tokens.count <= 3 && gadget.tokens.allSatisfy(vocabulary.contains))
      #expect(gadget.judgedQueries + gadget.searchQueries <= data.count)
      let moved = try #require(gadget.moved.value)
      #expect(moved >= 0 && moved <= 1 && (gadget.moved.low ?? 0) <= moved)
    }
    for change in report.changes where change.queries > 0 {
      let parts = [change.unchanged, change.upgraded, change.downgraded].compactMap(\.value)
      expectClose(parts.reduce(0, +), 1)
    }
  }

  @Test func aSearchedPrefixMovesMoreThanARandomOne() throws {
    let (router, data) = try trained()
    let report = measureRobustness(
      of: router, name: "r", on: data, rows: "all", hasOutcomes: true, plan: Self.quick)
    for gadget in report.gadgets {
      #expect(try #require(gadget.moved.value) > (gadget.movedAtRandom.value ?? 1))
    }
    let up = report.gadgets[0]
    #expect(try #require(up.shareAfter.value) > (up.shareBefore.value ?? 1))
    // huge costs more and is always right.
    #expect(try #require(up.dollars.value) > 0)
    #expect(try #require(up.quality.value) >= 0)
    let down = report.gadgets[1]
    #expect(try #require(down.shareAfter.value) < (down.shareBefore.value ?? 0))
    #expect(try #require(down.dollars.value) < 0)
  }

  /// Upgrading a router is downgrading the one with opposite margins.
  @Test func oppositeMarginsSwapTheDirections() throws {
    let (router, data) = try trained()
    let opposite = try negated(router)
    func found(_ router: Router, _ direction: GadgetAttack.Direction) -> [String] {
      GadgetSearch(
        meter: RouteMeter(router, data), rows: Array(0..<50),
        vocabulary: GadgetVocabulary.builtIn, length: 3, candidates: 20, passes: 1,
        direction: direction
      ).found(progress: nil).tokens
    }
    #expect(found(router, .upgrade) == found(opposite, .downgrade))
    #expect(found(router, .downgrade) == found(opposite, .upgrade))
    #expect(found(router, .upgrade) != found(router, .downgrade))
  }

  /// One token, and every one tried on all rows: the search is the maximum.
  @Test func oneTokenIsTheBestOfAll() throws {
    let (router, data) = try trained()
    let meter = RouteMeter(router, data)
    let rows = Array(0..<40)
    let words = GadgetVocabulary.builtIn
    let values = meter.meanMargins(
      prefixes: words.map { GadgetSearch.bytes([$0]) }, rows: rows)
    var scratch = router.makeScratch()
    // The meter is the router.
    let plain = rows.map { i -> Double in
      let text = Array("prove ".utf8) + Array(data.texts[i].utf8)
      return router.decide(
        text.span, context: requestContext(data.contexts[i]), scratch: &scratch
      ).margin
    }
    let index = try #require(words.firstIndex(of: "prove"))
    expectClose(values[index], plain.reduce(0, +) / 40)
    let found = GadgetSearch(
      meter: meter, rows: rows, vocabulary: words, length: 1, candidates: words.count, passes: 2,
      direction: .upgrade
    ).found(progress: nil)
    let best = values.indices.reduce(0) { values[$1] > values[$0] ? $1 : $0 }
    #expect(found.tokens == [words[best]])
    #expect(found.decisions == words.count * 40 * 3 + 40)
  }

  /// A longer gadget never pushes less: greedy only adds what helps.
  @Test func everyTokenHelps() throws {
    let (router, data) = try trained()
    let meter = RouteMeter(router, data)
    let rows = Array(0..<40)
    var last = meter.meanMargins(prefixes: [[]], rows: rows)[0]
    for length in 1...4 {
      let tokens = GadgetSearch(
        meter: meter, rows: rows, vocabulary: GadgetVocabulary.builtIn, length: length,
        candidates: 30, passes: 0, direction: .upgrade
      ).found(progress: nil).tokens
      let value = meter.meanMargins(prefixes: [GadgetSearch.bytes(tokens)], rows: rows)[0]
      #expect(tokens.count == length ? value > last : value == last)
      last = value
    }
  }

  @Test func aRouterThatNeverDiffersCannotBeMoved() throws {
    let (router, data) = try trained()
    let fixed = Router(
      schema: router.schema, model: router.model, calibration: router.calibration,
      rule: router.rule, thresholds: [Router.Threshold(value: 1e9)],
      candidates: router.candidates)
    let report = measureRobustness(
      of: fixed, name: "r", on: data, rows: "all", hasOutcomes: true, plan: Self.quick)
    for change in report.changes { #expect(change.unchanged.value == 1 || change.queries == 0) }
    #expect(report.everyBenign?.value == 1)
    #expect(report.gadgets.allSatisfy { $0.moved.value == 0 || $0.attackable == 0 })
    #expect(report.warnings.contains { $0.hasPrefix("every query goes to tiny") })
  }

  @Test func paraphrasesCountByQuery() throws {
    let (router, data) = try trained()
    var plan = Self.quick
    plan.families = [.paraphrase]
    plan.gadgetTokens = 0
    func changes(_ paraphrases: [String: [String]]) throws -> RouteChanges {
      let report = measureRobustness(
        of: router, name: "r", on: data, rows: "all", hasOutcomes: true,
        paraphrases: paraphrases, plan: plan)
      #expect(report.changes.count == 1 && report.gadgets.isEmpty && report.everyBenign == nil)
      return try #require(report.changes.first)
    }
    let (id, text) = (data.ids[3], data.texts[3])
    // The query itself is no paraphrase; an unknown query is none either.
    let found = try changes([id: [text, text + " ", text + "  "], "nobody": ["x"]])
    #expect(found.queries == 2 && found.family == .paraphrase)
    // One query is one cluster, whose share has no interval.
    #expect(found.unchanged.low == nil)
    #expect(try changes(["nobody": ["x"]]).queries == 0)
  }

  @Test func tooFewQueriesAreNotSearched() throws {
    let (router, data) = try trained()
    let report = measureRobustness(
      of: router, name: "r", on: data.rows(Array(0..<12)), rows: "all", hasOutcomes: true,
      plan: Self.quick)
    #expect(report.gadgets.isEmpty)
    #expect(report.warnings.contains { $0.hasPrefix("no gadget was searched") })
  }

  @Test func hostileTextsAreDecided() throws {
    let (router, _) = try trained()
    let texts = ["", " ", "\0", "\u{301}\u{301}", String(repeating: "\u{1f600}", count: 3000)]
    let log = texts.enumerated().map { i, text in
      LoggedQuery(id: "h\(i)", text: text, outcomes: [])
    }
    let report = measureRobustness(
      of: router, name: "r", on: Dataset(textsOf: log), rows: "all", hasOutcomes: false,
      plan: Self.quick)
    #expect(report.queries == texts.count)
    #expect(report.changes.allSatisfy { $0.dollars.value == nil && $0.quality.value == nil })
  }
}
