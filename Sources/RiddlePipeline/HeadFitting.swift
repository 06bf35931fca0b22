import RiddleData
import RiddleExport
import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// The model of all heads in stored precision, and how each head was fitted.
struct FittedHeads {
  var model: RouterModel
  var reports: [TrainedRouter.HeadReport]
}

/// Significant bits of a stored dense weight: see ``roundedToSignificantBits(_:bits:)``.
private let denseWeightBits = 14

/// λ of the dense block as a multiple of the hashed block's: rows of hashed features have length 1, standardised dense
/// columns have variance 1 each, so equal penalties would let the dense block shout. 100 was best in cross-validation
/// on public outcome data among 10, 100 and 1000.
package let densePenaltyMultiplier = 100.0

/// Fits one head per rung of the ladder.
func fitHeads(
  _ data: Dataset, _ features: FeaturizedRows, plan: TrainingPlan, split: Split,
  warnings: inout [String]
) throws(PipelineError) -> FittedHeads {
  let names = data.outcomes.candidates
  let headCount = names.count - 1
  let dense = Matrix(
    rowCount: features.count, columnCount: features.schema.denseCount,
    values: features.dense.map(Double.init))
  let hashed = features.schema.usesHashing ? hashedRows(features) : nil
  let folds = foldIDs(data, plan: plan, split: split)
  var reports: [TrainedRouter.HeadReport] = []
  var linear: [LogisticCoefficients] = []
  var trees: [TreeModel] = []
  for head in 0..<headCount {
    let targets = plan.target.labels(
      data.outcomes, head: head, qualityThreshold: plan.qualityThreshold)
    do throws(LearningError) {
      let set = try TrainingSet(dense: dense, hashed: hashed, targets: targets)
      var report: TrainedRouter.HeadReport
      switch plan.model {
      case .logistic:
        let (coefficients, made) = try fitLogistic(
          set, plan: plan, folds: folds, warnings: &warnings)
        linear.append(coefficients)
        report = made
      case .tree:
        let (tree, made) = try fitTree(set, plan: plan, folds: folds, warnings: &warnings)
        trees.append(tree)
        report = made
      }
      report.above = names[head]
      reports.append(report)
    } catch {
      throw .head(lower: names[head], upper: names[head + 1], error)
    }
  }
  let model: RouterModel =
    switch plan.model {
    case .logistic: .linear(storedModel(linear, features.schema, plan.precision))
    case .tree: .tree(TreeModel(heads: trees))
    }
  return FittedHeads(model: model, reports: reports)
}

private func fitLogistic(
  _ set: TrainingSet, plan: TrainingPlan, folds: [Int], warnings: inout [String]
) throws(LearningError) -> (LogisticCoefficients, TrainedRouter.HeadReport) {
  var settings = LogisticRegression()
  settings.densePenaltyMultiplier = set.hashed == nil ? 10 : densePenaltyMultiplier
  settings.l2Penalty = plan.penalties.contains(1) ? 1 : plan.penalties[0]
  var scores: [TrainedRouter.HeldOutScore] = []
  if plan.penalties.count > 1 {
    do throws(LearningError) {
      let path = RegularizationPath(estimator: settings, penalties: plan.penalties)
      let selection = try path.select(
        set, folds: CrossValidation(folds: folds, foldCount: plan.folds))
      scores = selection.points.map {
        TrainedRouter.HeldOutScore(
          setting: $0.penalty, loss: $0.logLoss.mean, standardError: $0.logLoss.standardError)
      }
      settings.l2Penalty = selection.penalty
    } catch {
      warnings.append(
        "penalties could not be compared by cross-validation, λ \(settings.l2Penalty) was taken: \(error)"
      )
    }
  }
  let fitted = try settings.fit(set)
  return (
    fitted.model, headReport(fitted.report, penalty: settings.l2Penalty, scores: scores)
  )
}

private func fitTree(
  _ set: TrainingSet, plan: TrainingPlan, folds: [Int], warnings: inout [String]
) throws(LearningError) -> (TreeModel, TrainedRouter.HeadReport) {
  let settings = DecisionTree()
  var scores: [TrainedRouter.HeldOutScore] = []
  let fitted: Fitted<TreeModel>
  do throws(LearningError) {
    let (pruned, selection) = try settings.fit(
      set, folds: CrossValidation(folds: folds, foldCount: plan.folds), rule: .minimum)
    scores = selection.points.map {
      TrainedRouter.HeldOutScore(
        setting: $0.costComplexity, loss: $0.loss.mean, standardError: $0.loss.standardError)
    }
    fitted = pruned
  } catch {
    fitted = try settings.fit(set)
    warnings.append("the tree could not be pruned by cross-validation: \(error)")
  }
  var report = headReport(fitted.report, penalty: nil, scores: scores)
  report.leaves = fitted.model.nodes.count { $0.isLeaf }
  return (fitted.model, report)
}

private func headReport(
  _ fit: FitReport, penalty: Double?, scores: [TrainedRouter.HeldOutScore]
) -> TrainedRouter.HeadReport {
  TrainedRouter.HeadReport(
    above: "", fit: fit, penalty: penalty, crossValidation: scores, leaves: nil,
    calibrationSlope: 1, calibrationOffset: 0, threshold: 0, thresholdProbability: 0.5)
}

/// A fold per row by hash of its unit, so that what the split keeps together the folds keep together.
private func foldIDs(_ data: Dataset, plan: TrainingPlan, split: Split) -> [Int] {
  (0..<data.count).map { i in
    let unit = RowFingerprint.unit(
      split.unit, text: data.texts[i], context: data.contexts[i])
    return Int(StableHash.mixed(unit &+ StableHash.mixed(plan.seed &+ 1)) % UInt64(plan.folds))
  }
}

/// All heads in the precision they are stored with.
private func storedModel(
  _ heads: [LogisticCoefficients], _ schema: FeatureSchema, _ precision: StoredPrecision
) -> LinearModel {
  let buckets = schema.usesHashing ? 1 << schema.bucketBits : 0
  var table = [Double](repeating: 0, count: buckets * heads.count)
  for (head, coefficients) in heads.enumerated() {
    for bucket in 0..<buckets { table[bucket * heads.count + head] = coefficients.hashed[bucket] }
  }
  return LinearModel(
    headCount: heads.count,
    intercepts: heads.map {
      Double(roundedToSignificantBits($0.intercept, bits: denseWeightBits))
    },
    dense: heads.flatMap { head in
      head.dense.map { roundedToSignificantBits($0, bits: denseWeightBits) }
    },
    hashed: buckets == 0
      ? .none
      : HashedWeights(
        rounding: table, bucketBits: schema.bucketBits, headCount: heads.count, to: precision))
}
