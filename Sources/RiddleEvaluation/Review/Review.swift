/// Lines of a review, with the defaults that practitioners use.
public struct ReviewSettings: Sendable {
  /// Coverage of the intervals.
  public var confidence = 0.95
  /// Fewest conversations (or decisions, where none are named) on which anything is decided.
  public var minimumUnits = 30
  /// The cheapest tier's answers to complex queries are worth at least this.
  public var complexLimit = 0.85
  /// From here on the cheapest tier could take more.
  public var plentyLimit = 0.98
  /// Accuracy on every tier of a well-tuned router.
  public var accuracyLimit = 0.9
  /// Least savings of a well-tuned router.
  public var savingsLimit = 0.4
  /// Savings beyond which a well-tuned router is unusual.
  public var usualSavings = 0.5
  /// A task type is automated from this lower bound on.
  public var taskLimit = 0.95
  /// Most of the cheapest tier's answers that may be of low worth.
  public var lowLimit = 0.3
  /// A difference of worth that nobody notices, either way.
  public var equalWorth = 0.05

  /// The defaults.
  public init() {}
}

/// Reviews a window of production beside the one before.
///
/// Every verdict is the interval's: it holds when the whole interval lies on its side of the line, and is undecided otherwise or on fewer
/// than ``ReviewSettings/minimumUnits`` conversations.
public func review(
  _ now: ReviewCounts, before: ReviewCounts, from: String, until: String, beforeFrom: String,
  settings: ReviewSettings = ReviewSettings()
) -> ReviewReport {
  ReviewWork(now: now, before: before, settings: settings)
    .report(from: from, until: until, beforeFrom: beforeFrom)
}

private struct ReviewWork {
  let now: ReviewCounts
  let before: ReviewCounts
  let settings: ReviewSettings
  let basis: ReviewCounts.Basis
  let qualityBasis: ReviewCounts.Basis

  init(now: ReviewCounts, before: ReviewCounts, settings: ReviewSettings) {
    self.now = now
    self.before = before
    self.settings = settings
    basis = now.judged[0] > 0 ? .satisfaction : .quality
    qualityBasis = now.judged[1] > 0 ? .quality : .satisfaction
  }

  private var names: [String] { now.plan.ladder.map { now.plan.names[$0] } }
  private var cheapest: String { names.first ?? "" }

  // MARK: figures

  private func share(_ slot: ReviewCounts.Slot) -> ReviewReport.Change {
    change(slot) { $0.share(confidence: settings.confidence) }
  }

  private func ratio(_ slot: ReviewCounts.Slot, scale: Double = 1) -> ReviewReport.Change {
    change(slot) { scaled($0.ratio(confidence: settings.confidence), scale) }
  }

  private func scaled(_ figure: Figure, _ scale: Double) -> Figure {
    Figure(
      figure.value.map { $0 * scale }, low: figure.low.map { $0 * scale },
      high: figure.high.map { $0 * scale })
  }

  private func change(_ slot: ReviewCounts.Slot, _ figure: (RatioMoments) -> Figure)
    -> ReviewReport.Change
  {
    let (new, old) = (figure(now[slot]), figure(before[slot]))
    return ReviewReport.Change(
      now: new, before: old, difference: difference(new, old), rows: now[slot].rows,
      units: now[slot].units)
  }

  private func counts(_ counts: ReviewCounts) -> ReviewReport.Counts {
    ReviewReport.Counts(
      decisions: counts.decisions, units: counts.units, satisfaction: counts.judged[0],
      quality: counts.judged[1], withTruth: counts.withTruth, complex: counts.complex,
      expectedCosts: counts.expectedCosts)
  }

  func report(from: String, until: String, beforeFrom: String) -> ReviewReport {
    let tiers = names.indices.map { tier in
      ReviewReport.Tier(
        name: names[tier], share: share(.share(tier)), satisfaction: share(.worth(basis, tier)),
        low: share(.low(qualityBasis, tier)), accuracy: share(.accuracy(tier)),
        cost: ratio(.cost(tier), scale: 1e-9), latency: ratio(.latency(tier)))
    }
    return ReviewReport(
      from: from, until: until, before: beforeFrom, confidence: settings.confidence,
      counts: counts(now), countsBefore: counts(before),
      basis: basis == .satisfaction ? "satisfaction" : "quality", tiers: tiers,
      savings: ratio(.savings), cost: ratio(.cost(nil), scale: 1e-9), missed: share(.missed),
      escalated: share(.escalated), complexCheap: share(.complexCheap(basis)),
      alarms: [tighten, routeMore], wellTuned: wellTuned(tiers), tasks: tasks,
      advice: advice(tiers), notes: notes)
  }

  // MARK: verdicts

  /// Whether `figure` lies above (or, with `isBelow`, below) the line for sure.
  private func state(
    _ figure: Figure, units: Int, beyond limit: Double, isBelow: Bool, includingLimit: Bool
  ) -> ReviewReport.State {
    guard units >= settings.minimumUnits, let low = figure.low, let high = figure.high else {
      return .undecided
    }
    if isBelow { return high < limit ? .rings : low >= limit ? .quiet : .undecided }
    let isBeyond = includingLimit ? low >= limit : low > limit
    let isWithin = includingLimit ? high < limit : high <= limit
    return isBeyond ? .rings : isWithin ? .quiet : .undecided
  }

  /// What was needed is known from labels, and those from the quality itself: that the cheapest answers complex queries badly is what
  /// complex means then. The question left is how many of them it gets.
  private var tightenByMisses: ReviewReport.Alarm {
    let moments = now[.missed]
    let figure = moments.share(confidence: settings.confidence)
    let state = state(
      figure, units: moments.units, beyond: 1 - settings.complexLimit, isBelow: false,
      includingLimit: false)
    let meaning =
      switch state {
      case .rings:
        "more than \(percent(1 - settings.complexLimit)) of the complex queries go to \(cheapest): tighten, so that fewer of them do"
      case .quiet:
        "at most \(percent(1 - settings.complexLimit)) of the complex queries go to \(cheapest)"
      case .undecided:
        now.complex == 0
          ? "no query is known to be complex: feedback with best_candidate, or labels, would tell"
          : "undecided: \(moments.rows) queries are known to be complex"
      }
    return ReviewReport.Alarm(
      name: "tighten", state: state, figure: figure, rows: moments.rows,
      limit: 1 - settings.complexLimit, meaning: meaning)
  }

  private var tighten: ReviewReport.Alarm {
    if now.plan.complexTasks == nil && basis == .quality { return tightenByMisses }
    let moments = now[.complexCheap(basis)]
    let figure = moments.share(confidence: settings.confidence)
    var state = state(
      figure, units: moments.units, beyond: settings.complexLimit, isBelow: true,
      includingLimit: false)
    // Complex queries are known, and none of them went to the cheapest tier.
    let none = now[.missed].units >= settings.minimumUnits && now[.missed].numerator == 0
    if none { state = .quiet }
    let meaning =
      switch state {
      case .rings:
        "\(cheapest) answers complex queries, and not well enough: tighten, so that fewer of them go there"
      case .quiet:
        none
          ? "no complex query went to \(cheapest)"
          : "\(cheapest) answers the complex queries that it gets well enough"
      case .undecided:
        now.complex == 0
          ? "no query is known to be complex: feedback with best_candidate, or labels, would tell"
          : "undecided: \(moments.rows) complex queries with \(word) went to \(cheapest)"
      }
    return ReviewReport.Alarm(
      name: "tighten", state: state, figure: figure, rows: moments.rows,
      limit: settings.complexLimit, meaning: meaning)
  }

  private var routeMore: ReviewReport.Alarm {
    let moments = now[.worth(basis, 0)]
    let figure = moments.share(confidence: settings.confidence)
    let state = state(
      figure, units: moments.units, beyond: settings.plentyLimit, isBelow: false,
      includingLimit: true)
    let meaning =
      switch state {
      case .rings: "\(cheapest) does very well on what it gets: route more there"
      case .quiet: "\(cheapest) has no room to spare on what it gets"
      case .undecided: "undecided: \(moments.rows) answers of \(cheapest) with \(word)"
      }
    return ReviewReport.Alarm(
      name: "route-more", state: state, figure: figure, rows: moments.rows,
      limit: settings.plentyLimit, meaning: meaning)
  }

  private var word: String { basis == .satisfaction ? "satisfaction" : "quality" }

  private func wellTuned(_ tiers: [ReviewReport.Tier]) -> ReviewReport.Verdict {
    var verdicts: [GateVerdict] = []
    var reasons: [String] = []
    func judge(_ name: String, _ change: ReviewReport.Change, _ limit: Double, _ line: String) {
      let state = state(
        change.now, units: change.units, beyond: limit, isBelow: false, includingLimit: true)
      let verdict: GateVerdict =
        switch state {
        case .rings: .pass
        case .quiet: .fail
        case .undecided: .undecided
        }
      verdicts.append(verdict)
      reasons.append("\(name) \(line): \(verdict.rawValue) on \(change.rows) rows")
    }
    for tier in tiers {
      judge("accuracy on what needs \(tier.name)", tier.accuracy, settings.accuracyLimit, "≥ 90 %")
    }
    let savings = ratio(.savings)
    judge("savings", savings, settings.savingsLimit, "≥ 40 %")
    if now.expectedCosts > 0, verdicts.last != .undecided {
      verdicts[verdicts.count - 1] = .undecided
      reasons[reasons.count - 1] =
        "savings ≥ 40 %: undecided, because costs are mean prices and no bills"
    }
    if let low = savings.now.low, low > settings.usualSavings {
      reasons.append("savings are above the usual 40 to 50 %: look at what they cost in worth")
    }
    return ReviewReport.Verdict(verdict: GateVerdict.all(verdicts), reasons: reasons)
  }

  private var tasks: [ReviewReport.Task] {
    now.taskTypes.map { name in
      let moments = now[.task(basis, name)]
      let figure = moments.share(confidence: settings.confidence)
      let state = state(
        figure, units: moments.units, beyond: settings.taskLimit, isBelow: false,
        includingLimit: true)
      let verdict =
        switch state {
        case .rings: "go"
        case .quiet: "no-go"
        case .undecided: "undecided"
        }
      return ReviewReport.Task(
        name: name, satisfaction: figure, rows: moments.rows, verdict: verdict)
    }
  }

  private func advice(_ tiers: [ReviewReport.Tier]) -> [ReviewReport.Advice] {
    guard let cheap = tiers.first, let strong = tiers.last, tiers.count > 1 else { return [] }
    let wrong = state(
      cheap.low.now, units: cheap.low.units, beyond: settings.lowLimit, isBelow: false,
      includingLimit: false)
    let cheapWorth = now[.worth(qualityBasis, 0)]
    let strongWorth = now[.worth(qualityBasis, tiers.count - 1)]
    let gain = difference(
      strongWorth.share(confidence: settings.confidence),
      cheapWorth.share(confidence: settings.confidence))
    var conservative = ReviewReport.State.undecided
    if min(cheapWorth.units, strongWorth.units) >= settings.minimumUnits, let low = gain.low,
      let high = gain.high
    {
      let line = settings.equalWorth
      let isEqual = low >= -line && high <= line
      // Worse is quiet too: whoever gets the hard queries may fail more of them, and be worth its price all the same.
      conservative = isEqual ? .rings : low > line || high < -line ? .quiet : .undecided
    }
    let cost = ratio(.cost(nil), scale: 1e-9)
    let dearer = state(
      cost.difference, units: min(cost.units, before[.cost(nil)].units), beyond: 0, isBelow: false,
      includingLimit: false)
    return [
      .init(
        name: "routing-wrong", state: wrong, figure: cheap.low.now,
        meaning: say(
          wrong,
          "more than 30 % of what goes to \(cheap.name) is of low quality: the routing is wrong",
          "at most 30 % of what goes to \(cheap.name) is of low quality",
          "whether more than 30 % of what goes to \(cheap.name) is of low quality")),
      .init(
        name: "too-conservative", state: conservative, figure: gain,
        meaning: say(
          conservative,
          "answers of \(strong.name) are worth the same as those of \(cheap.name), within 5 %: the routing is too conservative",
          (gain.value ?? 0) > 0
            ? "answers of \(strong.name) are better than those of \(cheap.name)"
            : "answers of \(strong.name) are worse than those of \(cheap.name): it gets the harder queries",
          "whether answers of \(strong.name) are worth the same as those of \(cheap.name)")),
      .init(
        name: "total-cost", state: dearer, figure: cost.difference,
        meaning: say(
          dearer,
          "a query costs more than in the window before: the total counts, not one tier's bill",
          "a query costs no more than in the window before",
          "whether a query costs more than in the window before")),
    ]
  }

  private func say(
    _ state: ReviewReport.State, _ rings: String, _ quiet: String, _ question: String
  ) -> String {
    switch state {
    case .rings: rings
    case .quiet: quiet
    case .undecided: "undecided: \(question)"
    }
  }

  private var notes: [String] {
    var notes: [String] = []
    if now.decisions == 0 { notes.append("there is no decision in this window") }
    if now.judged[0] == 0 && now.judged[1] > 0 {
      notes.append("nobody gave satisfaction in this window: the logged quality stands for it")
    }
    if now.judged[0] == 0 && now.judged[1] == 0 && now.decisions > 0 {
      notes.append("nothing is known of what answers were worth: import feedback")
    } else if now.judged[basis.rawValue] > 0, now.judged[basis.rawValue] < now.decisions {
      notes.append(
        "\(word) is known of \(now.judged[basis.rawValue]) of \(now.decisions) decisions; who gives feedback is not a random sample"
      )
    }
    if now.expectedCosts > 0 {
      notes.append(
        "costs of \(now.expectedCosts) of \(now.decisions) decisions are mean prices of their candidates, no bills: hard queries cost more than the mean, so the savings are an expectation, and their interval leaves that error out"
      )
    }
    let known = now[.savings].rows
    if known < now.decisions {
      notes.append(
        "what the strongest would have cost is known of \(known) of \(now.decisions) decisions; savings are those of these"
      )
    }
    if now.unknownTruth > 0 {
      notes.append(
        "\(now.unknownTruth) decisions would have needed a candidate that is no tier here; they are left out of accuracy"
      )
    }
    if before.decisions == 0 { notes.append("there is no decision in the window before") }
    return notes
  }
}
