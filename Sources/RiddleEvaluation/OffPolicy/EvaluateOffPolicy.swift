import RiddleData

/// Estimates what `targets` would have earned on the queries of `log`.
///
/// Intervals are bootstrapped over clusters; the same replicates serve every estimator, every target and the logging
/// policy's own mean, so that differences are paired. The cross-fitted reward model is fitted anew in each replicate.
///
/// - Parameters:
///   - targets: policies; those that the log hardly supports are refused in the report, not estimated.
///   - model: predictions for the direct method and the doubly robust estimators.
/// - Throws: ``OffPolicyError``.
/// - Complexity: O(replicates · decisions · targets · estimators), for targets that mix times the candidates.
public func evaluateOffPolicy(
  _ log: LoggedActions, targets: [TargetPolicy], model: RewardModel = .means,
  settings: OffPolicySettings = OffPolicySettings()
) throws(OffPolicyError) -> OffPolicyReport {
  try settings.check()
  if case .given(let predictions) = model {
    guard predictions.count == log.count * log.candidates.count else {
      throw .columnLength(
        column: "predictions", expected: log.count * log.candidates.count,
        actual: predictions.count)
    }
    for (i, value) in predictions.enumerated() where !value.isFinite {
      throw .nonFinitePrediction(row: i / log.candidates.count)
    }
  }
  for target in targets { try target.check(on: log) }
  let columns = targets.map { target in
    (0..<log.count).map { i in
      target.probability(i, Int(log.actions[i]), width: log.candidates.count)
        / log.propensities[i]
    }
  }
  let overlaps = zip(targets, columns).map { Overlap(log, target: $0, weights: $1) }
  let refusals = overlaps.map { overlap -> [String] in
    if settings.allowsWeakSupport { return [] }
    return weaknesses(overlap).map {
      "\($0.fact); \($0.remedy), or see the estimates all the same with --allow-weak-support"
    }
  }
  func figures(_ target: TargetPolicy?, _ weights: [Double]) -> [Figure] {
    OffPolicyWork(
      log: log, target: target, weights: weights, estimators: settings.estimators, model: model,
      seed: settings.seed
    ).figures(settings)
  }
  let range = [log.rewards.min() ?? 0, log.rewards.max() ?? 0]
  var report = OffPolicyReport(
    decisions: log.count, clusters: Set(log.clusters).count, clusterField: log.clusterField,
    candidates: log.candidates, withoutReward: log.withoutReward,
    propensities: .init(
      source: log.assumedCount == 0
        ? "logged" : log.assumedCount == log.count ? "assumed" : "mixed",
      assumption: log.assumption, assumedDecisions: log.assumedCount,
      range: [log.propensities.min() ?? 0, log.propensities.max() ?? 0]),
    logged: figures(nil, [])[0], rewardRange: range, rewardModel: describe(model, log),
    settings: .init(
      clip: settings.clip, tau: settings.threshold, lambda: settings.lambda,
      replicates: settings.replicates, confidence: settings.confidence, seed: settings.seed,
      method: settings.method, allowsWeakSupport: settings.allowsWeakSupport),
    targets: [], warnings: logWarnings(log))
  for (t, target) in targets.enumerated() {
    var estimates: [OffPolicyReport.Estimate] = []
    if refusals[t].isEmpty {
      let found = figures(target, columns[t])
      estimates = settings.estimators.enumerated().map { e, estimator in
        .init(
          estimator: estimator.name, value: found[1 + 2 * e], difference: found[2 + 2 * e])
      }
    }
    report.targets.append(
      .init(
        name: target.name, refusals: refusals[t], estimates: estimates, overlap: overlaps[t],
        warnings: targetWarnings(overlaps[t], estimates, range: range, settings: settings)))
  }
  return report
}

/// Why a target must not be estimated from this log.
private func weaknesses(_ overlap: Overlap) -> [(fact: String, remedy: String)] {
  var found: [(fact: String, remedy: String)] = []
  if overlap.effectiveSampleSize < OffPolicySettings.leastEffectiveSample {
    found.append(
      (
        "the log is worth \(rounded(overlap.effectiveSampleSize)) decisions of this policy, at least \(rounded(OffPolicySettings.leastEffectiveSample)) are needed",
        "log more"
      ))
  }
  if overlap.largestWeight > OffPolicySettings.mostWeight {
    found.append(
      (
        "a single decision has weight \(rounded(overlap.largestWeight)), at most \(rounded(OffPolicySettings.mostWeight)) is trusted",
        "explore more"
      ))
  }
  if overlap.unsupportedMass > OffPolicySettings.mostUnsupportedMass {
    found.append(
      (
        "\(rounded(100 * overlap.unsupportedMass))% of its choices could not have been logged, at most \(rounded(100 * OffPolicySettings.mostUnsupportedMass))% are tolerated",
        "explore those candidates"
      ))
  }
  return found
}

private func describe(_ model: RewardModel, _ log: LoggedActions) -> String {
  switch model {
  case .given: "given predictions, one per decision and candidate"
  case .means:
    log.groups == nil
      ? "mean reward per candidate, cross-fitted over \(CrossFittedMeans.foldCount) folds of clusters"
      : "mean reward per group and candidate, shrunken to the candidate's mean (\(Int(CrossFittedMeans.shrinkage)) decisions), cross-fitted over \(CrossFittedMeans.foldCount) folds of clusters"
  }
}

private func logWarnings(_ log: LoggedActions) -> [String] {
  var warnings: [String] = []
  if let assumption = log.assumption {
    let claim =
      assumption == .uniform
      ? "every one of \(log.candidates.count) candidates equally likely on every query"
      : "each candidate as likely as its share of the log, whatever the query"
    warnings.append(
      "propensities of \(log.assumedCount) of \(log.count) decisions are ASSUMED (\(assumption.rawValue)): \(claim); if the logging policy chose otherwise, every figure is wrong and no interval shows it"
    )
    if assumption == .uniform, let statistic = uniformityStatistic(log) {
      warnings.append(
        "the candidates' shares differ more than uniform choice allows (chi-squared \(rounded(statistic.value)) with \(statistic.freedom) degrees of freedom, expected \(statistic.freedom)): the assumption is hardly true"
      )
    }
  }
  let units = Set(log.clusters).count
  if units < 30 {
    warnings.append(
      "only \(units) independent units (\(log.clusterField)): intervals from so few are too narrow")
  }
  if log.withoutReward > 0 {
    warnings.append(
      "\(log.withoutReward) decisions have no such reward and are left out; if that depends on the answer, the figures are biased"
    )
  }
  return warnings
}

/// Pearson's χ² of the candidates' counts against equal shares, when it is beyond its 0.999 quantile by the normal
/// approximation of Wilson & Hilferty (1931); nil otherwise.
private func uniformityStatistic(_ log: LoggedActions) -> (value: Double, freedom: Int)? {
  let width = log.candidates.count
  guard width > 1 else { return nil }
  var counts = [Double](repeating: 0, count: width)
  for action in log.actions { counts[Int(action)] += 1 }
  let expected = Double(log.count) / Double(width)
  let value = counts.reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
  let k = Double(width - 1)
  let root = 1 - 2 / (9 * k) + normalQuantile(0.999) * (2 / (9 * k)).squareRoot()
  return value > k * root * root * root ? (value, width - 1) : nil
}

private func targetWarnings(
  _ overlap: Overlap, _ estimates: [OffPolicyReport.Estimate], range: [Double],
  settings: OffPolicySettings
) -> [String] {
  var warnings: [String] = []
  if settings.allowsWeakSupport {
    warnings += weaknesses(overlap).map { "weak support: \($0.fact)" }
  }
  if overlap.unsupportedMass > 0 {
    warnings.append(
      "\(rounded(100 * overlap.unsupportedMass))% of its choices could not have been logged: IPS counts them as 0, SNIPS ignores them, DM and DR take the model's word"
    )
  }
  if let deviation = overlap.meanWeightDeviation, abs(deviation) > 4 {
    warnings.append(
      "the mean weight is \(rounded(overlap.meanWeight)), \(rounded(abs(deviation))) standard errors from what correct propensities give: the propensities do not describe this log"
    )
  }
  let outside = estimates.filter {
    guard let value = $0.value.value else { return false }
    return value < range[0] || value > range[1]
  }.map(\.estimator)
  if !outside.isEmpty {
    warnings.append(
      "outside the range of the logged rewards [\(rounded(range[0])), \(rounded(range[1]))]: \(outside.joined(separator: ", ")); a sign of too few decisions, SNIPS stays inside"
    )
  }
  return warnings
}

/// About three significant digits, without needless zeros, for messages.
private func rounded(_ value: Double) -> String {
  guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
  var decimals = 0
  var scale = 1.0
  while decimals < 6 && abs(value) * scale < 100 {
    decimals += 1
    scale *= 10
  }
  let digits = String(Int((abs(value) * scale).rounded()))
  let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.count)) + digits
  var fraction = padded.suffix(decimals)
  while fraction.last == "0" { fraction.removeLast() }
  let whole = padded.dropLast(decimals)
  return (value < 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
}
