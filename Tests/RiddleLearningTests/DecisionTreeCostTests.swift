import Glibc
import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime
import RiddleTestSupport
import Testing

/// Entropy, class weights, error costs, missing values and two-valued columns.
@Suite struct DecisionTreeCostTests {
  static func estimator(_ golden: TreeGolden.Tree) -> DecisionTree {
    var estimator = DecisionTreeTests.estimator(golden.tree)
    estimator.criterion = golden.criterion
    estimator.classWeights = golden.classWeights
    return estimator
  }

  /// Four of six columns are centred indicators of one category, as context fields arrive.
  @Test(arguments: [0, 1, 2])
  func `entropy, class weights and indicator columns split as in scikit-learn`(index: Int) throws {
    let golden = try TreeGolden.load().trees[index]
    let tree = try Self.estimator(golden).fit(DecisionTreeTests.data(golden.tree)).model
    DecisionTreeTests.expectSameSplits(tree, golden.tree, factors: golden.classWeights)
    #expect(tree.nodes.contains { !$0.isLeaf && $0.feature >= 2 }, "no indicator column was used")
  }

  @Test(arguments: [0, 1, 2])
  func `entropy and class weights prune as in scikit-learn`(index: Int) throws {
    let golden = try TreeGolden.load().trees[index]
    let data = try DecisionTreeTests.data(golden.tree)
    var estimator = Self.estimator(golden)
    let alphas = golden.tree.alphas
    for i in alphas.indices {
      let next = i + 1 < alphas.count ? alphas[i + 1] : alphas[i] * 2
      estimator.costComplexity = (alphas[i] + next) / 2
      let fitted = try estimator.fit(data)
      let leaves = fitted.model.nodes.filter(\.isLeaf).count
      #expect(leaves == golden.tree.leaves[i])
      // 10⁻⁹: scikit-learn's impurities are sums of single nodes' rounded entropies.
      expectClose(
        fitted.report.objective - estimator.costComplexity * Double(leaves),
        golden.tree.impurities[i], tolerance: 1e-9)
    }
  }

  @Test func `costs grow the tree that multiplied weights grow, with the data's own probabilities`()
    throws
  {
    let data = try sample(91, rows: 400, weighted: true)
    var costly = DecisionTree()
    costly.errorCosts = try ErrorCosts(failure: 3, overspend: 1)
    costly.minimumLeafWeight = 10
    var weighted = DecisionTree()
    weighted.minimumLeafWeight = 10
    let altered = zip(data.targets, data.weights).map { $1 * ($0 > 0 ? 1.5 : 0.5) }
    let a = try costly.fit(data).model
    let b = try weighted.fit(replacing(data, weights: altered)).model
    #expect(a.nodes.map(\.feature) == b.nodes.map(\.feature))
    #expect(a.nodes.map(\.threshold) == b.nodes.map(\.threshold))
    let plain = try DecisionTree().fit(data).model
    #expect(plain.nodes.map(\.threshold) != a.nodes.map(\.threshold), "costs changed no split")
    #expect(a.nodes[0].value == plain.nodes[0].value)
    #expect(a.nodes[0].value != b.nodes[0].value)
    // Bayes: at the threshold both answers cost the same.
    let p = 1 / (1 + exp(-(costly.errorCosts?.bayesMargin ?? 0)))
    expectClose(p * 3, (1 - p) * 1, tolerance: 1e-12)
  }

  @Test func `costs in another unit change nothing`() throws {
    let data = try sample(92, rows: 400)
    var cents = DecisionTree()
    cents.errorCosts = try ErrorCosts(failure: 400, overspend: 50)
    var dollars = DecisionTree()
    dollars.errorCosts = try ErrorCosts(failure: 4, overspend: 0.5)
    #expect(try cents.fit(data) == dollars.fit(data))
  }

  @Test func `with costs, cross-validated pruning keeps a tree whose decisions cost less`() throws {
    // Positives are rare everywhere, so at equal costs no leaf passes ½ and the error rule prunes all.
    var generator = SplitMix64(seed: 17)
    let x = (0..<2000).map { _ in [Double(generator.below(20)), Double(generator.below(20))] }
    let data = try TrainingSet(
      dense: matrix(x), targets: x.map { generator.unit() < ($0[0] > 12 ? 0.3 : 0.05) ? 1 : 0 })
    let folds = try CrossValidation(rowCount: 2000, foldCount: 5, seed: 4)
    var estimator = DecisionTree()
    let equal = try estimator.fit(data, folds: folds, loss: .error, rule: .minimum)
    #expect(equal.fitted.model.nodes.count == 1)
    estimator.errorCosts = try ErrorCosts(failure: 6, overspend: 1)
    let costly = try estimator.fit(data, folds: folds, loss: .error, rule: .minimum)
    #expect(costly.fitted.model.nodes[0].feature == 0)
    #expect(costly.fitted.model.nodes[0].threshold == 12.5)
  }

  // MARK: missing values

  static func withMissing(_ x: [[Double]], _ y: [Double]) throws -> TrainingSet {
    try TrainingSet(dense: matrix(x), targets: y, allowsMissing: true)
  }

  @Test func `a missing value that tells is parted from the present ones`() throws {
    let x = (0..<100).map { [$0 % 5 == 0 ? Double.nan : Double($0 % 7)] }
    let data = try Self.withMissing(x, (0..<100).map { $0 % 5 == 0 ? 1 : $0 == 1 ? 1 : 0 })
    var estimator = DecisionTree()
    estimator.maximumDepth = 1
    let tree = try estimator.fit(data).model
    #expect(tree.nodes.count == 3 && tree.nodes[0].threshold == .greatestFiniteMagnitude)
    #expect(tree.margin([.nan], head: 0) > 2)
    #expect(tree.margin([6], head: 0) < -2)
    #expect(tree.margin([.infinity], head: 0) > 2, "beyond every finite value is with the missing")
  }

  @Test func `missing values go right where that lowers impurity, and left by a second cut`() throws
  {
    func tree(missingLikeLarge: Bool) throws -> TreeModel {
      let x = (0..<400).map { [$0 % 4 == 0 ? Double.nan : Double($0 % 10)] }
      let y = x.map { row in
        row[0].isNaN ? (missingLikeLarge ? 1.0 : 0) : (row[0] > 4 ? 1.0 : 0)
      }
      var estimator = DecisionTree()
      estimator.maximumDepth = 2
      return try estimator.fit(Self.withMissing(x, y)).model
    }
    let right = try tree(missingLikeLarge: true)
    #expect(right.nodes.count == 3 && right.nodes[0].threshold == 4.5)
    let left = try tree(missingLikeLarge: false)
    #expect(left.nodes.count == 5)
    for (tree, missing) in [(right, true), (left, false)] {
      for (value, isPositive) in [(Float.nan, missing), (2, false), (9, true)] {
        #expect((tree.margin([value], head: 0) > 3) == isPositive)
      }
    }
  }

  @Test func `a column of nothing but missing values is never split`() throws {
    let x = (0..<60).map { [Double.nan, Double($0)] }
    let tree = try DecisionTree().fit(Self.withMissing(x, (0..<60).map { $0 < 30 ? 0 : 1 })).model
    #expect(tree.nodes.count == 3 && tree.nodes[0].feature == 1)
  }

  @Test func `missing values must be allowed, infinities never are, and linear models refuse both`()
    throws
  {
    let x = [[1.0], [.nan], [2], [3]]
    #expect(throws: LearningError.nonFiniteFeature(row: 1, column: 0)) {
      try TrainingSet(dense: matrix(x), targets: [0, 1, 0, 1])
    }
    #expect(throws: LearningError.nonFiniteFeature(row: 0, column: 0)) {
      try TrainingSet(dense: matrix([[.infinity]]), targets: [0], allowsMissing: true)
    }
    let data = try Self.withMissing(x, [0, 1, 0, 1])
    #expect(throws: LearningError.nonFiniteFeature(row: 1, column: 0)) {
      try LogisticRegression().fit(data)
    }
  }

  @Test func `bad class weights are refused`() throws {
    let data = try sample(55)
    for bad in [0, -1, .nan, .infinity] {
      var estimator = DecisionTree()
      estimator.classWeights.positive = bad
      #expect(throws: LearningError.self) { try estimator.fit(data) }
      estimator = DecisionTree()
      estimator.classWeights.negative = bad
      #expect(throws: LearningError.self) { try estimator.fit(data) }
    }
  }
}
