import Glibc
import RiddleLinearAlgebra
import RiddleRuntime

/// Gradient-boosted trees on dense features for a binary target (Friedman, 2001, doi:10.1214/aos/1013203451).
///
/// Every tree is fitted to the second-order expansion of the log loss at the current margins (Chen & Guestrin,
/// 2016, doi:10.1145/2939672.2939785): with g = w(p − t) and h = w p(1 − p), a leaf's value is −η G / (H + λ) and a
/// split gains G²/(H + λ) of its sides less that of the whole. Trees grow leaf by leaf, always the one that gains
/// most (Shi, 2007; LightGBM, Ke et al., 2017), over histograms of at most 255 bins.
///
/// Gradients are added as whole numbers of fixed steps, so that a model has the same bits at any thread count
/// and for rows in any order. A step is at most 2⁻²⁴ for a million rows of weight 1.
public struct GradientBoosting: Estimator, Equatable {
  /// Trees at most, 1 to 10 000.
  public var maximumTrees = 100
  /// η: share of a leaf's Newton step that is taken, above 0 and at most 1.
  public var learningRate = 0.1
  /// Leaves of a tree at most, 2 to 4096.
  public var maximumLeaves = 31
  /// Longest path from root to leaf, 1 to 60 splits.
  public var maximumDepth = 60
  /// Fewest rows of a leaf, at least 1.
  public var minimumLeafRows = 20
  /// Smallest sum of h in a leaf, at least 0.
  public var minimumLeafHessian = 1e-3
  /// λ: L2 penalty of leaf values, at least 0.
  public var l2Penalty = 0.0
  /// A split must gain more than this, at least 0.
  public var minimumGain = 0.0
  /// Share of rows each tree sees, drawn without replacement; above 0, at most 1.
  public var rowShare = 1.0
  /// Share of features each tree sees; above 0, at most 1.
  public var columnShare = 1.0
  /// Bins a feature is cut into, 2 to 255.
  public var maximumBins = 255
  /// Trees in a row that may leave the best held-out loss unbeaten before growing stops, at least 1.
  public var patience = 50
  /// Seed of the rows and features drawn.
  public var seed: UInt64 = 0

  /// Default settings: 100 trees of 31 leaves with a learning rate of 0.1, without sampling.
  public init() {}

  /// Fits ``maximumTrees`` trees; hashed features are not used.
  ///
  /// - Throws: `LearningError.tooFewRows`, `.singleClass`, `.invalidSetting`.
  /// - Complexity: O(n d) for binning, then O(n d log leaves) a tree at most.
  public func fit(_ data: TrainingSet) throws(LearningError) -> Fitted<ForestModel> {
    try fit(data, initialMargins: nil, heldOut: nil)
  }

  /// Fits trees on top of given margins, and stops when held-out loss no longer falls.
  ///
  /// - Parameters:
  ///   - data: rows to learn from.
  ///   - initialMargins: n log-odds to start from, such as a linear model's out-of-fold margins; the model then
  ///     has base 0 and its margins are *added* to the other model's. Nil starts from the log-odds of all rows.
  ///   - heldOut: rows that decide how many trees are kept: those up to the least mean log loss, none when none
  ///     helps (one leaf of value 0 stands for none). Nil keeps all.
  /// - Returns: one head. `iterations` of the report counts the trees kept, and `objective` is the mean log loss:
  ///   of the held-out rows if given, else of the rows learned from. Not converged means that held-out loss was
  ///   still falling at ``maximumTrees``, or had not been flat for ``patience`` trees.
  /// - Throws: `LearningError.tooFewRows`, `.singleClass`, `.invalidSetting`; `.countMismatch` and
  ///   `.nonFiniteMargin` for margins.
  public func fit(
    _ data: TrainingSet, initialMargins: [Double]?, heldOut: HeldOutRows? = nil
  ) throws(LearningError) -> Fitted<ForestModel> {
    try validate(data, initialMargins, heldOut)
    var run = BoostingRun(data, initialMargins: initialMargins, heldOut: heldOut, settings: self)
    run.grow()
    return run.fitted(data)
  }

  /// Chooses the number of trees on held-out folds and fits that many to all rows.
  ///
  /// - Parameter initialMargins: as in ``fit(_:initialMargins:heldOut:)``; each row's own fold must not have
  ///   seen it.
  /// - Throws: as ``fit(_:initialMargins:heldOut:)``, and `.fold` when a fold cannot be fitted.
  public func fit(
    _ data: TrainingSet, folds: CrossValidation, initialMargins: [Double]? = nil
  ) throws(LearningError) -> (fitted: Fitted<ForestModel>, selection: BoostingSelection) {
    try validate(data, initialMargins, nil)
    if data.count != folds.folds.count {
      throw .countMismatch(what: "folds", expected: data.count, found: folds.folds.count)
    }
    let settings = self
    let results = Shards.map(count: folds.foldCount) {
      fold -> Result<BoostingSelection.Fold, LearningError> in
      do throws(LearningError) {
        return .success(
          try settings.losses(
            data, initialMargins, training: folds.trainingRows(fold),
            heldOut: folds.heldOutRows(fold)))
      } catch {
        return .failure(.fold(fold, error))
      }
    }
    var losses: [BoostingSelection.Fold] = []
    for result in results { losses.append(try result.get()) }
    let selection = BoostingSelection(losses)
    var chosen = self
    chosen.maximumTrees = max(selection.trees, 1)
    var run = BoostingRun(data, initialMargins: initialMargins, heldOut: nil, settings: chosen)
    if selection.trees > 0 { run.grow() }
    var fitted = run.fitted(data)
    fitted.report.objective = selection.loss
    fitted.report.converged = !selection.isCutShort
    if selection.isCutShort { fitted.report.remedies.append(BoostingRun.moreTrees) }
    return (fitted, selection)
  }

  /// Held-out loss of one fold after every tree.
  private func losses(
    _ data: TrainingSet, _ margins: [Double]?, training: [Int], heldOut: [Int]
  ) throws(LearningError) -> BoostingSelection.Fold {
    let rows = data.rows(training)
    let start = margins.map { all in training.map { all[$0] } }
    let held = HeldOutRows(
      data.rows(heldOut), initialMargins: margins.map { all in heldOut.map { all[$0] } })
    try validate(rows, start, held)
    var run = BoostingRun(rows, initialMargins: start, heldOut: held, settings: self)
    run.grow()
    return run.foldLosses
  }

  private func validate(
    _ data: TrainingSet, _ margins: [Double]?, _ heldOut: HeldOutRows?
  ) throws(LearningError) {
    try validate()
    try data.requireBothClasses()
    let columns = data.dense.columnCount
    if columns == 0 || columns > 1 << 16 {
      throw .invalidSetting(
        name: "dense feature count", value: Double(columns), expected: "1 to 65536")
    }
    try Self.check(margins, rows: data.count, what: "initial margins")
    guard let heldOut else { return }
    if heldOut.data.dense.columnCount != columns {
      throw .countMismatch(
        what: "held-out features", expected: columns, found: heldOut.data.dense.columnCount)
    }
    if !heldOut.data.weights.contains(where: { $0 > 0 }) { throw .tooFewRows(found: 0, needed: 1) }
    try Self.check(heldOut.initialMargins, rows: heldOut.data.count, what: "held-out margins")
    if (margins == nil) != (heldOut.initialMargins == nil) {
      throw .countMismatch(
        what: "held-out margins", expected: margins == nil ? 0 : heldOut.data.count,
        found: heldOut.initialMargins?.count ?? 0)
    }
  }

  private static func check(
    _ margins: [Double]?, rows: Int, what: String
  ) throws(LearningError) {
    guard let margins else { return }
    if margins.count != rows {
      throw .countMismatch(what: what, expected: rows, found: margins.count)
    }
    if let row = margins.firstIndex(where: { !$0.isFinite }) { throw .nonFiniteMargin(row: row) }
  }

  private func validate() throws(LearningError) {
    for (name, value, range) in [
      ("maximumTrees", maximumTrees, 1...10_000), ("maximumLeaves", maximumLeaves, 2...4096),
      ("maximumDepth", maximumDepth, 1...60), ("maximumBins", maximumBins, 2...255),
      ("minimumLeafRows", minimumLeafRows, 1...Int(Int32.max)), ("patience", patience, 1...10_000),
    ] where !range.contains(value) {
      throw .invalidSetting(
        name: name, value: Double(value), expected: "\(range.lowerBound) to \(range.upperBound)")
    }
    for (name, value) in [
      ("learningRate", learningRate), ("rowShare", rowShare), ("columnShare", columnShare),
    ] where !(value > 0 && value <= 1) {
      throw .invalidSetting(name: name, value: value, expected: "above 0, at most 1")
    }
    for (name, value) in [
      ("minimumLeafHessian", minimumLeafHessian), ("l2Penalty", l2Penalty),
      ("minimumGain", minimumGain),
    ] where !(value >= 0 && value.isFinite) {
      throw .invalidSetting(name: name, value: value, expected: "a finite number of at least 0")
    }
  }
}

/// Rows that decide when boosting stops.
public struct HeldOutRows: Equatable, Sendable {
  /// The rows.
  public let data: TrainingSet
  /// Margins of the model that the trees are added to, one a row; nil when there is none.
  public let initialMargins: [Double]?

  /// Rows, with margins exactly when the rows learned from have them.
  public init(_ data: TrainingSet, initialMargins: [Double]? = nil) {
    self.data = data
    self.initialMargins = initialMargins
  }
}

/// How held-out loss moved with the number of trees.
public struct BoostingSelection: Equatable, Sendable, Codable {
  /// Mean held-out log loss over all folds after 0, 1, 2, … trees.
  public var losses: [Double]
  /// Number of trees with the least loss.
  public var trees: Int
  /// The least loss.
  public var loss: Double { losses[trees] }
  /// Whether a fold stopped at its tree limit, its loss still falling.
  public var isCutShort: Bool

  private enum CodingKeys: String, CodingKey {
    case losses, trees
    case isCutShort = "is_cut_short"
  }

  /// One fold: held-out loss after 0, 1, … trees and the weight of its rows.
  struct Fold: Sendable {
    var losses: [Double]
    var weight: Double
    var isCutShort = false
  }

  /// Folds that stopped earlier are taken to stay at their last loss.
  init(_ folds: [Fold]) {
    let count = folds.map(\.losses.count).max() ?? 1
    let weight = folds.reduce(0) { $0 + $1.weight }
    losses = (0..<count).map { i in
      folds.reduce(0) { $0 + $1.weight * $1.losses[min(i, $1.losses.count - 1)] } / weight
    }
    var best = 0
    for i in losses.indices where losses[i] < losses[best] { best = i }
    trees = best
    isCutShort = folds.contains { $0.isCutShort }
  }
}
