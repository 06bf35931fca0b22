import RiddlePolicies

/// Every kind of guard that a policy file may name.
let guardKinds: [PartKind<any Guard>] = [
  PartKind("gate", ["A23", "C5"], "an evaluator looks at the answer; a bad one goes a step up") {
    settings in
    let threshold = try settings.number(
      "threshold", default: 0.7, in: 0...1, "score from which an answer passes")
    let retries = try settings.integer(
      "retries", default: 2, in: 0...16, "retries before the best candidate is forced")
    let (signal, needs) = try settings.signal(default: .judge)
    return settings.guarding("gate", needs) { facts in
      QualityGate(threshold: threshold, signal: signal(facts), retries: retries)
    }
  },
  PartKind("retry", [], "a failed call is tried again, then elsewhere") { settings in
    let times = try settings.integer("times", default: 1, in: 0...16, "calls to the same candidate")
    let climbs = try settings.boolean("climb", default: true, "then ask another candidate")
    return settings.guarding("retry") { _ in Retry(times: times, climbs: climbs) }
  },
  PartKind("circuit_breaker", [], "candidates that fail too often rest") { settings in
    let window = try settings.integer("window", default: 20, in: 1...64, "calls remembered")
    let least = try settings.integer("least", default: 5, in: 1...64, "calls before it can open")
    let limit = try settings.number(
      "failures", default: 0.5, in: 0...1, "share above which it opens")
    let rest = try settings.number("rest_s", default: 60, in: 0...1e6, "seconds of rest")
    return settings.guarding("circuit_breaker") { facts in
      CircuitBreaker(
        health: CandidateHealth(
          candidateCount: facts.candidates.count, window: window, least: least, limit: limit,
          rest: Int64(rest * 1e6)))
    }
  },
  PartKind("budget", [], "money per day; beyond it the cheapest candidate, which still costs") {
    settings in
    let limit = try settings.requiredNumber(
      "usd_per_day", in: 0...1e9,
      "dollars a day (UTC); a call counts beforehand with its candidate's mean price")
    let per = try settings.optionalText(
      "per", "field by which spending is counted apart, for example metadata.user")
    let field = per.map { $0.hasPrefix("metadata.") ? String($0.dropFirst(9)) : $0 }
    var needs = PolicyNeeds()
    needs.prices = true
    return settings.guarding("budget", needs) { facts in
      SpendingLimit(limit: Int64((limit * 1e9).rounded()), prices: facts.prices, field: field)
    }
  },
]
