/// A non-decreasing map from a margin (log-odds) to a probability.
public enum CalibrationMap: Equatable, Sendable {
  /// p = logistic(margin).
  case identity
  /// p = logistic(slope · margin + offset), slope > 0 (Platt, 1999). With offset 0: temperature 1 / slope
  /// (Guo et al., 2017).
  case platt(slope: Double, offset: Double)
  /// p by interpolation between knots (Zadrozny & Elkan, 2002).
  case isotonic(IsotonicMap)

  /// Calibrated probability of `margin`.
  public func probability(ofMargin margin: Double) -> Double {
    switch self {
    case .identity: logistic(margin)
    case .platt(let slope, let offset): logistic(slope * margin + offset)
    case .isotonic(let map): map.probability(ofMargin: margin)
    }
  }
}
