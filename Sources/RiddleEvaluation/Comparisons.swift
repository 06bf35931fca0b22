/// Paired differences between policies, read off the same replicates.
struct Comparisons {
  let judged: Judged
  let names: [String]
  let estimate: [Double]  // policy after policy
  let replicates: [Double]  // replicate after replicate, jackknife blocks last
  let plan: Resampling
  let slotCount: Int

  /// What is compared: a slot, its name in the report, and whether less is better.
  private var metrics: [(slot: Slot, name: String, lessIsBetter: Bool)] {
    var list: [(Slot, String, Bool)] = [
      (.quality, "quality", false), (.cost, "cost_usd", true), (.apgr, "apgr", false),
      (.lift, "utility at same cost", false),
    ]
    if judged.settings.pricePerQuality > 0 { list.append((.utility, "utility", false)) }
    return list
  }

  /// Differences of `router` and `baseline` (positions in the policy list) in every metric that both define.
  func compare(_ router: Int, _ baseline: Int) -> [EvaluationReport.Comparison] {
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
        verdict: Self.verdict(figure, lessIsBetter: lessIsBetter))
    }
  }

  /// a − b, exactly 0 where they differ by rounding alone: the mix costs what the router costs, and no verdict may rest on
  /// the last bit.
  static func difference(_ a: Double, _ b: Double) -> Double {
    abs(a - b) <= 1e-12 * max(abs(a), abs(b)) ? 0 : a - b
  }

  /// Only an interval that excludes 0 decides.
  static func verdict(_ difference: Figure, lessIsBetter: Bool) -> String {
    guard let low = difference.low, let high = difference.high else { return "undecided" }
    if low > 0 { return lessIsBetter ? "worse" : "better" }
    if high < 0 { return lessIsBetter ? "better" : "worse" }
    return "undecided"
  }
}
