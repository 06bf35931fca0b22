import RiddleData
import RiddlePolicies
import Testing

@testable import RiddleEvaluation

/// Rules that choose by what a threshold does on the rows at hand, and the figures shown beside it.
@Suite struct OffsetRulesTests {
  private func direct(_ world: World, _ offset: Double) -> OffsetSweep.Point {
    let picks = Ladder(thresholds: world.router.thresholds.map { $0 + offset })
      .picks(margins: world.router.margins)
    let n = Double(picks.count)
    let top = world.table.candidates.count - 1
    return OffsetSweep.Point(
      offset: offset, strongShare: Double(picks.count { $0 == top }) / n,
      quality: picks.enumerated().reduce(0) { $0 + world.table.quality($1.0, $1.1) } / n,
      costDollars: picks.enumerated().reduce(0) {
        $0 + Double(world.table.cost($1.0, $1.1) ?? 0) / 1e9
      } / n)
  }

  @Test(arguments: [2, 3, 5])
  func everyPointIsWhatItsThresholdsDo(candidates: Int) {
    let world = World(rows: 60, candidates: candidates, graded: true)
    let sweep = OffsetSweep(
      margins: world.router.margins, thresholds: world.router.thresholds, table: world.table)
    #expect(sweep.points.first?.strongShare == 1)
    for point in sweep.points {
      let expected = direct(world, point.offset)
      #expect(point.strongShare == expected.strongShare)
      #expect(abs(point.quality - expected.quality) < 1e-12)
      #expect(abs((point.costDollars ?? 0) - (expected.costDollars ?? 0)) < 1e-12)
    }
    let cheapest = (0..<60).reduce(0.0) { $0 + world.table.quality($1, 0) } / 60
    #expect(abs((sweep.points.last?.quality ?? 0) - cheapest) < 1e-12)
  }

  @Test func rulesMeetTheirAims() throws {
    let world = World(rows: 1000, candidates: 3)
    let sweep = OffsetSweep(
      margins: world.router.margins, thresholds: world.router.thresholds, table: world.table)
    let share = try #require(sweep.point(.strongShare(0.3)))
    #expect(abs(share.strongShare - 0.3) < 0.002)
    let top = try #require(sweep.points.first)
    let kept = try #require(sweep.point(.retention(0.97)))
    #expect(kept.quality >= 0.97 * top.quality)
    #expect(kept.strongShare < 1)
    let half = try #require(top.costDollars) / 2
    let cheap = try #require(sweep.point(.budget(half)))
    let spent = try #require(cheap.costDollars)
    #expect(spent <= half && spent > 0.98 * half)
    #expect(sweep.point(.budget(0)) == nil)
  }

  @Test func aBudgetNeedsCosts() {
    let world = World(rows: 50)
    let table = OutcomeTable(
      candidates: world.table.candidates, quality: world.table.quality,
      cost: [Int64](repeating: OutcomeTable.missingCost, count: 100),
      latency: world.table.latency)
    let sweep = OffsetSweep(
      margins: world.router.margins, thresholds: world.router.thresholds, table: table)
    #expect(sweep.point(.budget(1)) == nil)
    #expect(sweep.point(.strongShare(0.5)) != nil)
    let figures = ThresholdFigures(
      table, picks: world.router.picks, replicates: 20, confidence: 0.95, seed: 1)
    #expect(figures.savings == .undefined)
    #expect(figures.costDollars == .undefined)
    #expect(figures.loss.low != nil)
  }

  @Test func figuresArePairedAndDoNotDependOnThreads() throws {
    let world = World(rows: 400)
    func figures(_ picks: [Int], threads: Int = 1) -> ThresholdFigures {
      ThresholdFigures(
        world.table, picks: picks, replicates: 200, confidence: 0.95, seed: 4, threads: threads)
    }
    let own = figures(world.router.picks)
    #expect(own == figures(world.router.picks, threads: 3))
    #expect(try #require(own.savings.low) < (try #require(own.savings.value)))
    let strongest = figures([Int](repeating: 1, count: 400))
    #expect(strongest.loss == Figure(0, low: 0, high: 0))
    #expect(strongest.savings == Figure(0, low: 0, high: 0))
    #expect(strongest.strongShare.value == 1)
  }

  /// Rows of a conversation share one loss: the mean over conversations, not over rows.
  @Test func lossAveragesConversations() throws {
    let table = OutcomeTable(
      candidates: ["a", "b"], quality: [0, 1, 1, 1, 1, 1], cost: [Int64](repeating: 5, count: 6),
      latency: [Int64](repeating: OutcomeTable.missingLatency, count: 6))
    let figures = ThresholdFigures(
      table, picks: [0, 0, 0], clusters: [1, 2, 2], replicates: 0, confidence: 0.95, seed: 1)
    #expect(figures.loss.value == 0.5)
    #expect(abs(try #require(figures.quality.value) - 2.0 / 3) < 1e-12)
  }
}

/// The interval of a ratio from sums per unit.
@Suite struct BootstrapRatioTests {
  private func ratio(
    _ above: [Double], _ below: [Double], clusters: [Int]? = nil, replicates: Int = 300
  ) -> Figure {
    bootstrapRatio(
      above, below, clusters: clusters, replicates: replicates, confidence: 0.95, seed: 2,
      threads: 2)
  }

  @Test func sumsPerClusterGiveWhatRowsGive() throws {
    var stream = SplitMix64(seed: 1)
    let above = (0..<500).map { _ in stream.unit() }
    let below = (0..<500).map { _ in 1 + stream.unit() }
    let clusters = (0..<500).map { $0 % 90 }
    let own = ratio(above, below, clusters: clusters)
    let direct = bootstrapInterval(
      rows: 500, clusters: clusters, replicates: 300, seed: 2
    ) { weights in
      var (a, b) = (0.0, 0.0)
      for i in weights.indices {
        a += weights[i] * above[i]
        b += weights[i] * below[i]
      }
      return a / b
    }
    for (x, y) in [(own.value, direct.value), (own.low, direct.low), (own.high, direct.high)] {
      #expect(abs(try #require(x) - (try #require(y))) < 1e-12)
    }
    #expect(ratio([0, 0], [0, 0]) == .undefined)
    #expect(ratio([0, 0], [0, 0], replicates: 0) == .undefined)
  }

  /// More rows than blocks: the width stays that of the mean of so many rows.
  @Test func blocksKeepTheWidth() throws {
    var stream = SplitMix64(seed: 6)
    let n = 40_000
    let values = (0..<n).map { _ in stream.unit() }
    let found = ratio(values, [Double](repeating: 1, count: n), replicates: 200)
    let width = try #require(found.high) - (try #require(found.low))
    let expected = 2 * 1.96 * (1.0 / 12 / Double(n)).squareRoot()
    #expect(abs(width / expected - 1) < 0.25)
  }
}
