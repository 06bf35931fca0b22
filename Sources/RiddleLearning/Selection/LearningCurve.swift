import Glibc
import RiddleData

/// Measures how held-out quality grows with the number of labels, and extrapolates what more labels would buy.
///
/// Nested subsets: for every seed one random order of the rows, of which each size takes the first; so sizes of one seed
/// are compared on the same luck. ``PowerLaw`` is fitted by weighted least squares, the weight of a size being the inverse
/// of its mean's variance over seeds, shrunk towards a common variance ∝ 1/n because a variance over a few seeds is noise
/// itself. Intervals come from a parametric bootstrap: means redrawn around the law with these variances (inflated where
/// the law fits badly), and refitted.
///
/// The intervals cover the luck of the subsets. They do not cover the held-out rows, which all sizes share, nor a future
/// whose queries differ from the past.
public struct LearningCurve: Equatable, Sendable {
  /// Shares of the rows to fit, in (0, 1]; by default powers of 2 from 1/16 to 1, with half steps.
  public var shares: [Double] = (0...8).reversed().map { pow(0.5, Double($0) / 2) }
  /// Random orders of the rows; the whole needs only one fit.
  public var orders = 3
  /// Sizes below this are left out.
  public var minimumRows = 50
  /// Numbers of further labels to extrapolate to; at most three times the rows are kept.
  public var further: [Int] = []
  /// Refits of the bootstrap.
  public var replicates = 400
  /// Seed of the orders and of the bootstrap.
  public var seed: UInt64 = 1

  /// Default settings.
  public init() {}

  /// Held-out quality of one fit.
  public struct Score: Equatable, Sendable, Codable {
    /// Area under the ROC curve.
    public var auc: Double
    /// Mean log loss in nats.
    public var logLoss: Double

    /// A score.
    public init(auc: Double, logLoss: Double) {
      self.auc = auc
      self.logLoss = logLoss
    }

    private enum CodingKeys: String, CodingKey {
      case auc
      case logLoss = "log_loss"
    }
  }

  /// The scores at one number of labels.
  public struct Point: Equatable, Sendable, Codable {
    /// Labels.
    public var labels: Int
    /// One a fit.
    public var scores: [Score]

    /// A point.
    public init(labels: Int, scores: [Score]) {
      self.labels = labels
      self.scores = scores
    }
  }

  /// Fits and scores every subset, then the curves.
  ///
  /// - Parameters:
  ///   - rowCount: rows there are to train on.
  ///   - score: fits the rows at the given ascending indices and scores them on held-out rows, always the same.
  /// - Throws: whatever `score` throws.
  public func measure<Failure: Error>(
    rowCount: Int, score: ([Int]) throws(Failure) -> Score
  ) throws(Failure) -> LearningCurveReport {
    var sizes: [Int] = []
    for share in shares.sorted() {
      let size = min(rowCount, Int((share * Double(rowCount)).rounded()))
      if size >= max(1, minimumRows) && size != sizes.last { sizes.append(size) }
    }
    var points = sizes.map { Point(labels: $0, scores: []) }
    for order in 0..<max(1, orders) {
      var generator = SplitMix64(seed: seed &+ UInt64(order), stream: "learning-curve")
      let rows = (0..<rowCount).shuffled(using: &generator)
      for (i, size) in sizes.enumerated() {
        if size == rowCount && order > 0 { continue }  // the same rows again
        points[i].scores.append(try score(rows[..<size].sorted()))
      }
    }
    return report(points)
  }

  /// Fits the curves to scores that were measured already; `points` by ascending number of labels.
  public func report(_ points: [Point]) -> LearningCurveReport {
    LearningCurveReport(
      points: points,
      auc: fitted(points, .auc, bounds: 0.5...1) { $0.auc },
      logLoss: fitted(points, .logLoss, bounds: 0...10) { $0.logLoss })
  }

  private func fitted(
    _ points: [Point], _ metric: FittedCurve.Metric, bounds: ClosedRange<Double>,
    _ value: (Score) -> Double
  ) -> FittedCurve {
    let used = points.filter { !$0.scores.isEmpty }
    guard used.count >= 4, let largest = used.last?.labels else {
      return FittedCurve(metric: metric, finding: .tooFewSizes, extrapolations: [])
    }
    let sizes = used.map { Double($0.labels) }
    let means = used.map { point in
      point.scores.reduce(0) { $0 + value($1) } / Double(point.scores.count)
    }
    var variances = Self.variances(used, sizes, means, value)
    let isHigherBetter = metric == .auc
    func fit(_ values: [Double]) -> (law: PowerLaw, residual: Double) {
      PowerLaw.fit(
        sizes: sizes, values: values, weights: variances.map { 1 / $0 },
        isHigherBetter: isHigherBetter, bounds: bounds)
    }
    let (law, residual) = fit(means)
    let misfit = max(1, residual / Double(max(1, used.count - 3)))
    for i in variances.indices { variances[i] *= misfit }
    var generator = SplitMix64(seed: seed, stream: "learning-curve-bootstrap")
    var laws: [PowerLaw] = []
    for _ in 0..<max(1, replicates) {
      let drawn = sizes.indices.map { i in
        law.value(at: sizes[i]) + variances[i].squareRoot() * normal(&generator)
      }
      laws.append(fit(drawn).law)
    }
    let sign: Double = isHigherBetter ? 1 : -1
    func interval(_ quantity: (PowerLaw) -> Double) -> (low: Double, high: Double) {
      let sorted = laws.map(quantity).sorted()
      func quantile(_ q: Double) -> Double { sorted[Int((q * Double(sorted.count - 1)).rounded())] }
      return (quantile(0.025), quantile(0.975))
    }
    let seen = interval { sign * ($0.value(at: sizes[sizes.count - 1]) - $0.value(at: sizes[0])) }
    let limit = interval { $0.limit }
    let spread = sign * (law.value(at: Double(largest)) - law.value(at: sizes[0]))
    let finding: FittedCurve.Finding
    if !(seen.low > 1e-12) || spread <= 0 {
      finding = .flat
    } else if law.exponent <= PowerLaw.exponents.lowerBound * 1.01
      || limit.high - limit.low > abs(spread)
    {
      finding = .limitUnknown
    } else {
      finding = .identified
    }
    let wanted = further.isEmpty ? [largest / 4, largest / 2, largest] : further
    let extrapolations = wanted.filter { $0 > 0 && $0 <= 3 * largest }.map { count in
      func gain(_ law: PowerLaw) -> Double {
        sign * (law.value(at: Double(largest + count)) - law.value(at: Double(largest)))
      }
      let range = interval(gain)
      return FittedCurve.Extrapolation(
        further: count, value: law.value(at: Double(largest + count)), gain: gain(law),
        low: range.low, high: range.high)
    }
    return FittedCurve(
      metric: metric, finding: finding, law: law, limitLow: limit.low, limitHigh: limit.high,
      extrapolations: extrapolations)
  }

  /// Variance of each size's mean over its fits: the sample variance with 4 prior degrees of freedom at τ²/n.
  private static func variances(
    _ points: [Point], _ sizes: [Double], _ means: [Double], _ value: (Score) -> Double
  ) -> [Double] {
    let prior = 4.0
    var squares: [Double] = []
    var (scaled, freedom) = (0.0, 0.0)
    for (i, point) in points.enumerated() {
      let sum = point.scores.reduce(0) { sum, score in
        let d = value(score) - means[i]
        return sum + d * d
      }
      squares.append(sum)
      if point.scores.count > 1 {
        scaled += sizes[i] * sum
        freedom += Double(point.scores.count - 1)
      }
    }
    // Without a second fit anywhere nothing is known of the noise: equal weights, and the misfit says how large it is.
    let common = freedom > 0 ? scaled / freedom : 0
    return points.indices.map { i in
      let n = Double(points[i].scores.count)
      let variance = (squares[i] + prior * common / sizes[i]) / (n - 1 + prior)
      return max(variance / n, 1e-14)
    }
  }
}

/// A standard normal number (Box & Muller, 1958).
private func normal(_ generator: inout SplitMix64) -> Double {
  let radius = (-2 * log(1 - generator.unit())).squareRoot()
  return radius * cos(2 * Double.pi * generator.unit())
}
