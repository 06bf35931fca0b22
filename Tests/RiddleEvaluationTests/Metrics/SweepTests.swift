import RiddleData
import RiddlePolicies
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct SweepTests {
  @Test("a ladder's sweep visits the operating point of every common offset", arguments: 0..<10)
  func offsets(seed: UInt64) {
    let world = World(rows: 40, candidates: 4, seed: seed)
    var stream = SplitMix64(seed: seed &+ 100)
    let margins = (0..<120).map { _ in Double(stream.below(40)) / 10 - 2 }
    let thresholds = [0.1, -0.3, 0.25]
    let judged = Judged(world.table, wall: world.wall, settings: .init())
    #expect(judged.axisIsCost)
    let sweep = Sweep(
      ladderMargins: margins, thresholds: thresholds, quality: world.table.quality,
      axis: judged.axis)
    let weights = [Double](repeating: 1, count: 40)
    var scratch = SweepScratch()
    _ = sweep.evaluate(weights.span, gap: 1, width: 1, scratch: &scratch)
    // The offset of each group is its first event's: rebuild it, decide by the ladder rule, and compare the sums.
    for offset in [-3.0, -1.0, 0.0, 0.05, 0.7, 2.2, 5] {
      let picks = Ladder(thresholds: thresholds).picks(margins: margins.map { $0 + offset })
      var quality = 0.0
      var axis = 0.0
      for (i, pick) in picks.enumerated() {
        quality += world.table.quality(i, pick) - world.table.quality(i, 0)
        axis += judged.axis[i * 4 + pick] - judged.axis[i * 4]
      }
      let climbs = picks.reduce(0, +)
      let ends = [0] + sweep.groupEnds.map(Int.init)
      guard let group = ends.firstIndex(of: climbs) else {
        Issue.record("no operating point after \(climbs) climbs")
        continue
      }
      expectClose(group == 0 ? 0 : scratch.gain[group - 1], quality, tolerance: 1e-12)
      expectClose(group == 0 ? 0 : scratch.x[group - 1], axis, tolerance: 1e-12)
    }
  }

  @Test("two candidates as a ladder give the same APGR as the pair when costs are equal")
  func pairAsLadder() {
    let world = World(rows: 100)
    let quality = world.table.quality
    let pair = Sweep(
      pairScores: world.router.margins,
      gains: (0..<100).map { quality[2 * $0 + 1] - quality[2 * $0] })
    let ladder = Sweep(
      ladderMargins: world.router.margins, thresholds: [0], quality: quality,
      axis: (0..<200).map { Double($0 % 2) })
    let weights = [Double](repeating: 1, count: 100)
    var scratch = SweepScratch()
    let a = pair.evaluate(weights.span, gap: 10, width: 100, scratch: &scratch)
    let b = ladder.evaluate(weights.span, gap: 10, width: 100, scratch: &scratch)
    #expect(a.apgr == b.apgr)
    #expect(a.cpt50 == b.cpt50 || (a.cpt50.isNaN && b.cpt50.isNaN))
  }

  @Test("weight 0 is absence, weight 2 is a second copy", arguments: 0..<10)
  func weights(seed: UInt64) {
    var stream = SplitMix64(seed: seed)
    let n = 60
    let scores = (0..<n).map { _ in Double(stream.below(25)) }
    let labels = (0..<n).map { _ in Double(stream.below(2)) }
    let gains = (0..<n).map { _ in Double(stream.below(3)) - 0.9 }
    let probabilities = (0..<n).map { _ in Double(stream.below(21)) / 20 }
    let counts = (0..<n).map { _ in stream.below(4) }
    let copies = (0..<n).flatMap { [Int](repeating: $0, count: counts[$0]) }
    let weights = counts.map(Double.init)
    let ones = [Double](repeating: 1, count: copies.count)
    func pick(_ values: [Double]) -> [Double] { copies.map { values[$0] } }

    let a = RankedLabels(order: RankOrder(descending: scores), labels: labels)
      .evaluate(weights.span)
    let b = RankedLabels(order: RankOrder(descending: pick(scores)), labels: pick(labels))
      .evaluate(ones.span)
    expectClose(a.auc, b.auc, tolerance: 1e-12)
    expectClose(a.averagePrecision, b.averagePrecision, tolerance: 1e-12)

    let c = EqualMassBins(probabilities: probabilities, labels: labels)
      .evaluate(weights.span, total: copies.count)
    let d = EqualMassBins(probabilities: pick(probabilities), labels: pick(labels))
      .evaluate(ones.span, total: copies.count)
    expectClose(c, d, tolerance: 1e-12)

    let total = pick(gains).reduce(0, +)
    let m = Double(copies.count)
    var scratch = SweepScratch()
    let weighted = Sweep(pairScores: scores, gains: gains)
    let e = weighted.evaluate(weights.span, gap: total, width: m, scratch: &scratch)
    let points = RouteLLMPoints(
      sweep: weighted, scratch: scratch, rows: copies.count, weakSum: 0, strongSum: total)
    let repeated = Sweep(pairScores: pick(scores), gains: pick(gains))
    let f = repeated.evaluate(ones.span, gap: total, width: m, scratch: &scratch)
    let others = RouteLLMPoints(
      sweep: repeated, scratch: scratch, rows: copies.count, weakSum: 0, strongSum: total)
    expectClose(e.apgr, f.apgr, tolerance: 1e-10)
    #expect(points.thresholds == others.thresholds)
    for i in 0..<11 { expectClose(points.shares[i], others.shares[i], tolerance: 1e-12) }
  }
}
