import Glibc
import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// The model of all heads in stored precision, and how each head was fitted.
struct FittedHeads {
  var model: RouterModel
  var reports: [TrainedRouter.HeadReport]
  /// Margins of every row from fits that did not see it, one list a head; nil when the fit made none.
  var margins: [[Double]]?
}

/// One head as it was fitted.
struct FittedPart {
  var head: FittedHead
  var report: TrainedRouter.HeadReport
  /// Margins of every row from fits that did not see it, if there are any.
  var margins: [Double]?
}

/// λ of the dense block as a multiple of the hashed block's: rows of hashed features have length 1, standardised dense
/// columns have variance 1 each, so equal penalties would let the dense block shout. 100 was best in cross-validation
/// on public outcome data among 10, 100 and 1000.
package let densePenaltyMultiplier = 100.0

/// Everything a head is fitted on.
struct FittingRows: Sendable {
  let dense: Matrix
  let hashed: SignedBinaryRows?
  let smoothing: GroupSmoothing?
  let folds: CrossValidation
  /// Penalty multipliers of the buckets, or nil.
  let bucketPenalties: [Double]?
  /// Copies of every row, behind all rows and in their order: see ``AugmentedRows``. Folds keep them with their rows.
  let copies: Int
  /// What limits the weights of n-grams, or nil.
  let weightCap: WeightCap?
  /// Keeps finished fits of these rows, or nil.
  let keeper: FitKeeper?

  init(
    _ data: Dataset, _ features: FeaturizedRows, plan: TrainingPlan, split: Split, copies: Int = 0,
    journal: (any FitJournal)? = nil
  ) throws(LearningError) {
    self.copies = copies
    let originals = data.count / (copies + 1)
    let values = Matrix(
      rowCount: features.count, columnCount: features.schema.denseCount,
      values: features.dense.map(Double.init))
    let clips = plan.hardening.contains(.clip)
    dense =
      clips && features.schema.usesStatistics
      ? DenseClip.clipped(values, columns: features.schema.statisticsCount, rows: originals)
      : values
    weightCap =
      clips && features.schema.usesHashing
      ? WeightCap(features, quantile: plan.clipQuantile) : nil
    hashed = features.schema.usesHashing ? hashedRows(features) : nil
    smoothing = plan.smoothing.contains { $0 > 0 } ? GroupSmoothing(data.contexts) : nil
    if copies == 0 {
      folds = try crossValidation(data, plan: plan, split: split)
    } else {
      let own = try crossValidation(data.rows(Array(0..<originals)), plan: plan, split: split)
      folds = try CrossValidation(
        folds: (0...copies).flatMap { _ in own.folds }, foldCount: own.foldCount)
    }
    bucketPenalties =
      plan.usesInverseDocumentFrequency && features.schema.usesHashing
      ? inverseFrequencyPenalties(features) : nil
    let (groups, foldOfRow) = (smoothing?.groups ?? [], folds.folds)
    keeper = journal.map { journal in
      var key = FitKey()
      key.add(plan)
      key.add(features)
      key.add(copies)
      key.add(groups)
      key.add(foldOfRow)
      return FitKeeper(journal, key)
    }
  }

  /// The rows at `rows` with targets of their own.
  func set(_ rows: [Int], targets: [Double]) throws(LearningError) -> TrainingSet {
    try TrainingSet(
      dense: dense.rows(rows), hashed: hashed?.rows(rows), targets: targets,
      weights: weights(rows.count))
  }

  /// The weight of each of `count` rows, 1 / (copies + 1); nil for 1.
  func weights(_ count: Int) -> [Double]? {
    copies == 0 ? nil : [Double](repeating: 1 / Double(copies + 1), count: count)
  }

  /// The coefficients under the cap, if there is one.
  func capped(_ coefficients: LogisticCoefficients) -> LogisticCoefficients {
    weightCap?.capped(coefficients) ?? coefficients
  }

  /// Targets to fit the rows at `rows` to.
  func targets(_ targets: [Double], rows: [Int], alpha: Double) -> [Double] {
    smoothing?.smoothed(targets, rows: rows, alpha: alpha) ?? rows.map { targets[$0] }
  }

  /// Shares of the group's mean to try.
  func alphas(_ plan: TrainingPlan) -> [Double] { smoothing == nil ? [0] : plan.smoothing }
}

/// Fits every head of the task.
///
/// - Parameter copies: how often all rows are repeated behind themselves in other writing; see ``AugmentedRows``.
func fitHeads(
  _ task: LearningTask, _ data: Dataset, _ features: FeaturizedRows, plan: TrainingPlan,
  split: Split, copies: Int = 0, journal: (any FitJournal)? = nil, warnings: inout [String]
) throws(PipelineError) -> FittedHeads {
  let rows: FittingRows
  do throws(LearningError) {
    rows = try FittingRows(
      data, features, plan: plan, split: split, copies: copies, journal: journal)
  } catch {
    throw .head(name: task.heads[0].name, error)
  }
  if plan.model == .logistic && (task.classes != nil || plan.form == .ordinal) {
    return try fitClasses(
      task, rows, plan: plan, schema: features.schema, warnings: &warnings)
  }
  var fitted: [FittedHead] = []
  var reports: [TrainedRouter.HeadReport] = []
  var margins: [[Double]] = []
  let isHopeless = task.heads.allSatisfy { ConstantHead.value(of: $0.targets) != nil }
  for head in task.heads {
    if !isHopeless, let value = ConstantHead.value(of: head.targets) {
      let count = head.targets.count
      fitted.append(
        ConstantHead.head(value: value, rows: count, kind: plan.model, schema: features.schema))
      var report = ConstantHead.report(value: value, rows: count)
      report.name = head.name
      reports.append(report)
      margins.append(
        [Double](repeating: ConstantHead.margin(value: value, rows: count), count: count))
      warnings.append(ConstantHead.warning(head.name, value: value, rows: count))
      continue
    }
    do throws(LearningError) {
      var made = try fitHead(head.targets, rows, plan: plan, warnings: &warnings)
      made.report.name = head.name
      fitted.append(made.head)
      reports.append(made.report)
      if let outOfFold = made.margins { margins.append(outOfFold) }
    } catch {
      throw .head(name: head.name, error)
    }
  }
  for i in fitted.indices { fitted[i].linear = fitted[i].linear.map(rows.capped) }
  return FittedHeads(
    model: storedModel(fitted, features.schema, plan.precision), reports: reports,
    margins: margins.count == task.heads.count ? margins : nil)
}

private func fitHead(
  _ targets: [Double], _ rows: FittingRows, plan: TrainingPlan, warnings: inout [String]
) throws(LearningError) -> FittedPart {
  switch plan.model {
  case .tree: return try fitTree(targets, rows, plan: plan, warnings: &warnings)
  case .logistic:
    let part = try LinearPart(
      targets, rows, plan: plan, needsMargins: plan.calibrationRows == .folds,
      warnings: &warnings)
    let fitted = try part.fit(part.chosen, targets, rows)
    return FittedPart(
      head: FittedHead(linear: fitted.model),
      report: try part.report(fitted, targets, rows, plan: plan),
      margins: part.margins)
  case .boosted:
    let part = try BoostedPart(targets, rows, plan: plan)
    let fitted = try part.fit(part.best, targets, rows)
    return FittedPart(
      head: FittedHead(forest: fitted.model), report: part.report(fitted.report),
      margins: part.found.margins[part.best])
  case .stack: return try fitStack(targets, rows, plan: plan, warnings: &warnings)
  }
}

private func fitTree(
  _ targets: [Double], _ rows: FittingRows, plan: TrainingPlan, warnings: inout [String]
) throws(LearningError) -> FittedPart {
  var settings = DecisionTree()
  settings.criterion = plan.treeCriterion
  if plan.balancesClasses {
    let positive = targets.reduce(0, +) / Double(max(1, targets.count))
    if positive > 0 && positive < 1 {
      settings.classWeights.positive = 0.5 / positive
      settings.classWeights.negative = 0.5 / (1 - positive)
    }
  }
  let set = try TrainingSet(
    dense: rows.dense, targets: targets, weights: rows.weights(targets.count))
  var scores: [TrainedRouter.HeldOutScore] = []
  let fitted: Fitted<TreeModel>
  do throws(LearningError) {
    let (pruned, selection) = try settings.fit(set, folds: rows.folds, rule: plan.selectionRule)
    scores = selection.points.map {
      TrainedRouter.HeldOutScore(
        setting: $0.costComplexity, loss: $0.loss.mean, standardError: $0.loss.standardError)
    }
    fitted = pruned
  } catch {
    fitted = try settings.fit(set)
    warnings.append("the tree could not be pruned by cross-validation: \(error)")
  }
  var report = TrainedRouter.HeadReport(fit: fitted.report, crossValidation: scores)
  report.leaves = fitted.model.nodes.count { $0.isLeaf }
  return FittedPart(head: FittedHead(tree: fitted.model), report: report)
}

/// 1 / idf² of every bucket, with idf = 1 + ln((1 + n) / (1 + rows that have the bucket)): the L2 penalty of weights
/// that are measured in units of inverse document frequency. Scaled so that the mean over used buckets is 1.
private func inverseFrequencyPenalties(_ features: FeaturizedRows) -> [Double] {
  var counts = [Double](repeating: 0, count: 1 << features.schema.bucketBits)
  for key in features.keys { counts[Int(key >> 1)] += 1 }
  let n = Double(features.count)
  var penalties = counts.map { count -> Double in
    let idf = 1 + log((1 + n) / (1 + min(n, count)))
    return 1 / (idf * idf)
  }
  var sum = 0.0
  var used = 0.0
  for (count, penalty) in zip(counts, penalties) where count > 0 {
    sum += penalty
    used += 1
  }
  if sum > 0 { for i in penalties.indices { penalties[i] *= used / sum } }
  return penalties
}
