import RiddleRuntime

/// One tree of a boosted forest, grown leaf by leaf.
struct BoostedTree: Sendable {
  /// Children stand after their parent; the root is 0. Every node holds the value it would have as a leaf.
  private(set) var nodes: [TreeModel.Node] = []
  /// Last bin that goes left, by node; what ``TreeModel/Node/threshold`` is to values.
  private var lastBins: [UInt8] = []
  /// Leaves, and their rows' places in the grower's order.
  private(set) var leaves: [(node: Int, range: Range<Int>)] = []

  private struct Open: Sendable {
    var node: TreeGrower<GradientScore>.Node
    var index: Int
    var depth: Int
  }

  /// Splits the open leaf that gains most, until there are enough leaves or none gains; ties go to the older leaf.
  init(
    _ grower: inout TreeGrower<GradientScore>, rows: [UInt32], features: [Bool],
    settings: GradientBoosting
  ) {
    let root = grower.root(rows: rows, features: features)
    var open = [Open(node: root, index: 0, depth: 0)]
    append(root.sums, grower.score, settings)
    while open.count + leaves.count < settings.maximumLeaves {
      var chosen: Int?
      var gain = settings.minimumGain
      for (i, leaf) in open.enumerated() {
        if let split = leaf.node.split, split.gain > gain { (chosen, gain) = (i, split.gain) }
      }
      guard let chosen, let split = open[chosen].node.split else { break }
      let parent = open[chosen]
      let isLast =
        open.count + leaves.count + 1 >= settings.maximumLeaves
        || parent.depth + 1 >= settings.maximumDepth
      let (left, right) = grower.split(parent.node, isLast: isLast)
      nodes[parent.index].feature = UInt16(split.feature)
      nodes[parent.index].threshold = grower.bins.cuts[split.feature][split.bin]
      nodes[parent.index].left = UInt32(nodes.count)
      nodes[parent.index].right = UInt32(nodes.count + 1)
      lastBins[parent.index] = UInt8(split.bin)
      open[chosen] = Open(node: left, index: nodes.count, depth: parent.depth + 1)
      open.append(Open(node: right, index: nodes.count + 1, depth: parent.depth + 1))
      append(left.sums, grower.score, settings)
      append(right.sums, grower.score, settings)
    }
    for leaf in open { leaves.append((leaf.index, leaf.node.range)) }
  }

  private mutating func append(
    _ sums: FixedPair, _ score: GradientScore, _ settings: GradientBoosting
  ) {
    nodes.append(
      TreeModel.Node(
        feature: 0, threshold: 0, left: 0, right: 0,
        value: Float(settings.learningRate * score.step(sums))))
    lastBins.append(0)
  }

  /// Value of the leaf that the features from `start` on reach.
  func value(_ features: [Float], from start: Int) -> Double {
    var index = 0
    while !nodes[index].isLeaf {
      let node = nodes[index]
      let x = features[start + Int(node.feature)]
      index = Int(x <= node.threshold ? node.left : node.right)
    }
    return Double(nodes[index].value)
  }

  /// Value of the leaf that a binned row reaches.
  func value(ofRow row: Int, _ bins: FeatureBins) -> Double {
    var index = 0
    while !nodes[index].isLeaf {
      let node = nodes[index]
      let code = bins.codes[Int(node.feature) * bins.rowCount + row]
      index = Int(code <= lastBins[index] ? node.left : node.right)
    }
    return Double(nodes[index].value)
  }
}
