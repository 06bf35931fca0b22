import RiddleLinearAlgebra

/// A tree as it was grown, with what pruning needs: sums of training rows at every node.
struct GrownTree: Sendable {
  struct Node: Sendable {
    /// Weights as the tree was grown: times class weights and, with costs, times the cost of a wrong answer.
    var sums: ClassWeightSums
    /// Weights as leaves report them: without costs.
    var reported: ClassWeightSums
    var feature = 0
    var threshold: Float = 0
    /// Children, or 0 at a leaf.
    var left = 0
    var right = 0
  }

  /// Children stand at higher indices than their parent; the root is 0.
  private(set) var nodes: [Node] = []
  /// Impurity that was lowered.
  let criterion: DecisionTree.Criterion

  /// Grows greedily, deepest first, so that few histograms are alive at a time.
  init(_ data: TrainingSet, settings: DecisionTree) {
    criterion = settings.criterion
    let bins = FeatureBins(data, maximumBins: settings.maximumBins)
    let priors = settings.alteredPriors
    var rows: [UInt32] = []
    var grown: [ClassWeightSums] = []
    var reported: [ClassWeightSums] = []
    for i in data.targets.indices {
      let positive = data.weights[i] * data.targets[i] * settings.classWeights.positive
      let negative = data.weights[i] * (1 - data.targets[i]) * settings.classWeights.negative
      reported.append(ClassWeightSums(total: positive + negative, positive: positive))
      grown.append(
        ClassWeightSums(
          total: positive * priors.positive + negative * priors.negative,
          positive: positive * priors.positive))
      if grown[i].total > 0 { rows.append(UInt32(i)) }
    }
    let grownSums = ClassSums(grown)
    let reportedSums = ClassSums(reported)
    let isAltered = priors != (1, 1)
    let score = ImpurityScore(
      criterion: settings.criterion, scale: grownSums.scale,
      minimumLeaf: grownSums.steps(settings.minimumLeafWeight))
    var grower = TreeGrower(bins, score: score)
    func node(_ open: TreeGrower<ImpurityScore>.Node, _ grower: TreeGrower<ImpurityScore>) -> Node {
      let sums = grownSums.sums(open.sums)
      if !isAltered { return Node(sums: sums, reported: sums) }
      return Node(sums: sums, reported: reportedSums.sums(of: grower.rows(open)))
    }
    grower.update { rows, values in
      for (k, i) in rows.enumerated() { values[k] = grownSums.values[i] }
    }
    let root = grower.root(
      rows: rows, features: [Bool](repeating: true, count: bins.featureCount))
    nodes.append(node(root, grower))
    var open = [(node: root, index: 0, depth: 0)]
    while let (next, index, depth) = open.popLast() {
      guard let split = next.split else { continue }
      let (left, right) = grower.split(next, isLast: depth + 1 >= settings.maximumDepth)
      nodes[index].feature = split.feature
      nodes[index].threshold = bins.cuts[split.feature][split.bin]
      nodes[index].left = nodes.count
      nodes[index].right = nodes.count + 1
      open.append((right, nodes.count + 1, depth + 1))
      open.append((left, nodes.count, depth + 1))
      nodes.append(node(left, grower))
      nodes.append(node(right, grower))
    }
  }
}
