/// One replicate's cost-quality curve at its kept points, without the start, and what is read from it.
struct LaneCurve {
  /// Position on the axis after each point, summed over rows.
  var axis: [Double]
  /// Quality gained on always-cheapest, summed over rows.
  var gain: [Double]
  /// Dollars added to always-cheapest, summed over rows.
  var dollars: [Double]

  /// The curve of one lane.
  init(_ curve: LaneSweep.Curve, lane: Int) {
    axis = curve.axis.map { $0[lane] }
    gain = curve.gain.map { $0[lane] }
    dollars = curve.dollars.map { $0[lane] }
  }

  private init(axis: [Double], gain: [Double], dollars: [Double]) {
    self.axis = axis
    self.gain = gain
    self.dollars = dollars
  }

  /// The coin toss between always-cheapest and always-strongest.
  static func straightLine(_ yardstick: Yardstick) -> LaneCurve {
    LaneCurve(
      axis: [yardstick.reach], gain: [yardstick.gap],
      dollars: [
        (yardstick.strongest[.nanoDollars] - yardstick.cheapest[.nanoDollars]) / 1e9
      ])
  }

  /// Writes what the curve says beside APGR and CPT.
  func write(
    sweep: Sweep, yardstick: Yardstick, isPair: Bool, into out: inout [Double], at base: Int
  ) {
    writeHull(yardstick, into: &out, at: base)
    if isPair && !sweep.interpolates {
      points(sweep, yardstick).write(into: &out, at: base)
    }
  }

  /// AIQ in both variants and the hypervolume: the area between the best single operating point affordable at each
  /// cost and always-cheapest's quality, up to the dearest candidate's cost, per dollar of that range. The hull mixes
  /// operating points; the hypervolume does not (Zitzler & Thiele, 1999, with the reference point at the dearest
  /// candidate's cost and always-cheapest's quality).
  func writeHull(_ yardstick: Yardstick, into out: inout [Double], at base: Int) {
    guard yardstick.maximalCost.isFinite else { return }
    let rows = yardstick.rows
    let start = yardstick.cheapest[.nanoDollars] / 1e9
    let quality = yardstick.cheapest[.quality]
    var points = [(cost: start / rows, quality: quality / rows)]
    for i in axis.indices {
      points.append((cost: (start + dollars[i]) / rows, quality: (quality + gain[i]) / rows))
    }
    Self.writeHull(points, maximalCost: yardstick.maximalCost, into: &out, at: base)
  }

  /// The same from operating points, the first of which is always-cheapest.
  static func writeHull(
    _ points: [(cost: Double, quality: Double)], maximalCost: Double, into out: inout [Double],
    at base: Int
  ) {
    guard let hull = CostQualityHull(points: points, maximalCost: maximalCost) else { return }
    out[base + Slot.aiq.rawValue] = hull.averageImprovement ?? .nan
    out[base + Slot.aiqRouterBench.rawValue] = hull.averageImprovementRouterBench ?? .nan
    out[base + Slot.hypervolume.rawValue] =
      dominatedArea(points, from: (points[0].cost, points[0].quality), to: maximalCost)
      ?? .nan
  }

  /// Quality at each share of the way from always-cheapest to always-strongest, between kept points on the line.
  func qualities(atShares shares: [Double], reach: Double, start: Double, rows: Double)
    -> [Double]
  {
    var point = 0
    return shares.map { share in
      let target = share * reach
      while point < axis.count - 1 && axis[point] < target { point += 1 }
      let (x0, g0) = point > 0 ? (axis[point - 1], gain[point - 1]) : (0, 0)
      let (x1, g1) = (axis[point], gain[point])
      let part = x1 > x0 ? min(1, max(0, (target - x0) / (x1 - x0))) : 1
      return (start + g0 + part * (g1 - g0)) / rows
    }
  }

  /// RouteLLM's 11 points: exact where every operating point is kept, else read off the curve at tenths.
  private func points(_ sweep: Sweep, _ yardstick: Yardstick) -> RouteLLMPoints {
    let weak = yardstick.cheapest[.quality]
    let strong = yardstick.strongest[.quality]
    if axis.count == sweep.groupEnds.count {
      var scratch = SweepScratch()
      scratch.x = axis
      scratch.gain = gain
      return RouteLLMPoints(
        sweep: sweep, scratch: scratch, rows: Int(yardstick.rows), weakSum: weak,
        strongSum: strong)
    }
    let shares = (0...10).map { Double($0) / 10 }
    let qualities = qualities(
      atShares: shares, reach: yardstick.rows, start: weak, rows: yardstick.rows)
    return RouteLLMPoints(
      shares: shares.reversed(), qualities: qualities.reversed(), weak: weak / yardstick.rows,
      strong: strong / yardstick.rows)
  }
}

/// ∫ (best quality of a point that costs at most c − reference quality)₊ dc / (end − start) from the reference's cost to
/// `end`; nil for an empty range.
func dominatedArea(
  _ points: [(cost: Double, quality: Double)], from reference: (cost: Double, quality: Double),
  to end: Double
) -> Double? {
  guard end > reference.cost else { return nil }
  let sorted = points.sorted { $0.cost != $1.cost ? $0.cost < $1.cost : $0.quality > $1.quality }
  var (best, cost, area) = (reference.quality, reference.cost, 0.0)
  for point in sorted where point.quality > best {
    let reached = min(max(point.cost, cost), end)
    area += (reached - cost) * (best - reference.quality)
    (best, cost) = (point.quality, reached)
  }
  area += (end - cost) * (best - reference.quality)
  return area / (end - reference.cost)
}
