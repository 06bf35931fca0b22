import RiddleData

/// Eight weightings of the rows, side by side.
typealias Lanes = SIMD8<Double>

/// A policy's sweep under eight weightings at once: APGR, CPT, and the curve at its drawn points.
///
/// The same sums as ``Sweep/evaluate(_:gap:width:scratch:)``, in the same order; a replicate's curve is kept at the drawn
/// points only, from which its band, AIQ and 11-point figures are read.
struct LaneSweep: Sendable {
  private let units: [Int32]
  private let gains: [Double]
  /// Change on the axis; empty where every event is one row.
  private let steps: [Double]
  /// Change of the row's cost in dollars; empty where costs are missing.
  private let dollars: [Double]
  private let groupEnds: [Int32]
  private let interpolates: Bool
  /// Groups after which the curve is kept, ascending; the last is the last group.
  let kept: [Int32]

  /// The sweep's events in order, looked up in `judged`'s resampling units.
  init(_ sweep: Sweep, judged: Judged, kept: [Int32]) {
    units = sweep.rows.map { judged.units.ofRow[Int($0)] }
    gains = sweep.gain
    steps = judged.isPair ? [] : sweep.step
    dollars =
      judged.costsKnown
      ? sweep.rows.indices.map {
        let (i, k) = (Int(sweep.rows[$0]), Int(sweep.rungs[$0]))
        return judged.dollars(i, k + 1) - judged.dollars(i, k)
      } : []
    groupEnds = sweep.groupEnds
    interpolates = sweep.interpolates
    self.kept = kept
  }

  /// What one pass finds in each lane; NaN where undefined.
  struct Values {
    var apgr = Lanes(repeating: .nan)
    var cpt50 = Lanes(repeating: .nan)
    var cpt80 = Lanes(repeating: .nan)
  }

  /// The curve of each lane after the kept groups: axis, quality gained, dollars added.
  struct Curve {
    var axis: [Lanes] = []
    var gain: [Lanes] = []
    var dollars: [Lanes] = []
  }

  /// One pass over all events.
  ///
  /// - Parameters:
  ///   - counts: how often each unit counts, in each lane.
  ///   - gap: Σ weight · (strong − weak).
  ///   - width: Σ weight · axis distance from cheapest to strongest.
  func evaluate(_ counts: Span<Lanes>, gap: Lanes, width: Lanes, curve: inout Curve) -> Values {
    let units = units.span
    let gains = gains.span
    let ends = groupEnds.span
    curve.axis.removeAll(keepingCapacity: true)
    curve.gain.removeAll(keepingCapacity: true)
    curve.dollars.removeAll(keepingCapacity: true)
    var values = Values()
    let never = Lanes(repeating: .infinity)
    let slack = 1e-12  // as in Sweep
    let rises = gap .> 0
    let target50 = never.replacing(with: 0.5 * gap - slack, where: rises)
    let target80 = never.replacing(with: 0.8 * gap - slack, where: rises)
    var waiting50 = rises
    var waiting80 = rises
    var isWaiting = true
    var (x, g, c) = (Lanes.zero, Lanes.zero, Lanes.zero)
    var doubleArea = Lanes.zero
    var next = 0
    var i = 0
    for group in ends.indices {
      let end = Int(ends[group])
      let (x0, g0) = (x, g)
      while i < end {
        let w = counts[Int(units[i])]
        x += steps.isEmpty ? w : w * steps[i]
        g += w * gains[i]
        if !dollars.isEmpty { c += w * dollars[i] }
        i += 1
      }
      doubleArea += (x - x0) * (g + g0)
      if isWaiting {
        let hit50 = (g .>= target50) .& waiting50
        let hit80 = (g .>= target80) .& waiting80
        if any(hit50 .| hit80) {
          let at50 = reached(0.5 * gap, from: (x0, g0), to: (x, g))
          let at80 = reached(0.8 * gap, from: (x0, g0), to: (x, g))
          values.cpt50.replace(with: at50, where: hit50)
          values.cpt80.replace(with: at80, where: hit80)
          waiting50 = waiting50 .& .!hit50
          waiting80 = waiting80 .& .!hit80
          isWaiting = any(waiting50 .| waiting80)
        }
      }
      if next < kept.count && Int(kept[next]) == group {
        curve.axis.append(x)
        curve.gain.append(g)
        curve.dollars.append(c)
        next += 1
      }
    }
    let hasWidth = width .!= 0
    let undefined = Lanes(repeating: .nan)
    values.cpt50 = undefined.replacing(with: values.cpt50 / width, where: hasWidth)
    values.cpt80 = undefined.replacing(with: values.cpt80 / width, where: hasWidth)
    values.apgr = 0.5 * doubleArea / (width * gap)
    return values
  }

  private func reached(
    _ target: Lanes, from a: (x: Lanes, g: Lanes), to b: (x: Lanes, g: Lanes)
  ) -> Lanes {
    guard interpolates else { return b.x }
    let part = ((target - a.g) / (b.g - a.g)).clamped(
      lowerBound: .zero, upperBound: Lanes(repeating: 1))
    return b.x.replacing(with: a.x + (b.x - a.x) * part, where: b.g .> a.g)
  }
}
