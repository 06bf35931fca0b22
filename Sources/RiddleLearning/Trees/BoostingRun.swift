import Glibc
import RiddleData
import RiddleLinearAlgebra
import RiddleRuntime

/// One fit of ``GradientBoosting``: margins that move as trees are added.
struct BoostingRun: Sendable {
  private let settings: GradientBoosting
  private let data: TrainingSet
  private let base: Double
  private var margins: [Double]
  private var grower: TreeGrower<GradientScore>
  /// Rows of positive weight, ascending.
  private let usable: [UInt32]
  private var generator: SplitMix64
  private var trees: [BoostedTree] = []

  private let heldOut: HeldOutRows?
  private var heldOutMargins: [Double] = []
  private var heldOutFeatures: [Float] = []  // row-major
  /// Sum of the held-out rows' weights.
  private var heldOutWeight = 0.0
  /// Mean held-out log loss after 0, 1, 2, … trees; empty without held-out rows.
  private var heldOutLosses: [Double] = []
  /// Trees with the least held-out loss.
  private var best = 0

  static let moreTrees =
    "held-out loss was still falling at the last tree: raise maximumTrees or learningRate"

  init(
    _ data: TrainingSet, initialMargins: [Double]?, heldOut: HeldOutRows?,
    settings: GradientBoosting
  ) {
    self.settings = settings
    self.data = data
    self.heldOut = heldOut
    usable = data.weights.indices.filter { data.weights[$0] > 0 }.map { UInt32($0) }
    generator = SplitMix64(seed: settings.seed, stream: "gradient-boosting")
    let classes = ClassSums(
      data.weights.indices.map {
        ClassWeightSums(total: data.weights[$0], positive: data.weights[$0] * data.targets[$0])
      })
    let all = classes.sums(of: usable[...])
    base = initialMargins == nil ? log(all.positive / (all.total - all.positive)) : 0
    margins = initialMargins ?? [Double](repeating: base, count: data.count)
    grower = TreeGrower(
      FeatureBins(data, maximumBins: settings.maximumBins),
      score: GradientScore(rows: data.count, weight: all.total, settings: settings))
    if let heldOut {
      heldOutMargins =
        heldOut.initialMargins ?? [Double](repeating: base, count: heldOut.data.count)
      heldOutFeatures = heldOut.data.dense.values.map { Float($0) }
      heldOutWeight = heldOut.data.weights.reduce(0, +)
      heldOutLosses = [Self.loss(heldOutMargins, heldOut.data)]
    }
  }

  /// Adds trees until the limit, until held-out loss has not fallen for long enough, or until none can be split.
  mutating func grow() {
    while trees.count < settings.maximumTrees {
      let rows = sampledRows()
      updateGradients()
      let tree = BoostedTree(
        &grower, rows: rows, features: sampledFeatures(), settings: settings)
      if tree.nodes.count == 1 && settings.rowShare == 1 && settings.columnShare == 1 { return }
      trees.append(tree)
      for leaf in tree.leaves {
        let value = Double(tree.nodes[leaf.node].value)
        for i in leaf.range { margins[Int(grower.order[i])] += value }
      }
      if rows.count < usable.count { moveOthers(tree, seen: rows) }
      if let heldOut, judge(tree, heldOut) { return }
    }
  }

  /// Adds `tree` to the held-out margins; true when it is time to stop.
  private mutating func judge(_ tree: BoostedTree, _ heldOut: HeldOutRows) -> Bool {
    let d = heldOut.data.dense.columnCount
    for i in heldOutMargins.indices {
      heldOutMargins[i] += tree.value(heldOutFeatures, from: i * d)
    }
    let loss = Self.loss(heldOutMargins, heldOut.data)
    heldOutLosses.append(loss)
    if loss < heldOutLosses[best] { best = heldOutLosses.count - 1 }
    return heldOutLosses.count - 1 - best >= settings.patience
  }

  /// Whether the tree limit ended the search for the least held-out loss.
  private var isCutShort: Bool {
    heldOut != nil && trees.count == settings.maximumTrees
      && heldOutLosses.count - 1 - best < settings.patience
  }

  /// The run as one fold of a cross-validation.
  var foldLosses: BoostingSelection.Fold {
    BoostingSelection.Fold(
      losses: heldOutLosses, weight: heldOutWeight, isCutShort: isCutShort)
  }

  /// What was grown, up to the best tree.
  func fitted(_ data: TrainingSet) -> Fitted<ForestModel> {
    let kept = heldOut == nil ? trees : Array(trees.prefix(best))
    var nodes: [TreeModel.Node] = []
    var roots: [UInt32] = []
    for tree in kept {
      let offset = UInt32(nodes.count)
      roots.append(offset)
      for var node in tree.nodes {
        if !node.isLeaf {
          node.left += offset
          node.right += offset
        }
        nodes.append(node)
      }
    }
    if roots.isEmpty {  // no tree helps: one that adds nothing
      roots = [0]
      nodes = [TreeModel.Node(feature: 0, threshold: 0, left: 0, right: 0, value: 0)]
    }
    let forest = ForestModel(
      nodes: nodes, roots: roots, treeCounts: [roots.count], bases: [base])
    let rows = data.usableRows
    return Fitted(
      model: forest,
      report: FitReport(
        solver: "boosted-trees-histogram", iterations: kept.count, converged: !isCutShort,
        gradientNorm: 0, tolerance: 0,
        objective: heldOut == nil ? Self.loss(margins, data) : heldOutLosses[best],
        rows: rows.count, positives: rows.positives,
        remedies: isCutShort
          ? [Self.moreTrees]
          : kept.isEmpty
            ? ["no tree lowers the loss: lower minimumLeafRows, or add features"] : []))
  }

  // MARK: rows and gradients

  private mutating func updateGradients() {
    let (margins, data, score) = (margins, data, grower.score)
    grower.update { rows, values in
      for (k, i) in rows.enumerated() {
        let (p, curvature) = LogisticLoss.probabilityAndCurvature(margin: margins[i])
        let w = data.weights[i]
        values[k] = score.value(gradient: w * (p - data.targets[i]), hessian: w * curvature)
      }
    }
  }

  /// `rowShare` of the usable rows, ascending: each is drawn with (needed) / (left) (Knuth's algorithm S).
  private mutating func sampledRows() -> [UInt32] {
    if settings.rowShare == 1 { return usable }
    var needed = max(1, Int((Double(usable.count) * settings.rowShare).rounded()))
    var drawn: [UInt32] = []
    drawn.reserveCapacity(needed)
    for (i, row) in usable.enumerated() where generator.below(usable.count - i) < needed {
      drawn.append(row)
      needed -= 1
    }
    return drawn
  }

  private mutating func sampledFeatures() -> [Bool] {
    let count = grower.bins.featureCount
    var allowed = [Bool](repeating: settings.columnShare == 1, count: count)
    if settings.columnShare == 1 { return allowed }
    // Only features that can be split are worth drawing.
    let splittable = (0..<count).filter { !grower.bins.cuts[$0].isEmpty }
    var needed = max(1, Int((Double(splittable.count) * settings.columnShare).rounded()))
    for (i, j) in splittable.enumerated() where generator.below(splittable.count - i) < needed {
      allowed[j] = true
      needed -= 1
    }
    return allowed
  }

  /// Moves the margins of usable rows the tree was not grown on.
  private mutating func moveOthers(_ tree: BoostedTree, seen: [UInt32]) {
    var next = 0
    for row in usable {
      if next < seen.count && seen[next] == row {
        next += 1
      } else {
        margins[Int(row)] += tree.value(ofRow: Int(row), grower.bins)
      }
    }
  }

  private static func loss(_ margins: [Double], _ data: TrainingSet) -> Double {
    var sum = 0.0
    var weight = 0.0
    for i in margins.indices where data.weights[i] > 0 {
      sum += data.weights[i] * LogisticLoss.value(margin: margins[i], target: data.targets[i])
      weight += data.weights[i]
    }
    return sum / weight
  }
}
