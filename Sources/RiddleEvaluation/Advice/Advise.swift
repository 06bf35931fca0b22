import RiddleData

/// The few actions that outcomes support for a router, each with what it gains over all queries.
///
/// Looked at are: the threshold lower where the cheapest candidate is below 85 % on complex queries, and higher where it is at
/// 98 %; the cheapest candidate where the router asks a dearer one that is no better; a dearer one where more than 30 % of the
/// cheapest one's answers are low; a route of its own for segments with 40 % of the spend; and each candidate always.
///
/// Choices (thresholds, candidates) are made on other folds than those that judge them. An action is given when its conditions
/// and its gain are decided: for each the two-sided p of a paired bootstrap over units, the largest of them (an
/// intersection–union test, Berger 1982, doi:10.1080/00401706.1982.10487790), corrected over everything that was looked at (Holm).
/// The price, where it is the data's own, counts as known. Actions are ranked by worth, quality − price · dollars; of actions that say much the same the most valuable is given.
///
/// - Parameters:
///   - table: outcomes of rows that neither the router nor its threshold saw.
///   - policy: the router's decisions on them.
/// - Throws: ``EvaluationError``.
public func advise(
  _ table: OutcomeTable, policy: ScoredPolicy, rows: AdviceRows, settings: AdviceSettings
) throws(EvaluationError) -> AdviceReport {
  try settings.check()
  guard table.rowCount > 0 else { throw .noRows }
  try policy.validate(rows: table.rowCount, candidates: table.candidates.count)
  for (column, count) in [
    ("clusters", rows.clusters?.count), ("complex", rows.complex?.count),
  ] {
    if let count, count != table.rowCount {
      throw .columnLength(column: column, expected: table.rowCount, actual: count)
    }
  }
  for (field, values) in rows.segments where values.count != table.rowCount {
    throw .columnLength(column: field, expected: table.rowCount, actual: values.count)
  }
  for (i, value) in table.quality.enumerated() where !value.isFinite {
    throw .nonFiniteQuality(
      row: i / table.candidates.count, candidate: table.candidates[i % table.candidates.count])
  }
  let work = AdviceWork(table, policy: policy, rows: rows, settings: settings)
  return AdviceJudging(work: work, rows: rows).report()
}

/// Judges the proposals, all on the same replicates.
private struct AdviceJudging {
  let work: AdviceWork
  let rows: AdviceRows

  private var settings: AdviceSettings { work.settings }
  private var alpha: Double { 1 - settings.confidence }

  /// Columns that every proposal shares.
  private enum Column: Int { case ones, quality, cost }

  func report() -> AdviceReport {
    let builder = AdviceProposals(work: work, rows: rows)
    let proposals = builder.all()
    let shares = tierColumns() + segmentColumns(builder)
    var columns = [[Double](repeating: 1, count: work.rowCount), work.quality, work.cost]
    for share in shares {
      columns.append(share.members.map { $0 ? 1 : 0 })
      columns.append(masked(work.cost, share.members))
      columns.append(masked(work.quality, share.members))
    }
    var starts: [Int] = []
    for proposal in proposals {
      starts.append(columns.count)
      if let outcomes = proposal.outcomes {
        columns.append(zip(outcomes.quality, work.quality).map { $0 - $1 })
        columns.append(zip(outcomes.cost, work.cost).map { $0 - $1 })
      }
      for gate in proposal.gates {
        columns.append(masked(gate.values, gate.members))
        columns.append(gate.members.map { $0 ? 1 : 0 })
      }
    }
    let sums = ColumnSums(columns, index: work.index, settings: settings)
    var findings = proposals.indices.map { judged(proposals[$0], from: starts[$0], sums) }
    correct(&findings)
    let (actions, others) = ranked(findings, families: proposals.map(\.family))
    let described = shares.enumerated().map { describe($1.name, 3 + 3 * $0, sums) }
    let tierCount = work.table.candidates.count
    return AdviceReport(
      router: work.policy.name, rows: work.rowCount, units: work.index.count, unit: rows.unit,
      quality: sums.ratio(Column.quality.rawValue, Column.ones.rawValue).figure,
      cost: work.costsKnown
        ? sums.ratio(Column.cost.rawValue, Column.ones.rawValue).figure : .undefined,
      pricePerQuality: work.price, isPriceGiven: settings.pricePerQuality != nil,
      confidence: settings.confidence, tiers: Array(described.prefix(tierCount)),
      dominantSegments: Array(described.dropFirst(tierCount)), actions: actions,
      lookedAt: others, warnings: warnings)
  }

  private var warnings: [String] {
    var list: [String] = []
    if work.index.count < settings.leastUnits {
      list.append(
        "\(work.index.count) independent rows are too few for any advice; \(settings.leastUnits) or more are needed"
      )
    }
    if !work.costsKnown {
      list.append(
        "costs are missing: nothing is said about savings or spend; log cost_usd, or give --price")
    }
    return list
  }

  // MARK: shares

  private func tierColumns() -> [(name: String, members: [Bool])] {
    work.table.candidates.indices.map { k in
      (work.table.candidates[k], work.policy.picks.map { $0 == k })
    }
  }

  private func segmentColumns(_ builder: AdviceProposals) -> [(name: String, members: [Bool])] {
    rows.segments.flatMap { field, values in
      builder.dominant(field, values).map { value in
        ("\(field)=\(value)", values.map { $0 == value })
      }
    }
  }

  private func masked(_ values: [Double], _ members: [Bool]) -> [Double] {
    zip(values, members).map { $1 ? $0 : 0 }
  }

  private func describe(_ name: String, _ start: Int, _ sums: ColumnSums) -> AdviceReport.Share {
    AdviceReport.Share(
      name: name, queries: sums.ratio(start, Column.ones.rawValue).value,
      spend: work.costsKnown ? sums.ratio(start + 1, Column.cost.rawValue).figure : .undefined,
      quality: sums.ratio(start + 2, start).figure)
  }

  // MARK: judging

  private func judged(_ proposal: AdviceProposal, from start: Int, _ sums: ColumnSums)
    -> AdviceReport.Finding
  {
    var finding = proposal.finding
    guard proposal.outcomes != nil else { return finding }
    let price = work.price
    let quality = sums.ratio(start, Column.ones.rawValue)
    let cost = sums.ratio(start + 1, Column.ones.rawValue)
    let worth = sums.figure { ($0[start] - price * $0[start + 1]) / $0[Column.ones.rawValue] }
    finding.gain = AdviceReport.Gain(
      quality: quality.figure, qualityShare: sums.ratio(start, Column.quality.rawValue).figure,
      cost: work.costsKnown ? cost.figure : .undefined,
      costShare: work.costsKnown
        ? sums.ratio(start + 1, Column.cost.rawValue).figure : .undefined,
      worth: worth.figure)
    var p = 0.0
    var reason: String?
    for (j, gate) in proposal.gates.enumerated() {
      let ratio = sums.ratio(start + 2 + 2 * j, start + 3 + 2 * j)
      finding.evidence.append(.init(name: gate.name, figure: ratio.figure, bound: gate.bound))
      let units = work.unitCount(gate.members)
      var own = 0.0
      if let bound = gate.above { own = max(own, ratio.p(above: bound, units: units)) }
      if let bound = gate.below { own = max(own, ratio.p(below: bound, units: units)) }
      p = max(p, own)
      let isMet =
        (gate.above.map { ratio.value > $0 } ?? true)
        && (gate.below.map { ratio.value < $0 } ?? true)
      if own >= alpha && reason == nil {
        reason =
          isMet
          ? "\(gate.name) is not decidedly \(gate.bound)" : "\(gate.name) is not \(gate.bound)"
      }
    }
    let saving = max(
      cost.p(below: 0), quality.p(above: -settings.tolerance, units: work.index.count))
    let gainP: Double =
      switch proposal.goal {
      case .quality, .repair: quality.p(above: 0, units: work.index.count)
      case .saving: saving
      case .worth: worth.p(above: 0)
      case .domination:
        max(
          worth.p(above: 0), min(1, 2 * min(quality.p(above: 0, units: work.index.count), saving)))
      }
    p = max(p, gainP)
    if gainP >= alpha && reason == nil { reason = Self.lack(proposal.goal, quality, cost, worth) }
    if reason == nil {
      let isOverpriced =
        switch proposal.goal {
        case .quality: worth.value < 0
        case .repair: (worth.figure.high ?? 0) < 0
        default: false
        }
      if isOverpriced {
        reason = "the quality is dearer than it is worth"
        p = 1
      } else if proposal.isUnchangedOnAllRows {
        reason = "the folds gain, but on all rows nothing better was found to change to"
        p = 1
      }
    }
    if work.index.count < settings.leastUnits {
      reason = "fewer than \(settings.leastUnits) independent rows"
      p = 1
    }
    finding.p = p
    finding.reason = reason
    return finding
  }

  /// Why there is no gain.
  private static func lack(
    _ goal: AdviceProposal.Goal, _ quality: Replicated, _ cost: Replicated, _ worth: Replicated
  ) -> String {
    if quality.value == 0 && cost.value == 0 { return "nothing better was found to change to" }
    switch goal {
    case .quality, .repair:
      return quality.value > 0 ? "the gain of quality is not decided" : "no quality is gained"
    case .saving:
      if cost.value >= 0 { return "nothing is saved" }
      return "what is saved may cost more quality than the tolerance"
    case .worth: return worth.value > 0 ? "the gain is not decided" : "it is worth less"
    case .domination:
      return worth.value > 0
        ? "it is not decidedly better, nor decidedly cheaper at the same quality"
        : "it is worth less than the router"
    }
  }

  /// Holm's correction over everything that was looked at.
  private func correct(_ findings: inout [AdviceReport.Finding]) {
    let tested = findings.indices.filter { findings[$0].p != nil }
    for (i, p) in zip(tested, holmAdjusted(tested.compactMap { findings[$0].p })) {
      findings[i].pHolm = p
      findings[i].isSupported = p < alpha && findings[i].reason == nil
      if findings[i].reason == nil && !findings[i].isSupported {
        findings[i].reason = "not after the correction for \(tested.count) looks"
      }
    }
  }

  /// Supported actions by worth, one of each family; everything else in the order looked at.
  private func ranked(_ findings: [AdviceReport.Finding], families: [String]) -> (
    [AdviceReport.Finding], [AdviceReport.Finding]
  ) {
    let supported = findings.indices.filter { findings[$0].isSupported }.sorted {
      let a = findings[$0].gain?.worth.value ?? 0
      let b = findings[$1].gain?.worth.value ?? 0
      return a != b ? a > b : $0 < $1
    }
    var given: [Int] = []
    var others = findings
    for i in supported {
      if let same = given.first(where: { families[$0] == families[i] }) {
        others[i].reason = "supported, but says much the same as: \(findings[same].action)"
      } else if given.count == settings.mostActions {
        others[i].reason = "supported, but \(settings.mostActions) actions are worth more"
      } else {
        given.append(i)
      }
    }
    return (
      given.map { findings[$0] },
      others.indices.filter { !given.contains($0) }.map { others[$0] }
    )
  }
}
