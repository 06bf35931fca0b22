import RiddleData

/// Puts estimates, replicates and counts of one policy together as its part of the report.
struct Assembly {
  let judged: Judged
  let replicates: Replicates
  let estimate: [Double]
  let values: [Double]
  let shards: [Replicates.Shard]
  /// Number of judged routers, before the baselines in the list of policies.
  let routerCount: Int

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
    for (slot, path) in Self.fields { result[keyPath: path] = figure(slot) }
    let width = judged.candidateCount
    func perCandidate(_ block: Int, _ k: Int) -> Figure {
      interval(p * replicates.slotCount + Slot.shares + block * width + k).figure
    }
    result.shares = (0..<width).map { perCandidate(0, $0) }
    result.shareStrong = result.shares[width - 1]
    result.gapAtOracle = difference(slot: .quality, oracle, p)
    result.gainOverBestSingle = difference(slot: .quality, p, bestSingle)
    result.notes = entry.notes + notes + whyUndefined(entry, result) + undefined
    if !entry.isMix {
      addCounts(entry, to: &result)
      result.perTier = judged.table.candidates.enumerated().map { k, name in
        .init(
          candidate: name, precision: perCandidate(1, k), recall: perCandidate(2, k),
          f1: perCandidate(3, k))
      }
      if p < routerCount { result.histogram = scoreHistogram(entry.policy, judged: judged) }
    }
    result.reliability = entry.bins?.reliability() ?? []
    if entry.isMix {
      result.curve = mixCurve()
    } else {
      result.curve = withBand(p, curve)
    }
    return result
  }

  /// Where each slot of a replicate is found in the report.
  private static var fields: [(Slot, WritableKeyPath<PolicyFigures, Figure>)] {
    [
      (.quality, \.quality), (.cost, \.costDollars), (.match, \.accuracy.labelMatch),
      (.acceptable, \.accuracy.acceptableSet),
      (.strictlyAcceptable, \.accuracy.acceptableSetStrict),
      (.decisive, \.accuracy.decisiveOnly), (.regret, \.regret), (.logLoss, \.logLoss),
      (.brier, \.brier), (.brierReliability, \.brierReliability),
      (.brierResolution, \.brierResolution), (.ece, \.ece), (.eceEqualWidth, \.eceEqualWidth),
      (.auc, \.auc), (.averagePrecision, \.averagePrecision), (.pgr, \.pgr), (.apgr, \.apgr),
      (.apgrRouteLLM, \.apgrRouteLLM), (.cpt50, \.cpt50), (.cpt80, \.cpt80),
      (.cpt50RouteLLM, \.cpt50RouteLLM), (.cpt80RouteLLM, \.cpt80RouteLLM),
      (.savings, \.savings), (.retention, \.retention), (.escalation, \.escalation),
      (.lift, \.gainOverRandom), (.tooLow, \.tooLowShare), (.qualityLost, \.qualityLost),
      (.tooHigh, \.tooHighShare), (.overspend, \.overspendDollars), (.macroF1, \.macroF1),
      (.weightedF1, \.weightedF1), (.arena, \.arenaScore), (.optimalSelection, \.optSelection),
      (.optimalAccuracy, \.optAccuracy), (.optimalCost, \.optCost), (.aiq, \.aiq),
      (.aiqRouterBench, \.aiqRouterBench), (.hypervolume, \.hypervolume),
    ]
  }

  private func position(_ name: String) -> Int {
    replicates.policies.lastIndex { $0.policy.name == name } ?? 0
  }
  private var oracle: Int { position("oracle") }
  private var bestSingle: Int { position("best-single") }

  /// Figure of slot(a) − slot(b), paired by replicate.
  private func difference(slot: Slot, _ a: Int, _ b: Int) -> Figure {
    let (i, j) = (
      a * replicates.slotCount + slot.rawValue, b * replicates.slotCount + slot.rawValue
    )
    let all = (0..<replicates.plan.total).map {
      Comparisons.difference(
        values[$0 * replicates.stride + i], values[$0 * replicates.stride + j])
    }
    return settings.intervalMethod.figure(
      value: Comparisons.difference(estimate[i], estimate[j]),
      replicates: Array(all.prefix(settings.replicates)),
      jackknife: Array(all.dropFirst(settings.replicates)), confidence: settings.confidence)
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
    if !entry.isPredictor && entry.sweep != nil {
      notes.append("auc, average_precision: its score looks at the outcomes and predicts nothing")
    }
    if entry.sweep != nil && entry.bins == nil {
      notes.append(
        "log_loss, brier, brier_reliability, brier_resolution, ece, ece_equal_width: a score without a probability"
      )
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
