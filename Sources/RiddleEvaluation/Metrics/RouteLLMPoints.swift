/// RouteLLM's own procedure for a pair (arXiv 2406.18665 and its evaluation code), so that published tables can be
/// reproduced: 11 operating points at the decile edges of the score.
///
/// Edge q is the linearly interpolated quantile x[⌊h⌋] + (h − ⌊h⌋)(x[⌈h⌉] − x[⌊h⌋]), h = (n − 1) q. A row goes to
/// strong when score ≥ edge; at the last edge when score > edge. Where the score has so many ties that edges
/// coincide, points coincide too (the original stops with an error there).
public struct RouteLLMPoints: Equatable, Sendable {
  /// Strong share of each point, falling from 1 to 0.
  public let shares: [Double]
  /// Mean quality of each point.
  public let qualities: [Double]
  /// The 11 edges, rising.
  public let thresholds: [Double]
  private let weak: Double
  private let strong: Double

  /// The points of a pair. Needs at least one row.
  ///
  /// - Parameters:
  ///   - scores: higher goes to strong first; finite.
  ///   - weak: quality of the weak candidate, one a row.
  ///   - strong: quality of the strong candidate, one a row.
  public init(scores: [Double], weak: [Double], strong: [Double]) {
    precondition(
      scores.count == weak.count && weak.count == strong.count && !scores.isEmpty,
      "\(scores.count) scores, \(weak.count) weak and \(strong.count) strong qualities")
    let n = Double(scores.count)
    let sweep = Sweep(pairScores: scores, gains: zip(strong, weak).map { $0 - $1 })
    var scratch = SweepScratch()
    let weights = [Double](repeating: 1, count: scores.count)
    let gap = zip(strong, weak).reduce(0) { $0 + ($1.0 - $1.1) }
    _ = sweep.evaluate(weights.span, gap: gap, width: n, scratch: &scratch)
    self.init(
      sweep: sweep, scratch: scratch, rows: scores.count, weakSum: weak.reduce(0, +),
      strongSum: strong.reduce(0, +))
  }

  /// The points of a sweep that has just been evaluated under integer weights summing to `rows`.
  init(sweep: Sweep, scratch: SweepScratch, rows: Int, weakSum: Double, strongSum: Double) {
    let n = Double(rows)
    var shares: [Double] = []
    var qualities: [Double] = []
    var thresholds: [Double] = []
    for index in 0...10 {
      // 0.1 · index as numpy's linspace makes it: 3 · 0.1 is not 0.3, and the quantile may notice.
      let h = (n - 1) * (index == 10 ? 1 : 0.1 * Double(index))
      let below = min(Int(h), rows - 1)
      let low = Self.group(holdingFromBelow: below, in: scratch, rows: rows)
      let high =
        below + 1 < rows
        ? Self.group(holdingFromBelow: below + 1, in: scratch, rows: rows) : low
      let edge = Self.between(
        sweep.groupScores[low], sweep.groupScores[high], h - Double(below))
      var last = edge <= sweep.groupScores[low] ? low : high  // last group that goes to strong
      if edge > sweep.groupScores[last] { last -= 1 }
      if index == 10 { last = -1 }  // nothing lies above the maximum
      shares.append(last >= 0 ? scratch.x[last] / n : 0)
      qualities.append((weakSum + (last >= 0 ? scratch.gain[last] : 0)) / n)
      thresholds.append(edge)
    }
    self.shares = shares
    self.qualities = qualities
    self.thresholds = thresholds
    weak = weakSum / n
    strong = strongSum / n
  }

  /// Points known beforehand, falling in share; without edges.
  init(shares: [Double], qualities: [Double], weak: Double, strong: Double) {
    self.shares = shares
    self.qualities = qualities
    self.weak = weak
    self.strong = strong
    thresholds = []
  }

  /// Writes the three compatible figures of a policy.
  func write(into out: inout [Double], at base: Int) {
    out[base + Slot.apgrRouteLLM.rawValue] = apgr ?? .nan
    out[base + Slot.cpt50RouteLLM.rawValue] = interpolatedShare(recovering: 0.5) ?? .nan
    out[base + Slot.cpt80RouteLLM.rawValue] = interpolatedShare(recovering: 0.8) ?? .nan
  }

  /// The group of falling scores that holds the row of rank `rank` counted from the lowest score.
  private static func group(
    holdingFromBelow rank: Int, in scratch: SweepScratch, rows: Int
  ) -> Int {
    let fromAbove = Double(rows - 1 - rank)
    var (low, high) = (0, scratch.x.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if scratch.x[middle] > fromAbove { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// a + t (b − a), from the nearer end, so that t = 1 gives b exactly.
  private static func between(_ a: Double, _ b: Double, _ t: Double) -> Double {
    t < 0.5 ? a + (b - a) * t : b - (b - a) * (1 - t)
  }

  /// Average gap recovered: the trapezoid of quality − W over the observed shares, divided by that of S − W; nil
  /// without a gap.
  public var apgr: Double? {
    var area = 0.0
    var span = 0.0
    for i in 1..<shares.count {
      let width = shares[i - 1] - shares[i]
      area += width * (qualities[i - 1] + qualities[i]) / 2
      span += width
    }
    let value = (area - weak * span) / ((strong - weak) * span)
    return value.isFinite ? value : nil
  }

  /// Whether quality never falls as the share rises: otherwise ``interpolatedShare(recovering:)`` depends on the order of
  /// search and means little.
  public var isMonotone: Bool {
    for i in 1..<qualities.count where qualities[i] > qualities[i - 1] + 1e-12 { return false }
    return true
  }

  /// Whether two edges coincide because of ties.
  public var hasCoincidingEdges: Bool {
    for i in 1..<max(1, thresholds.count) where thresholds[i] == thresholds[i - 1] { return true }
    return false
  }

  /// RouteLLM's CPT: the share at quality W + p (S − W), linearly interpolated between the points; clamped to the
  /// ends. Nil without a positive gap.
  ///
  /// Where quality is not rising, the interval is the one that numpy's `interp` finds, for the sake of agreement.
  public func interpolatedShare(recovering p: Double) -> Double? {
    guard strong > weak else { return nil }
    let x = Array(qualities.reversed())
    let y = Array(shares.reversed())
    let target = p * (strong - weak) + weak
    let j = Self.interval(of: target, in: x)
    if j < 0 { return y[0] }
    if j >= x.count - 1 { return y[x.count - 1] }
    if x[j] == target { return y[j] }
    let value = (y[j + 1] - y[j]) / (x[j + 1] - x[j]) * (target - x[j]) + y[j]
    return value.isFinite ? value : nil
  }

  /// j with x[j] ≤ key < x[j + 1] as bisection finds it after looking near the start: −1 below, n above.
  private static func interval(of key: Double, in x: [Double]) -> Int {
    let n = x.count
    if key > x[n - 1] { return n }
    if key < x[0] { return -1 }
    if key < x[1] { return 0 }
    if key < x[2] { return 1 }
    if key < x[3] { return 2 }
    var low = 3
    var high = n > 10 && key < x[9] ? 9 : n
    while low < high {
      let middle = low + (high - low) / 2
      if key >= x[middle] { low = middle + 1 } else { high = middle }
    }
    return low - 1
  }
}
