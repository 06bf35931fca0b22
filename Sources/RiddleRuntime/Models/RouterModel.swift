/// The learned parameters of a router, one kind or another.
public enum RouterModel: Equatable, Sendable {
  /// Logistic-regression heads.
  case linear(LinearModel)
  /// One decision tree per head.
  case tree(TreeModel)
  /// A sum of trees per head.
  case forest(ForestModel)
  /// Linear heads and sums of trees over the same features; a head's margin is the sum of both.
  case stack(LinearModel, ForestModel)

  /// Number of heads.
  public var headCount: Int {
    switch self {
    case .linear(let model): model.headCount
    case .tree(let model): model.headCount
    case .forest(let model): model.headCount
    case .stack(let linear, _): linear.headCount
    }
  }

  /// Margin (log-odds) of `head`.
  @_optimize(speed)
  public func margin(_ features: borrowing FeatureVector, head: Int) -> Double {
    let dense = unsafe UnsafePointer(features.memory.dense)
    let count = features.denseCount
    return switch self {
    case .linear(let model): model.margin(features, head: head)
    case .tree(let model): unsafe model.margin(dense, count: count, head: head)
    case .forest(let model): unsafe model.margin(dense, count: count, head: head)
    case .stack(let linear, let forest):
      unsafe linear.margin(features, head: head) + forest.margin(dense, count: count, head: head)
    }
  }
}
