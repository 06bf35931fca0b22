import RiddleData

/// Evaluates every policy under every resampling of the rows.
///
/// Linear figures are sums over clusters: one small matrix product for eight replicates at a time. Rank figures are one
/// pass over pre-sorted rows per policy and replicate. All policies see the same replicates, so differences are paired.
struct Replicates: Sendable {
  let judged: Judged
  let policies: [JudgedPolicy]
  let plan: Resampling
  let cheapest: Int
  let strongest: Int
  /// Strong shares (or axis positions) of each policy's curve points.
  var curveShares: [[Double]]

  private let columns: [Double]  // per policy and column: one value a cluster
  private let clusterRows: [Double]
  private let clusterDecisive: [Double]
  private let columnsPerPolicy: Int

  /// Replicates whose curves make the pointwise bands; more would cost time and move no line on a screen.
  static let bandReplicates = 400
  /// Replicates a shard computes. Fixed: it decides who computes what, not what comes out.
  private static let shardSize = 32
  /// Clusters per tile of the matrix product: 512 × 8 doubles stay in the first-level cache.
  private static let tile = 512

  init(
    judged: Judged, policies: [JudgedPolicy], cheapest: Int, strongest: Int
  ) {
    self.judged = judged
    self.policies = policies
    self.cheapest = cheapest
    self.strongest = strongest
    plan = Resampling(
      clusterCount: judged.clusters.count, replicates: judged.settings.replicates,
      seed: judged.settings.seed, method: judged.settings.intervalMethod)
    columnsPerPolicy = Column.shares + judged.candidateCount
    var rows = [Double](repeating: 0, count: judged.clusters.count)
    var decisive = rows
    for (i, row) in judged.judgements.enumerated() {
      let c = Int(judged.clusters.ofRow[i])
      rows[c] += 1
      if row.isDecisive { decisive[c] += 1 }
    }
    clusterRows = rows
    clusterDecisive = decisive
    columns = policies.flatMap { $0.columns(judged) }
    curveShares = policies.map { _ in [] }
  }

  /// Slots of one policy.
  var slotCount: Int { Slot.shares + judged.candidateCount }
  /// Slots of one replicate: policy after policy.
  var stride: Int { policies.count * slotCount }

  /// Results of one shard.
  struct Shard: Sendable {
    /// Replicate after replicate, `stride` slots each.
    var slots: [Double] = []
    /// Per policy: quality at its `curveShares`, replicate after replicate.
    var bands: [[Double]]
  }

  /// The estimate: every row once. Also hands each swept policy's curve to `visit`.
  func estimate(_ visit: (_ policy: Int, _ scratch: SweepScratch) -> Void) -> [Double] {
    let clusters = judged.clusters.count
    let ones = [Double](repeating: 1, count: clusters)
    var sums = [Double](repeating: 0, count: policies.count * columnsPerPolicy)
    for column in sums.indices {
      var sum = 0.0
      for c in 0..<clusters { sum += columns[column * clusters + c] }
      sums[column] = sum
    }
    var out = [Double](repeating: .nan, count: stride)
    var scratch = SweepScratch()
    let rowWeights = [Double](repeating: 1, count: judged.rowCount)
    evaluate(
      sums: sums, counts: ones, rowWeights: rowWeights, scratch: &scratch, into: &out, at: 0,
      visit)
    return out
  }

  /// All replicates and jackknife blocks, in order.
  func run() -> [Shard] {
    let size = Self.shardSize
    return inShards((plan.total + size - 1) / size, threads: judged.settings.threads) { shard in
      self.shard(from: shard * size, to: min(plan.total, (shard + 1) * size))
    }
  }

  private func shard(from start: Int, to end: Int) -> Shard {
    let clusters = judged.clusters.count
    var result = Shard(bands: policies.map { _ in [] })
    result.slots = [Double](repeating: .nan, count: (end - start) * stride)
    var lanes = [[Double]](
      repeating: [Double](repeating: 0, count: clusters), count: 8)
    var counts = [SIMD8<Double>](repeating: .zero, count: clusters)
    var rowWeights = [Double](repeating: 0, count: judged.rowCount)
    var scratch = SweepScratch()
    for batch in Swift.stride(from: start, to: end, by: 8) {
      let used = min(8, end - batch)
      for lane in 0..<used { plan.draw(batch + lane, into: &lanes[lane]) }
      for c in 0..<clusters {
        counts[c] = SIMD8(
          lanes[0][c], lanes[1][c], lanes[2][c], lanes[3][c], lanes[4][c], lanes[5][c],
          lanes[6][c], lanes[7][c])
      }
      let sums = product(counts)
      for lane in 0..<used {
        for i in rowWeights.indices {
          rowWeights[i] = lanes[lane][Int(judged.clusters.ofRow[i])]
        }
        let r = batch + lane
        evaluate(
          sums: sums.map { $0[lane] }, counts: lanes[lane], rowWeights: rowWeights,
          scratch: &scratch, into: &result.slots, at: (r - start) * stride
        ) { policy, scratch in
          if r < min(plan.replicates, Self.bandReplicates) {
            appendBand(policy, scratch, rowWeights, to: &result.bands[policy])
          }
        }
      }
    }
    return result
  }

  /// Column sums under eight weightings at once.
  private func product(_ counts: [SIMD8<Double>]) -> [SIMD8<Double>] {
    let clusters = counts.count
    let total = policies.count * columnsPerPolicy
    var sums = [SIMD8<Double>](repeating: .zero, count: total)
    let columns = columns.span
    let counts = counts.span
    var start = 0
    while start < clusters {
      let end = min(clusters, start + Self.tile)
      for column in 0..<total {
        let offset = column * clusters
        var sum = SIMD8<Double>.zero
        for c in start..<end { sum += columns[offset + c] * counts[c] }
        sums[column] += sum
      }
      start = end
    }
    return sums
  }

  /// All figures of all policies under one weighting.
  private func evaluate(
    sums: [Double], counts: [Double], rowWeights: [Double], scratch: inout SweepScratch,
    into out: inout [Double], at: Int, _ visit: (Int, SweepScratch) -> Void
  ) {
    var rows = 0.0
    var decisive = 0.0
    for c in counts.indices {
      rows += counts[c] * clusterRows[c]
      decisive += counts[c] * clusterDecisive[c]
    }
    func policySums(_ p: Int) -> Sums {
      Sums(values: Array(sums[(p * columnsPerPolicy)..<((p + 1) * columnsPerPolicy)]))
    }
    let yardstick = Yardstick(
      rows: rows, decisive: decisive, cheapest: policySums(cheapest),
      strongest: policySums(strongest))
    let mixShare = yardstick.mixShare(of: policySums(0))
    for (p, policy) in policies.enumerated() {
      let base = at + p * slotCount
      if policy.isMix {
        let mix = yardstick.cheapest.mixed(with: yardstick.strongest, share: mixShare)
        yardstick.write(mix, price: judged.settings.pricePerQuality, into: &out, at: base)
        if yardstick.gap != 0 {
          for (slot, value) in [
            (Slot.apgr, 0.5), (.apgrRouteLLM, judged.isPair ? 0.5 : .nan),
          ] { out[base + slot.rawValue] = value }
        }
        if yardstick.gap > 0 {
          for (slot, value) in [(Slot.cpt50, 0.5), (.cpt80, 0.8)] {
            out[base + slot.rawValue] = value
          }
        }
        out[base + Slot.auc.rawValue] = 0.5
        continue
      }
      yardstick.write(
        policySums(p), price: judged.settings.pricePerQuality, into: &out, at: base)
      if let ranked = policy.ranked, policy.isPredictor {
        let values = ranked.evaluate(rowWeights.span)
        out[base + Slot.auc.rawValue] = values.auc
        out[base + Slot.averagePrecision.rawValue] = values.averagePrecision
      }
      if let bins = policy.bins {
        out[base + Slot.ece.rawValue] = bins.evaluate(rowWeights.span, total: Int(rows))
      }
      guard let sweep = policy.sweep else { continue }
      let values = sweep.evaluate(
        rowWeights.span, gap: yardstick.gap, width: judged.isPair ? rows : yardstick.reach,
        scratch: &scratch)
      out[base + Slot.apgr.rawValue] = values.apgr
      out[base + Slot.cpt50.rawValue] = values.cpt50
      out[base + Slot.cpt80.rawValue] = values.cpt80
      if judged.isPair && !sweep.interpolates {
        let points = RouteLLMPoints(
          sweep: sweep, scratch: scratch, rows: Int(rows),
          weakSum: yardstick.cheapest[.quality], strongSum: yardstick.strongest[.quality])
        out[base + Slot.apgrRouteLLM.rawValue] = points.apgr ?? .nan
        out[base + Slot.cpt50RouteLLM.rawValue] = points.interpolatedShare(recovering: 0.5) ?? .nan
        out[base + Slot.cpt80RouteLLM.rawValue] = points.interpolatedShare(recovering: 0.8) ?? .nan
      }
      visit(p, scratch)
    }
  }

  /// Appends the mean quality of policy `p` at its curve's shares under the weighting just evaluated.
  private func appendBand(
    _ p: Int, _ scratch: SweepScratch, _ weights: [Double], to band: inout [Double]
  ) {
    var rows = 0.0
    var start = 0.0
    var reach = 0.0
    let width = judged.candidateCount
    for i in weights.indices {
      let w = weights[i]
      rows += w
      start += w * judged.table.quality[i * width]
      reach += w * (judged.axis[(i + 1) * width - 1] - judged.axis[i * width])
    }
    if judged.isPair { reach = rows }
    var group = 0
    for share in curveShares[p] {
      let target = share * reach
      while group < scratch.x.count - 1 && scratch.x[group] < target { group += 1 }
      let x0 = group > 0 ? scratch.x[group - 1] : 0
      let g0 = group > 0 ? scratch.gain[group - 1] : 0
      let (x1, g1) = (scratch.x[group], scratch.gain[group])
      let part = x1 > x0 ? min(1, max(0, (target - x0) / (x1 - x0))) : 1
      band.append((start + g0 + part * (g1 - g0)) / rows)
    }
  }
}
