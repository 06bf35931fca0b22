import RiddleEvaluation

/// What the cost-quality chart shows, before any pixel or character: shared by the SVG and the terminal.
struct CostQualityPlot {
  /// The horizontal quantity.
  enum Axis {
    /// Mean cost, in dollars per 1 000 queries.
    case cost
    /// Share of queries sent to the strongest candidate, in percent: used where costs are missing.
    case share

    var title: String {
      switch self {
      case .cost: "Mean cost, dollars per 1,000 queries"
      case .share: "Share of queries sent to the strongest candidate, %"
      }
    }
  }

  struct Point: Equatable {
    var x: Double
    var y: Double
    var low: Double?
    var high: Double?
  }

  struct Curve {
    var name: String
    var isRouter: Bool
    var points: [Point]
    /// What the curve runs over.
    var over = "every threshold"
  }

  struct Mark {
    enum Kind { case operatingPoint, candidate, oracle, baseline }
    var name: String
    var kind: Kind
    var point: Point
  }

  var axis: Axis
  /// Routers first, then baselines that have a score, such as prompt length.
  var curves: [Curve]
  /// Operating points first, then candidates alone, oracle, other baselines. No two share a place.
  var marks: [Mark]
  /// Random mixes of cheapest and strongest: the straight line between them.
  var randomLine: (from: Point, to: Point)?
  /// Steps along the points that nobody beats in both cost and quality; empty where no one asked.
  var frontier: [Point] = []
  /// Points left out because they cannot be drawn.
  var omitted: Int

  /// Larger numbers are not drawn: a chart that shows them shows nothing else.
  private static let limit = 1e9

  init(_ report: EvaluationReport) {
    let head = report.headroom
    let routerCurves = report.routers.flatMap(\.curve)
    let isCost =
      !head.meanCostDollars.isEmpty && head.meanCostDollars.allSatisfy { $0 != nil }
      && routerCurves.allSatisfy { $0.costDollars != nil }
    let axis: Axis = isCost ? .cost : .share
    var omitted = 0

    func point(
      share: Double?, cost: Double?, quality: Double?, low: Double? = nil, high: Double? = nil
    ) -> Point? {
      guard let quality, let x = isCost ? cost.map({ $0 * 1000 }) : share.map({ $0 * 100 }) else {
        return nil
      }
      guard abs(x) < Self.limit, abs(quality) < Self.limit else {
        omitted += 1
        return nil
      }
      let isBand =
        (low.map { abs($0) < Self.limit } ?? false)
        && (high.map { abs($0) < Self.limit } ?? false)
      return Point(x: x, y: quality, low: isBand ? low : nil, high: isBand ? high : nil)
    }
    func curve(_ policy: PolicyFigures, isRouter: Bool) -> Curve? {
      let points = policy.curve.compactMap {
        point(
          share: $0.share, cost: $0.costDollars, quality: $0.quality, low: $0.low, high: $0.high)
      }
      return points.count > 1 ? Curve(name: policy.name, isRouter: isRouter, points: points) : nil
    }
    func mark(_ policy: PolicyFigures, _ kind: Mark.Kind) -> Mark? {
      point(
        share: policy.shareStrong.value, cost: policy.costDollars.value,
        quality: policy.quality.value, low: policy.quality.low, high: policy.quality.high
      ).map { Mark(name: policy.name, kind: kind, point: $0) }
    }

    curves =
      report.routers.compactMap { curve($0, isRouter: true) }
      + report.baselines.compactMap { curve($0, isRouter: false) }
    var marks = report.routers.compactMap { mark($0, .operatingPoint) }
    let last = head.meanQuality.count - 1
    for (index, quality) in head.meanQuality.enumerated() {
      // Without costs only the ends of a ladder have a place on the axis.
      let share: Double? = index == 0 ? 0 : index == last ? 1 : nil
      let cost = index < head.meanCostDollars.count ? head.meanCostDollars[index] : nil
      let candidate = index < report.candidates.count ? report.candidates[index] : "\(index + 1)"
      let name =
        index == 0 ? "always-cheapest" : index == last ? "always-strongest" : "always \(candidate)"
      if let point = point(share: share, cost: cost, quality: quality) {
        marks.append(Mark(name: name, kind: .candidate, point: point))
      }
    }
    let oracle = report.baselines.first { WallVerdict.isOracle($0.name) }
    if let point = point(
      share: oracle?.shareStrong.value, cost: oracle?.costDollars.value ?? head.oracleCostDollars,
      quality: oracle?.quality.value ?? head.oracleQuality)
    {
      marks.append(Mark(name: "oracle", kind: .oracle, point: point))
    }
    let ends = marks.filter { $0.kind == .candidate }
    if last > 0, let first = ends.first, let end = ends.last, first.point.x != end.point.x {
      randomLine = (first.point, end.point)
    }
    let drawn = Set(curves.map(\.name))
    for baseline in report.baselines where !WallVerdict.isOracle(baseline.name) {
      guard !drawn.contains(baseline.name), let mark = mark(baseline, .baseline) else { continue }
      // always-cheapest, best single and their like are already there under their own name.
      let isThere = marks.contains {
        $0.name == mark.name
          || abs($0.point.x - mark.point.x) <= 1e-9 * max(1, abs(mark.point.x))
            && abs($0.point.y - mark.point.y) <= 1e-9
      }
      if !isThere { marks.append(mark) }
    }
    self.axis = axis
    self.marks = marks
    self.omitted = omitted
  }

  /// Adds a simulation's sweeps, and the frontier as a staircase up to the dearest mark.
  mutating func add(_ simulation: SimulationReport) {
    guard case .cost = axis else { return }
    for sweep in simulation.sweeps {
      let points = sweep.points.compactMap { point -> Point? in
        guard let x = point.costDollars.value, let y = point.quality.value else { return nil }
        return Point(x: x * 1000, y: y)
      }
      if points.count > 1 {
        curves.append(
          Curve(name: sweep.policy, isRouter: true, points: points, over: "over \(sweep.setting)"))
      }
    }
    let known = simulation.operatingPoints
    for name in simulation.frontier {
      guard let point = known.first(where: { $0.name == name }), let x = point.cost,
        let y = point.quality
      else { continue }
      if let last = frontier.last { frontier.append(Point(x: x * 1000, y: last.y)) }
      frontier.append(Point(x: x * 1000, y: y))
    }
    if let last = frontier.last, let right = marks.map(\.point.x).max(), right > last.x {
      frontier.append(Point(x: right, y: last.y))
    }
  }

  /// Whether there is anything to draw.
  var isEmpty: Bool { curves.isEmpty && marks.isEmpty }

  /// Every abscissa and ordinate, bands included, for the scales.
  var extent: (x: [Double], y: [Double]) {
    let points = curves.flatMap(\.points) + marks.map(\.point)
    // The band counts only where it is drawn: on the first router's curve.
    let band = curves.first { $0.isRouter }?.points ?? []
    let operating = marks.filter { $0.kind == .operatingPoint }.map(\.point)
    return (
      points.map(\.x),
      points.map(\.y) + (band + operating).flatMap { [$0.low, $0.high].compactMap { $0 } }
    )
  }
}
