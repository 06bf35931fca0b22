/// A strictly increasing map from a margin (log-odds) to a probability.
public enum CalibrationMap: Equatable, Sendable {
  /// p = logistic(margin).
  case identity
  /// p = logistic(slope · margin + offset), slope > 0 (Platt, 1999).
  case platt(slope: Double, offset: Double)

  /// Calibrated probability of `margin`.
  public func probability(ofMargin margin: Double) -> Double {
    switch self {
    case .identity: logistic(margin)
    case .platt(let slope, let offset): logistic(slope * margin + offset)
    }
  }
}
