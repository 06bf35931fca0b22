import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// Logistic regression and boosted trees side by side, weighed by a regression on their out-of-fold margins
/// (Wolpert, 1992; Breiman, 1996): margin = a · linear + b · forest + c. The weights are folded into both parts.
///
/// A part with a weight that is not positive is left at a thousandth of its margin: it adds nothing that held-out rows
/// would notice, and the file keeps its shape.
func fitStack(
  _ targets: [Double], _ rows: FittingRows, plan: TrainingPlan, warnings: inout [String]
) throws(LearningError) -> (FittedHead, TrainedRouter.HeadReport) {
  let linear = try LinearPart(targets, rows, plan: plan, needsMargins: true, warnings: &warnings)
  let boosted = try BoostedPart(targets, rows, plan: plan)
  let linearMargins = linear.margins ?? []
  var values: [Double] = []
  values.reserveCapacity(2 * targets.count)
  for i in targets.indices {
    values.append(linearMargins[i])
    values.append(boosted.margins[i])
  }
  var blending = LogisticRegression(l2Penalty: 1)
  blending.standardizesDense = false
  let blend = try blending.fit(
    try TrainingSet(
      dense: Matrix(rowCount: targets.count, columnCount: 2, values: values), targets: targets))
  let weights = blend.model.dense.map { max(1e-3, $0) }
  let fittedLinear = try linear.fit(targets, rows, plan: plan)
  let fittedForest = try boosted.fit(targets, rows)
  var report = linear.report(fittedLinear.report)
  report.trees = boosted.settings.maximumTrees
  report.forestFit = fittedForest.report
  report.forestSmoothing = boosted.alpha
  report.blend = weights
  return (
    FittedHead(
      linear: fittedLinear.model.scaled(by: weights[0], adding: blend.model.intercept),
      forest: fittedForest.model.scaled(by: weights[1])), report
  )
}
