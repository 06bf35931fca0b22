import RiddlePolicies
import Yams

/// Reads a list of rules: `- {name: …, when: {…}, ask: …, adjust: …}`.
func readRules(_ node: Node, _ settings: Settings) throws(PolicyFileError) -> [RuleTable.Rule] {
  guard let list = node.sequence, !list.isEmpty else {
    throw settings.failure(node, "rules must be a list of {when: …, ask: …}")
  }
  guard list.count <= 1000 else {
    throw settings.failure(
      node, "\(list.count) rules; at most 1000, and beyond 5 nobody can say what a table does")
  }
  var rules: [RuleTable.Rule] = []
  for (index, rule) in list.enumerated() {
    guard rule.mapping != nil else {
      throw settings.failure(rule, "a rule is a mapping with when and ask")
    }
    let reader = Settings(rule, path: settings.path, names: settings.names)
    let name = try reader.optionalText("name", "name for reasons") ?? "rule \(index + 1)"
    let ask = try reader.candidate("ask", default: nil, "name a candidate")
    let adjust = try reader.number(
      "adjust", default: 0, in: -1...1, "added to 0.5, the decision's confidence")
    let risk = try reader.choice(
      "risk", default: Risk.normal, "high: no earlier rule may send such queries cheaper")
    guard let when = try reader.value("when", .text, nil, true, "the conditions"),
      let mapping = when.mapping, !mapping.isEmpty
    else {
      throw settings.failure(
        rule, "when is empty; a rule without conditions is the default: write it as default")
    }
    try reader.finish("a rule")
    var conditions: [RuleTable.Condition] = []
    for (key, value) in mapping { conditions.append(try readCondition(key, value, settings)) }
    rules.append(
      RuleTable.Rule(
        name: name, conditions: conditions, candidate: ask, adjustment: adjust,
        isHighRisk: risk == .high || conditions.contains(where: namesRiskyDomain)))
  }
  return rules
}

private enum Risk: String, CaseIterable { case normal, high }

/// Domains in which a bad answer does harm: rules about them are of high risk without being told.
private func namesRiskyDomain(_ condition: RuleTable.Condition) -> Bool {
  guard case .field("domain", let values) = condition else { return false }
  return values.contains { ["medical", "legal", "financial", "safety"].contains($0.lowercased()) }
}

/// Conditions with a meaning of their own; every other key names a field of the request.
private let conditionNames = ["min_length", "max_length", "contains", "min_turn", "max_turn"]

/// Fields that every log may have.
private let fieldNames = ["user_tier", "task_type", "domain", "group", "conversation", "turn"]

private func readCondition(_ key: Node, _ value: Node, _ settings: Settings)
  throws(PolicyFileError) -> RuleTable.Condition
{
  let name = key.scalar?.string ?? ""
  func count() throws(PolicyFileError) -> Int {
    guard let count = value.int, count >= 0 else {
      throw settings.failure(value, "\(name) needs a whole number of at least 0")
    }
    return count
  }
  switch name {
  case "min_length": return .minimumLength(try count())
  case "max_length": return .maximumLength(try count())
  case "min_turn": return .number("turn", from: Double(try count()), below: .infinity)
  case "max_turn": return .number("turn", from: -.infinity, below: Double(try count()) + 1)
  case "contains": return .contains(try settings.texts(value, name))
  default: break
  }
  // metadata.NAME is any field that the request carries; a misspelt field is no field.
  var field = name
  if name.hasPrefix("metadata.") {
    field = String(name.dropFirst("metadata.".count))
  } else if !fieldNames.contains(name) {
    let known = conditionNames + fieldNames
    let hint = nearest(name, in: known).map { "did you mean '\($0)'? " } ?? ""
    throw settings.failure(
      key,
      "unknown condition '\(name.prefix(80))'; \(hint)known: \(known.joined(separator: ", ")), and metadata.NAME for a field of the request's metadata"
    )
  }
  guard value.mapping != nil else { return .field(field, try settings.texts(value, name)) }
  let range = Settings(value, path: settings.path, names: settings.names)
  let least = try range.optionalNumber("at_least", in: -1e15...1e15, "lower end, included")
  let bound = try range.optionalNumber("below", in: -1e15...1e15, "upper end, excluded")
  try range.finish("a range")
  guard least != nil || bound != nil else {
    throw settings.failure(value, "\(name) needs at_least, below, or both")
  }
  return .number(field, from: least ?? -.infinity, below: bound ?? .infinity)
}
