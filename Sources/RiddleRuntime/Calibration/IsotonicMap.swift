/// A monotone map from margins to probabilities through knots: linear between two knots, constant beyond the ends.
public struct IsotonicMap: Equatable, Sendable {
  /// Margins of the knots, strictly increasing; at least one.
  public let margins: [Double]
  /// Probabilities at the knots, non-decreasing, in [0, 1].
  public let probabilities: [Double]

  /// A map through knots that obey the rules above.
  public init(margins: [Double], probabilities: [Double]) {
    self.margins = margins
    self.probabilities = probabilities
  }

  /// Whether the knots obey the rules above.
  public var isWellFormed: Bool {
    if margins.isEmpty || margins.count != probabilities.count { return false }
    for i in 0..<margins.count {
      if !(probabilities[i] >= 0 && probabilities[i] <= 1) { return false }
      if i > 0 && !(margins[i] > margins[i - 1] && probabilities[i] >= probabilities[i - 1]) {
        return false
      }
    }
    return true
  }

  /// Calibrated probability of `margin`.
  public func probability(ofMargin margin: Double) -> Double {
    let last = margins.count - 1
    if !(margin > margins[0]) { return probabilities[0] }
    if margin >= margins[last] { return probabilities[last] }
    var low = 0  // margins[low] < margin
    var high = last  // margin < margins[high]
    while high - low > 1 {
      let middle = (low + high) / 2
      if margins[middle] <= margin { low = middle } else { high = middle }
    }
    let share = (margin - margins[low]) / (margins[high] - margins[low])
    return probabilities[low] + share * (probabilities[high] - probabilities[low])
  }
}
