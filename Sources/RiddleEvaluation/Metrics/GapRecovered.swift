/// Performance gap recovered: PGR = (a − W) / (S − W) (RouteLLM, arXiv 2406.18665, eq. 3).
///
/// - Parameters:
///   - quality: mean quality of the policy.
///   - weak: mean quality of always-cheapest.
///   - strong: mean quality of always-strongest.
/// - Returns: 0 at always-cheapest, 1 at always-strongest, above 1 beyond it; nil when there is no gap.
public func performanceGapRecovered(quality: Double, weak: Double, strong: Double) -> Double? {
  let value = (quality - weak) / (strong - weak)
  return value.isFinite ? value : nil
}

/// Everything a sweep of the threshold over a pair's score says, unweighted.
public struct PairSweep: Equatable, Sendable {
  /// Exact average gap recovered; nil when strong and weak have the same mean quality.
  public var apgr: Double?
  /// Smallest strong share that recovers 50 % of the gap; nil when no operating point does.
  public var cpt50: Double?
  /// Smallest strong share that recovers 80 % of the gap; nil when no operating point does.
  public var cpt80: Double?

  /// Sweeps the threshold over all distinct scores of a pair.
  ///
  /// APGR = ∫₀¹ PGR(x) dx over the strong share x, by trapezoids over all operating points; tied scores move
  /// together. CPT(p) = min {x : a(x) ≥ W + p (S − W)} over the same points. Both after RouteLLM (arXiv 2406.18665,
  /// §3), which takes 11 points instead of all: see ``RouteLLMPoints``.
  ///
  /// - Parameters:
  ///   - scores: higher goes to strong first; finite.
  ///   - weak: quality of the weak candidate, one a row.
  ///   - strong: quality of the strong candidate, one a row.
  public init(scores: [Double], weak: [Double], strong: [Double]) {
    let sweep = Sweep(pairScores: scores, gains: zip(strong, weak).map { $0 - $1 })
    let weights = [Double](repeating: 1, count: scores.count)
    let gap = zip(strong, weak).reduce(0) { $0 + ($1.0 - $1.1) }
    var scratch = SweepScratch()
    let values = sweep.evaluate(
      weights.span, gap: gap, width: Double(scores.count), scratch: &scratch)
    apgr = values.apgr.isNaN ? nil : values.apgr
    cpt50 = values.cpt50.isNaN ? nil : values.cpt50
    cpt80 = values.cpt80.isNaN ? nil : values.cpt80
  }
}

/// RouteLLM's "optimal" curve of a pair: a(x) = (Σ w + min(x · n, #[w = 0, s = 1])) / n, which buys every strong win
/// first and never uses a weak-only win. For graded qualities the positive gains are bought in falling order.
public struct PlateauCurve: Equatable, Sendable {
  private let weakSum: Double
  private let gains: [Double]  // positive, falling
  private let count: Int

  /// The curve of a pair's qualities, one a row.
  public init(weak: [Double], strong: [Double]) {
    precondition(weak.count == strong.count, "\(weak.count) weak, \(strong.count) strong qualities")
    weakSum = weak.reduce(0, +)
    gains = zip(weak, strong).map { $1 - $0 }.filter { $0 > 0 }.sorted(by: >)
    count = weak.count
  }

  /// RouteLLM's average gap recovered of this curve: trapezoids over strong shares 0, 0.1, … 1, divided by S − W.
  ///
  /// - Returns: nil when always-strongest is no better than always-weak.
  public func averageGapRecovered(strongSum: Double) -> Double? {
    let n = Double(count)
    let (weak, gap) = (weakSum / n, (strongSum - weakSum) / n)
    guard count > 0, gap > 0 else { return nil }
    var area = 0.0
    for step in 0..<10 {
      let (a, b) = (quality(atShare: Double(step) / 10), quality(atShare: Double(step + 1) / 10))
      area += (a + b - 2 * weak) / 20
    }
    return area / gap
  }

  /// Mean quality at strong share `x` in [0, 1].
  public func quality(atShare x: Double) -> Double {
    let bought = min(x * Double(count), Double(gains.count))
    let whole = Int(bought)
    var sum = weakSum
    for gain in gains[0..<whole] { sum += gain }
    if whole < gains.count { sum += gains[whole] * (bought - Double(whole)) }
    return sum / Double(count)
  }
}
