/// What is wrong with a policy, seen without any data.
public enum PolicyLint {
  /// Findings on `plan`, built with `facts` that may be unknown.
  public static func findings(_ plan: PolicyPlan, _ facts: PolicyFacts) -> [LintFinding] {
    var findings: [LintFinding] = []
    var ends: (kind: String, line: Int)?
    for part in plan.stages {
      if let ends {
        findings.append(
          LintFinding(
            .error, "unreachable-stage", line: part.line,
            "stage '\(part.kind)' is never reached: '\(ends.kind)' (line \(ends.line)) before it always decides"
          ))
        continue
      }
      let stage = part.make(facts)
      if let table = stage as? RuleTable { findings += RuleLint.findings(table, line: part.line) }
      if alwaysDecides(stage) { ends = (part.kind, part.line) }
      for (source, calibrates) in part.needs.signals.sorted(by: {
        $0.key.rawValue < $1.key.rawValue
      })
      where !calibrates && (source == .own || source == .judge) {
        findings.append(uncalibrated(part.kind, source, part.line))
      }
      if let tiers = stage as? ScoreTiers, tiers.source != .probability {
        findings.append(
          LintFinding(
            .warning, "uncalibrated-threshold", line: part.line,
            "\(part.kind) cuts the score '\(tiers.source.name)', which is no probability: what its threshold promises is unknown; sweep it on data, or train a router"
          ))
      }
    }
    for part in plan.guards {
      for (source, calibrates) in part.needs.signals.sorted(by: {
        $0.key.rawValue < $1.key.rawValue
      })
      where !calibrates && (source == .own || source == .judge) {
        findings.append(uncalibrated(part.kind, source, part.line))
      }
    }
    if plan.fallback == nil && ends == nil {
      findings.append(
        LintFinding(
          .warning, "no-default",
          "no default: what no stage claims goes to the strongest candidate; say so with default: strongest"
        ))
    }
    return findings
  }

  private static func uncalibrated(_ kind: String, _ source: ConfidenceSignal.Source, _ line: Int)
    -> LintFinding
  {
    LintFinding(
      .warning, "uncalibrated-gate", line: line,
      "\(kind) trusts raw '\(source.rawValue)' confidence: 0.8 need not mean that four of five answers are good; leave calibrate at true"
    )
  }

  /// Whether a stage never passes on, whatever the request.
  private static func alwaysDecides(_ stage: any Policy) -> Bool {
    switch stage {
    case is Static, is PromptLength, is Cascade, is AgreementCascade, is BestOf, is LatencySLA,
      is LatencyBudget, is PreCheck, is EpsilonGreedy, is LinUCB, is LinearThompson,
      is BetaThompson:
      true
    case let keywords as KeywordDifficulty: keywords.borderline != .passOn
    case let header as TierHeader: header.unknown != nil
    case let classes as ContentClasses: classes.unknown != nil
    case let tiers as ScoreTiers:
      tiers.source == .complexity || tiers.source == .keywords || tiers.source == .length
    case let table as RuleTable: table.rules.contains { $0.conditions.isEmpty }
    default: false
    }
  }
}
