import RiddleLearning
import RiddleLinearAlgebra
import RiddleRuntime

/// Logistic regressions and boosted trees side by side, weighed by a regression on their out-of-fold margins (Wolpert,
/// 1992; Breiman, 1996): margin = Σ a_p · part_p + c with a_p > 0.
///
/// There is a part of each kind for every smoothing of the targets: what is learned from smooth targets is stabler, what
/// is learned from raw ones is sharper. The weights are folded in, so all linear parts become one, and all trees one
/// forest: the number of linear parts costs nothing when scoring.
func fitStack(
  _ targets: [Double], _ rows: FittingRows, plan: TrainingPlan, warnings: inout [String]
) throws(LearningError) -> FittedPart {
  let linear = try LinearPart(targets, rows, plan: plan, needsMargins: true, warnings: &warnings)
  let boosted = try BoostedPart(targets, rows, plan: plan)
  let linearParts = linear.bestOfEachSmoothing
  let blend = try Blend(
    linearParts.map(\.margins) + boosted.found.margins, targets: targets,
    rows: rows.folds.everHeldOut)

  var model = LogisticCoefficients(
    intercept: blend.intercept, dense: [Double](repeating: 0, count: rows.dense.columnCount),
    hashed: [Double](repeating: 0, count: rows.hashed?.bucketCount ?? 0))
  var forests: [ForestModel] = []
  var parts: [TrainedRouter.StackPart] = []
  var first: FitReport?
  var odds: OddsTable?
  let heaviest = blend.weights[..<linearParts.count].max() ?? 0
  for (index, part) in linearParts.enumerated() where blend.weights[index] > 0 {
    let fitted = try linear.fit(part.setting, targets, rows)
    if first == nil { first = fitted.report }
    model = model.adding(fitted.model, times: blend.weights[index])
    if odds == nil && blend.weights[index] == heaviest {
      odds = try linear.odds(fitted.model, part.setting, targets, rows, plan: plan)
    }
    parts.append(
      TrainedRouter.StackPart(
        kind: "linear", weight: blend.weights[index], penalty: part.setting.penalty,
        smoothing: part.setting.alpha, fit: fitted.report))
  }
  for (index, alpha) in boosted.found.settings.enumerated() {
    let weight = blend.weights[linearParts.count + index]
    if weight == 0 { continue }
    let fitted = try boosted.fit(index, targets, rows)
    if first == nil { first = fitted.report }
    forests.append(fitted.model.scaled(by: weight))
    parts.append(
      TrainedRouter.StackPart(
        kind: "trees", weight: weight, smoothing: alpha, trees: boosted.treeCount(index),
        fit: fitted.report))
  }
  guard let first else { throw .singularCurvature(order: 1, size: linearParts.count) }
  var report = TrainedRouter.HeadReport(
    fit: first, crossValidation: linear.scores + boosted.scores)
  report.parts = parts
  report.odds = odds
  return FittedPart(
    head: FittedHead(linear: model, forest: summed(forests)), report: report,
    margins: blend.margins)
}

/// Non-negative weights of the parts of a stack.
private struct Blend {
  /// Weight of each part; 0 for a part that adds nothing to the others.
  private(set) var weights: [Double]
  private(set) var intercept = 0.0
  /// Blended margins of the rows.
  private(set) var margins: [Double]

  /// Logistic regression of the targets on the parts' margins; the part with the most negative weight is left out and
  /// the rest fitted again, until none is negative.
  ///
  /// - Parameter rows: the rows that have out-of-fold margins.
  init(_ parts: [[Double]], targets: [Double], rows: [Int]) throws(LearningError) {
    weights = [Double](repeating: 0, count: parts.count)
    var kept = Array(parts.indices)
    while true {
      var values: [Double] = []
      values.reserveCapacity(kept.count * rows.count)
      for i in rows {
        for k in kept { values.append(parts[k][i]) }
      }
      var blending = LogisticRegression(l2Penalty: 1)
      blending.standardizesDense = false
      let fitted = try blending.fit(
        try TrainingSet(
          dense: Matrix(rowCount: rows.count, columnCount: kept.count, values: values),
          targets: rows.map { targets[$0] }))
      let worst = kept.indices.min { fitted.model.dense[$0] < fitted.model.dense[$1] } ?? 0
      if fitted.model.dense[worst] > 0 || kept.count == 1 {
        // A single part that is worth nothing still gives the file its shape.
        for (k, weight) in zip(kept, fitted.model.dense) { weights[k] = max(1e-3, weight) }
        intercept = fitted.model.intercept
        break
      }
      kept.remove(at: worst)
    }
    margins = [Double](repeating: intercept, count: targets.count)
    for (part, weight) in zip(parts, weights) where weight > 0 {
      for i in targets.indices { margins[i] += weight * part[i] }
    }
  }
}

/// One head whose margin is the sum of the forests' margins; without forests, a tree that says nothing.
private func summed(_ forests: [ForestModel]) -> ForestModel {
  if forests.isEmpty { return ConstantHead.emptyForest(base: 0) }
  let all = joined(forests)
  return ForestModel(
    nodes: all.nodes, roots: all.roots, treeCounts: [all.roots.count],
    bases: [all.bases.reduce(0, +)])
}
