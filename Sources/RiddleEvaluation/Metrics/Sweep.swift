/// The curve that a policy's score draws when one offset is added to all its margins, from always-cheapest to
/// always-strongest.
///
/// A row of a ladder with K candidates climbs at K − 1 offsets: past candidate k at the largest of
/// threshold − margin over the heads 0 … k, because a query climbs monotonically. For a pair there is one event a row
/// and the order is that of the margins. An event adds `gain` to quality and `step` to the horizontal axis;
/// events at the same offset happen together.
struct Sweep: Sendable {
  /// Row of each event, in order of the climb.
  let rows: [Int32]
  /// Candidate that the row leaves at each event; it climbs to the next one.
  let rungs: [Int32]
  /// Change of the row's quality.
  let gain: [Double]
  /// Change on the horizontal axis: 1 for a pair; dollars or rungs for a ladder.
  let step: [Double]
  /// End (exclusive) of each group of simultaneous events.
  let groupEnds: [Int32]
  /// Score of each group (pair only), falling.
  let groupScores: [Double]
  /// Whether a gain is reached part of the way through a group, as for the plateau curve.
  let interpolates: Bool

  /// A pair's sweep by falling score.
  ///
  /// - Parameter interpolates: whether CPT may be reached inside a group of ties.
  init(
    pairScores scores: [Double], order: RankOrder? = nil, gains: [Double],
    interpolates: Bool = false
  ) {
    precondition(scores.count == gains.count, "\(scores.count) scores for \(gains.count) gains")
    let order = order ?? RankOrder(descending: scores)
    rows = order.rows
    rungs = [Int32](repeating: 0, count: order.rows.count)
    gain = order.rows.map { gains[Int($0)] }
    step = [Double](repeating: 1, count: order.rows.count)
    groupEnds = order.groupEnds
    groupScores = order.groupEnds.map { scores[Int(order.rows[Int($0) - 1])] }
    self.interpolates = interpolates
  }

  /// A ladder's sweep by rising offset.
  ///
  /// - Parameters:
  ///   - margins: row-major `rows × thresholds.count`.
  ///   - quality: row-major `rows × (thresholds.count + 1)`.
  ///   - axis: position of each cell on the horizontal axis, same layout as `quality`.
  init(ladderMargins margins: [Double], thresholds: [Double], quality: [Double], axis: [Double]) {
    let heads = thresholds.count
    let width = heads + 1
    let n = margins.count / heads
    var offsets: [Double] = []
    var events: [(row: Int32, rung: Int32, gain: Double, step: Double)] = []
    offsets.reserveCapacity(n * heads)
    events.reserveCapacity(n * heads)
    for i in 0..<n {
      var offset = -Double.infinity
      for k in 0..<heads {
        offset = max(offset, thresholds[k] - margins[i * heads + k])
        let at = i * width + k
        offsets.append(-offset)
        events.append(
          (Int32(i), Int32(k), quality[at + 1] - quality[at], axis[at + 1] - axis[at]))
      }
    }
    let order = RankOrder(descending: offsets)
    rows = order.rows.map { events[Int($0)].row }
    rungs = order.rows.map { events[Int($0)].rung }
    gain = order.rows.map { events[Int($0)].gain }
    step = order.rows.map { events[Int($0)].step }
    groupEnds = order.groupEnds
    groupScores = []
    interpolates = false
  }

  /// Figures of one weighting; NaN where undefined.
  struct Values {
    var apgr = Double.nan
    var cpt50 = Double.nan
    var cpt80 = Double.nan
  }

  /// APGR and CPT under row weights, and the cumulative curve in `scratch`. One pass.
  ///
  /// - Parameters:
  ///   - gap: Σ weight · (strong − weak), the quality the whole sweep is worth.
  ///   - width: Σ weight · axis distance from cheapest to strongest.
  func evaluate(
    _ weights: Span<Double>, gap: Double, width: Double, scratch: inout SweepScratch
  ) -> Values {
    let rows = rows.span
    let gain = gain.span
    let step = step.span
    let ends = groupEnds.span
    scratch.resize(ends.count)
    var values = Values()
    // A sum of graded gains misses its target by rounding; one part in 10¹² of a row is no shortfall.
    let slack = 1e-12
    let target50 = gap > 0 ? 0.5 * gap - slack : .infinity
    let target80 = gap > 0 ? 0.8 * gap - slack : .infinity
    var x = 0.0
    var g = 0.0
    var doubleArea = 0.0
    var i = 0
    for group in ends.indices {
      let end = Int(ends[group])
      let (x0, g0) = (x, g)
      while i < end {
        let w = weights[Int(rows[i])]
        x += w * step[i]
        g += w * gain[i]
        i += 1
      }
      doubleArea += (x - x0) * (g + g0)
      if g >= target50 && values.cpt50.isNaN {
        values.cpt50 = reached(0.5 * gap, from: (x0, g0), to: (x, g))
      }
      if g >= target80 && values.cpt80.isNaN {
        values.cpt80 = reached(0.8 * gap, from: (x0, g0), to: (x, g))
      }
      scratch.x[group] = x
      scratch.gain[group] = g
    }
    if width != 0 {
      values.cpt50 /= width
      values.cpt80 /= width
      let apgr = 0.5 * doubleArea / (width * gap)
      if apgr.isFinite { values.apgr = apgr }
    } else {
      values.cpt50 = .nan
      values.cpt80 = .nan
    }
    return values
  }

  private func reached(
    _ target: Double, from a: (x: Double, g: Double), to b: (x: Double, g: Double)
  ) -> Double {
    guard interpolates, b.g > a.g else { return b.x }
    return a.x + (b.x - a.x) * min(1, max(0, (target - a.g) / (b.g - a.g)))
  }
}

/// The cumulative curve of the last evaluated sweep, one entry per group; reused between replicates.
struct SweepScratch: Sendable {
  /// Position on the horizontal axis after each group.
  var x: [Double] = []
  /// Quality gained after each group.
  var gain: [Double] = []

  mutating func resize(_ count: Int) {
    if x.count != count {
      x = [Double](repeating: 0, count: count)
      gain = x
    }
  }
}
