import RiddleData
import RiddleEvaluation
import RiddlePolicies
import RiddleRuntime

extension PolicyBench {
  /// What is wrong with a policy on these rows: what ``PolicyLint`` sees, and what only data show.
  ///
  /// - Parameter router: the router it names; nil for none.
  public func audit(_ plan: PolicyPlan, router: Router?) throws(PipelineError) -> [LintFinding] {
    let prepared = try prepare(plan, router: router)
    var findings = PolicyLint.findings(plan, prepared.facts)
    findings += prices(plan)
    if let router, plan.needs.router {
      let identity = router.calibration.contains { if case .identity = $0 { true } else { false } }
      if identity {
        findings.append(
          LintFinding(
            .warning, "uncalibrated-threshold",
            "the router's scores were not calibrated: its threshold is no probability; train with --calibration platt or isotonic"
          ))
      }
    }
    let names = data.outcomes.candidates
    for part in plan.stages {
      let stage = part.make(prepared.facts)
      if let sla = stage as? LatencySLA, sla.feasible.isEmpty {
        let fastest = prepared.facts.speeds.indices.compactMap { k in
          prepared.facts.speeds[k].p95.map { (names[k], $0) }
        }.min { $0.1 < $1.1 }
        findings.append(
          LintFinding(
            .error, "infeasible-sla", line: part.line,
            "no candidate meets p95 ≤ \(sla.limit / 1000) ms with availability ≥ \(sla.leastAvailability); \(fastest.map { "the fastest, \($0.0), has p95 \($0.1 / 1000) ms" } ?? "no latency is known")"
          ))
      }
      if let budget = stage as? LatencyBudget, let first = budget.ladder.first,
        let p50 = prepared.facts.speeds[min(first, width - 1)].p50, p50 > budget.budget
      {
        findings.append(
          LintFinding(
            .error, "infeasible-sla", line: part.line,
            "half the answers of \(names[min(first, width - 1)]) take longer than the budget of \(budget.budget / 1000) ms"
          ))
      }
      if let table = stage as? RuleTable { findings += idleRules(table, prepared, part.line) }
    }
    findings += escalation(plan, prepared)
    return findings
  }

  /// Candidates without a price.
  private func prices(_ plan: PolicyPlan) -> [LintFinding] {
    let table = data.outcomes
    return (0..<width).compactMap { k in
      let missing = (0..<table.rowCount).count { table.cost($0, k) == nil }
      return missing == 0
        ? nil
        : LintFinding(
          .warning, "no-price",
          "candidate '\(table.candidates[k])' has no cost in \(missing) of \(table.rowCount) rows; give its price with --price \(table.candidates[k])=DOLLARS"
        )
    }
  }

  /// Rules that no row of the data meets, and fields that no row has.
  private func idleRules(_ table: RuleTable, _ prepared: PreparedReplay, _ line: Int)
    -> [LintFinding]
  {
    table.rules.compactMap { rule in
      let alone = RuleTable(rules: [rule])
      if prepared.requests.contains(where: { alone.pick($0) != nil }) { return nil }
      return LintFinding(
        .warning, "idle-rule", line: line,
        "rule '\(rule.name)' fires on none of these \(prepared.requests.count) rows: check its fields and values"
      )
    }
  }

  /// Whether asking several candidates costs more than always asking the strongest.
  private func escalation(_ plan: PolicyPlan, _ prepared: PreparedReplay) -> [LintFinding] {
    let replay = run(plan, prepared)
    let table = data.outcomes
    guard replay.calls.contains(where: { $0 > 1 }), table.missingCostCount == 0 else { return [] }
    var difference: [Double] = []
    var strongest = 0.0
    var spent = 0.0
    for i in 0..<table.rowCount {
      let paid = Double(replay.paid[i])
      let full = Double(table.cost(i, width - 1) ?? 0)
      difference.append(paid - full)
      spent += paid
      strongest += full
    }
    let figure = ReplayFigures(table: table, clusters: clusters, confidence: 0.95)
      .mean(difference)
    guard spent > strongest else { return [] }
    let ratio = ((spent / strongest) * 100).rounded() / 100
    let isSure = (figure.low ?? -1) > 0
    return [
      LintFinding(
        isSure ? .error : .warning, "dear-escalation",
        "asking several candidates costs \(ratio) times what always asking \(table.candidates[width - 1]) costs on these rows\(isSure ? "" : " (the interval does not exclude less)"): the cascade loses money"
      )
    ]
  }
}
