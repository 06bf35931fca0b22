import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// The boosted trees of one head: how many and with which smoothing, seen on held-out folds.
struct BoostedPart {
  private let settings: GradientBoosting
  /// Held-out margins of every smoothing.
  let found: OutOfFold<Double>
  private(set) var scores: [TrainedRouter.HeldOutScore]
  /// Index of the smoothing with the least loss.
  var best: Int { found.best(rule: .minimum) }

  /// Small trees and small steps: what held-out outcome data liked best.
  static func defaultSettings(seed: UInt64) -> GradientBoosting {
    var settings = GradientBoosting()
    settings.maximumTrees = 400
    settings.learningRate = 0.03
    settings.maximumLeaves = 15
    settings.minimumLeafRows = 50
    settings.patience = 30
    settings.columnShare = 0.5
    settings.rowShare = 0.8
    settings.seed = seed
    return settings
  }

  /// A leaf needs as many different rows whether or not they come with copies.
  private static func settings(
    rows: Int, copies: Int, plan: TrainingPlan
  ) -> GradientBoosting {
    var settings = defaultSettings(seed: plan.seed)
    settings.minimumLeafRows = min(50, max(1, rows / (copies + 1) / 40)) * (copies + 1)
    return settings
  }

  /// Margins of `heldOut` by a forest of `trees` trees fitted to `training`.
  static func heldOutMargins(
    trees: Int, alpha: Double, _ targets: [Double], _ rows: FittingRows, training: [Int],
    heldOut: [Int], plan: TrainingPlan
  ) throws(LearningError) -> [Double] {
    var settings = settings(rows: training.count, copies: rows.copies, plan: plan)
    settings.maximumTrees = max(1, trees)
    let fitted = try settings.fit(
      try TrainingSet(
        dense: rows.dense.rows(training),
        targets: rows.targets(targets, rows: training, alpha: alpha),
        weights: rows.weights(training.count)))
    return fitted.model.margins(of: rows.dense.rows(heldOut))
  }

  /// Compares the plan's smoothings; the number of trees is the mean over folds of the number with the least
  /// held-out loss.
  init(
    _ targets: [Double], _ rows: FittingRows, plan: TrainingPlan
  ) throws(LearningError) {
    let settings = Self.settings(rows: targets.count, copies: rows.copies, plan: plan)
    let alphas = rows.alphas(plan)
    let limit = settings
    let found = try OutOfFold(alphas, targets: targets, folds: rows.folds) {
      (training, heldOut) throws(LearningError) -> [HeldOutFit] in
      let held = try TrainingSet(
        dense: rows.dense.rows(heldOut), targets: heldOut.map { targets[$0] })
      var fits: [HeldOutFit] = []
      for alpha in alphas {
        // The margins, and behind them the number of trees.
        var numbers = try FitKeeper.numbers(rows.keeper, count: heldOut.count + 1) { key in
          key.add("boosted")
          key.add(alpha)
          key.add(training)
          key.add(heldOut)
          key.add(targets)
        } compute: { () throws(LearningError) in
          let set = try TrainingSet(
            dense: rows.dense.rows(training),
            targets: rows.targets(targets, rows: training, alpha: alpha),
            weights: rows.weights(training.count))
          let fitted = try limit.fit(set, initialMargins: nil, heldOut: HeldOutRows(held))
          return fitted.model.margins(of: held.dense) + [Double(fitted.model.roots.count)]
        }
        let trees = Int(exactly: numbers.removeLast()) ?? 0
        fits.append(HeldOutFit(margins: numbers, trees: trees))
      }
      return fits
    }
    self.settings = settings
    self.found = found
    scores = zip(alphas, found.losses).enumerated().map { index, pair in
      TrainedRouter.HeldOutScore(
        setting: Double(found.trees[index]), smoothing: pair.0,
        loss: pair.1.mean, standardError: pair.1.standardError)
    }
  }

  /// Trees of the fit of a smoothing: the mean over folds of the number with the least held-out loss.
  func treeCount(_ index: Int) -> Int { max(1, found.trees[index]) }

  /// The smoothing at `index` on all rows.
  func fit(
    _ index: Int, _ targets: [Double], _ rows: FittingRows
  ) throws(LearningError) -> Fitted<ForestModel> {
    var settings = settings
    settings.maximumTrees = treeCount(index)
    return try settings.fit(
      try TrainingSet(
        dense: rows.dense,
        targets: rows.targets(
          targets, rows: Array(targets.indices), alpha: found.settings[index]),
        weights: rows.weights(targets.count)))
  }

  /// How the head was fitted.
  func report(_ fit: FitReport) -> TrainedRouter.HeadReport {
    var report = TrainedRouter.HeadReport(fit: fit, crossValidation: scores)
    report.smoothing = found.settings[best]
    report.trees = treeCount(best)
    return report
  }
}
