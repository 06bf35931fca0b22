import RiddleData
import RiddleLearning
import RiddleRuntime

/// Calibration maps and thresholds of all heads.
struct DecisionParts {
  var calibration: [CalibrationMap] = []
  var thresholds: [Double] = []
}

/// Calibrates every head and chooses its threshold on rows that the fit did not see, with margins of the stored
/// model. A head that cannot be calibrated keeps the identity, with a warning.
func calibrateHeads(
  model: RouterModel, schema: FeatureSchema, data: Dataset, plan: TrainingPlan,
  reports: inout [TrainedRouter.HeadReport], warnings: inout [String]
) -> DecisionParts {
  let heads = model.headCount
  let names = data.outcomes.candidates
  let margins = modelMargins(model, schema: schema, data: data)
  var parts = DecisionParts()
  for head in 0..<heads {
    let own = (0..<data.count).map { margins[$0 * heads + head] }
    let targets = plan.target.labels(
      data.outcomes, head: head, qualityThreshold: plan.qualityThreshold)
    var map = CalibrationMap.identity
    do {
      map = try PlattScaling().fit(margins: own, targets: targets).model
    } catch {
      warnings.append("leaving \(names[head]): probabilities are not calibrated; \(error)")
    }
    let lower = (0..<data.count).map { data.outcomes.quality($0, head) }
    let gains = (0..<data.count).map { data.outcomes.quality($0, head + 1) - lower[$0] }
    let threshold = plan.threshold.threshold(
      margins: own, gains: gains,
      lowerQuality: lower.reduce(0, +) / Double(max(1, data.count)),
      positiveShare: targets.reduce(0, +) / Double(max(1, data.count)),
      marginOfProbability: { margin(ofProbability: $0, map) })
    parts.calibration.append(map)
    parts.thresholds.append(threshold)
    reports[head].threshold = threshold
    reports[head].thresholdProbability = map.probability(ofMargin: threshold)
    if case .platt(let slope, let offset) = map {
      reports[head].calibrationSlope = slope
      reports[head].calibrationOffset = offset
    }
  }
  return parts
}

/// Margins of every head, rows × heads, computed by the runtime from text.
private func modelMargins(
  _ model: RouterModel, schema: FeatureSchema, data: Dataset
) -> [Double] {
  let texts = data.texts
  let contexts = data.contexts.map(requestContext)
  return parallelShards(of: data.count, FeaturizedRows.shardCount) { range in
    let featurizer = Featurizer(schema: schema)
    var features = FeatureVector(schema: schema)
    var margins: [Double] = []
    for i in range {
      featurizer.featurize(texts[i].utf8Span.span, context: contexts[i], into: &features)
      for head in 0..<model.headCount { margins.append(model.margin(features, head: head)) }
    }
    return margins
  }.flatMap { $0 }
}

/// The margin at which the calibrated probability is `p`; beyond ±36 for 0 and 1, where doubles round to them. For an
/// isotonic map the lowest such margin, or one beyond the last knot when no margin reaches `p`.
func margin(ofProbability p: Double, _ map: CalibrationMap) -> Double {
  let logit = p <= 0 ? -40.0 : p >= 1 ? 40.0 : logitByBisection(p)
  switch map {
  case .identity: return logit
  case .platt(let slope, let offset): return (logit - offset) / slope
  case .isotonic(let knots):
    guard let right = knots.probabilities.firstIndex(where: { $0 >= p }) else {
      return (knots.margins.last ?? 0) + 1
    }
    if right == 0 { return knots.margins[0] - 1 }
    let low = knots.probabilities[right - 1]
    let share = (p - low) / (knots.probabilities[right] - low)
    return knots.margins[right - 1] + share * (knots.margins[right] - knots.margins[right - 1])
  }
}

/// The x in [−40, 40] with logistic(x) = p, by bisection on the runtime's own logistic function.
private func logitByBisection(_ p: Double) -> Double {
  var low = -40.0
  var high = 40.0
  for _ in 0..<80 {
    let middle = (low + high) / 2
    if logistic(middle) < p { low = middle } else { high = middle }
  }
  return (low + high) / 2
}
