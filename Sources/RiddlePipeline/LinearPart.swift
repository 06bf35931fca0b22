import RiddleLearning
import RiddleLinearAlgebra

/// The logistic regression of one head: which penalty and which smoothing, seen on held-out folds.
struct LinearPart {
  /// λ and α of one setting.
  struct Setting: Equatable, Sendable {
    var penalty: Double
    var alpha: Double
  }

  private let settings: LogisticRegression
  private(set) var chosen: Setting
  /// Held-out margins of every setting; nil when there was nothing to compare or it failed.
  private var found: OutOfFold<Setting>?
  private(set) var scores: [TrainedRouter.HeldOutScore] = []

  /// Gradient norm at which fits that are only compared stop: held-out log loss has settled to about 2 · 10⁻⁵.
  private static let comparisonTolerance = 5e-4

  /// Compares the plan's penalties and smoothings.
  ///
  /// - Parameter needsMargins: whether held-out margins are wanted even with a single setting.
  init(
    _ targets: [Double], _ rows: FittingRows, plan: TrainingPlan, needsMargins: Bool = false,
    warnings: inout [String]
  ) throws(LearningError) {
    let settings = Self.settings(rows, plan: plan)
    let alphas = rows.alphas(plan)
    // Simpler first: strong penalties, no smoothing.
    let tried = alphas.flatMap { alpha in
      plan.penalties.sorted(by: >).map { Setting(penalty: $0, alpha: alpha) }
    }
    chosen = Setting(
      penalty: plan.penalties.contains(1) ? 1 : plan.penalties[0], alpha: alphas[0])
    if tried.count > 1 || needsMargins {
      let quick = Self.comparisonSettings(rows, plan: plan)
      do throws(LearningError) {
        let found = try Self.compare(tried, targets, rows, settings: quick)
        chosen = tried[found.best(rule: plan.selectionRule)]
        self.found = found
        scores = zip(tried, found.losses).map {
          TrainedRouter.HeldOutScore(
            setting: $0.penalty, smoothing: $0.alpha, loss: $1.mean,
            standardError: $1.standardError)
        }
      } catch {
        if needsMargins { throw error }
        warnings.append(
          "penalties could not be compared by cross-validation, λ \(chosen.penalty) was taken: \(error)"
        )
      }
    }
    self.settings = settings
  }

  /// The best penalty of every smoothing with its held-out margins, in the order of the smoothings; empty when nothing
  /// was compared.
  var bestOfEachSmoothing: [(setting: Setting, margins: [Double])] {
    guard let found else { return [] }
    var alphas: [Double] = []
    for setting in found.settings where !alphas.contains(setting.alpha) {
      alphas.append(setting.alpha)
    }
    return alphas.map { alpha in
      let best = found.best { $0.alpha == alpha }
      return (found.settings[best], found.margins[best])
    }
  }

  /// Held-out margins of the chosen setting.
  var margins: [Double]? {
    found.flatMap { found in
      found.settings.firstIndex(of: chosen).map { found.margins[$0] }
    }
  }

  private static func settings(_ rows: FittingRows, plan: TrainingPlan) -> LogisticRegression {
    var settings = LogisticRegression()
    settings.densePenaltyMultiplier = rows.hashed == nil ? 10 : densePenaltyMultiplier
    settings.l1Ratio = plan.l1Ratio
    settings.hashedPenaltyFactors = rows.bucketPenalties
    if plan.balancesClasses { settings.classWeights = .balanced }
    return settings
  }

  /// How fits that are only compared are made.
  static func comparisonSettings(_ rows: FittingRows, plan: TrainingPlan) -> LogisticRegression {
    var settings = settings(rows, plan: plan)
    if rows.hashed != nil { settings.tolerance = Self.comparisonTolerance }
    return settings
  }

  /// Margins of `heldOut` by a fit of `training` under one setting.
  static func heldOutMargins(
    _ setting: Setting, _ targets: [Double], _ rows: FittingRows, training: [Int],
    heldOut: [Int], settings: LogisticRegression
  ) throws(LearningError) -> [Double] {
    var estimator = settings
    estimator.l2Penalty = setting.penalty
    let set = try rows.set(
      training, targets: rows.targets(targets, rows: training, alpha: setting.alpha))
    let model = try estimator.fit(set).model
    return model.margins(dense: rows.dense.rows(heldOut), hashed: rows.hashed?.rows(heldOut))
  }

  private static func compare(
    _ tried: [Setting], _ targets: [Double], _ rows: FittingRows, settings: LogisticRegression
  ) throws(LearningError) -> OutOfFold<Setting> {
    try OutOfFold(tried, targets: targets, folds: rows.folds) {
      (training, heldOut) throws(LearningError) -> [HeldOutFit] in
      // Gathered at the first fit that is not known yet.
      var gathered: (held: TrainingSet, base: TrainingSet)?
      var fits: [HeldOutFit] = []
      for setting in tried {
        let margins = try FitKeeper.numbers(rows.keeper, count: heldOut.count) { key in
          key.add("linear")
          key.add(setting.penalty)
          key.add(setting.alpha)
          key.add(training)
          key.add(heldOut)
          key.add(targets)
        } compute: { () throws(LearningError) in
          let sets: (held: TrainingSet, base: TrainingSet)
          if let gathered {
            sets = gathered
          } else {
            sets = (
              held: try rows.set(heldOut, targets: heldOut.map { targets[$0] }),
              base: try rows.set(training, targets: training.map { targets[$0] })
            )
          }
          gathered = sets
          let set = try TrainingSet(
            dense: sets.base.dense, hashed: sets.base.hashed,
            targets: rows.targets(targets, rows: training, alpha: setting.alpha),
            weights: rows.weights(training.count))
          var step = settings
          step.l2Penalty = setting.penalty
          return try step.fit(set).model.margins(of: sets.held)
        }
        fits.append(HeldOutFit(margins: margins))
      }
      return fits
    }
  }

  /// A setting on all rows.
  func fit(
    _ setting: Setting, _ targets: [Double], _ rows: FittingRows
  ) throws(LearningError) -> Fitted<LogisticCoefficients> {
    var estimator = settings
    estimator.l2Penalty = setting.penalty
    return try estimator.fit(try allRows(setting, targets, rows))
  }

  private func allRows(
    _ setting: Setting, _ targets: [Double], _ rows: FittingRows
  ) throws(LearningError) -> TrainingSet {
    try TrainingSet(
      dense: rows.dense, hashed: rows.hashed,
      targets: rows.targets(targets, rows: Array(targets.indices), alpha: setting.alpha),
      weights: rows.weights(targets.count))
  }

  /// Odds ratios of a model that was fitted under `setting`, if the plan wants them.
  func odds(
    _ model: LogisticCoefficients, _ setting: Setting, _ targets: [Double], _ rows: FittingRows,
    plan: TrainingPlan
  ) throws(LearningError) -> OddsTable? {
    guard plan.infersOdds else { return nil }
    var estimator = settings
    estimator.l2Penalty = setting.penalty
    return OddsTable(
      model, settings: estimator, data: try allRows(setting, targets, rows), alpha: setting.alpha,
      accountsForNGrams: plan.accountsForNGramsInOdds)
  }

  /// How the head was fitted, with odds ratios if the plan wants them.
  func report(
    _ fitted: Fitted<LogisticCoefficients>, _ targets: [Double], _ rows: FittingRows,
    plan: TrainingPlan
  ) throws(LearningError) -> TrainedRouter.HeadReport {
    var report = report(fitted.report)
    report.odds = try odds(fitted.model, chosen, targets, rows, plan: plan)
    return report
  }

  /// How the head was fitted.
  func report(_ fit: FitReport) -> TrainedRouter.HeadReport {
    var report = TrainedRouter.HeadReport(fit: fit, crossValidation: scores)
    report.penalty = chosen.penalty
    report.smoothing = chosen.alpha
    return report
  }
}
