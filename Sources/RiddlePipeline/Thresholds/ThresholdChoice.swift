import RiddleData
import RiddleEvaluation
import RiddleExport
import RiddleRuntime

/// A threshold chosen for a router, and all that its new weight file must say.
public struct ThresholdChoice: Sendable {
  /// What was found, for people and other programs.
  public var report: ThresholdReport
  /// Rows of the data that the choice has seen: no evaluation of the new file may use them.
  public let usedRows: [Int]
  /// The promise as the weight file keeps it.
  public let guarantee: Router.Threshold.Guarantee
}

/// Chooses thresholds for a decoded router on rows that it did not see.
///
/// A promise is proved by ``certifyThreshold(_:losses:terms:)`` along ``offsetGrid(_:)``.
///
/// - Parameters:
///   - data: rows with complete outcomes of the router's ladder.
///   - seen: what is known of the rows that fit, calibration and model selection saw.
/// - Throws: ``PipelineError``: `.nothingUnseen`, or `.unsupported` for embeddings the data lack, a budget without costs, or
///   error costs for a router that weighs outcomes.
public func chooseThreshold(
  _ router: Router, name: String, on data: Dataset, seen: SeenRows, plan: ThresholdPlan
) throws(PipelineError) -> ThresholdChoice {
  var (usable, selection, warnings) = selectRows(data, seen: seen, choice: plan.rows)
  if usable.isEmpty { throw .nothingUnseen(total: data.count) }
  let isProven = isProvenUnseen(data, rows: usable, seen: seen)
  if case .unknown = seen, plan.rows == .heldOut {
    throw .unsupported(
      "which rows \(name) was trained on is unknown (no training-rows.bin of this router beside the weight file): a threshold chosen on them would promise too much; give the folder of its run, or --rows all if you know that these rows are new"
    )
  }
  let all = usable.count
  usable = thinned(usable, data: data, seen: seen, plan: plan)
  if usable.isEmpty { throw .unsupported("--use \(plan.share) leaves none of \(all) rows") }
  let rows = data.rows(usable)
  warnings += try checkedEmbeddings(rows, router: router, name: name)
  let policy = scoredPolicy(router, name: name, on: rows)
  let (clusters, unit) = resamplingUnits(rows)

  func option(_ thresholds: [Double]) -> ThresholdReport.Option {
    let picks = ScoredPolicy(
      name: name, kind: policy.kind, margins: policy.margins, thresholds: thresholds
    ).picks
    return ThresholdReport.Option(
      thresholds: thresholds,
      probabilities: thresholds.enumerated().map { router.probability(ofMargin: $1, step: $0) },
      figures: ThresholdFigures(
        rows.outcomes, picks: picks, clusters: clusters, replicates: plan.replicates,
        confidence: plan.coverage, seed: plan.seed))
  }
  var report = ThresholdReport(
    router: name, candidates: rows.outcomes.candidates, goal: plan.goal.description, chosen: nil,
    promise: nil, bestOnValidation: nil, stored: option(policy.thresholds),
    rows: selection.description, rowsUsed: rows.count, rowsKeptUnseen: all - rows.count,
    rowsSeen: selection.seenInTraining, isProvenUnseen: isProven, warnings: [])
  var guarantee = Router.Threshold.Guarantee.none
  switch plan.goal {
  case .promise(let terms):
    let family = ThresholdFamily(
      margins: policy.margins, base: policy.thresholds, offsets: offsetGrid(router))
    let losses = PairedLosses(
      rows.outcomes, clusters: clusters, keys: rows.texts.map { RowFingerprint.text($0) })
    let found = certifyThreshold(family, losses: losses, terms: terms)
    report.chosen = found.offset.map { option(family.thresholds($0)) }
    report.bestOnValidation = found.bestOnValidation.map { option(family.thresholds($0)) }
    let strongest = rows.outcomes.candidates.last ?? ""
    report.promise = ThresholdReport.Promise(
      terms: terms,
      sentence: sentence(terms, strongest: strongest, unit: unit, units: losses.unitCount),
      isMade: found.offset != nil, isFiniteSample: terms.method.isFiniteSample, unit: unit,
      units: losses.unitCount, relativeTo: "always \(strongest)", grid: family.offsets.count,
      certified: found.certified, pValue: found.pValue, refusedPValue: found.refusedPValue,
      unitsNeeded: unitsNeededWithoutLoss(terms))
    guarantee = terms.method.guarantee
    if hasSeenRows(rows, seen: seen) {
      guarantee = .none
      warnings.append(
        "rows that training saw are among those used: nothing is promised about new queries, and no guarantee is written"
      )
    } else if !isProven {
      warnings.append(
        "the promise holds only if fit, calibration and model selection saw none of these rows, which cannot be checked here"
      )
    }
    if !terms.method.isFiniteSample {
      warnings.append(
        "clt is asymptotic: its confidence is right for many rows only; --method wsr holds at any number"
      )
    }
  case .observed(let rule):
    if case .budget = rule, rows.outcomes.missingCostCount > 0 {
      throw .unsupported(
        "--budget needs the cost of every answer; \(rows.outcomes.missingCostCount) are missing: give --price name=dollars"
      )
    }
    let sweep = OffsetSweep(
      margins: policy.margins, thresholds: policy.thresholds, table: rows.outcomes)
    report.chosen = sweep.point(rule).map { point in
      option(policy.thresholds.map { $0 + point.offset })
    }
  case .errorCosts(let failure, let overspend):
    guard router.rule == .ladder else {
      throw .unsupported(
        "--costs weighs the errors of a yes-or-no target, and this router weighs outcomes: train with --target weak-fails or strong-wins"
      )
    }
    let p = overspend / (overspend + failure)
    report.chosen = option(router.calibration.map { margin(ofProbability: p, $0) })
  }
  report.warnings = warnings
  return ThresholdChoice(report: report, usedRows: usable, guarantee: guarantee)
}

/// Offsets of all thresholds from nearly always strongest to nearly always cheapest, from the router alone: no row of the
/// data at hand has a part in it.
///
/// At offset j the first step's threshold has the log-odds −10 + j / 200 after calibration, j = 0 … 4000; with an isotonic map,
/// which has flat parts, the margins are 4001 equal steps from one below its first knot to one above its last; a router that weighs
/// outcomes has 4001 equal steps of value, −1 … 1. Further steps move by the same offset.
public func offsetGrid(_ router: Router) -> [Double] {
  guard let base = router.thresholds.first?.value else { return [] }
  let steps = 4000
  let margins: [Double]
  switch (router.rule, router.calibration.first) {
  case (.values, _):
    margins = (0...steps).map { 2 * Double($0) / Double(steps) - 1 }
  case (.ladder, .isotonic(let map)):
    let low = (map.margins.first ?? 0) - 1
    let high = (map.margins.last ?? 0) + 1
    margins = (0...steps).map { low + (high - low) * Double($0) / Double(steps) }
  case (.ladder, .platt(let slope, let offset)):
    margins = (0...steps).map { (-10 + Double($0) / 200 - offset) / slope }
  case (.ladder, _):
    margins = (0...steps).map { -10 + Double($0) / 200 }
  }
  // Subtracting may make neighbours equal; the grid must rise.
  var offsets: [Double] = []
  for margin in margins {
    let offset = margin - base
    if offset > offsets.last ?? -.infinity { offsets.append(offset) }
  }
  return offsets
}

/// The rows that the plan's share keeps.
private func thinned(_ rows: [Int], data: Dataset, seen: SeenRows, plan: ThresholdPlan) -> [Int] {
  if plan.share >= 1 { return rows }
  let unit: SplitUnit =
    switch seen {
    case .fingerprints(let lists): lists.first?.unit ?? .text
    case .split(let split): split.unit
    case .unknown: .text
    }
  var stream = SplitMix64(seed: plan.seed, stream: "threshold rows")
  let salt = stream.next()
  return rows.filter { i in
    let hash = RowFingerprint.unit(unit, text: data.texts[i], context: data.contexts[i])
    var draw = SplitMix64(seed: StableHash.mixed(hash ^ salt))
    return draw.unit() < plan.share
  }
}

private func isProvenUnseen(_ data: Dataset, rows: [Int], seen: SeenRows) -> Bool {
  switch seen {
  case .unknown: return false
  case .fingerprints: return !hasSeenRows(data.rows(rows), seen: seen)
  case .split(let split):
    return rows.allSatisfy {
      split.side(text: data.texts[$0], context: data.contexts[$0]) == .test
    }
  }
}

/// Whether some row is known to have been seen.
private func hasSeenRows(_ data: Dataset, seen: SeenRows) -> Bool {
  guard case .fingerprints(let lists) = seen else { return false }
  return (0..<data.count).contains { i in
    lists.contains { $0.contains(text: data.texts[i], context: data.contexts[i]) }
  }
}

private func sentence(
  _ terms: PromiseTerms, strongest: String, unit: String, units: Int
) -> String {
  let sure = "with \(rounded(terms.confidence * 100).plainText) % confidence"
  let these = "for \(plural(unit)) like these \(units)"
  let loss =
    unit == "query"
    ? "mean quality loss" : "mean quality loss of a \(unit), averaged over its queries,"
  switch terms.method {
  case .binomial:
    return
      "\(sure) the share of \(plural(unit)) with any quality loss against always asking \(strongest), and so the mean loss, is at most \(terms.maximumLoss), \(these)"
  case .clt:
    return
      "\(sure), if these are many enough for the central limit theorem, the \(loss) against always asking \(strongest) is at most \(terms.maximumLoss), \(these)"
  case .wsr, .hoeffdingBentkus:
    return
      "\(sure) the \(loss) against always asking \(strongest) is at most \(terms.maximumLoss), \(these)"
  }
}

private func plural(_ unit: String) -> String { unit == "query" ? "queries" : unit + "s" }

extension Double {
  /// Without `.0` for whole numbers.
  fileprivate var plainText: String {
    if let whole = Int(exactly: self) { return "\(whole)" }
    return "\(self)"
  }
}

/// The smallest number of units, none of which loses anything, that certifies a threshold.
private func unitsNeededWithoutLoss(_ terms: PromiseTerms) -> Int {
  func certifies(_ n: Int) -> Bool {
    terms.method.pValue(
      [Double](repeating: 0, count: n), maximumLoss: terms.maximumLoss, delta: terms.delta)
      <= terms.delta
  }
  var high = 1
  while !certifies(high) && high < 1 << 22 { high *= 2 }
  var low = high / 2
  while high - low > 1 {
    let middle = (low + high) / 2
    if certifies(middle) { high = middle } else { low = middle }
  }
  return high
}

extension RiskBound {
  /// The kind of promise as a weight file keeps it.
  var guarantee: Router.Threshold.Guarantee {
    switch self {
    case .wsr, .hoeffdingBentkus: .meanLoss
    case .clt: .asymptoticMeanLoss
    case .binomial: .lossShare
    }
  }
}

extension Router {
  /// Probability that a step's margin stands for: calibrated, or the expected gain moved to [0, 1].
  func probability(ofMargin margin: Double, step: Int) -> Double {
    rule == .ladder
      ? calibration[step].probability(ofMargin: margin) : min(1, max(0, (1 + margin) / 2))
  }
}
