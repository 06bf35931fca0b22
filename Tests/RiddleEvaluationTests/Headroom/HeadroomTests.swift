import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

/// What outcomes alone say about routing.
@Suite struct HeadroomTests {
  static let quick = HeadroomSettings(replicates: 60, threads: 2)

  private func table(
    _ quality: [Double], cost: [Int64], names: [String] = ["a", "b"]
  ) -> OutcomeTable {
    OutcomeTable(
      candidates: names, quality: quality, cost: cost,
      latency: [Int64](repeating: OutcomeTable.missingLatency, count: quality.count))
  }

  @Test func sampleSizesEqualTheReference() throws {
    let golden = try ThresholdGolden.load().power
    for item in golden.paired {
      let n = pairedSampleSize(
        difference: item.difference, deviation: item.sd, confidence: item.confidence,
        power: item.power)
      #expect(n == item.n)
      let back = detectableDifference(rows: n, deviation: item.sd)
      #expect(back <= item.difference && back > 0.998 * item.difference)
    }
    for item in golden.two_sample {
      #expect(twoSampleSize(first: item.first, second: item.second) == item.n)
    }
  }

  /// Against every assignment of rows to candidates: no whole one is cheaper than the relaxed optimum, and the best whole one is
  /// dearer by at most one row.
  @Test(arguments: [2, 3])
  func theCheapestMixIsTheBestOfAllAssignments(width: Int) {
    var stream = SplitMix64(seed: 5)
    for round in 0..<60 {
      let n = 5
      let graded = round % 2 == 1
      var quality: [Double] = []
      var cost: [Double] = []
      for _ in 0..<(n * width) {
        quality.append(graded ? Double(stream.below(5)) / 4 : Double(stream.below(2)))
        cost.append(Double(1 + stream.below(9)))
      }
      let outcomes = table(
        quality, cost: cost.map { Int64($0) }, names: (0..<width).map { "c\($0)" })
      let relaxed = CheapestMix(outcomes, cost: cost).saving([Double](repeating: 1, count: n))
      let full = (0..<n).reduce(0.0) { $0 + cost[$1 * width + width - 1] }
      let wanted = (0..<n).reduce(0.0) { $0 + quality[$1 * width + width - 1] }
      var best = Double.infinity
      var assignments = 1
      for _ in 0..<n { assignments *= width }
      for code in 0..<assignments {
        var rest = code
        var (q, c) = (0.0, 0.0)
        for i in 0..<n {
          q += quality[i * width + rest % width]
          c += cost[i * width + rest % width]
          rest /= width
        }
        if q >= wanted - 1e-12 { best = min(best, c) }
      }
      let whole = 1 - best / full
      #expect(relaxed >= whole - 1e-9, "round \(round)")
      #expect(relaxed - whole <= 9 / full + 1e-9, "round \(round)")
    }
  }

  /// A pair at fixed prices: as many strong calls as strong wins exceed weak wins.
  @Test func aPairNeedsOnlyTheDifferenceOfTheWins() throws {
    let kinds = [(816, 1.0, 1.0), (249, 0, 1), (75, 1, 0), (198, 0, 0)]
    var quality: [Double] = []
    for (count, weak, strong) in kinds { for _ in 0..<count { quality += [weak, strong] } }
    let n = quality.count / 2
    let found = Headroom(
      table(quality, cost: (0..<2 * n).map { $0 % 2 == 0 ? 1_000 : 10_000 }),
      settings: Self.quick)
    let up = Double(249 - 75) / Double(n)
    expectClose(try #require(found.oracleSaving.value), 1 - (0.1 + 0.9 * up))
    let adequate = Double(249) / Double(n)
    expectClose(try #require(found.adequateSaving.value), 1 - (0.1 + 0.9 * adequate))
    expectClose(try #require(found.ties.value), Double(816 + 198) / Double(n))
    expectClose(try #require(found.gap.value), up)
    expectClose(try #require(found.power.deviation.value), (Double(324) / Double(n)).squareRoot())
    #expect(
      found.randomBand
        == randomRouterBand(gains: (0..<n).map { quality[2 * $0 + 1] - quality[2 * $0] }))
    for figure in [
      found.oracleSaving, found.adequateSaving, found.ties, found.gap, found.strongWins,
      found.adequateQuality, found.power.pairedRows, found.power.detectable,
      found.candidates[0].quality, found.candidates[1].costDollars,
    ] {
      let value = try #require(figure.value)
      #expect(try #require(figure.low) <= value && value <= (try #require(figure.high)))
    }
    #expect(found.priceFindings.count == 2)  // constant costs, both candidates
  }

  @Test func theOrderOfTheRowsAndTheThreadsChangeNoValue() {
    let world = World(rows: 300, candidates: 3)
    let mixed = world.rows((0..<300).map { ($0 * 7) % 300 })
    let a = Headroom(world.table, segments: ("s", world.segments), settings: Self.quick)
    let b = Headroom(mixed.table, segments: ("s", mixed.segments), settings: Self.quick)
    var single = Self.quick
    single.threads = 1
    #expect(a == Headroom(world.table, segments: ("s", world.segments), settings: single))
    expectClose(a.oracleSaving.value ?? 0, b.oracleSaving.value ?? 1)
    expectClose(a.gap.value ?? 0, b.gap.value ?? 1)
    #expect(a.segments.map(\.rows) == b.segments.map(\.rows))
    #expect(a.segments.reduce(0) { $0 + $1.rows } == 300)
  }

  @Test func clustersWidenIntervals() throws {
    let world = World(rows: 200)
    let many = world.rows((0..<2000).map { $0 % 200 })
    func width(_ found: Headroom) throws -> Double {
      (try #require(found.gap.high)) - (try #require(found.gap.low))
    }
    let wide = try width(
      Headroom(
        many.table, clusters: ("conversation", (0..<2000).map { $0 % 200 }), settings: Self.quick))
    let narrow = try width(Headroom(many.table, settings: Self.quick))
    #expect(wide > 2 * narrow)
  }

  @Test func everyOddPriceIsFound() {
    func findings(_ quality: [Double], _ cost: [Int64]) -> String {
      Headroom(table(quality, cost: cost), settings: Self.quick).priceFindings
        .joined(separator: "\n")
    }
    let n = 40
    let good = (0..<n).flatMap { _ -> [Double] in [0, 1] }
    let costs = (0..<n).flatMap { i -> [Int64] in [Int64(100 + i), Int64(1000 + i)] }
    #expect(findings(good, costs) == "")
    #expect(findings(good.map { 1 - $0 }, costs).contains("'b' is dearer than 'a' and worse"))
    #expect(
      findings(good, costs.map { $0 == 105 ? OutcomeTable.missingCost : $0 })
        .contains("'a' has no cost on 1 of 40 rows"))
    #expect(findings(good, costs.map { $0 == 105 ? 0 : $0 }).contains("costs exactly 0 on 1"))
    #expect(
      findings(good, costs.map { $0 >= 1000 ? 2000 : $0 })
        .contains("'b' costs the same on every row"))
    #expect(
      findings(good, costs.map { 5000 - $0 }).contains("the ladder puts 'b' above 'a'"))
    #expect(
      findings(good, costs.map { 5000 - $0 }).contains("'a' is dearer than 'b' and worse"))
  }

  @Test func withoutCostsRungsAreCounted() throws {
    let found = Headroom(
      table(
        [0, 1, 1, 1, 0, 1, 1, 1], cost: [Int64](repeating: OutcomeTable.missingCost, count: 8)),
      settings: Self.quick)
    #expect(!found.savingsAreDollars)
    #expect(found.oracleSaving.value == 0.5)
    #expect(found.candidates[0].costDollars == .undefined)
  }

  @Test func scoresOfAPairAreJudgedAsTheEvaluatorDoes() throws {
    let rows = ReferenceRows()
    let golden = try Golden.load()
    let pair = table(
      zip(rows.weak, rows.strong).flatMap { [$0, $1] }, cost: [Int64](repeating: 1, count: 800))
    for sweep in golden.sweeps where sweep.name == "score" || sweep.name == "coarse" {
      let found = ScoreFigures(pair, scores: rows.scores(sweep.name), settings: Self.quick)
      expectClose(try #require(found.apgr.value), sweep.apgr)
      let low = try #require(found.auc.low)
      #expect(try #require(found.auc.value) > low && low > 0)
    }
  }
}
