import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct GapRecoveredTests {
  @Test("exact APGR and CPT equal a loop over all thresholds, ties moving together")
  func reference() throws {
    let golden = try Golden.load()
    let rows = ReferenceRows()
    for (cases, weak, strong) in [
      (golden.sweeps, rows.weak, rows.strong),
      (golden.sweeps_graded, rows.gradedWeak, rows.gradedStrong),
    ] {
      for expected in cases {
        let sweep = PairSweep(scores: rows.scores(expected.name), weak: weak, strong: strong)
        expectClose(try #require(sweep.apgr), expected.apgr, tolerance: 1e-12)
        expectClose(try #require(sweep.cpt50), try #require(expected.cpt50), tolerance: 1e-12)
        expectClose(try #require(sweep.cpt80), try #require(expected.cpt80), tolerance: 1e-12)
      }
    }
  }

  @Test("a constant score is a coin: APGR one half, CPT everything")
  func constant() {
    let sweep = PairSweep(scores: [0, 0, 0, 0], weak: [0, 0, 1, 0], strong: [1, 0, 1, 1])
    #expect(sweep.apgr == 0.5)
    #expect(sweep.cpt50 == 1)
  }

  @Test("no gap leaves APGR and CPT undefined, a negative one CPT")
  func gaps() {
    let none = PairSweep(scores: [1, 2], weak: [1, 0], strong: [0, 1])
    #expect(none.apgr == nil && none.cpt50 == nil && none.cpt80 == nil)
    let worse = PairSweep(scores: [1, 2], weak: [1, 1], strong: [0, 1])
    #expect(worse.apgr == 0.25)
    #expect(worse.cpt50 == nil)
  }

  @Test("PGR is 0 at the cheapest, 1 at the strongest, nil without a gap")
  func gapRecovered() {
    #expect(performanceGapRecovered(quality: 0.6, weak: 0.6, strong: 0.8) == 0)
    #expect(performanceGapRecovered(quality: 0.8, weak: 0.6, strong: 0.8) == 1)
    #expect(performanceGapRecovered(quality: 0.5, weak: 0.6, strong: 0.6) == nil)
  }

  @Test("a strictly increasing transform of the score changes nothing", arguments: 0..<20)
  func monotoneTransform(seed: UInt64) {
    var stream = SplitMix64(seed: seed)
    let n = 80
    let scores = (0..<n).map { _ in Double(stream.below(30)) / 10 - 1.5 }
    let weak = (0..<n).map { _ in Double(stream.below(2)) }
    let strong = (0..<n).map { _ in stream.unit() < 0.8 ? 1.0 : 0 }
    let curved = scores.map { $0 * $0 * $0 * 5 + 100 }
    #expect(
      PairSweep(scores: scores, weak: weak, strong: strong)
        == PairSweep(scores: curved, weak: weak, strong: strong))
    #expect(
      Discrimination(scores: scores, labels: weak) == Discrimination(scores: curved, labels: weak))
  }

  @Test("the plateau curve buys strong wins first and never a weak-only win")
  func plateau() {
    let curve = PlateauCurve(weak: [0, 0, 1, 1, 0], strong: [1, 1, 0, 1, 0])
    for (share, quality) in [(0.0, 0.4), (0.1, 0.5), (0.2, 0.6), (0.4, 0.8), (1.0, 0.8)] {
      expectClose(curve.quality(atShare: share), quality, tolerance: 1e-12)
    }
  }

  @Test("the interpolating sweep of the plateau reaches p of the gap at share p · gap")
  func plateauCPT() throws {
    // 1 754 strong-only minus weak-only in the published counts becomes 3 − 1 = 2 here: CPT 50 is 1 row of 10.
    let weak = [0.0, 0, 0, 1, 1, 1, 1, 1, 1, 0]
    let strong = [1.0, 1, 1, 0, 1, 1, 1, 1, 1, 0]
    let gains = zip(strong, weak).map { max($0 - $1, 0) }
    let sweep = Sweep(pairScores: gains, gains: gains, interpolates: true)
    let weights = [Double](repeating: 1, count: 10)
    var scratch = SweepScratch()
    let values = sweep.evaluate(weights.span, gap: 2, width: 10, scratch: &scratch)
    expectClose(values.cpt50, 0.1, tolerance: 1e-12)
    expectClose(values.cpt80, 0.16, tolerance: 1e-12)
  }
}
