import RiddleData

/// Everything that is looked at, each with what would come of it.
struct AdviceProposals {
  let work: AdviceWork
  let rows: AdviceRows

  private var settings: AdviceSettings { work.settings }
  private var table: OutcomeTable { work.table }
  private var names: [String] { work.table.candidates }
  /// Rows on which the router asks the cheapest candidate.
  private let isCheap: [Bool]

  init(work: AdviceWork, rows: AdviceRows) {
    self.work = work
    self.rows = rows
    isCheap = work.policy.picks.map { $0 == 0 }
  }

  /// All proposals, in a fixed order.
  func all() -> [AdviceProposal] {
    let shift = ThresholdShift(work.policy, rows: work.rowCount)
    var list = [tighten(shift), routeMore(shift), conservative(), routingWrong()]
    for (field, values) in rows.segments { list += ownRoutes(field, values) }
    list += names.indices.map(always)
    return list
  }

  // MARK: thresholds

  /// What the cheapest candidate is asked for among complex queries: those that were named, else the half of all that the
  /// router scores as harder, or where few of them go there, the harder half of what does: what a lower threshold moves first.
  private func complex() -> (members: [Bool], name: String)? {
    if let given = rows.complex {
      return (zip(given, isCheap).map { $0 && $1 }, rows.complexName ?? "complex queries")
    }
    guard work.policy.hasScore else { return nil }
    let heads = work.policy.thresholds.count
    let margins = (0..<work.rowCount).map { work.policy.margins[$0 * heads] }
    let middle = margins.sorted()[margins.count / 2]
    let members = zip(margins, isCheap).map { $0 >= middle && $1 }
    if work.unitCount(members) >= settings.leastUnits {
      return (members, "the harder half of the queries, by the router's score")
    }
    let own = margins.indices.filter { isCheap[$0] }.map { margins[$0] }.sorted()
    guard !own.isEmpty else { return (members, "the harder half of the queries") }
    let ownMiddle = own[own.count / 2]
    return (
      zip(margins, isCheap).map { $0 >= ownMiddle && $1 },
      "the harder half of what it is asked for, by the router's score"
    )
  }

  /// C9: the cheapest candidate below 85 % on complex queries.
  private func tighten(_ shift: ThresholdShift?) -> AdviceProposal {
    let title = "lower the threshold: ask \(names[0]) less"
    guard let shift else {
      return .impossible(.tighten, title, "the router gives no score to move a threshold over")
    }
    guard let complex = complex() else {
      return .impossible(.tighten, title, "nothing says which queries are complex")
    }
    let members = complex.members
    let units = work.unitCount(members)
    guard units >= settings.leastUnits else {
      return .impossible(
        .tighten, title,
        "\(names[0]) is asked for \(units) of \(complex.name): too few to judge")
    }
    let chosen = crossFitted(shift, numbers: shift.numbers(tighter: true)) { quality, cost, _, _ in
      quality - work.price * cost
    }
    var proposal = moved(.tighten, title, shift, chosen)
    proposal.family = "up"
    proposal.goal = .quality
    proposal.gates = [
      .init(
        name: "quality of \(names[0]) on \(complex.name)",
        values: table.column(0), members: members, below: settings.complexFloor,
        bound: "below \(percent(settings.complexFloor))")
    ]
    return proposal
  }

  /// C9: the cheapest candidate at 98 %.
  private func routeMore(_ shift: ThresholdShift?) -> AdviceProposal {
    let title = "raise the threshold: ask \(names[0]) more"
    guard let shift else {
      return .impossible(.routeMore, title, "the router gives no score to move a threshold over")
    }
    guard work.costsKnown else {
      return .impossible(.routeMore, title, "costs are missing, so nothing is known to be saved")
    }
    let units = work.unitCount(isCheap)
    guard units >= settings.leastUnits else {
      return .impossible(
        .routeMore, title, "\(names[0]) is asked for \(units) queries: too few to judge")
    }
    // Half the tolerance in choosing, so that the other rows have room to confirm it.
    let slack = settings.tolerance / 2
    let chosen = crossFitted(shift, numbers: shift.numbers(tighter: false)) {
      quality, cost, oldQuality, _ in
      quality >= oldQuality - slack ? -cost : -.infinity
    }
    var proposal = moved(.routeMore, title, shift, chosen)
    proposal.family = "down"
    proposal.goal = .saving
    proposal.gates = [
      .init(
        name: "quality of what goes to \(names[0])", values: table.column(0), members: isCheap,
        above: settings.excellentQuality, bound: "at least \(percent(settings.excellentQuality))")
    ]
    return proposal
  }

  /// For each fold the number in `numbers`, or of offset 0, whose training rows score best; last the choice of all rows.
  private func crossFitted(
    _ shift: ThresholdShift, numbers: [Int],
    score: (_ quality: Double, _ cost: Double, _ oldQuality: Double, _ oldCost: Double) -> Double
  ) -> (ofFold: [Int], ofAll: Int) {
    let stay = shift.offsets.firstIndex(of: 0) ?? 0
    let sizes = work.foldSums { _ in 1 }
    let oldQuality = work.foldSums { work.quality[$0] }
    let oldCost = work.foldSums { work.cost[$0] }
    // From today's offset outwards: ties stay as near as they can.
    let order = [stay] + numbers.sorted { abs(shift.offsets[$0]) < abs(shift.offsets[$1]) }
    var best = [Int](repeating: stay, count: settings.folds + 1)
    var bestScore = [Double](repeating: -.infinity, count: settings.folds + 1)
    for j in order {
      let outcomes = work.outcomes(shift.picks(at: j))
      let quality = work.foldSums { outcomes.quality[$0] }
      let cost = work.foldSums { outcomes.cost[$0] }
      for fold in 0...settings.folds {
        func mean(_ sums: [Double]) -> Double {
          let own = fold < settings.folds
          let total = sums.reduce(0, +) - (own ? sums[fold] : 0)
          return total / max(1, sizes.reduce(0, +) - (own ? sizes[fold] : 0))
        }
        let value = score(mean(quality), mean(cost), mean(oldQuality), mean(oldCost))
        if value > bestScore[fold] + 1e-12 {
          bestScore[fold] = value
          best[fold] = j
        }
      }
    }
    return (Array(best.dropLast()), best[settings.folds])
  }

  /// The proposal of a moved threshold: every fold by the threshold that the others chose.
  private func moved(
    _ kind: AdviceReport.Kind, _ title: String, _ shift: ThresholdShift,
    _ chosen: (ofFold: [Int], ofAll: Int)
  ) -> AdviceProposal {
    var picks = work.policy.picks
    for j in Set(chosen.ofFold).sorted() {
      let moved = shift.picks(at: j)
      for i in 0..<work.rowCount where chosen.ofFold[work.fold[i]] == j { picks[i] = moved[i] }
    }
    let final = shift.picks(at: chosen.ofAll)
    var finding = AdviceReport.Finding(
      kind: kind, action: title, evidence: [], isSupported: false)
    if shift.offsets[chosen.ofAll] != 0 {
      finding.thresholds = shift.thresholds(at: chosen.ofAll)
      finding.upShare = Double(final.count { $0 > 0 }) / Double(work.rowCount)
    }
    return AdviceProposal(
      finding: finding, family: "", outcomes: work.outcomes(picks), gates: [], goal: .worth,
      isUnchangedOnAllRows: shift.offsets[chosen.ofAll] == 0)
  }

  // MARK: tiers

  /// C13: what goes up is answered as well by the cheapest candidate.
  private func conservative() -> AdviceProposal {
    let title = "ask \(names[0]) also where the router asks a dearer candidate"
    let members = isCheap.map { !$0 }
    let units = work.unitCount(members)
    guard units >= settings.leastUnits else {
      return .impossible(
        .tooConservative, title, "\(units) queries go to dearer candidates: too few to judge")
    }
    guard work.costsKnown else {
      return .impossible(
        .tooConservative, title, "costs are missing, so nothing is known to be saved")
    }
    var finding = AdviceReport.Finding(
      kind: .tooConservative, action: title, evidence: [], isSupported: false)
    finding.candidate = names[0]
    let gain = (0..<work.rowCount).map { work.quality[$0] - table.quality($0, 0) }
    return AdviceProposal(
      finding: finding, family: "down",
      outcomes: work.outcomes([Int](repeating: 0, count: work.rowCount)),
      gates: [
        .init(
          name: "quality gained over \(names[0]) on what goes up", values: gain, members: members,
          above: -settings.tolerance, below: settings.tolerance,
          bound: "within ±\(percent(settings.tolerance))")
      ], goal: .saving)
  }

  /// C13: more than 30 % of what goes to the cheapest candidate is low.
  private func routingWrong() -> AdviceProposal {
    let title = "the router sends too much to \(names[0]) that it cannot do"
    let members = isCheap
    let units = work.unitCount(members)
    guard units >= settings.leastUnits else {
      return .impossible(
        .routingWrong, title, "\(names[0]) is asked for \(units) queries: too few to judge")
    }
    let chosen = bestFixed(members, among: (1..<names.count).map { $0 })
    var finding = AdviceReport.Finding(
      kind: .routingWrong, action: title, evidence: [], isSupported: false)
    if let best = chosen.ofAll {
      finding.candidate = names[best]
      finding.action = title + ": ask \(names[best]) there, and retrain"
    }
    let low = (0..<work.rowCount).map { table.quality($0, 0) < settings.adequateQuality ? 1.0 : 0 }
    return AdviceProposal(
      finding: finding, family: "up", outcomes: chosen.outcomes,
      gates: [
        .init(
          name: "low answers among those of \(names[0])", values: low, members: members,
          above: settings.lowShare, bound: "above \(percent(settings.lowShare))")
      ], goal: .repair, isUnchangedOnAllRows: chosen.ofAll == nil)
  }

  /// The choice of most worth on `members`, a candidate or (nil) the router as it is, made for each fold on the others.
  private func bestFixed(_ members: [Bool], among choices: [Int?]) -> (
    outcomes: (quality: [Double], cost: [Double]), ofAll: Int?
  ) {
    func worth(_ i: Int, _ k: Int?) -> Double {
      guard members[i] else { return 0 }
      guard let k else { return work.quality[i] - work.price * work.cost[i] }
      return table.quality(i, k) - work.price * work.dollars(i, k, withFee: false)
    }
    var best = [Int?](repeating: nil, count: settings.folds + 1)
    var bestWorth = [Double](repeating: -.infinity, count: settings.folds + 1)
    for k in choices {
      let sums = work.foldSums { worth($0, k) }
      let total = sums.reduce(0, +)
      for fold in 0...settings.folds {
        let value = total - (fold < settings.folds ? sums[fold] : 0)
        if value > bestWorth[fold] + 1e-9 {
          bestWorth[fold] = value
          best[fold] = k
        }
      }
    }
    var quality = work.quality
    var cost = work.cost
    for i in 0..<work.rowCount where members[i] {
      guard let k = best[work.fold[i]] else { continue }
      quality[i] = table.quality(i, k)
      cost[i] = work.dollars(i, k, withFee: false)
    }
    return ((quality, cost), best[settings.folds])
  }

  // MARK: segments and single candidates

  /// A31: segments with 40 % of the spend or more.
  private func ownRoutes(_ field: String, _ values: [String]) -> [AdviceProposal] {
    guard work.costsKnown else { return [] }
    return dominant(field, values).map { value in
      let members = values.map { $0 == value }
      let chosen = bestFixed(members, among: [nil] + names.indices.map { $0 })
      let name = "\(field)=\(value)"
      var finding = AdviceReport.Finding(
        kind: .ownRoute, action: "give \(name) a route of its own", segment: name, evidence: [],
        isSupported: false)
      if let best = chosen.ofAll {
        finding.candidate = names[best]
        finding.action += ": always \(names[best])"
      }
      return AdviceProposal(
        finding: finding, family: "segment \(field)", outcomes: chosen.outcomes, gates: [],
        goal: .worth, isUnchangedOnAllRows: chosen.ofAll == nil)
    }
  }

  /// Values of a field with the dominant share of the spend that are not nearly everything, most expensive first.
  func dominant(_ field: String, _ values: [String]) -> [String] {
    let total = work.cost.reduce(0, +)
    guard work.costsKnown, total > 0 else { return [] }
    var spend: [String: Double] = [:]
    var count: [String: Int] = [:]
    for (i, value) in values.enumerated() {
      spend[value, default: 0] += work.cost[i]
      count[value, default: 0] += 1
    }
    return spend.keys.filter {
      (spend[$0] ?? 0) >= settings.dominantShare * total
        && Double(count[$0] ?? 0) < 0.95 * Double(work.rowCount)
        && (count[$0] ?? 0) >= settings.leastUnits
    }.sorted { (spend[$1] ?? 0, $0) < (spend[$0] ?? 0, $1) }
  }

  /// One candidate for everything, without the router and its fee.
  private func always(_ k: Int) -> AdviceProposal {
    let title = "ask \(names[k]) always, without a router"
    if work.policy.picks.allSatisfy({ $0 == k }) {
      return .impossible(.always, title, "the router does that already")
    }
    var finding = AdviceReport.Finding(
      kind: .always, action: title, evidence: [], isSupported: false)
    finding.candidate = names[k]
    let n = work.rowCount
    return AdviceProposal(
      finding: finding,
      family: k == 0 ? "down" : k == names.count - 1 ? "up" : "always \(names[k])",
      outcomes: (table.column(k), (0..<n).map { work.dollars($0, k, withFee: false) }), gates: [],
      goal: .domination)
  }

  /// A share as a percentage, without decimals that say nothing.
  private func percent(_ share: Double) -> String {
    let value = (share * 1000).rounded() / 10
    return value == value.rounded() ? "\(Int(value))%" : "\(value)%"
  }
}

extension OutcomeTable {
  /// Quality of candidate `k`, one a row.
  fileprivate func column(_ k: Int) -> [Double] { (0..<rowCount).map { quality($0, k) } }
}
