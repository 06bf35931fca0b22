/// What is wrong with a rule table, seen without any data (ROUTING-SYSTEMS A10, B5).
public enum RuleLint {
  /// Rules beyond which nobody can say what a table does.
  public static let mostRules = 5

  /// Findings on `table`, in the order of its rules.
  public static func findings(_ table: RuleTable, line: Int?) -> [LintFinding] {
    var findings: [LintFinding] = []
    let rules = table.rules
    if rules.count > mostRules {
      findings.append(
        LintFinding(
          .warning, "many-rules", line: line,
          "\(rules.count) rules; beyond \(mostRules) nobody can say what a table does: train a router on your labels instead"
        ))
    }
    for (j, rule) in rules.enumerated() {
      if isContradictory(rule) {
        findings.append(
          LintFinding(
            .error, "unreachable-rule", line: line,
            "rule '\(rule.name)' can never fire: its conditions contradict one another"))
        continue
      }
      if let earlier = rules[..<j].first(where: { covers($0, rule) }) {
        findings.append(
          LintFinding(
            .error, "unreachable-rule", line: line,
            "rule '\(rule.name)' can never fire: rule '\(earlier.name)' before it takes all its queries"
          ))
        continue
      }
      guard rule.isHighRisk else { continue }
      if let earlier = rules[..<j].first(where: {
        $0.candidate < rule.candidate && !areDisjoint($0, rule)
      }) {
        findings.append(
          LintFinding(
            .error, "shadowed-risk", line: line,
            "high-risk rule '\(rule.name)' is shadowed: rule '\(earlier.name)' before it sends some of its queries to a cheaper candidate; put the high-risk rule first"
          ))
      }
    }
    return findings
  }

  /// Whether `earlier` holds whenever `later` does: each of its conditions follows from one of the later rule's.
  static func covers(_ earlier: RuleTable.Rule, _ later: RuleTable.Rule) -> Bool {
    earlier.conditions.allSatisfy { condition in
      later.conditions.contains { implies($0, condition) }
    }
  }

  /// Whether no query can meet both rules, as far as single conditions show.
  static func areDisjoint(_ a: RuleTable.Rule, _ b: RuleTable.Rule) -> Bool {
    a.conditions.contains { x in b.conditions.contains { contradict(x, $0) } }
  }

  static func isContradictory(_ rule: RuleTable.Rule) -> Bool {
    for (index, condition) in rule.conditions.enumerated() {
      if case .number(_, let least, let bound) = condition, !(least < bound) { return true }
      if rule.conditions[(index + 1)...].contains(where: { contradict(condition, $0) }) {
        return true
      }
    }
    return false
  }

  /// Whether `a` cannot hold without `b`.
  private static func implies(_ a: RuleTable.Condition, _ b: RuleTable.Condition) -> Bool {
    switch (a, b) {
    case (.minimumLength(let x), .minimumLength(let y)): x >= y
    case (.maximumLength(let x), .maximumLength(let y)): x <= y
    case (.contains(let x), .contains(let y)):
      x.allSatisfy { word in
        y.contains { !$0.isEmpty && word.lowercased().contains($0.lowercased()) }
      }
    case (.contains(let x), .minimumLength(let y)):
      x.allSatisfy { $0.unicodeScalars.count >= y }
    case (.field(let m, let x), .field(let n, let y)): m == n && x.allSatisfy(y.contains)
    case (.number(let m, let least, let bound), .number(let n, let from, let below)):
      m == n && least >= from && bound <= below
    default: false
    }
  }

  /// Whether `a` and `b` cannot both hold.
  private static func contradict(_ a: RuleTable.Condition, _ b: RuleTable.Condition) -> Bool {
    switch (a, b) {
    case (.minimumLength(let least), .maximumLength(let most)),
      (.maximumLength(let most), .minimumLength(let least)):
      least > most
    case (.field(let m, let x), .field(let n, let y)): m == n && !x.contains(where: y.contains)
    case (.number(let m, let least, let bound), .number(let n, let from, let below)):
      m == n && (bound <= from || below <= least)
    default: false
    }
  }
}
