/// The learned parameters of a router, one kind or the other.
public enum RouterModel: Equatable, Sendable {
  /// Logistic-regression heads.
  case linear(LinearModel)
  /// One decision tree per head.
  case tree(TreeModel)

  /// Number of heads: candidates − 1.
  public var headCount: Int {
    switch self {
    case .linear(let model): model.headCount
    case .tree(let model): model.headCount
    }
  }

  /// Margin (log-odds) of `head`.
  public func margin(_ features: borrowing FeatureVector, head: Int) -> Double {
    switch self {
    case .linear(let model): model.margin(features, head: head)
    case .tree(let model): model.margin(features.dense, head: head)
    }
  }
}
