import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct ResamplingTests {
  /// Weighted mean of a column.
  static func mean(_ values: [Double]) -> @Sendable ([Double]) -> Double {
    { weights in
      var (sum, total) = (0.0, 0.0)
      for i in values.indices {
        sum += weights[i] * values[i]
        total += weights[i]
      }
      return sum / total
    }
  }

  @Test("percentile and BCa agree with scipy within Monte-Carlo error")
  func reference() throws {
    let golden = try Golden.load().bootstrap
    let rows = ReferenceRows()
    let difference = zip(rows.strong, rows.weak).map { $0 - $1 }
    let skewed = rows.other.prefix(60).map { $0 * $0 * $0 * $0 * $0 * $0 }
    for (name, values) in [("difference", difference), ("skewed", skewed)] {
      for (method, label) in [(IntervalMethod.percentile, "percentile"), (.bca, "BCa")] {
        let figure = bootstrapInterval(
          rows: values.count, method: method, replicates: 3000, seed: 5, threads: 2,
          statistic: Self.mean(values))
        let expected = try #require(golden["\(name)_\(label)"])
        // Standard error of a 2.5 % point from 3 000 draws is about 1.2 % of the interval's width.
        expectClose(try #require(figure.low), expected[0], tolerance: 0.006)
        expectClose(try #require(figure.high), expected[1], tolerance: 0.006)
      }
    }
  }

  @Test("threads change nothing; seeds do")
  func threads() {
    let values = ReferenceRows().score
    func figure(seed: UInt64, threads: Int) -> Figure {
      bootstrapInterval(
        rows: 400, replicates: 70, seed: seed, threads: threads, statistic: Self.mean(values))
    }
    #expect(figure(seed: 1, threads: 1) == figure(seed: 1, threads: 3))
    #expect(figure(seed: 1, threads: 1) != figure(seed: 2, threads: 1))
  }

  @Test("a replicate draws as many clusters as there are and does not depend on the others")
  func draws() {
    let plan = Resampling(clusterCount: 50, replicates: 10, seed: 3, method: .percentile)
    var first = [Double](repeating: 9, count: 50)
    var again = first
    plan.draw(7, into: &first)
    plan.draw(2, into: &again)
    #expect(first != again)
    plan.draw(7, into: &again)
    #expect(first == again)
    #expect(first.reduce(0, +) == 50)
    #expect(plan.total == 10)
  }

  @Test("jackknife blocks leave out every cluster exactly once")
  func jackknife() {
    let plan = Resampling(clusterCount: 1003, replicates: 4, seed: 3, method: .bca)
    #expect(plan.jackknifeBlocks == Resampling.mostBlocks)
    var left = [Double](repeating: 0, count: 1003)
    var counts = left
    for r in plan.replicates..<plan.total {
      plan.draw(r, into: &counts)
      for c in left.indices { left[c] += 1 - counts[c] }
    }
    #expect(left == [Double](repeating: 1, count: 1003))
  }

  @Test("an interval needs nine tenths of the replicates")
  func undefinedReplicates() {
    let some = [Double](repeating: 1, count: 89) + [Double](repeating: .nan, count: 11)
    let few = IntervalMethod.percentile.figure(
      value: 1, replicates: some, jackknife: [], confidence: 0.9)
    #expect(few == Figure(1))
    let enough = IntervalMethod.percentile.figure(
      value: 1, replicates: some + [Double](repeating: 1, count: 40), jackknife: [],
      confidence: 0.9)
    #expect(enough == Figure(1, low: 1, high: 1))
    let none = IntervalMethod.bca.figure(
      value: .nan, replicates: some, jackknife: [], confidence: 0.9)
    #expect(none == .undefined)
  }

  @Test("95 % intervals of a mean difference cover the truth in at least 90 % of 300 worlds")
  func coverageOfTheMean() {
    var covered = 0
    for seed in 0..<300 {
      var stream = SplitMix64(seed: UInt64(seed) &* 1_000_003)
      // P(strong) − P(weak) = 0.8 − 0.55.
      let values = (0..<80).map { _ in
        (stream.unit() < 0.8 ? 1.0 : 0) - (stream.unit() < 0.55 ? 1.0 : 0)
      }
      let figure = bootstrapInterval(
        rows: 80, replicates: 200, seed: UInt64(seed), threads: 2, statistic: Self.mean(values))
      if let low = figure.low, let high = figure.high, low <= 0.25, high >= 0.25 { covered += 1 }
    }
    #expect(covered >= 270, "covered \(covered) of 300")
  }

  @Test("95 % intervals of APGR cover the known two thirds in at least 90 % of 200 worlds")
  func coverageOfAPGR() {
    // Score s uniform, gain in expectation ½ s: PGR(x) = 2x − x², APGR = 2/3.
    var covered = 0
    for seed in 0..<200 {
      var stream = SplitMix64(seed: UInt64(seed) &* 7_000_003 &+ 5)
      let n = 250
      let scores = (0..<n).map { _ in stream.unit() }
      let gains = scores.map { s in
        (stream.unit() < 0.3 + 0.5 * s ? 1.0 : 0) - (stream.unit() < 0.3 ? 1.0 : 0)
      }
      let sweep = Sweep(pairScores: scores, gains: gains)
      let figure = bootstrapInterval(
        rows: n, replicates: 100, seed: UInt64(seed), threads: 2
      ) { weights in
        var gap = 0.0
        var rows = 0.0
        for i in 0..<n {
          gap += weights[i] * gains[i]
          rows += weights[i]
        }
        var scratch = SweepScratch()
        return sweep.evaluate(weights.span, gap: gap, width: rows, scratch: &scratch).apgr
      }
      if let low = figure.low, let high = figure.high, low <= 2.0 / 3, high >= 2.0 / 3 {
        covered += 1
      }
    }
    #expect(covered >= 180, "covered \(covered) of 200")
  }

  @Test("turns of one conversation are resampled together: rows alone would claim too much")
  func clusters() {
    var byCluster = 0
    var byRow = 0
    for seed in 0..<200 {
      var stream = SplitMix64(seed: UInt64(seed) &* 5_000_011 &+ 1)
      let values = (0..<50).flatMap { _ in
        [Double](repeating: stream.unit() < 0.6 ? 1 : 0, count: 4)
      }
      func covers(_ clusters: [Int]?) -> Int {
        let figure = bootstrapInterval(
          rows: 200, clusters: clusters, replicates: 120, seed: UInt64(seed),
          statistic: Self.mean(values))
        guard let low = figure.low, let high = figure.high else { return 0 }
        return low <= 0.6 && high >= 0.6 ? 1 : 0
      }
      byCluster += covers((0..<200).map { $0 / 4 })
      byRow += covers(nil)
    }
    #expect(byCluster >= 180, "covered \(byCluster) of 200")
    #expect(byRow < 160, "covered \(byRow) of 200")
  }
}
