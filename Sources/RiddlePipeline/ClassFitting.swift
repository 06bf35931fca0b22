import Glibc
import RiddleData
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// Fits heads that belong together: classes by softmax regression, ordered tiers by proportional odds.
///
/// Penalties are compared by the held-out log loss of the whole distribution.
func fitClasses(
  _ task: LearningTask, _ rows: FittingRows, plan: TrainingPlan, schema: FeatureSchema,
  warnings: inout [String]
) throws(PipelineError) -> FittedHeads {
  let isOrdinal = plan.form == .ordinal && task.classes == nil
  // Heads of a ladder are nested, so the number of yes answers is the tier.
  let allClasses =
    task.classes
    ?? task.heads[0].targets.indices.map { i in task.heads.count { $0.targets[i] > 0.5 } }
  let present = Set(allClasses).sorted()
  let classes = allClasses.map { k in present.firstIndex(of: k) ?? 0 }
  let count = present.count
  let name = task.heads[0].name
  do throws(LearningError) {
    let form = ClassForm(
      isOrdinal: isOrdinal, multiplier: rows.hashed == nil ? 10 : densePenaltyMultiplier,
      isBalanced: plan.balancesClasses)
    let penalties = plan.penalties.sorted(by: >)
    var penalty = penalties.contains(1) ? 1 : penalties[0]
    var scores: [TrainedRouter.HeldOutScore] = []
    if penalties.count > 1 {
      let losses = try heldOutLosses(
        form, penalties, classes: classes, classCount: count, rows: rows)
      let least = losses.indices.min { losses[$0].mean < losses[$1].mean } ?? 0
      let bound = losses[least].mean + losses[least].standardError
      let best =
        plan.selectionRule == .minimum
        ? least : losses.firstIndex { $0.mean <= bound } ?? least
      penalty = penalties[best]
      scores = zip(penalties, losses).map {
        TrainedRouter.HeldOutScore(
          setting: $0, loss: $1.mean, standardError: $1.standardError)
      }
    }
    let set = try ClassTrainingSet(
      dense: rows.dense, hashed: rows.hashed, classes: classes, classCount: count,
      weights: rows.weights(classes.count))
    let (fittedHeads, fit) = try form.fit(set, penalty: penalty)
    let learned = fittedHeads.map(rows.capped)
    let heads = task.heads.indices.map { head -> LogisticCoefficients in
      // A tier's head says "above"; with tiers that nobody is in, several say the same.
      let rank = isOrdinal ? present.count { $0 <= head } - 1 : present.firstIndex(of: head) ?? -1
      if learned.indices.contains(rank) { return learned[rank] }
      let value: Double = isOrdinal && rank < 0 ? 1 : 0
      warnings.append(
        ConstantHead.warning(task.heads[head].name, value: value, rows: classes.count))
      return ConstantHead.coefficients(value: value, rows: classes.count, schema: schema)
    }
    let reports = task.heads.map { head in
      var report = TrainedRouter.HeadReport(fit: fit, crossValidation: scores)
      report.name = head.name
      report.penalty = penalty
      return report
    }
    return FittedHeads(
      model: storedModel(heads.map { FittedHead(linear: $0) }, schema, plan.precision),
      reports: reports)
  } catch {
    throw .head(name: name, error)
  }
}

/// One of the two estimators over classes.
private struct ClassForm: Sendable {
  let isOrdinal: Bool
  let multiplier: Double
  let isBalanced: Bool

  func fit(_ set: ClassTrainingSet, penalty: Double, tolerance: Double = 1e-5)
    throws(LearningError) -> ([LogisticCoefficients], FitReport)
  {
    if isOrdinal {
      var settings = OrdinalLogisticRegression(l2Penalty: penalty)
      settings.densePenaltyMultiplier = multiplier
      settings.tolerance = tolerance
      if isBalanced { settings.classBalance = .balanced }
      let fitted = try settings.fit(set)
      return (fitted.model.heads, fitted.report)
    }
    var settings = MultinomialLogisticRegression(l2Penalty: penalty)
    settings.densePenaltyMultiplier = multiplier
    settings.tolerance = tolerance
    if isBalanced { settings.classBalance = .balanced }
    let fitted = try settings.fit(set)
    return (fitted.model.heads, fitted.report)
  }

  /// −Σ log P(class) of the rows.
  func loss(_ heads: [LogisticCoefficients], _ set: ClassTrainingSet) -> Double {
    let margins = heads.map { $0.margins(dense: set.dense, hashed: set.hashed) }
    var sum = 0.0
    for (i, k) in set.classes.enumerated() {
      if isOrdinal {
        // P(class k) = P(above k − 1) − P(above k).
        let above = k == 0 ? 1 : logistic(margins[k - 1][i])
        let higher = k == heads.count ? 0 : logistic(margins[k][i])
        sum -= log(max(1e-12, above - higher))
      } else {
        let largest = margins.map { $0[i] }.max() ?? 0
        let total = margins.reduce(0.0) { $0 + exp($1[i] - largest) }
        sum -= margins[k][i] - largest - log(total)
      }
    }
    return sum
  }
}

private func heldOutLosses(
  _ form: ClassForm, _ penalties: [Double], classes: [Int], classCount: Int, rows: FittingRows
) throws(LearningError) -> [(mean: Double, standardError: Double)] {
  let results = Shards.map(count: rows.folds.foldCount) {
    fold -> Result<[(Double, Int)], LearningError> in
    do throws(LearningError) {
      func set(_ part: [Int]) throws(LearningError) -> ClassTrainingSet {
        try ClassTrainingSet(
          dense: rows.dense.rows(part), hashed: rows.hashed?.rows(part),
          classes: part.map { classes[$0] }, classCount: classCount,
          weights: rows.weights(part.count))
      }
      let training = try set(rows.folds.trainingRows(fold))
      let heldOut = try set(rows.folds.heldOutRows(fold))
      var losses: [(Double, Int)] = []
      for penalty in penalties {
        let loss = try FitKeeper.numbers(rows.keeper, count: 1) { key in
          key.add(form.isOrdinal ? "ordinal" : "multinomial")
          key.add(penalty)
          key.add(fold)
          key.add(classes)
        } compute: { () throws(LearningError) in
          let (heads, _) = try form.fit(training, penalty: penalty, tolerance: 1e-4)
          return [form.loss(heads, heldOut)]
        }
        losses.append((loss[0], heldOut.count))
      }
      return .success(losses)
    } catch {
      return .failure(.fold(fold, error))
    }
  }
  var folded: [[(Double, Int)]] = []
  for result in results { folded.append(try result.get()) }
  return penalties.indices.map { p in
    let count = Double(max(1, folded.reduce(0) { $0 + $1[p].1 }))
    let total = folded.reduce(0.0) { $0 + $1[p].0 } / count
    let spread = folded.reduce(0.0) { sum, fold in
      let difference = fold[p].0 / Double(max(1, fold[p].1)) - total
      return sum + Double(fold[p].1) / count * difference * difference
    }
    return (total, (spread / Double(max(1, folded.count - 1))).squareRoot())
  }
}
