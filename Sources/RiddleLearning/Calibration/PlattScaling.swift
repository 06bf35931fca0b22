import RiddleRuntime

/// Fits a Platt map from margins to probabilities.
///
/// Minimises cross-entropy of p = logistic(slope · margin + offset) against the smoothed targets of Platt (1999),
/// (N₊ + 1)/(N₊ + 2) and 1/(N₋ + 2), by Newton's method with the safeguards of Lin, Lin & Weng (2007,
/// doi:10.1007/s10994-007-5018-6), so it neither overflows nor divides by zero. A soft target mixes the two.
/// Sums run in row order with the runtime's own exponential: the same bits on every machine.
public struct PlattScaling: Equatable, Sendable {
  /// Largest gradient entry per unit of weight that counts as converged.
  public var tolerance = 1e-10
  /// Iterations after which the fit is returned as not converged.
  public var maximumIterations = 100

  /// Default settings.
  public init() {}

  /// Fits a strictly increasing map.
  ///
  /// - Parameters:
  ///   - margins: log-odds, n finite values, any order.
  ///   - targets: n values in [0, 1]; 1 means climb.
  ///   - weights: n finite values of at least 0; nil weighs every row 1.
  /// - Returns: `.platt(slope:offset:)` with slope > 0.
  /// - Throws: `LearningError.singleClass` if no target exceeds ½ or none falls short of it;
  ///   `.decreasingCalibration` if the best slope is not positive; `.countMismatch`, `.nonFiniteMargin`,
  ///   `.targetOutOfRange` or `.invalidWeight` for malformed columns.
  /// - Complexity: O(n) per iteration.
  public func fit(
    margins: [Double], targets: [Double], weights: [Double]? = nil
  ) throws(LearningError) -> Fitted<CalibrationMap> {
    let problem = try PlattProblem(margins: margins, targets: targets, weights: weights)
    // One margin for all rows says nothing about a slope; only rounding would choose one.
    if problem.isConstant { throw .decreasingCalibration(slope: 0) }
    var point = problem.start
    var state = problem.derivatives(at: point)
    var iterations = 0
    let limit = tolerance * problem.totalWeight
    while state.largestGradient > limit && iterations < maximumIterations {
      iterations += 1
      let (step, slope) = state.newtonStep
      var size = 1.0
      var accepted = false
      while size >= 1e-10 {
        let next = PlattProblem.Point(
          slope: point.slope + size * step.slope, offset: point.offset + size * step.offset)
        let nextState = problem.derivatives(at: next)
        if nextState.value <= state.value + 1e-4 * size * slope + 1e-14 * state.value {
          (point, state, accepted) = (next, nextState, true)
          break
        }
        size /= 2
      }
      if !accepted { break }
    }
    guard point.slope > 0 else { throw .decreasingCalibration(slope: point.slope) }
    let converged = state.largestGradient <= limit
    let report = FitReport(
      solver: "platt-newton", iterations: iterations, converged: converged,
      gradientNorm: state.largestGradient / problem.totalWeight, tolerance: tolerance,
      objective: state.value, rows: problem.rows, positives: problem.positives,
      remedies: converged
        ? [] : ["calibration did not converge: use more calibration rows or rescale the margins"])
    return Fitted(model: .platt(slope: point.slope, offset: point.offset), report: report)
  }
}

/// Margins with smoothed targets, and the derivatives of their cross-entropy.
struct PlattProblem {
  /// A candidate map.
  struct Point {
    var slope: Double
    var offset: Double
  }

  private let margins: [Double]
  private let targets: [Double]
  private let weights: [Double]
  let start: Point
  let totalWeight: Double
  let rows: Int
  let positives: Int
  /// Whether all rows of positive weight have the same margin.
  let isConstant: Bool

  init(margins: [Double], targets: [Double], weights: [Double]?) throws(LearningError) {
    let columns = try CalibrationColumns(margins: margins, targets: targets, weights: weights)
    self.margins = columns.margins
    self.weights = columns.weights
    self.targets = columns.smoothedTargets
    totalWeight = columns.totalWeight
    rows = columns.count
    positives = columns.positives
    isConstant = columns.isConstant
    start = Point(
      slope: 0, offset: logOfRatio(columns.positiveWeight + 1, columns.negativeWeight + 1))
  }

  /// Value, gradient and Hessian of the cross-entropy at a map.
  struct Derivatives {
    var value = 0.0
    var bySlope = 0.0
    var byOffset = 0.0
    var slopeSlope = 1e-12  // Lin, Lin & Weng's ridge: the Hessian stays positive definite
    var slopeOffset = 0.0
    var offsetOffset = 1e-12

    var largestGradient: Double { max(abs(bySlope), abs(byOffset)) }

    /// −H⁻¹g, and its product with g.
    var newtonStep: (Point, slope: Double) {
      let determinant = slopeSlope * offsetOffset - slopeOffset * slopeOffset
      // Margins that differ by rounding only make H singular; then along the offset alone.
      guard determinant > 1e-14 * slopeSlope * offsetOffset else {
        let step = Point(slope: 0, offset: -byOffset / offsetOffset)
        return (step, step.offset * byOffset)
      }
      let step = Point(
        slope: -(offsetOffset * bySlope - slopeOffset * byOffset) / determinant,
        offset: -(slopeSlope * byOffset - slopeOffset * bySlope) / determinant)
      return (step, step.slope * bySlope + step.offset * byOffset)
    }
  }

  func derivatives(at point: Point) -> Derivatives {
    var d = Derivatives()
    for i in margins.indices {
      let x = margins[i]
      let m = point.slope * x + point.offset
      let e = exponential(-abs(m))
      let q = 1 / (1 + e)
      let p = m >= 0 ? q : e * q
      let curvature = weights[i] * e * q * q
      let residual = weights[i] * (p - targets[i])
      d.value += weights[i] * (max(m, 0) + logOnePlus(e) - targets[i] * m)
      d.bySlope += residual * x
      d.byOffset += residual
      d.slopeSlope += curvature * x * x
      d.slopeOffset += curvature * x
      d.offsetOffset += curvature
    }
    return d
  }
}

/// log(1 + e) for 0 ≤ e ≤ 1 as 2 artanh(e / (2 + e)): the argument is at most ⅓, so 17 terms suffice.
func logOnePlus(_ e: Double) -> Double {
  let s = e / (2 + e)
  let square = s * s
  var sum = 0.0
  var k = 33.0
  while k >= 1 {
    sum = sum * square + 1 / k
    k -= 2
  }
  return 2 * s * sum
}

/// log(a / b) for positive a and b, by Halley's method on the runtime's exponential.
private func logOfRatio(_ a: Double, _ b: Double) -> Double {
  var x = 0.0
  // Halley's correction, bounded by ±2 and cubically convergent.
  for _ in 0..<200 {
    let ratio = exponential(-x) * a / b
    let correction = 2 * (ratio - 1) / (ratio + 1)
    x += correction
    if abs(correction) <= 1e-15 * max(1, abs(x)) { break }
  }
  return x
}
