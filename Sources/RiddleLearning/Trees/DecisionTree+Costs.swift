import Glibc

extension DecisionTree {
  /// Impurity of a node with share p of positives.
  public enum Criterion: String, Equatable, Sendable, Codable {
    /// 2p(1 − p).
    case gini
    /// −p log₂ p − (1 − p) log₂ (1 − p), in bits.
    case entropy
  }

  /// Factors on the weights of the two classes.
  public struct ClassWeights: Equatable, Sendable, Codable {
    /// Factor of rows with target 1, above 0.
    public var positive: Double
    /// Factor of rows with target 0, above 0.
    public var negative: Double

    /// Factors; a row with a soft target t weighs t · positive + (1 − t) · negative.
    public init(positive: Double = 1, negative: Double = 1) {
      self.positive = positive
      self.negative = negative
    }
  }

  /// The margin from which 1 is the cheaper answer.
  var answerThreshold: Double { errorCosts?.bayesMargin ?? 0 }

  /// Factors of the classes' weights while a tree grows.
  ///
  /// With two classes, costs act like other class shares: growing with weights multiplied by the cost of getting
  /// a row wrong is growing with the altered priors π′(j) ∝ C(j) π(j) (Breiman et al., 1984, §4.4).
  var alteredPriors: (positive: Double, negative: Double) {
    guard let share = errorCosts?.bayesThreshold else { return (1, 1) }
    return (2 * (1 - share), 2 * share)
  }
}

extension ErrorCosts {
  /// Bayes' rule as log-odds: answering 1 is the cheaper error from log(overspend / failure) on.
  public var bayesMargin: Double { log(overspend) - log(failure) }
}
