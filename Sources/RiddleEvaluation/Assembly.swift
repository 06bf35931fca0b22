import RiddleData

/// Puts estimates, replicates and counts of one policy together as its part of the report.
struct Assembly {
  let judged: Judged
  let replicates: Replicates
  let estimate: [Double]
  let values: [Double]
  let shards: [Replicates.Shard]

  private var settings: EvaluationSettings { judged.settings }

  /// All figures of policy `p`.
  func figures(_ p: Int, curve: [PolicyFigures.CurvePoint], notes: [String]) -> PolicyFigures {
    let entry = replicates.policies[p]
    var result = PolicyFigures(name: entry.policy.name, kind: entry.policy.kind)
    var undefined: [String] = []
    func figure(_ slot: Slot) -> Figure {
      let (figure, missing) = interval(p * replicates.slotCount + slot.rawValue)
      if figure.value != nil && figure.low == nil && settings.replicates >= 2 {
        undefined.append(
          "\(slot.label): no interval, undefined in \(missing) of \(settings.replicates) replicates"
        )
      }
      return figure
    }
    result.quality = figure(.quality)
    result.costDollars = figure(.cost)
    result.accuracy.labelMatch = figure(.match)
    result.accuracy.acceptableSet = figure(.acceptable)
    result.accuracy.acceptableSetStrict = figure(.strictlyAcceptable)
    result.accuracy.decisiveOnly = figure(.decisive)
    result.regret = figure(.regret)
    result.logLoss = figure(.logLoss)
    result.brier = figure(.brier)
    result.ece = figure(.ece)
    result.auc = figure(.auc)
    result.averagePrecision = figure(.averagePrecision)
    result.pgr = figure(.pgr)
    result.apgr = figure(.apgr)
    result.apgrRouteLLM = figure(.apgrRouteLLM)
    result.cpt50 = figure(.cpt50)
    result.cpt80 = figure(.cpt80)
    result.cpt50RouteLLM = figure(.cpt50RouteLLM)
    result.cpt80RouteLLM = figure(.cpt80RouteLLM)
    result.savings = figure(.savings)
    result.retention = figure(.retention)
    result.shares = (0..<judged.candidateCount).map {
      interval(p * replicates.slotCount + Slot.shares + $0).figure
    }
    result.shareStrong = result.shares[judged.candidateCount - 1]
    result.notes = entry.notes + notes + whyUndefined(entry, result) + undefined
    if !entry.isMix { addCounts(entry, to: &result) }
    result.reliability = entry.bins?.reliability() ?? []
    if entry.isMix {
      result.curve = mixCurve()
    } else {
      result.curve = withBand(p, curve)
    }
    return result
  }

  /// The figure at one index of a replicate's slots, and in how many replicates it is undefined.
  private func interval(_ index: Int) -> (figure: Figure, missing: Int) {
    let all = (0..<replicates.plan.total).map { values[$0 * replicates.stride + index] }
    let drawn = Array(all.prefix(settings.replicates))
    let figure = settings.intervalMethod.figure(
      value: estimate[index], replicates: drawn,
      jackknife: Array(all.dropFirst(settings.replicates)), confidence: settings.confidence)
    return (figure, drawn.reduce(0) { $0 + ($1.isFinite ? 0 : 1) })
  }

  private func addCounts(_ entry: JudgedPolicy, to result: inout PolicyFigures) {
    let confusion = Confusion(
      oraclePicks: judged.oraclePicks, picks: entry.policy.picks,
      candidates: judged.candidateCount)
    result.confusion = confusion.counts
    result.perTier = judged.table.candidates.enumerated().map { k, name in
      .init(
        candidate: name, precision: confusion.precision(k), recall: confusion.recall(k),
        f1: confusion.f1(k))
    }
    let wrong = Misroutes(
      judged.table, picks: entry.policy.picks, oraclePicks: judged.oraclePicks)
    if wrong.tooLow + wrong.tooHigh > 0 {
      let money = wrong.overspend.map { "\(short($0.dollars)) dollars too much" } ?? "costs missing"
      result.notes.append(
        "against the oracle \(wrong.tooLow) rows went too low (quality lost \(short(wrong.qualityLost))), \(wrong.tooHigh) too high (\(money))"
      )
    }
  }

  /// Says why figures that one would expect are nil.
  private func whyUndefined(_ entry: JudgedPolicy, _ result: PolicyFigures) -> [String] {
    var notes: [String] = []
    if result.costDollars.value == nil {
      notes.append("cost undefined: outcomes without a cost")
    }
    if result.savings.value == nil {
      notes.append(
        result.costDollars.value != nil && judged.costsKnown
          ? "savings undefined: always-strongest costs nothing"
          : "savings undefined: outcomes without a cost")
    }
    if result.pgr.value == nil {
      notes.append(
        "pgr, apgr and cpt undefined: cheapest and strongest have the same mean quality")
    } else if judged.gains.reduce(0, +) < 0 {
      notes.append(
        "the strongest candidate is worse: pgr and apgr measure a loss, cpt is undefined")
    }
    if settings.pricePerQuality > 0 && result.regret.value == nil {
      notes.append("regret undefined: utility needs every candidate's cost")
    }
    if entry.sweep == nil && !entry.isMix {
      notes.append("no score to sweep: auc, apgr and cpt undefined")
    }
    if entry.ranked != nil && entry.isPredictor && result.auc.value == nil {
      notes.append("auc undefined: all rows have the same label")
    }
    if !judged.isPair && entry.sweep != nil {
      notes.append(
        judged.axisIsCost
          ? "ladder: curve, apgr and cpt sweep one offset of all margins over the normalised mean cost"
          : "ladder: curve, apgr and cpt sweep one offset of all margins over the normalised mean rung"
      )
      notes.append(
        "ladder: auc and probabilities are those of head 0; 11-point figures need a pair")
    }
    return notes
  }

  /// The straight line from always-cheapest to always-strongest.
  private func mixCurve() -> [PolicyFigures.CurvePoint] {
    let slots = replicates.slotCount
    return [(0.0, replicates.cheapest), (1.0, replicates.strongest)].map { share, p in
      let quality = interval(p * slots + Slot.quality.rawValue).figure
      let cost = estimate[p * slots + Slot.cost.rawValue]
      return .init(
        share: share, costDollars: cost.isFinite ? cost : nil, quality: quality.value ?? 0,
        low: quality.low, high: quality.high)
    }
  }

  /// The curve with the pointwise percentile interval of quality at each share, from the first replicates.
  private func withBand(_ p: Int, _ curve: [PolicyFigures.CurvePoint])
    -> [PolicyFigures.CurvePoint]
  {
    let band = shards.flatMap { $0.bands[p] }
    guard !curve.isEmpty, band.count >= 2 * curve.count else { return curve }
    var result = curve
    for j in curve.indices {
      let sorted = stride(from: j, to: band.count, by: curve.count).map { band[$0] }.sorted()
      result[j].low = quantile(ofSorted: sorted, (1 - settings.confidence) / 2)
      result[j].high = quantile(ofSorted: sorted, (1 + settings.confidence) / 2)
    }
    return result
  }
}
