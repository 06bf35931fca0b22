import RiddleData
import RiddleLinearAlgebra
import Synchronization

/// Evaluates every policy under every resampling of the rows.
///
/// Linear figures are sums over units: one matrix product of the replicates' counts with the policies' columns. Rank
/// figures are one pass over pre-sorted rows per policy and eight replicates. All policies see the same replicates, so
/// differences are paired.
struct Replicates: Sendable {
  let judged: Judged
  let policies: [JudgedPolicy]
  let plan: Resampling
  let cheapest: Int
  let strongest: Int
  /// Strong shares (or axis positions) of each policy's curve points.
  var curveShares: [[Double]]

  private let columns: Matrix  // policies' columns, then the yardstick's × units
  private let columnsPerPolicy: Int
  private let lanes: [PolicyLanes]

  /// Replicates whose curves make the pointwise bands; more would cost time and move no line on a screen.
  static let bandReplicates = 400
  /// Replicates a shard computes. Fixed: it decides who computes what, not what comes out.
  private static let shardSize = 32

  init(
    judged: Judged, policies: [JudgedPolicy], cheapest: Int, strongest: Int
  ) {
    self.judged = judged
    self.policies = policies
    self.cheapest = cheapest
    self.strongest = strongest
    plan = Resampling(
      clusterCount: judged.units.count, replicates: judged.settings.replicates,
      seed: judged.settings.seed, method: judged.settings.intervalMethod)
    columnsPerPolicy = Column.shares + 2 * judged.candidateCount
    let units = judged.units.count
    var values: [Double] = []
    values.reserveCapacity(
      (policies.count * columnsPerPolicy + 3 + 2 * judged.candidateCount) * units)
    for policy in policies { values.append(contentsOf: policy.columns(judged)) }
    values.append(contentsOf: Self.yardstickColumns(judged))
    columns = Matrix(rowCount: values.count / units, columnCount: units, values: values)
    lanes = inShards(policies.count, threads: judged.settings.threads) {
      PolicyLanes(policies[$0], judged: judged)
    }
    curveShares = policies.map { _ in [] }
  }

  /// Slots of one policy.
  var slotCount: Int { Slot.count(judged.candidateCount) }
  /// Slots of one replicate: policy after policy.
  var stride: Int { policies.count * slotCount }

  /// Results of one shard.
  struct Shard: Sendable {
    /// Replicates in it.
    var count = 0
    /// Replicate after replicate, `stride` slots each.
    var slots: [Double] = []
    /// Per policy: quality at its `curveShares`, replicate after replicate.
    var bands: [[Double]]
  }

  /// The estimate: every row once. Also hands each swept policy's curve to `visit`.
  func estimate(_ visit: (_ policy: Int, _ scratch: SweepScratch) -> Void) -> [Double] {
    let ones = [Lanes](repeating: Lanes(repeating: 1), count: judged.units.count)
    let product = BLAS.product(
      Matrix(
        rowCount: 1, columnCount: judged.units.count,
        values: [Double](repeating: 1, count: judged.units.count)), transposedOf: columns)
    var out = [Double](repeating: .nan, count: stride)
    evaluate([product.values], counts: ones, into: &out, at: 0) { _, _, _, _ in }
    refine(&out, visit)
    return out
  }

  /// Replaces what the lanes approximate, with every row counted once, by the exact figures.
  private func refine(
    _ out: inout [Double], _ visit: (_ policy: Int, _ scratch: SweepScratch) -> Void
  ) {
    let ones = [Double](repeating: 1, count: judged.rowCount)
    let gap = judged.gains.reduce(0, +)
    let weak = judged.quality(of: 0).reduce(0, +)
    var scratch = SweepScratch()
    for (p, policy) in policies.enumerated() where !policy.isMix {
      let base = p * slotCount
      if let bins = policy.bins {
        out[base + Slot.ece.rawValue] = bins.evaluate(ones.span, total: judged.rowCount)
      }
      guard let sweep = policy.sweep else { continue }
      let width = judged.isPair ? Double(judged.rowCount) : judged.reach
      let values = sweep.evaluate(ones.span, gap: gap, width: width, scratch: &scratch)
      out[base + Slot.apgr.rawValue] = values.apgr
      out[base + Slot.cpt50.rawValue] = values.cpt50
      out[base + Slot.cpt80.rawValue] = values.cpt80
      if judged.isPair && !sweep.interpolates {
        RouteLLMPoints(
          sweep: sweep, scratch: scratch, rows: judged.rowCount, weakSum: weak,
          strongSum: weak + gap
        ).write(into: &out, at: base)
      }
      exactHull(sweep, scratch, into: &out, at: base)
      visit(p, scratch)
    }
  }

  /// AIQ and hypervolume over every operating point; the lanes keep the drawn ones.
  private func exactHull(
    _ sweep: Sweep, _ scratch: SweepScratch, into out: inout [Double], at base: Int
  ) {
    let width = judged.candidateCount
    guard judged.costsKnown else { return }
    let n = Double(judged.rowCount)
    let quality = judged.quality(of: 0).reduce(0, +)
    var totals = [Double](repeating: 0, count: width)
    for i in 0..<judged.rowCount {
      for k in 0..<width { totals[k] += judged.dollars(i, k) }
    }
    var spent = totals[0]
    var points = [(cost: spent / n, quality: quality / n)]
    var event = 0
    for group in sweep.groupEnds.indices {
      while event < Int(sweep.groupEnds[group]) {
        let (i, k) = (Int(sweep.rows[event]), Int(sweep.rungs[event]))
        spent += judged.dollars(i, k + 1) - judged.dollars(i, k)
        event += 1
      }
      points.append((cost: spent / n, quality: (quality + scratch.gain[group]) / n))
    }
    LaneCurve.writeHull(
      points, maximalCost: (totals.max() ?? 0) / n, into: &out, at: base)
  }

  /// All replicates and jackknife blocks, in order; `progress` hears how many are done, of how many.
  func run(progress: (@Sendable (Int, Int) -> Void)?) -> [Shard] {
    let size = Self.shardSize
    let done = Atomic<Int>(0)
    return inShards((plan.total + size - 1) / size, threads: judged.settings.threads) { shard in
      let result = self.shard(from: shard * size, to: min(plan.total, (shard + 1) * size))
      if let progress {
        let (_, count) = done.add(result.count, ordering: .relaxed)
        progress(count, plan.total)
      }
      return result
    }
  }

  private func shard(from start: Int, to end: Int) -> Shard {
    let units = judged.units.count
    var result = Shard(count: end - start, bands: policies.map { _ in [] })
    result.slots = [Double](repeating: .nan, count: (end - start) * stride)
    var weights = Matrix(rowCount: end - start, columnCount: units)
    var draw = [Double](repeating: 0, count: units)
    for r in start..<end {
      plan.draw(r, into: &draw)
      weights.values.replaceSubrange((r - start) * units..<(r - start + 1) * units, with: draw)
    }
    let sums = BLAS.product(weights, transposedOf: columns)
    var counts = [Lanes](repeating: .zero, count: units)
    for batch in Swift.stride(from: start, to: end, by: 8) {
      let used = min(8, end - batch)
      for lane in 0..<used {
        let row = (batch - start + lane) * units
        for c in 0..<units { counts[c][lane] = weights.values[row + c] }
      }
      let bandLanes = min(used, max(0, min(plan.replicates, Self.bandReplicates) - batch))
      evaluate(
        (0..<used).map { Array(sums.row(batch - start + $0)) }, counts: counts,
        into: &result.slots, at: (batch - start) * stride
      ) { policy, curve, lane, yardstick in
        if lane < bandLanes {
          result.bands[policy] += curve.qualities(
            atShares: curveShares[policy],
            reach: judged.isPair ? yardstick.rows : yardstick.reach,
            start: yardstick.cheapest[.quality], rows: yardstick.rows)
        }
      }
    }
    return result
  }

  /// All figures of all policies under up to eight weightings, whose column sums are `sums`.
  private func evaluate(
    _ sums: [[Double]], counts: [Lanes], into out: inout [Double], at: Int,
    _ visit: (_ policy: Int, _ curve: LaneCurve, _ lane: Int, _ yardstick: Yardstick) -> Void
  ) {
    let yardsticks = sums.map(yardstick)
    var (rows, gap, width) = (Lanes(repeating: .nan), Lanes(repeating: .nan), Lanes.zero)
    for (lane, yardstick) in yardsticks.enumerated() {
      rows[lane] = yardstick.rows
      gap[lane] = yardstick.gap
      width[lane] = judged.isPair ? yardstick.rows : yardstick.reach
    }
    let price = judged.settings.pricePerQuality
    var curve = LaneSweep.Curve()
    for (p, policy) in policies.enumerated() {
      let found = lanes[p].evaluate(
        counts.span, rows: rows, gap: gap, width: width, curve: &curve)
      for (lane, yardstick) in yardsticks.enumerated() {
        let base = at + lane * stride + p * slotCount
        if policy.isMix {
          writeMix(yardstick, first: policySums(0, sums[lane]), into: &out, at: base)
          continue
        }
        yardstick.write(
          policySums(p, sums[lane]), price: price, hasProbabilities: policy.hasProbabilities,
          into: &out, at: base)
        found.write(lane, into: &out, at: base)
        if let sweep = policy.sweep {
          let path = LaneCurve(curve, lane: lane)
          path.write(
            sweep: sweep, yardstick: yardstick, isPair: judged.isPair, into: &out, at: base)
          visit(p, path, lane, yardstick)
        }
      }
    }
  }

  /// Expected figures of the coin toss that costs what the first router does.
  private func writeMix(
    _ yardstick: Yardstick, first: Sums, into out: inout [Double], at base: Int
  ) {
    let mix = yardstick.cheapest.mixed(
      with: yardstick.strongest, share: yardstick.mixShare(of: first))
    yardstick.write(
      mix, price: judged.settings.pricePerQuality, hasProbabilities: false, into: &out, at: base)
    var values: [(Slot, Double)] = [(.auc, 0.5)]
    if yardstick.gap != 0 {
      values += [(.apgr, 0.5), (.apgrRouteLLM, judged.isPair ? 0.5 : .nan)]
    }
    if yardstick.gap > 0 { values += [(.cpt50, 0.5), (.cpt80, 0.8)] }
    for (slot, value) in values { out[base + slot.rawValue] = value }
    LaneCurve.straightLine(yardstick).writeHull(yardstick, into: &out, at: base)
    // Every point of the line is to be had by tossing, so what it dominates is what lies under it.
    out[base + Slot.hypervolume.rawValue] =
      out[base + Slot.aiq.rawValue] - yardstick.cheapest[.quality] / yardstick.rows
    // A coin has no confusion: what the oracle would have sent where is not what it tossed.
    for slot in [Slot.macroF1, .weightedF1] { out[base + slot.rawValue] = .nan }
    for k in 0..<(3 * judged.candidateCount) {
      out[base + Slot.shares + judged.candidateCount + k] = .nan
    }
  }

  private func policySums(_ p: Int, _ sums: [Double]) -> Sums {
    Sums(values: Array(sums[(p * columnsPerPolicy)..<((p + 1) * columnsPerPolicy)]))
  }

  private func yardstick(_ sums: [Double]) -> Yardstick {
    let width = judged.candidateCount
    let base = policies.count * columnsPerPolicy
    let rows = sums[base]
    return Yardstick(
      rows: rows, decisive: sums[base + 1], solvable: sums[base + 2],
      oracleShares: Array(sums[(base + 3)..<(base + 3 + width)]),
      cheapest: policySums(cheapest, sums), strongest: policySums(strongest, sums),
      maximalCost: sums[(base + 3 + width)..<(base + 3 + 2 * width)].reduce(0) {
        $1.isNaN || $0.isNaN ? .nan : max($0, $1)
      } / rows)
  }

  /// Rows, decisive rows, solvable rows, the oracle's picks and dollars per candidate, each summed by unit.
  private static func yardstickColumns(_ judged: Judged) -> [Double] {
    let (units, width) = (judged.units.count, judged.candidateCount)
    var out = [Double](repeating: 0, count: (3 + 2 * width) * units)
    for (i, row) in judged.judgements.enumerated() {
      let c = Int(judged.units.ofRow[i])
      out[c] += 1
      if row.isDecisive { out[units + c] += 1 }
      if row.cheapestRight != nil { out[2 * units + c] += 1 }
      out[(3 + row.oraclePick) * units + c] += 1
      for k in 0..<width { out[(3 + width + k) * units + c] += judged.dollars(i, k) }
    }
    return out
  }
}
