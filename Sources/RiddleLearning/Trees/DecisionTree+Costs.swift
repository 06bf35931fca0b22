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

  /// What either kind of wrong answer costs, in any one unit.
  ///
  /// With two classes, costs act like other class shares: growing with weights multiplied by the cost of getting
  /// a row wrong is growing with the altered priors π′(j) ∝ C(j) π(j) (Breiman et al., 1984, §4.4).
  public struct ErrorCosts: Equatable, Sendable, Codable {
    /// Cost of answering 1 when 0 was right: paying for the strong candidate in vain. Above 0.
    public var falsePositive: Double
    /// Cost of answering 0 when 1 was right: a bad answer. Above 0.
    public var falseNegative: Double

    /// Costs; equal by default.
    public init(falsePositive: Double = 1, falseNegative: Double = 1) {
      self.falsePositive = falsePositive
      self.falseNegative = falseNegative
    }

    /// Bayes' rule: answer 1 from this margin on, log(falsePositive / falseNegative). There the probability is
    /// falsePositive / (falsePositive + falseNegative), and both answers cost the same.
    public var threshold: Double { log(falsePositive / falseNegative) }

    /// Factors of the classes' weights with mean 1.
    var altered: (positive: Double, negative: Double) {
      let sum = falsePositive + falseNegative
      return (2 * falseNegative / sum, 2 * falsePositive / sum)
    }
  }
}
