import RiddleRuntime

/// Fits one slope through the origin: p = logistic(margin / T), the temperature scaling of Guo, Pleiss, Sun & Weinberger
/// (2017, arXiv 1706.04599) for log-odds.
///
/// Minimises f(s) = Σ wᵢ [log(1 + e^(s mᵢ)) − tᵢ s mᵢ] over the slope s = 1/T, convex in s, by Newton's method with
/// halved steps. A margin of 0 stays at probability ½, so the map cannot repair a wrong base rate: that is
/// ``PlattScaling``'s offset.
public struct TemperatureScaling: Equatable, Sendable {
  /// Largest derivative per unit of weight that counts as converged.
  public var tolerance = 1e-10
  /// Iterations after which the fit is returned as not converged.
  public var maximumIterations = 100
  /// Whether targets are pulled from 0 and 1 as Platt does. Guo et al. do not; separated rows then have no best slope.
  public var smoothing = CalibrationSmoothing.prior

  /// Default settings.
  public init() {}

  /// Fits a strictly increasing map.
  ///
  /// - Parameters:
  ///   - margins: log-odds, n finite values, any order.
  ///   - targets: n values in [0, 1]; 1 means climb.
  ///   - weights: n finite values of at least 0; nil weighs every row 1.
  /// - Returns: `.platt(slope: 1/T, offset: 0)` with slope > 0.
  /// - Throws: as ``PlattScaling/fit(margins:targets:weights:)``; `.decreasingCalibration` if the best slope is not
  ///   positive.
  /// - Complexity: O(n) per iteration.
  public func fit(
    margins: [Double], targets: [Double], weights: [Double]? = nil
  ) throws(LearningError) -> Fitted<CalibrationMap> {
    let columns = try CalibrationColumns(margins: margins, targets: targets, weights: weights)
    let problem = TemperatureProblem(columns, smoothing: smoothing)
    let limit = tolerance * columns.totalWeight
    var slope = 0.0
    var state = problem.derivatives(at: slope)
    // The loss is convex, so a derivative that is not negative at 0 puts the minimum at or below 0.
    if state.first >= 0 {
      throw .decreasingCalibration(slope: state.second > 0 ? -state.first / state.second : 0)
    }
    var iterations = 0
    while abs(state.first) > limit && iterations < maximumIterations {
      iterations += 1
      // The ridge only matters where every margin is so large that all curvature has vanished.
      let step = -state.first / (state.second + 1e-12)
      var size = 1.0
      var accepted = false
      while size >= 1e-10 {
        let next = slope + size * step
        let nextState = problem.derivatives(at: next)
        if nextState.value <= state.value + 1e-4 * size * step * state.first + 1e-14 * state.value {
          (slope, state, accepted) = (next, nextState, true)
          break
        }
        size /= 2
      }
      if !accepted { break }
    }
    guard slope > 0 else { throw .decreasingCalibration(slope: slope) }
    let converged = abs(state.first) <= limit
    let report = FitReport(
      solver: "temperature-newton", iterations: iterations, converged: converged,
      gradientNorm: abs(state.first) / columns.totalWeight, tolerance: tolerance,
      objective: state.value, rows: columns.count, positives: columns.positives,
      remedies: converged
        ? [] : ["calibration did not converge: use more calibration rows or rescale the margins"])
    return Fitted(model: .platt(slope: slope, offset: 0), report: report)
  }
}

/// The cross-entropy as a function of the slope, and its derivatives.
struct TemperatureProblem {
  private let margins: [Double]
  private let targets: [Double]
  private let weights: [Double]

  init(_ columns: CalibrationColumns, smoothing: CalibrationSmoothing) {
    margins = columns.margins
    targets = smoothing == .prior ? columns.smoothedTargets : columns.targets
    weights = columns.weights
  }

  func derivatives(at slope: Double) -> (value: Double, first: Double, second: Double) {
    var (value, first, second) = (0.0, 0.0, 0.0)
    for i in margins.indices {
      let x = margins[i]
      let m = slope * x
      let e = exponential(-abs(m))
      let q = 1 / (1 + e)
      let p = m >= 0 ? q : e * q
      value += weights[i] * (max(m, 0) + logOnePlus(e) - targets[i] * m)
      first += weights[i] * (p - targets[i]) * x
      second += weights[i] * e * q * q * x * x
    }
    return (value, first, second)
  }
}
