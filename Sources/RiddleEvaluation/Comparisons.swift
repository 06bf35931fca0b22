import Glibc

/// Paired differences between policies, read off the same replicates.
struct Comparisons {
  let judged: Judged
  let names: [String]
  let estimate: [Double]  // policy after policy
  let replicates: [Double]  // replicate after replicate, jackknife blocks last
  let plan: Resampling
  let slotCount: Int

  /// Whether intervals mean anything: two tails of replicates, and ten clusters to draw from.
  private var canDecide: Bool {
    judged.clusters.count >= 10
      && Double(plan.replicates) * (1 - judged.settings.confidence) >= 2 - 1e-9
  }

  /// What is compared: a slot, its name in the report, and whether less is better.
  private var metrics: [(slot: Slot, name: String, lessIsBetter: Bool)] {
    var list: [(Slot, String, Bool)] = [
      (.quality, "quality", false), (.cost, "cost_usd", true), (.apgr, "apgr", false),
      (.lift, "utility at same cost", false),
    ]
    if judged.settings.pricePerQuality > 0 { list.append((.utility, "utility", false)) }
    return list
  }

  /// What routers are compared in beside ``metrics``.
  private var ranking: [(slot: Slot, name: String, lessIsBetter: Bool)] {
    [
      (.match, "label_match", false), (.acceptable, "acceptable_set", false),
      (.auc, "auc", false), (.logLoss, "log_loss", true), (.brier, "brier", true),
      (.ece, "ece", true), (.savings, "savings", false), (.retention, "retention", false),
      (.escalation, "escalation", true),
    ]
  }

  /// Two routers: every metric that both define, with p-values. Rows that are their own clusters allow McNemar's test of
  /// accuracy and DeLong's of the AUC; everything else, and clustered rows, take the bootstrap's p.
  func compareRouters(_ a: Int, _ b: Int, policies: [JudgedPolicy])
    -> [EvaluationReport.Comparison]
  {
    let independent = judged.clusters.count == judged.rowCount
    return compare(a, b, in: metrics + ranking).map { comparison in
      var result = comparison
      result.test = "bootstrap"
      if independent && comparison.metric == "label_match" {
        let right = [a, b].map { p in
          let policy = policies[p].policy
          return judged.oraclePicks.indices.map {
            policy.picks[$0] == judged.oraclePicks[$0] && !(policy.failed?[$0] ?? false)
          }
        }
        result.p = McNemar(first: right[0], second: right[1]).pValue
        result.test = "McNemar"
      } else if independent && comparison.metric == "auc",
        let test = DeLong(
          first: policies[a].headMargins, second: policies[b].headMargins, labels: judged.labels)
      {
        result.p = test.pValue
        result.test = "DeLong"
      }
      return result
    }
  }

  /// Differences of `router` and `baseline` (positions in the policy list) in every metric that both define.
  func compare(_ router: Int, _ baseline: Int) -> [EvaluationReport.Comparison] {
    compare(router, baseline, in: metrics)
  }

  private func compare(
    _ router: Int, _ baseline: Int, in metrics: [(slot: Slot, name: String, lessIsBetter: Bool)]
  ) -> [EvaluationReport.Comparison] {
    metrics.compactMap { slot, name, lessIsBetter in
      let (a, b) = (router * slotCount + slot.rawValue, baseline * slotCount + slot.rawValue)
      let value = Self.difference(estimate[a], estimate[b])
      guard value.isFinite else { return nil }
      let stride = names.count * slotCount
      let differences = (0..<plan.total).map {
        Self.difference(replicates[$0 * stride + a], replicates[$0 * stride + b])
      }
      let figure = judged.settings.intervalMethod.figure(
        value: value, replicates: Array(differences.prefix(plan.replicates)),
        jackknife: Array(differences.dropFirst(plan.replicates)),
        confidence: judged.settings.confidence)
      return EvaluationReport.Comparison(
        router: names[router], baseline: names[baseline], metric: name, difference: figure,
        verdict: canDecide ? Self.verdict(figure, lessIsBetter: lessIsBetter) : "undecided",
        p: Self.p(value, differences.prefix(plan.replicates)))
    }
  }

  /// a − b, exactly 0 where they differ by rounding alone: the mix costs what the router costs, and no verdict may rest on
  /// the last bit.
  static func difference(_ a: Double, _ b: Double) -> Double {
    abs(a - b) <= 1e-12 * max(abs(a), abs(b)) ? 0 : a - b
  }

  /// Two-sided p of "no difference" from replicates of the difference: 2 (1 + the smaller count beyond 0) / (B + 1), at
  /// most 1 (Davison & Hinkley, 1997, §4.2). Where fewer than ten replicates lie beyond 0 they cannot tell how small p is, and
  /// no number of comparisons could be corrected for: there it is the normal tail of value / sd of the replicates.
  /// Nil without replicates.
  static func p(_ value: Double, _ differences: some Collection<Double>) -> Double? {
    let defined = differences.filter { $0.isFinite }
    guard defined.count >= 2 else { return nil }
    let beyond = min(defined.count { $0 <= 0 }, defined.count { $0 >= 0 })
    let counted = min(1, 2 * Double(1 + beyond) / Double(defined.count + 1))
    let mean = defined.reduce(0, +) / Double(defined.count)
    let variance =
      defined.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(defined.count - 1)
    guard beyond < 10, variance > 0 else { return counted }
    return erfc(abs(value) / (2 * variance).squareRoot())
  }

  /// Only an interval that excludes 0 decides.
  static func verdict(_ difference: Figure, lessIsBetter: Bool) -> String {
    guard let low = difference.low, let high = difference.high else { return "undecided" }
    if low > 0 { return lessIsBetter ? "worse" : "better" }
    if high < 0 { return lessIsBetter ? "better" : "worse" }
    return "undecided"
  }
}

/// Holm's correction over all pairs of routers compared in one metric; with more than one pair a verdict stands only while its
/// corrected p stays below 1 − confidence.
func holmCorrected(_ comparisons: [EvaluationReport.Comparison], confidence: Double)
  -> [EvaluationReport.Comparison]
{
  var result = comparisons
  for metric in Set(comparisons.map(\.metric)).sorted() {
    let members = comparisons.indices.filter {
      comparisons[$0].metric == metric && comparisons[$0].p != nil
    }
    let corrected = holmAdjusted(members.compactMap { comparisons[$0].p })
    for (member, p) in zip(members, corrected) {
      result[member].pHolm = p
      if members.count > 1 && p >= 1 - confidence { result[member].verdict = "undecided" }
    }
  }
  return result
}
