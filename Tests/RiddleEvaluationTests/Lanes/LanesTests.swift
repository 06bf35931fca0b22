import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite("Eight weightings at once are eight weightings one after the other")
struct LanesTests {
  /// Eight random integer weightings of a world's rows, and the same as lanes.
  private func weightings(_ n: Int) -> (rows: [[Double]], lanes: [Lanes]) {
    var stream = SplitMix64(seed: 5)
    let rows = (0..<8).map { _ in (0..<n).map { _ in Double(stream.below(3)) } }
    return (rows, (0..<n).map { i in Lanes((0..<8).map { rows[$0][i] }) })
  }

  private func judged(_ world: World) -> Judged {
    Judged(world.table, wall: world.wall, settings: World.quick)
  }

  @Test("sweeps", arguments: [2, 3], [false, true])
  func sweeps(candidates: Int, graded: Bool) {
    let world = World(rows: 300, candidates: candidates, graded: graded)
    let judged = judged(world)
    let policy = JudgedPolicy(world.router, judged: judged)
    guard let sweep = policy.sweep else {
      Issue.record("no sweep")
      return
    }
    let (rows, lanes) = weightings(300)
    var gap = Lanes.zero
    var width = Lanes.zero
    for lane in 0..<8 {
      for i in 0..<300 {
        gap[lane] += rows[lane][i] * judged.gains[i]
        width[lane] +=
          rows[lane][i]
          * (judged.isPair
            ? 1 : judged.axis[(i + 1) * candidates - 1] - judged.axis[i * candidates])
      }
    }
    let kept = (0..<Int32(sweep.groupEnds.count)).map { $0 }
    var curve = LaneSweep.Curve()
    let together = LaneSweep(sweep, judged: judged, kept: kept)
      .evaluate(lanes.span, gap: gap, width: width, curve: &curve)
    for lane in 0..<8 {
      var scratch = SweepScratch()
      let weights = rows[lane]
      let alone = sweep.evaluate(
        weights.span, gap: gap[lane], width: width[lane], scratch: &scratch)
      #expect(together.apgr[lane] == alone.apgr)
      #expect(together.cpt50[lane] == alone.cpt50)
      #expect(together.cpt80[lane] == alone.cpt80)
      #expect(curve.axis.map { $0[lane] } == scratch.x)
      #expect(curve.gain.map { $0[lane] } == scratch.gain)
    }
  }

  @Test("ranks")
  func ranks() {
    let world = World(rows: 300)
    let judged = judged(world)
    let policy = JudgedPolicy(world.router, judged: judged)
    let (rows, lanes) = weightings(300)
    guard let ranked = policy.ranked else {
      Issue.record("no ranks")
      return
    }
    let together = LaneRanks(ranked, units: judged.units).evaluate(lanes.span)
    for lane in 0..<8 {
      let weights = rows[lane]
      let alone = ranked.evaluate(weights.span)
      expectClose(together.auc[lane], alone.auc, tolerance: 1e-12)
      expectClose(together.averagePrecision[lane], alone.averagePrecision, tolerance: 1e-12)
    }
  }

  @Test("with every row once, bins give the calibration errors and Murphy's parts")
  func bins() {
    let world = World(rows: 300)
    let judged = judged(world)
    let p = world.router.probabilities ?? []
    let bins = EqualMassBins(probabilities: p, labels: judged.labels)
    let ones = [Lanes](repeating: Lanes(repeating: 1), count: 300)
    let total = Lanes(repeating: 300)
    let mass = LaneBins(bins, ends: bins.massEnds, units: judged.units)
      .evaluate(ones.span, total: total)
    let width = LaneBins(bins, ends: bins.widthEnds, units: judged.units)
      .evaluate(ones.span, total: total)
    expectClose(
      mass.error[3], expectedCalibrationError(probabilities: p, labels: judged.labels) ?? -1,
      tolerance: 1e-12)
    expectClose(
      width.error[3],
      expectedCalibrationErrorEqualWidth(probabilities: p, labels: judged.labels) ?? -1,
      tolerance: 1e-12)
    // Murphy: what the bins' means score is reliability − resolution + uncertainty.
    let share = judged.labels.reduce(0, +) / 300
    let order = p.indices.sorted { p[$0] < p[$1] }
    var scored = 0.0
    for bin in 0..<15 {
      let rows = order[(bin * 20)..<((bin + 1) * 20)]
      let mean = rows.reduce(0) { $0 + p[$1] } / 20
      for i in rows { scored += (mean - judged.labels[i]) * (mean - judged.labels[i]) / 300 }
    }
    expectClose(
      mass.reliability[0] - mass.resolution[0] + share * (1 - share), scored, tolerance: 1e-12)
  }

  @Test("more clusters than units are resampled in blocks of neighbours, each cluster whole")
  func blocks() {
    let clusters = ClusterIndex((0..<1000).map { $0 / 2 })
    let units = clusters.merged(toAtMost: 64)
    #expect(units.count == 64)
    for i in 1..<1000 where clusters.ofRow[i] == clusters.ofRow[i - 1] {
      #expect(units.ofRow[i] == units.ofRow[i - 1])
    }
    #expect(Set(units.ofRow).count == 64)
    #expect(clusters.merged(toAtMost: 500).count == 500)
  }

  @Test("intervals from blocks are as wide as those from rows")
  func blockWidth() {
    var stream = SplitMix64(seed: 9)
    let n = 4000
    let values = (0..<n).map { _ in stream.unit() < 0.3 ? 1.0 : 0 }
    func width(_ clusters: [Int]?) -> Double {
      let figure = bootstrapInterval(rows: n, clusters: clusters, replicates: 2000, seed: 3) { w in
        zip(w, values).reduce(0) { $0 + $1.0 * $1.1 } / w.reduce(0, +)
      }
      return (figure.high ?? 0) - (figure.low ?? 0)
    }
    let blocks = ClusterIndex(Array(0..<n)).merged(toAtMost: 500).ofRow.map(Int.init)
    expectClose(width(blocks), width(nil), tolerance: 0.0036)
  }
}
