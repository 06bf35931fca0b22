import RiddleData
import Testing

@testable import RiddleEvaluation

@Suite struct WarningsTests {
  func router(_ n: Int) -> ScoredPolicy {
    ScoredPolicy(
      name: "router", kind: "test", margins: (0..<n).map { Double($0 % 7) }, thresholds: [3])
  }

  func table(_ quality: [Double], cost: (Int) -> Int64 = { $0 % 2 == 0 ? 10 : 100 })
    -> OutcomeTable
  {
    OutcomeTable(
      candidates: ["weak", "strong"], quality: quality, cost: quality.indices.map(cost),
      latency: [Int64](repeating: 0, count: quality.count))
  }

  func report(_ table: OutcomeTable, _ router: ScoredPolicy) throws -> EvaluationReport {
    try evaluate(
      table, routers: [router],
      wall: BaselineInputs(texts: (0..<table.rowCount).map { "query number \($0)" }),
      settings: EvaluationSettings(replicates: 16, warnings: ["rows are not proven unseen"]))
  }

  @Test("missing costs leave cost and savings undefined, with a note, and are never free")
  func missingCosts() throws {
    let some = table((0..<60).flatMap { [$0 % 3 == 0 ? 0.0 : 1, 1] }) {
      $0 == 7 ? OutcomeTable.missingCost : $0 % 2 == 0 ? 10 : 100
    }
    let result = try report(some, router(60))
    let dear = try #require(result.policy("always-strongest"))
    #expect(dear.costDollars == .undefined && dear.savings == .undefined)
    #expect(dear.notes.contains { $0.contains("outcomes without a cost") })
    let cheap = try #require(result.policy("always-cheapest"))
    #expect(cheap.costDollars.value != nil)
    #expect(cheap.savings == .undefined)
    #expect(result.headroom.meanCostDollars[1] == nil)
    #expect(result.warnings.contains { $0.contains("1 of 120 outcomes have no cost") })
    let mix = try #require(result.policy("random-mix"))
    #expect(mix.shareStrong.value == result.routers[0].shareStrong.value)
  }

  @Test("a strongest candidate that costs nothing leaves savings undefined")
  func freeStrongest() throws {
    let result = try report(
      table((0..<40).flatMap { [$0 % 3 == 0 ? 0.0 : 1, 1] }) { _ in 0 }, router(40))
    #expect(result.routers[0].savings == .undefined)
    #expect(result.routers[0].notes.contains { $0.contains("costs nothing") })
    #expect(result.warnings.contains { $0.contains("cost exactly 0") })
  }

  @Test("no gap leaves PGR, APGR and CPT undefined, with a note")
  func noGap() throws {
    let result = try report(
      table((0..<40).flatMap { $0 % 2 == 0 ? [0.0, 1] : [1, 0] }), router(40))
    for policy in result.policies where policy.name != "oracle-plateau" {
      #expect(policy.pgr == .undefined && policy.apgr == .undefined && policy.cpt50 == .undefined)
      #expect(policy.notes.contains { $0.contains("same mean quality") })
    }
    #expect(result.randomBand == .undefined)
    #expect(result.warnings.contains { $0.contains("no gap to recover") })
  }

  @Test("a negative gap is told, and CPT is undefined")
  func negativeGap() throws {
    let result = try report(table((0..<40).flatMap { [1.0, $0 % 2 == 0 ? 1 : 0] }), router(40))
    #expect(result.routers[0].cpt50 == .undefined && result.routers[0].apgr.value != nil)
    #expect(result.warnings.contains { $0.contains("check the order of the ladder") })
  }

  @Test("few rows, many ties, a constant score and the caller's own warning are told")
  func others() throws {
    let constant = ScoredPolicy(
      name: "router", kind: "test", margins: [Double](repeating: 1, count: 60), thresholds: [0])
    let result = try report(table((0..<60).flatMap { [$0 == 0 ? 0.0 : 1, 1] }), constant)
    for part in [
      "not proven unseen", "only 60 rows", "same quality", "same on every row",
      "beat prompt length",
    ] {
      #expect(result.warnings.contains { $0.contains(part) }, "\(part)")
    }
    #expect(result.warnings.first == "rows are not proven unseen")
  }

  @Test("a policy without a score has no curve and says so")
  func withoutScore() throws {
    let plain = ScoredPolicy(name: "router", kind: "test", picks: [Int](repeating: 0, count: 40))
    let result = try report(table((0..<40).flatMap { [$0 % 2 == 0 ? 0.0 : 1, 1] }), plain)
    #expect(result.routers[0].notes.contains { $0.contains("no score to sweep") })
    #expect(result.routers[0].apgr == .undefined && result.routers[0].curve.isEmpty)
  }

  @Test("verdicts follow the interval, and cost is better when lower")
  func verdicts() {
    #expect(Comparisons.verdict(Figure(1, low: 0.1, high: 2), lessIsBetter: false) == "better")
    #expect(Comparisons.verdict(Figure(1, low: 0.1, high: 2), lessIsBetter: true) == "worse")
    #expect(Comparisons.verdict(Figure(-1, low: -2, high: -0.1), lessIsBetter: true) == "better")
    #expect(Comparisons.verdict(Figure(1, low: 0, high: 2), lessIsBetter: false) == "undecided")
    #expect(Comparisons.verdict(Figure(1), lessIsBetter: false) == "undecided")
  }

  @Test("11 points over which quality falls are told by note and warning")
  func fallingPoints() throws {
    // Strong wins on the highest scores and loses on the lowest: going all the way up costs quality.
    let result = try report(
      table((0..<70).flatMap { $0 % 7 >= 3 ? [0.0, 1] : $0 % 7 == 0 ? [1.0, 0] : [1, 1] }),
      router(70))
    #expect(result.warnings.contains { $0.contains("not rising over RouteLLM's 11 points") })
    #expect(result.routers[0].notes.contains { $0.contains("not rising over the 11 points") })
  }

  @Test("a difference of one rounding is no difference", arguments: 0..<10)
  func rounding(seed: UInt64) throws {
    #expect(Comparisons.difference(0.1 + 0.2, 0.3) == 0)
    #expect(Comparisons.difference(3e-5, 2e-5) == 3e-5 - 2e-5)
    let report = try World(rows: 60, candidates: 3, seed: seed).report()
    let cost = try #require(
      report.comparisons.first { $0.baseline == "random-mix" && $0.metric == "cost_usd" })
    #expect(cost.difference == Figure(0, low: 0, high: 0))
    #expect(cost.verdict == "undecided")
  }

  @Test("shares print without a locale")
  func percentages() {
    #expect(short(11.999999999999998) == "12" && short(0.25) == "0.25" && short(-3.5) == "-3.5")
    #expect(percent(0.8314) == "83.1 %" && percent(1) == "100.0 %" && percent(0.0006) == "0.1 %")
  }
}
