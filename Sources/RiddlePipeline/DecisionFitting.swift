import Glibc
import RiddleData
import RiddleEvaluation
import RiddleLearning
import RiddlePolicies
import RiddleRuntime

/// Calibration maps, rule and thresholds of a router.
struct DecisionParts {
  var calibration: [CalibrationMap] = []
  var thresholds: [Double] = []
  var steps: [TrainedRouter.StepReport] = []
}

/// Calibrates every head and chooses the thresholds on margins of rows that the fit did not see. A head that cannot be
/// calibrated keeps the identity, with a warning.
///
/// - Parameters:
///   - model: the stored model.
///   - margins: margins of every head, rows × heads.
func fitDecisions(
  model: RouterModel, margins: [Double], schema: FeatureSchema, data: Dataset,
  task: LearningTask, plan: TrainingPlan, reports: inout [TrainedRouter.HeadReport],
  warnings: inout [String]
) throws(PipelineError) -> DecisionParts {
  let heads = model.headCount
  let rule = task.rule
  var parts = DecisionParts()
  if case .values(let values) = rule, values.link == .softmax {
    let slope = softmaxSlope(margins, heads: heads, classes: task.classes ?? [])
    parts.calibration = [CalibrationMap](
      repeating: slope == 1 ? .identity : .platt(slope: slope, offset: 0), count: heads)
    for head in 0..<heads {
      reports[head].calibration = CalibrationReport(parts.calibration[head])
    }
  } else {
    for head in 0..<heads {
      let own = (0..<data.count).map { margins[$0 * heads + head] }
      let made = calibrate(
        own, targets: task.heads[head].targets, plan: plan, name: task.heads[head].name,
        warnings: &warnings)
      parts.calibration.append(made.map)
      reports[head].calibration = made
    }
  }
  switch rule {
  case .ladder:
    for head in 0..<heads {
      let own = (0..<data.count).map { margins[$0 * heads + head] }
      let threshold = stepThreshold(
        own, step: head, positives: task.heads[head].targets, data: data, rule: plan.thresholdRule,
        map: parts.calibration[head])
      parts.thresholds.append(threshold)
    }
  case .values(let values):
    let unset = Router(
      schema: schema, model: model, calibration: parts.calibration, rule: rule,
      thresholds: values.prices.dropFirst().map { _ in Router.Threshold(value: 0) },
      candidates: data.outcomes.candidates.map {
        Router.Candidate(name: Array($0.utf8), meanCost: -1)
      })
    var steps: [Double] = []
    var row: InlineArray<64, Double> = InlineArray(repeating: 0)
    for i in 0..<data.count {
      for head in 0..<heads { row[head] = margins[i * heads + head] }
      unset.writeProbabilities(of: row, link: values.link, to: &row)
      values.writeSteps(probabilities: row, headCount: heads, to: &row)
      for step in 1..<values.prices.count { steps.append(row[step - 1]) }
    }
    let threshold = try sharedThreshold(
      steps, data: data, rule: plan.thresholdRule, costWeight: plan.costWeight)
    parts.thresholds = values.prices.dropFirst().map { _ in threshold }
  }
  parts.steps = parts.thresholds.enumerated().map { step, threshold in
    TrainedRouter.StepReport(
      above: data.outcomes.candidates[step], threshold: threshold,
      probability: rule == .ladder
        ? parts.calibration[step].probability(ofMargin: threshold)
        : min(1, max(0, (1 + threshold) / 2)))
  }
  return parts
}

/// The threshold of one step of a ladder of heads.
private func stepThreshold(
  _ margins: [Double], step: Int, positives: [Double], data: Dataset, rule: ThresholdRule,
  map: CalibrationMap
) -> Double {
  let lower = (0..<data.count).map { data.outcomes.quality($0, step) }
  let gains = (0..<data.count).map { data.outcomes.quality($0, step + 1) - lower[$0] }
  return rule.threshold(
    margins: margins, gains: gains,
    lowerQuality: lower.reduce(0, +) / Double(max(1, data.count)),
    positiveShare: positives.reduce(0, +) / Double(max(1, data.count)),
    marginOfProbability: { margin(ofProbability: $0, map) })
}

/// The value per unit of price, the same at every step, from which a dearer candidate is asked.
///
/// Balanced: the mean gain of the dearest over the cheapest, so that a call is made when it offers more than the
/// average dear call. Utility: λ times the dollars between them. Shares and retention: found among the observed step
/// margins; for several candidates the share is that of the dearest.
private func sharedThreshold(
  _ steps: [Double], data: Dataset, rule: ThresholdRule, costWeight: Double
) throws(PipelineError) -> Double {
  let table = data.outcomes
  let last = table.candidates.count - 1
  let count = Double(max(1, data.count))
  func mean(_ k: Int) -> Double {
    (0..<data.count).reduce(0) { $0 + table.quality($1, k) } / count
  }
  switch rule {
  case .balanced: return mean(last) - mean(0)
  case .probability(let p): return 2 * p - 1
  case .errorCosts:
    throw .unsupported(
      "--threshold costs= weighs the errors of a yes-or-no target: use target weak-fails or strong-wins"
    )
  case .utility:
    var dollars = 0.0
    for i in 0..<data.count {
      guard let low = table.cost(i, 0), let high = table.cost(i, last) else { return 0 }
      dollars += NanoDollars(high).dollars - NanoDollars(low).dollars
    }
    return costWeight * dollars / count
  case .strongShare, .retention: break
  }
  let observed = Set(steps).sorted()
  let stride = max(1, observed.count / 512)
  var cuts = [(observed.last ?? 0) + 1]
  for i in Swift.stride(from: observed.count - 1, to: 0, by: -stride) {
    let low = observed[i - 1]
    cuts.append(low + (observed[i] - low) / 2)
  }
  cuts.append((observed.first ?? 0) - 1)
  var best = cuts[0]
  var bestValue = -Double.infinity
  for cut in cuts {  // falling: dearer and dearer
    let picks = Ladder(thresholds: [Double](repeating: cut, count: last)).picks(margins: steps)
    let quality = picks.enumerated().reduce(0.0) { $0 + table.quality($1.offset, $1.element) }
    let value: Double
    switch rule {
    case .strongShare(let wanted):
      value = -abs(Double(picks.count { $0 == last }) / count - wanted)
    case .retention(let wanted):
      value = quality / count >= wanted * mean(last) - 1e-12 ? 1 : quality / count - 2
    default: value = 0
    }
    if value > bestValue + 1e-12 {
      bestValue = value
      best = cut
    }
  }
  return best
}

/// One temperature for all classes: the slope s > 0 that minimises −Σ log softmax(s · margins)[class], by golden-section
/// search over log s in [−3, 3]. The loss is convex in s.
private func softmaxSlope(_ margins: [Double], heads: Int, classes: [Int]) -> Double {
  func loss(_ slope: Double) -> Double {
    var sum = 0.0
    for (i, k) in classes.enumerated() {
      let row = margins[(i * heads)..<((i + 1) * heads)].map { slope * $0 }
      let largest = row.max() ?? 0
      sum += largest + log(row.reduce(0) { $0 + exp($1 - largest) }) - row[k]
    }
    return sum
  }
  if classes.isEmpty { return 1 }
  let ratio = (5.0.squareRoot() - 1) / 2
  var low = -3.0
  var high = 3.0
  for _ in 0..<40 {
    let a = high - ratio * (high - low)
    let b = low + ratio * (high - low)
    if loss(exp(a)) < loss(exp(b)) { high = b } else { low = a }
  }
  return exp((low + high) / 2)
}

/// Margins of every head, rows × heads, computed by the runtime from text.
func modelMargins(
  _ model: RouterModel, schema: FeatureSchema, data: Dataset
) -> [Double] {
  let texts = data.texts
  let contexts = data.contexts.map(requestContext)
  return parallelShards(of: data.count, FeaturizedRows.shardCount) { range in
    let featurizer = Featurizer(schema: schema)
    var features = FeatureVector(schema: schema)
    var margins: [Double] = []
    for i in range {
      featurizer.featurize(
        texts[i], context: contexts[i], embeddings: data.embeddings, row: i, into: &features)
      for head in 0..<model.headCount { margins.append(model.margin(features, head: head)) }
    }
    return margins
  }.flatMap { $0 }
}

/// The margin at which the calibrated probability is `p`; beyond ±36 for 0 and 1, where doubles round to them. For an
/// isotonic map the lowest such margin, or one beyond the last knot when no margin reaches `p`.
public func margin(ofProbability p: Double, _ map: CalibrationMap) -> Double {
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
