import Glibc
import RiddleLinearAlgebra
import RiddleRuntime

/// A binary decision tree on dense features (CART: Breiman, Friedman, Olshen & Stone, 1984).
///
/// Splits maximise the fall in weighted impurity over histograms of at most 255 bins; a split must reduce
/// impurity, unlike in implementations that also take useless ones. Ties go to the lowest feature, then the
/// lowest threshold. Leaves hold the log-odds of their rows, smoothed towards the share of all rows.
///
/// *Missing values* (NaN) go right at every cut, because `x <= threshold` is false for them. A column in which
/// some value is missing offers one more cut, at the largest finite `Float`, which parts present from missing;
/// the search takes whatever lowers impurity most. Routing missing values left with the small ones takes two
/// nodes: that cut first, then one among the present. A column without missing values in training sends those
/// that come later right.
///
/// *Categories* arrive as one column each with two values; the only cut lies halfway, so a split asks "is it this
/// one?", and a group of categories is a chain of such questions.
public struct DecisionTree: Estimator, Equatable {
  /// Longest path from root to leaf, 1 to 30 splits.
  public var maximumDepth = 6
  /// Smallest total weight of a leaf's rows.
  public var minimumLeafWeight = 20.0
  /// Bins a feature is cut into, 2 to 255.
  public var maximumBins = 255
  /// α: a subtree must lower the weighted impurity share by more than this per extra leaf.
  public var costComplexity = 0.0
  /// What a split must lower.
  public var criterion = Criterion.gini
  /// What rows of either class weigh, on top of their own weight. They change splits and leaves: probabilities
  /// become those of the reweighted data.
  public var classWeights = ClassWeights()
  /// What wrong answers cost; nil when both cost the same. They change which splits are made, but leaves keep
  /// reporting the probabilities of the data: decide at ``ErrorCosts/bayesMargin``.
  public var errorCosts: ErrorCosts?
  /// m: leaves estimate (positive + m · share) / (weight + m), so that log-odds are finite. Above 0.
  public var smoothing = 2.0

  /// Default settings.
  public init() {}

  /// How held-out rows judge a pruned tree.
  public enum PruningLoss: String, Equatable, Sendable, Codable {
    /// Mean log loss of the smoothed leaves.
    case logLoss
    /// Mean cost of deciding at ``ErrorCosts/bayesMargin``: with equal costs the weighted share of rows on the
    /// wrong side of ½.
    case error
  }

  /// Fits a tree and prunes it at ``costComplexity``.
  ///
  /// Hashed features are not used.
  /// - Throws: `LearningError.tooFewRows`, `.singleClass`, or `.invalidSetting`.
  /// - Complexity: O(n d) per level after O(n d) for binning.
  public func fit(_ data: TrainingSet) throws(LearningError) -> Fitted<TreeModel> {
    let grown = try Growth(data, settings: self)
    return grown.fitted(data, at: costComplexity, settings: self)
  }

  /// Fits a tree and chooses its cost complexity on held-out folds.
  ///
  /// Candidates are the geometric means of neighbouring α of the whole data's pruning sequence, so each stands
  /// for one subtree; ties go to the smaller tree.
  ///
  /// - Throws: as ``fit(_:)``, and `.fold` when a fold cannot be grown.
  public func fit(
    _ data: TrainingSet, folds: CrossValidation, loss: PruningLoss = .logLoss,
    rule: SelectionRule = .oneStandardError
  ) throws(LearningError) -> (fitted: Fitted<TreeModel>, selection: PruningSelection) {
    let grown = try Growth(data, settings: self)
    let steps = grown.sequence.steps
    // Largest alpha, hence smallest tree, first.
    let alphas = steps.indices.reversed().map { i in
      i + 1 < steps.count ? (steps[i].alpha * steps[i + 1].alpha).squareRoot() : steps[i].alpha
    }
    let settings = self
    let folded = try folds.map(data) {
      (training, heldOut) throws(LearningError) -> [(loss: Double, weight: Double)] in
      let grown = try Growth(training, settings: settings)
      return alphas.map { alpha in
        let tree = grown.fitted(training, at: alpha, settings: settings).model
        return settings.heldOutLoss(tree, heldOut, loss)
      }
    }
    let losses = alphas.indices.map { i in
      FoldedLoss(sums: folded.map { $0[i].loss }, weights: folded.map { $0[i].weight })
    }
    let chosen = rule.pick(losses)
    let points = alphas.indices.map { i in
      PruningSelection.Point(
        costComplexity: alphas[i], leafCount: grown.sequence.step(at: alphas[i]).leafCount,
        loss: losses[i])
    }
    return (
      grown.fitted(data, at: alphas[chosen], settings: self),
      PruningSelection(points: points, chosen: chosen)
    )
  }

  func validate() throws(LearningError) {
    if !(1...30).contains(maximumDepth) {
      throw .invalidSetting(
        name: "maximumDepth", value: Double(maximumDepth), expected: "1 to 30")
    }
    if !(2...255).contains(maximumBins) {
      throw .invalidSetting(name: "maximumBins", value: Double(maximumBins), expected: "2 to 255")
    }
    for (name, value) in [
      ("minimumLeafWeight", minimumLeafWeight), ("costComplexity", costComplexity),
    ] where !(value >= 0 && value.isFinite) {
      throw .invalidSetting(name: name, value: value, expected: "a finite number of at least 0")
    }
    for (name, value) in [
      ("classWeights.positive", classWeights.positive),
      ("classWeights.negative", classWeights.negative),
    ] where !(value > 0 && value.isFinite) {
      throw .invalidSetting(name: name, value: value, expected: "a finite number above 0")
    }
    if !(smoothing > 0 && smoothing.isFinite) {
      throw .invalidSetting(
        name: "smoothing", value: smoothing, expected: "a finite number above 0")
    }
  }

  private func heldOutLoss(
    _ tree: TreeModel, _ data: TrainingSet, _ loss: PruningLoss
  ) -> (loss: Double, weight: Double) {
    let d = data.dense.columnCount
    var sum = (loss: 0.0, weight: 0.0)
    var features = [Float](repeating: 0, count: d)
    for i in data.targets.indices {
      for j in 0..<d { features[j] = Float(data.dense.values[i * d + j]) }
      let margin = tree.margin(features, head: 0)
      sum.weight += data.weights[i]
      switch loss {
      case .logLoss:
        sum.loss += data.weights[i] * LogisticLoss.value(margin: margin, target: data.targets[i])
      case .error:
        let cost =
          margin >= answerThreshold
          ? (1 - data.targets[i]) * (errorCosts?.overspend ?? 1)
          : data.targets[i] * (errorCosts?.failure ?? 1)
        sum.loss += data.weights[i] * cost
      }
    }
    return sum
  }
}

/// What pruning tried and what won.
public struct PruningSelection: Equatable, Sendable, Codable {
  /// One cost complexity and its held-out loss.
  public struct Point: Equatable, Sendable, Codable {
    /// α.
    public var costComplexity: Double
    /// Leaves of the whole data's tree at α.
    public var leafCount: Int
    /// Held-out loss.
    public var loss: FoldedLoss
  }
  /// Candidates, smallest tree first.
  public var points: [Point]
  /// Index of the winner in ``points``.
  public var chosen: Int
  /// The winning α.
  public var costComplexity: Double { points[chosen].costComplexity }
}

/// A grown tree with its pruning sequence.
private struct Growth: Sendable {
  let tree: GrownTree
  let sequence: PruningSequence

  init(_ data: TrainingSet, settings: DecisionTree) throws(LearningError) {
    try settings.validate()
    try data.requireBothClasses()
    if data.dense.columnCount == 0 {
      throw .invalidSetting(name: "dense feature count", value: 0, expected: "at least 1")
    }
    if data.dense.columnCount > 1 << 16 {
      throw .invalidSetting(
        name: "dense feature count", value: Double(data.dense.columnCount),
        expected: "at most 65536")
    }
    tree = GrownTree(data, settings: settings)
    sequence = PruningSequence(tree)
  }

  /// The tree pruned at `alpha`, in breadth-first order.
  func fitted(
    _ data: TrainingSet, at alpha: Double, settings: DecisionTree
  ) -> Fitted<TreeModel> {
    let step = sequence.step(at: alpha)
    let all = tree.nodes[0].reported
    let weight = tree.nodes[0].sums.total
    var nodes: [TreeModel.Node] = []
    var queue = [0]
    var impurity = 0.0
    var next = 0
    while next < queue.count {
      let node = tree.nodes[queue[next]]
      let value = Self.logOdds(node.reported, share: all.positive / all.total, settings.smoothing)
      if step.collapsed[queue[next]] {
        impurity += node.sums.impurity(tree.criterion) / weight
        nodes.append(.init(feature: 0, threshold: 0, left: 0, right: 0, value: value))
      } else {
        nodes.append(
          .init(
            feature: UInt16(node.feature), threshold: node.threshold,
            left: UInt32(queue.count), right: UInt32(queue.count + 1), value: value))
        queue.append(node.left)
        queue.append(node.right)
      }
      next += 1
    }
    let usable = data.usableRows
    let report = FitReport(
      solver: "cart-histogram", iterations: (nodes.count - 1) / 2, converged: true,
      gradientNorm: 0, tolerance: 0, objective: impurity + alpha * Double(step.leafCount),
      rows: usable.count, positives: usable.positives,
      remedies: nodes.count > 1
        ? [] : ["the tree is a single leaf: lower costComplexity or minimumLeafWeight"])
    return Fitted(model: TreeModel(nodes: nodes, roots: [0]), report: report)
  }

  private static func logOdds(
    _ sums: ClassWeightSums, share: Double, _ smoothing: Double
  ) -> Float {
    let positive = sums.positive + smoothing * share
    let negative = (sums.total - sums.positive) + smoothing * (1 - share)
    return Float(log(positive / negative))
  }
}
