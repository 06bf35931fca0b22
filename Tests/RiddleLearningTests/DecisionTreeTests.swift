import Glibc
import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime
import RiddleTestSupport
import Testing

@Suite struct DecisionTreeTests {
  static func data(_ golden: LearningGolden.Tree) throws -> TrainingSet {
    try TrainingSet(dense: matrix(golden.x), targets: golden.y, weights: golden.weights)
  }

  static func estimator(_ golden: LearningGolden.Tree) -> DecisionTree {
    var estimator = DecisionTree()
    estimator.maximumDepth = golden.depth
    estimator.minimumLeafWeight = golden.leafWeight
    return estimator
  }

  /// scikit-learn also takes splits that gain nothing; pruning at 0 removes them from its tree, as here.
  @Test(arguments: [0, 1]) func `splits agree with scikit-learn`(index: Int) throws {
    let golden = try LearningGolden.load().trees[index]
    let data = try Self.data(golden)
    let tree = try Self.estimator(golden).fit(data).model
    Self.expectSameSplits(tree, golden)
  }

  /// The same nodes, rows and smoothed log-odds as `golden`'s tree.
  static func expectSameSplits(
    _ tree: TreeModel, _ golden: LearningGolden.Tree,
    factors: DecisionTree.ClassWeights = .init()
  ) {
    let each = zip(golden.y, golden.weights).map {
      $1 * ($0 > 0 ? factors.positive : factors.negative)
    }
    let share = zip(golden.y, each).reduce(0) { $0 + $1.0 * $1.1 } / each.reduce(0, +)
    var visited = 0
    func compare(_ ours: Int, _ theirs: Int, _ rows: [Int]) {
      visited += 1
      let node = tree.nodes[ours]
      let (n, p) = (golden.weight[theirs], golden.positive[theirs])
      expectClose(
        Double(node.value), log((n * p + 2 * share) / (n * (1 - p) + 2 * (1 - share))),
        tolerance: 1e-5)
      #expect(node.isLeaf == (golden.left[theirs] < 0))
      if node.isLeaf || golden.left[theirs] < 0 { return }
      #expect(Int(node.feature) == golden.feature[theirs])
      let left = rows.filter { Float(golden.x[$0][Int(node.feature)]) <= node.threshold }
      #expect(
        left == rows.filter { golden.x[$0][golden.feature[theirs]] <= golden.threshold[theirs] })
      let right = rows.filter { !left.contains($0) }
      compare(Int(node.left), golden.left[theirs], left)
      compare(Int(node.right), golden.right[theirs], right)
    }
    compare(0, 0, Array(golden.y.indices))
    #expect(visited == tree.nodes.count && visited == golden.feature.count)
  }

  @Test(arguments: [0, 1]) func `pruning agrees with scikit-learn`(index: Int) throws {
    let golden = try LearningGolden.load().trees[index]
    let data = try Self.data(golden)
    var estimator = Self.estimator(golden)
    for i in golden.alphas.indices {
      let next = i + 1 < golden.alphas.count ? golden.alphas[i + 1] : golden.alphas[i] * 2
      estimator.costComplexity = (golden.alphas[i] + next) / 2
      let fitted = try estimator.fit(data)
      let leaves = fitted.model.nodes.filter(\.isLeaf).count
      #expect(leaves == golden.leaves[i])
      let impurity = fitted.report.objective - estimator.costComplexity * Double(leaves)
      expectClose(impurity, golden.impurities[i], tolerance: 1e-12)
    }
  }

  @Test func `it behaves as an estimator must`() throws {
    let data = try sample(51, rows: 300, weighted: true)
    try checkEstimator(DecisionTree(), on: data) { #expect(near($0, $1)) }
  }

  /// Equal structure; leaf values are single floats whose sums may have been added in another order.
  func near(_ a: TreeModel, _ b: TreeModel) -> Bool {
    a.roots == b.roots && a.nodes.count == b.nodes.count
      && zip(a.nodes, b.nodes).allSatisfy { x, y in
        x.feature == y.feature && x.threshold == y.threshold && x.left == y.left
          && x.right == y.right && abs(x.value - y.value) <= 1e-6 * max(1, abs(x.value))
      }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
  func `nodes stand in breadth-first order, are finite and respect the limits`(seed: UInt64) throws
  {
    let data = try sample(seed, rows: 500, columns: 6)
    var estimator = DecisionTree()
    estimator.maximumDepth = 4
    estimator.minimumLeafWeight = 15
    let tree = try estimator.fit(data).model
    var depth = [Int](repeating: 0, count: tree.nodes.count)
    var lastChild = 0
    for (i, node) in tree.nodes.enumerated() {
      #expect(node.value.isFinite && node.threshold.isFinite)
      if node.isLeaf {
        #expect(node.right == 0 && node.feature == 0)
        continue
      }
      #expect(Int(node.left) == lastChild + 1 && node.right == node.left + 1)
      #expect(Int(node.left) > i)
      lastChild = Int(node.right)
      depth[Int(node.left)] = depth[i] + 1
      depth[Int(node.right)] = depth[i] + 1
    }
    #expect((depth.max() ?? 0) <= 4)
    var count = [Double](repeating: 0, count: tree.nodes.count)
    for i in 0..<data.count {
      var index = 0
      while !tree.nodes[index].isLeaf {
        let node = tree.nodes[index]
        let x = Float(data.dense[i, Int(node.feature)])
        index = Int(x <= node.threshold ? node.left : node.right)
      }
      count[index] += 1
    }
    for (i, node) in tree.nodes.enumerated() where node.isLeaf { #expect(count[i] >= 15) }
  }

  @Test func `the margin of a pure leaf is finite and leans to the prior`() throws {
    let data = try TrainingSet(
      dense: matrix((0..<40).map { [Double($0)] }), targets: (0..<40).map { $0 < 10 ? 1 : 0 })
    var estimator = DecisionTree()
    estimator.minimumLeafWeight = 1
    let tree = try estimator.fit(data).model
    #expect(tree.nodes.count == 3 && tree.nodes[0].threshold == 9.5)
    expectClose(Double(tree.nodes[1].value), log(10.5 / 1.5), tolerance: 1e-6)
    expectClose(Double(tree.nodes[2].value), log(0.5 / 31.5), tolerance: 1e-6)
    expectClose(Double(tree.nodes[0].value), log(0.25 / 0.75), tolerance: 1e-6)
  }

  @Test func `equal gains go to the lowest feature, then the lowest threshold`() throws {
    // Columns 0 and 2 are copies; cuts 0.5 and 1.5 of column 0 gain the same.
    let x = [[0.0, 5, 0], [1, 5, 1], [1, 5, 1], [2, 5, 2]]
    let data = try TrainingSet(dense: matrix(x), targets: [1, 0, 0, 1])
    var estimator = DecisionTree()
    estimator.minimumLeafWeight = 1
    estimator.maximumDepth = 1
    let tree = try estimator.fit(data).model
    #expect(tree.nodes[0].feature == 0 && tree.nodes[0].threshold == 0.5)
  }

  @Test func `flipped labels negate every leaf`() throws {
    let data = try sample(53, rows: 300)
    let tree = try DecisionTree().fit(data).model
    let flipped = try DecisionTree().fit(
      replacing(data, targets: data.targets.map { 1 - $0 })
    ).model
    #expect(tree.nodes.map(\.feature) == flipped.nodes.map(\.feature))
    for (a, b) in zip(tree.nodes, flipped.nodes) {
      expectClose(Double(a.value), -Double(b.value), tolerance: 1e-6)
    }
  }

  @Test func `noise is pruned to a single leaf and structure is kept`() throws {
    var generator = SplitMix64(seed: 9)
    let x = (0..<600).map { _ in (0..<4).map { _ in Double(generator.below(30)) } }
    let noise = try TrainingSet(
      dense: matrix(x), targets: (0..<600).map { _ in Double(generator.below(2)) })
    let folds = try CrossValidation(rowCount: 600, foldCount: 5, seed: 3)
    let pruned = try DecisionTree().fit(noise, folds: folds)
    #expect(pruned.fitted.model.nodes.count == 1)
    #expect(pruned.fitted.report.remedies.count == 1)
    let signal = try TrainingSet(
      dense: matrix(x), targets: x.map { $0[2] > 14 ? (generator.unit() < 0.9 ? 1 : 0) : 0 })
    for loss in [DecisionTree.PruningLoss.logLoss, .error] {
      for rule in [SelectionRule.minimum, .oneStandardError] {
        let kept = try DecisionTree().fit(signal, folds: folds, loss: loss, rule: rule)
        #expect(kept.fitted.model.nodes.count >= 3)
        #expect(kept.fitted.model.nodes[0].feature == 2)
        #expect(
          kept.fitted.model.nodes[0].threshold == 14.5)
        let selection = kept.selection
        #expect(
          selection.points[selection.chosen].leafCount
            == kept.fitted.model.nodes.filter(\.isLeaf).count)
        #expect(selection.points.first?.leafCount == 1)
      }
    }
  }

  @Test func `settings out of range are named`() throws {
    let data = try sample(55)
    func expectInvalid(_ name: String, _ change: (inout DecisionTree) -> Void) {
      var estimator = DecisionTree()
      change(&estimator)
      #expect {
        try estimator.fit(data)
      } throws: { error in
        guard case LearningError.invalidSetting(let found, _, _)? = error as? LearningError
        else { return false }
        return found == name
      }
    }
    expectInvalid("maximumDepth") { $0.maximumDepth = 0 }
    expectInvalid("maximumBins") { $0.maximumBins = 256 }
    expectInvalid("minimumLeafWeight") { $0.minimumLeafWeight = .nan }
    expectInvalid("costComplexity") { $0.costComplexity = -1 }
    expectInvalid("smoothing") { $0.smoothing = 0 }
  }

  @Test func `heads' trees joined in one model keep their margins`() throws {
    let trees = try (0..<3).map { try DecisionTree().fit(sample(UInt64($0 + 70), rows: 300)).model }
    let joined = TreeModel(heads: trees)
    #expect(joined.headCount == 3)
    #expect(joined.nodes.count == trees.reduce(0) { $0 + $1.nodes.count })
    let data = try sample(80, rows: 50)
    for i in 0..<50 {
      let x = data.dense.row(i).map { Float($0) }
      for head in 0..<3 {
        #expect(joined.margin(x, head: head) == trees[head].margin(x, head: 0))
      }
    }
  }
}
