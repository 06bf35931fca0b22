import Glibc
import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime
import RiddleTestSupport
import Testing

@Suite struct GradientBoostingTests {
  /// The rows of Tests/Golden/Generators/trees.py.
  static func goldenRows(seed: UInt64, count: Int) throws -> TrainingSet {
    var generator = SplitMix64(seed: seed)
    var x: [Float] = []
    var y: [Double] = []
    for _ in 0..<count {
      var u = (0..<9).map { _ in generator.unit() }
      u[4] = (u[4] * 5).rounded(.down)
      u[5] = u[5] < 0.8 ? 0 : u[5]
      let row = u[..<8].map { Float($0) }
      let v = row.map { Double($0) }
      var p = 0.1 + 0.3 * v[0] * v[1]
      p += (v[2] > 0.6 ? 0.25 : 0) * v[3]
      p += v[4] == 2 ? 0.2 : 0
      p += v[5] > 0 ? 0.15 : 0
      x += row
      y.append(u[8] < p ? 1 : 0)
    }
    return try TrainingSet(
      dense: Matrix(rowCount: count, columnCount: 8, widening: x), targets: y)
  }

  static func margins(_ forest: ForestModel, _ data: TrainingSet) -> [Double] {
    (0..<data.count).map { i in forest.margin(data.dense.row(i).map { Float($0) }, head: 0) }
  }

  static func logLoss(_ margins: [Double], _ data: TrainingSet) -> Double {
    var sum = 0.0
    var weight = 0.0
    for i in margins.indices {
      let m = margins[i]
      sum += data.weights[i] * (max(m, 0) + log1p(exp(-abs(m))) - data.targets[i] * m)
      weight += data.weights[i]
    }
    return sum / weight
  }

  /// Share of pairs of a positive and a negative in the right order; ties count half.
  static func auc(_ margins: [Double], _ targets: [Double]) -> Double {
    let order = margins.indices.sorted { margins[$0] < margins[$1] }
    var (below, wins, positives, i) = (0.0, 0.0, 0.0, 0)
    while i < order.count {
      var end = i
      var tied = (positive: 0.0, negative: 0.0)
      while end < order.count && margins[order[end]] == margins[order[i]] {
        tied.positive += targets[order[end]]
        tied.negative += 1 - targets[order[end]]
        end += 1
      }
      wins += tied.positive * (below + tied.negative / 2)
      below += tied.negative
      positives += tied.positive
      i = end
    }
    return wins / (positives * below)
  }

  static func settings(_ golden: TreeGolden.Boosting.Case) -> GradientBoosting {
    var settings = GradientBoosting()
    settings.maximumLeaves = golden.leaves
    settings.learningRate = golden.learningRate
    settings.minimumLeafRows = golden.leafRows
    settings.l2Penalty = golden.l2Penalty
    settings.maximumTrees = golden.trees
    return settings
  }

  /// Bins are cut at other places, so trees differ in detail: AUC within 0.002, losses within 0.002.
  @Test(arguments: [0, 1, 2])
  func `held-out AUC and log loss are LightGBM's at equal settings`(index: Int) throws {
    let golden = try TreeGolden.load().boosting
    let training = try Self.goldenRows(seed: golden.seeds[0], count: golden.rows[0])
    let test = try Self.goldenRows(seed: golden.seeds[1], count: golden.rows[1])
    #expect(training.targets.reduce(0, +) == Double(golden.positives[0]))
    #expect(test.targets.reduce(0, +) == Double(golden.positives[1]))
    let reference = golden.cases[index]
    let fitted = try Self.settings(reference).fit(training)
    #expect(fitted.model.treeCounts == [reference.trees])
    let margins = Self.margins(fitted.model, test)
    expectClose(Self.auc(margins, test.targets), reference.auc, tolerance: 0.002)
    expectClose(Self.logLoss(margins, test), reference.logLoss, tolerance: 0.002)
    expectClose(fitted.report.objective, reference.trainingLoss, tolerance: 0.005)
    expectClose(
      Self.logLoss(Self.margins(fitted.model, training), training), fitted.report.objective,
      tolerance: 1e-12)
  }

  @Test func `it behaves as an estimator must`() throws {
    var settings = GradientBoosting()
    settings.maximumTrees = 12
    settings.maximumLeaves = 6
    settings.minimumLeafRows = 1
    settings.minimumLeafHessian = 4
    try checkEstimator(settings, on: sample(151, rows: 300, weighted: true)) { a, b in
      #expect(a.roots == b.roots && a.nodes.count == b.nodes.count)
      for (x, y) in zip(a.nodes, b.nodes) {
        #expect(x.feature == y.feature && x.threshold == y.threshold && x.left == y.left)
        expectClose(Double(x.value), Double(y.value), tolerance: 1e-5)
      }
    }
  }

  @Test func `rows in another order give the same bits`() throws {
    let data = try sample(152, rows: 500, soft: true)
    let reversed = data.rows(Array((0..<500).reversed()))
    #expect(
      try GradientBoosting().fit(data).model.nodes == GradientBoosting().fit(reversed).model.nodes)
  }

  @Test func `one tree of two leaves is a Newton step on the best cut`() throws {
    let data = try TrainingSet(
      dense: matrix((0..<40).map { [Double($0)] }), targets: (0..<40).map { $0 < 10 ? 1 : 0 })
    var settings = GradientBoosting()
    settings.maximumTrees = 1
    settings.maximumLeaves = 2
    settings.minimumLeafRows = 1
    settings.l2Penalty = 0.5
    settings.learningRate = 0.3
    let forest = try settings.fit(data).model
    expectClose(forest.bases[0], log(0.25 / 0.75), tolerance: 1e-12)
    #expect(forest.nodes.count == 3 && forest.nodes[0].threshold == 9.5)
    // p = ¼ everywhere: G = 10 · (¼ − 1), H = 10 · 3/16 on the left; G = 30 · ¼, H = 30 · 3/16 on the right.
    expectClose(Double(forest.nodes[1].value), 0.3 * 7.5 / (1.875 + 0.5), tolerance: 1e-6)
    expectClose(Double(forest.nodes[2].value), -0.3 * 7.5 / (5.625 + 0.5), tolerance: 1e-6)
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `forests are well formed and keep to the limits`(seed: UInt64) throws {
    let data = try sample(seed, rows: 600, columns: 6, weighted: true)
    var settings = GradientBoosting()
    settings.maximumTrees = 20
    settings.maximumLeaves = 9
    settings.maximumDepth = 4
    settings.minimumLeafRows = 12
    settings.rowShare = 0.7
    settings.columnShare = 0.5
    settings.seed = seed
    let fitted = try settings.fit(data)
    let forest = fitted.model
    #expect(TreeModel(nodes: forest.nodes, roots: forest.roots).isWellFormed(denseCount: 6))
    for (tree, root) in forest.roots.enumerated() {
      let end = tree + 1 < forest.roots.count ? Int(forest.roots[tree + 1]) : forest.nodes.count
      let nodes = forest.nodes[Int(root)..<end]
      #expect(nodes.filter(\.isLeaf).count <= 9)
      #expect(nodes.allSatisfy { $0.value.isFinite && $0.threshold.isFinite })
      #expect(Set(nodes.filter { !$0.isLeaf }.map(\.feature)).count <= 3, "half of six columns")
    }
    #expect(try settings.fit(data) == fitted)
    settings.seed += 100
    #expect(try settings.fit(data).model != forest)
    // Margins of rows a tree did not see move too.
    expectClose(
      Self.logLoss(Self.margins(forest, data), data), fitted.report.objective, tolerance: 1e-12)
  }

  @Test func `soft targets weigh like split rows`() throws {
    let soft = try sample(154, rows: 300, soft: true)
    let doubled = try TrainingSet(
      dense: soft.rows(Array(0..<300) + Array(0..<300)).dense,
      targets: [Double](repeating: 1, count: 300) + [Double](repeating: 0, count: 300),
      weights: soft.targets + soft.targets.map { 1 - $0 })
    var settings = GradientBoosting()
    settings.maximumTrees = 5
    settings.maximumLeaves = 5
    settings.minimumLeafRows = 1
    settings.minimumLeafHessian = 5
    let a = try settings.fit(soft).model
    let b = try settings.fit(doubled).model
    #expect(a.nodes.map(\.threshold) == b.nodes.map(\.threshold))
    for (x, y) in zip(a.nodes, b.nodes) {
      expectClose(Double(x.value), Double(y.value), tolerance: 1e-5)
    }
  }

  @Test func `flipped labels negate every value`() throws {
    let data = try sample(155, rows: 400)
    let a = try GradientBoosting().fit(data).model
    let b = try GradientBoosting().fit(replacing(data, targets: data.targets.map { 1 - $0 })).model
    #expect(a.nodes.map(\.threshold) == b.nodes.map(\.threshold))
    for (x, y) in zip(a.nodes, b.nodes) {
      expectClose(Double(x.value), -Double(y.value), tolerance: 1e-4)
    }
  }

  @Test func `missing values are routed`() throws {
    let x = (0..<400).map { [$0 % 4 == 0 ? Double.nan : Double($0 % 10)] }
    let data = try TrainingSet(
      dense: matrix(x), targets: x.map { $0[0].isNaN ? 1 : $0[0] > 4 ? 0.5 : 0 },
      allowsMissing: true)
    let forest = try GradientBoosting().fit(data).model
    func p(_ x: Float) -> Double { 1 / (1 + exp(-forest.margin([x], head: 0))) }
    #expect(p(.nan) > 0.95 && p(2) < 0.05 && abs(p(9) - 0.5) < 0.05)
  }

  // MARK: early stopping and stacking

  @Test func `early stopping keeps the trees with the least held-out loss`() throws {
    let training = try Self.goldenRows(seed: 21, count: 1500)
    let heldOut = try Self.goldenRows(seed: 22, count: 1500)
    var settings = GradientBoosting()
    settings.maximumTrees = 300
    settings.patience = 15
    let stopped = try settings.fit(
      training, initialMargins: nil, heldOut: HeldOutRows(heldOut))
    let kept = stopped.report.iterations
    #expect(stopped.report.converged && kept > 3 && kept < 250)
    #expect(stopped.model.treeCounts == [kept])
    expectClose(
      Self.logLoss(Self.margins(stopped.model, heldOut), heldOut), stopped.report.objective,
      tolerance: 1e-12)
    for trees in [kept - 1, kept + 1, kept + 10] {
      settings.maximumTrees = trees
      let other = try settings.fit(training).model
      let loss = Self.logLoss(Self.margins(other, heldOut), heldOut)
      #expect(loss >= stopped.report.objective)
    }
    settings.maximumTrees = 3
    let short = try settings.fit(training, initialMargins: nil, heldOut: HeldOutRows(heldOut))
    #expect(!short.report.converged && short.report.remedies.count == 1)
  }

  @Test(arguments: [31, 32, 33, 34] as [UInt64])
  func `on top of perfect margins boosting adds next to nothing`(seed: UInt64) throws {
    // Labels drawn from the very margins: every tree fits noise, and held-out loss says so.
    func world(_ seed: UInt64) throws -> (data: TrainingSet, margins: [Double]) {
      var generator = SplitMix64(seed: seed)
      let x = (0..<1200).map { _ in (0..<5).map { _ in generator.unit() * 4 - 2 } }
      let margins = x.map { $0[0] - 0.5 * $0[1] + 0.3 }
      let y = margins.map { generator.unit() < 1 / (1 + exp(-$0)) ? 1.0 : 0 }
      return (try TrainingSet(dense: matrix(x), targets: y), margins)
    }
    let training = try world(seed)
    let heldOut = try world(seed + 1000)
    let test = try world(seed + 2000)
    var settings = GradientBoosting()
    settings.patience = 20
    let stacked = try settings.fit(
      training.data, initialMargins: training.margins,
      heldOut: HeldOutRows(heldOut.data, initialMargins: heldOut.margins))
    #expect(stacked.model.bases == [0])
    #expect(stacked.report.objective <= Self.logLoss(heldOut.margins, heldOut.data))
    let sums = zip(test.margins, Self.margins(stacked.model, test.data)).map { $0 + $1 }
    #expect(Self.logLoss(sums, test.data) <= Self.logLoss(test.margins, test.data) + 0.01)
    // Without early stopping the same trees do harm.
    let reckless = try settings.fit(training.data, initialMargins: training.margins)
    let harmed = zip(test.margins, Self.margins(reckless.model, test.data)).map { $0 + $1 }
    #expect(Self.logLoss(harmed, test.data) > Self.logLoss(test.margins, test.data) + 0.02)
  }

  @Test func `boosting finds what a linear model's margins leave out`() throws {
    let training = try Self.goldenRows(seed: 41, count: 3000)
    let test = try Self.goldenRows(seed: 42, count: 3000)
    let folds = try CrossValidation(rowCount: 3000, foldCount: 5, seed: 1)
    let linear = LogisticRegression()
    var margins = [Double](repeating: 0, count: 3000)
    for fold in 0..<5 {
      let held = folds.heldOutRows(fold)
      let model = try linear.fit(training.rows(folds.trainingRows(fold))).model
      for (row, margin) in zip(held, model.margins(of: training.rows(held))) {
        margins[row] = margin
      }
    }
    var settings = GradientBoosting()
    settings.maximumLeaves = 5
    settings.maximumTrees = 60
    settings.patience = 10
    let stacked = try settings.fit(training, folds: folds, initialMargins: margins)
    #expect(stacked.selection.trees > 5)
    #expect(stacked.fitted.model.treeCounts == [stacked.selection.trees])
    #expect(stacked.selection.loss < stacked.selection.losses[0])
    let alone = try linear.fit(training).model.margins(of: test)
    let sums = zip(alone, Self.margins(stacked.fitted.model, test)).map { $0 + $1 }
    #expect(Self.logLoss(sums, test) < Self.logLoss(alone, test) - 0.003)
  }

  @Test func `where every tree does harm, one leaf that adds nothing is left`() throws {
    let data = try sample(157, rows: 400)
    let opposite = try replacing(data, targets: data.targets.map { 1 - $0 })
    let fitted = try GradientBoosting().fit(
      data, initialMargins: nil, heldOut: HeldOutRows(opposite))
    #expect(fitted.report.iterations == 0 && fitted.report.converged)
    #expect(fitted.report.remedies.count == 1)
    #expect(fitted.model.roots == [0] && fitted.model.nodes.count == 1)
    #expect(fitted.model.nodes[0].value == 0)
    let share = data.targets.reduce(0, +) / 400
    expectClose(
      fitted.model.margin([1, 2, 3, 4], head: 0), log(share / (1 - share)), tolerance: 1e-12)
  }

  @Test func `cross-validation keeps few trees of noise`() throws {
    var generator = SplitMix64(seed: 9)
    let x = (0..<600).map { _ in (0..<4).map { _ in Double(generator.below(30)) } }
    let noise = try TrainingSet(
      dense: matrix(x), targets: (0..<600).map { _ in Double(generator.below(2)) })
    let folds = try CrossValidation(rowCount: 600, foldCount: 5, seed: 3)
    var settings = GradientBoosting()
    settings.patience = 10
    let (fitted, selection) = try settings.fit(noise, folds: folds)
    #expect(selection.trees <= 2 && fitted.report.converged)
    #expect(selection.losses.count >= 11)
    #expect(selection.loss > selection.losses[0] - 0.005)
    #expect(fitted.model.treeCounts == [max(selection.trees, 1)])
  }

  // MARK: bad input

  @Test func `settings out of range are named`() throws {
    let data = try sample(55)
    func expectInvalid(_ name: String, _ change: (inout GradientBoosting) -> Void) {
      var settings = GradientBoosting()
      change(&settings)
      #expect {
        try settings.fit(data)
      } throws: { error in
        guard case LearningError.invalidSetting(let found, _, _)? = error as? LearningError
        else { return false }
        return found == name
      }
    }
    expectInvalid("maximumTrees") { $0.maximumTrees = 0 }
    expectInvalid("learningRate") { $0.learningRate = 0 }
    expectInvalid("maximumLeaves") { $0.maximumLeaves = 1 }
    expectInvalid("maximumDepth") { $0.maximumDepth = 61 }
    expectInvalid("minimumLeafRows") { $0.minimumLeafRows = 0 }
    expectInvalid("minimumLeafHessian") { $0.minimumLeafHessian = -1 }
    expectInvalid("l2Penalty") { $0.l2Penalty = .nan }
    expectInvalid("minimumGain") { $0.minimumGain = .infinity }
    expectInvalid("rowShare") { $0.rowShare = 1.5 }
    expectInvalid("columnShare") { $0.columnShare = 0 }
    expectInvalid("maximumBins") { $0.maximumBins = 256 }
    expectInvalid("patience") { $0.patience = 0 }
  }

  @Test func `margins that do not fit the rows are refused`() throws {
    let data = try sample(56)
    let zeros = [Double](repeating: 0, count: data.count)
    let boosting = GradientBoosting()
    #expect(
      throws: LearningError.countMismatch(
        what: "initial margins", expected: data.count, found: 3)
    ) { try boosting.fit(data, initialMargins: [0, 0, 0]) }
    var bad = zeros
    bad[7] = .nan
    #expect(throws: LearningError.nonFiniteMargin(row: 7)) {
      try boosting.fit(data, initialMargins: bad)
    }
    #expect(
      throws: LearningError.countMismatch(what: "held-out margins", expected: data.count, found: 0)
    ) { try boosting.fit(data, initialMargins: zeros, heldOut: HeldOutRows(data)) }
    let narrow = try sample(57, columns: 2)
    #expect(
      throws: LearningError.countMismatch(what: "held-out features", expected: 4, found: 2)
    ) { try boosting.fit(data, initialMargins: nil, heldOut: HeldOutRows(narrow)) }
    let silent = try replacing(data, weights: zeros)
    #expect(throws: LearningError.tooFewRows(found: 0, needed: 1)) {
      try boosting.fit(data, initialMargins: nil, heldOut: HeldOutRows(silent))
    }
  }

  @Test func `extreme weights and margins stay finite`() throws {
    let data = try sample(58, rows: 200)
    for scale in [1e-300, 1e-12, 1e12, 1e300] {
      let weights = [Double](repeating: scale, count: 200)
      var settings = GradientBoosting()
      settings.minimumLeafHessian = 0
      let forest = try settings.fit(replacing(data, weights: weights)).model
      #expect(forest.nodes.allSatisfy { $0.value.isFinite })
    }
    let far = (0..<200).map { $0 % 2 == 0 ? 700.0 : -700 }
    let forest = try GradientBoosting().fit(data, initialMargins: far).model
    #expect(forest.nodes.allSatisfy { $0.value.isFinite })
  }
}
