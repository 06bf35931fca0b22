import RiddlePolicies

/// Kinds of stage that look at answers or at the clock.
let askingKinds: [PartKind<any Policy>] = [
  PartKind("cascade", ["A7", "A13"], "cheapest first, upwards while answers are not trusted") {
    settings in
    let ladder = try settings.candidates(
      "ladder", default: "the whole ladder", "in order of asking")
    let threshold = try settings.number(
      "threshold", default: 0.8, in: 0...1, "confidence from which an answer is accepted")
    let (signal, needs) = try settings.signal(default: .own)
    return settings.stage("cascade", needs) { facts in
      Cascade(
        ladder: ladder ?? Array(facts.candidates.indices), threshold: threshold,
        signal: signal(facts))
    }
  },
  PartKind(
    "band", ["A14"], "strong above, cheap below, between them cheap first and strong if not trusted"
  ) { settings in
    let (source, scoreNeeds) = try settings.score()
    let (low, high) = try settings.band()
    let weak = try settings.candidate("weak", default: "cheapest", "the cheap candidate")
    let strong = try settings.candidate("strong", default: "strongest", "the strong one")
    let threshold = try settings.number(
      "threshold", default: 0.8, in: 0...1, "confidence from which the cheap answer is accepted")
    let (signal, needs) = try settings.signal(default: .own)
    return settings.stage("band", needs.union(scoreNeeds)) { facts in
      Band(
        source: source, low: low, high: high,
        cascade: Cascade(ladder: [weak, strong], threshold: threshold, signal: signal(facts)))
    }
  },
  PartKind("speculative", ["A25"], "small and large race inside an uncertain band") { settings in
    let (source, scoreNeeds) = try settings.score()
    let (low, high) = try settings.band()
    let small = try settings.candidate("small", default: "cheapest", "the small candidate")
    let large = try settings.candidate("large", default: "strongest", "the large one")
    let threshold = try settings.number(
      "threshold", default: 0.8, in: 0...1, "confidence from which small's answer is accepted")
    let (signal, needs) = try settings.signal(default: .own)
    return settings.stage("speculative", needs.union(scoreNeeds)) { facts in
      Speculative(
        source: source, low: low, high: high, small: small, large: large, threshold: threshold,
        signal: signal(facts))
    }
  },
  PartKind("agreement", [], "cheap candidates answer together; the strong one if they disagree") {
    settings in
    let cheap = try settings.candidates("cheap", default: nil, "the first wave, two or more")
    let strong = try settings.candidate("strong", default: "strongest", "asked when they disagree")
    let quorum = try settings.optionalInteger(
      "quorum", in: 2...64, "how many must agree; left out: all of them")
    if settings.node != nil && (cheap?.count ?? 0) < 2 {
      throw settings.failure(at: "cheap", "cheap needs two candidates or more")
    }
    if let quorum, let cheap, settings.node != nil, quorum > cheap.count {
      throw settings.failure(
        at: "quorum", "quorum \(quorum) is more than the \(cheap.count) that are asked")
    }
    var needs = PolicyNeeds()
    needs.signals[.agreement] = false
    return settings.stage("agreement", needs) { _ in
      AgreementCascade(cheap: CandidateSet(cheap ?? [0, 1]), strong: strong, quorum: quorum)
    }
  },
  PartKind("best_of", ["A18"], "several candidates answer at once, a judge picks") { settings in
    let candidates = try settings.candidates("candidates", default: "all", "who answers")
    let (signal, needs) = try settings.signal(default: .judge)
    return settings.stage("best_of", needs) { facts in
      BestOf(
        candidates: candidates.map { CandidateSet($0) } ?? .all(facts.candidates.count),
        signal: signal(facts))
    }
  },
  PartKind("latency_sla", ["A4", "B6"], "the fastest available candidate whose p95 meets a limit") {
    settings in
    let limit = try settings.milliseconds("sla_ms", default: 2000, "limit of the 95th percentile")
    let available = try settings.number(
      "availability", default: 0.95, in: 0...1, "least share of answered calls")
    let fallback = try settings.candidate(
      "fallback", default: "strongest", "asked, and flagged, when nobody is feasible")
    let adaptive = try settings.boolean(
      "adaptive", default: true, "leave candidates alone that fail lately")
    var needs = PolicyNeeds()
    needs.speeds = true
    return settings.stage("latency_sla", needs) { facts in
      LatencySLA(
        limit: limit, speeds: facts.speeds, leastAvailability: available, fallback: fallback,
        health: adaptive ? CandidateHealth(candidateCount: facts.candidates.count) : nil)
    }
  },
  PartKind("latency_budget", ["A28"], "a budget of time on a ladder with a fallback") { settings in
    let ladder = try settings.candidates(
      "ladder", default: "the whole ladder", "in order of asking")
    let budget = try settings.milliseconds("budget_ms", default: 3000, "time in all")
    let slow = try settings.number(
      "slow_mark", default: 0.8, in: 0...1, "share of the budget after which an answer is slow")
    return settings.stage("latency_budget") { facts in
      LatencyBudget(
        ladder: ladder ?? Array(facts.candidates.indices), budget: budget, slowMark: slow)
    }
  },
  PartKind("timeout_cascade", ["A30"], "cheapest first with a timeout, upwards when it runs out") {
    settings in
    let ladder = try settings.candidates(
      "ladder", default: "the whole ladder", "in order of asking")
    let timeout = try settings.milliseconds(
      "timeout_ms", default: 5000, "time for each call but the last")
    let budget = try settings.optionalMilliseconds(
      "budget_ms", "user's time in all, where the request does not say; left out: for ever")
    let field = try settings.text(
      "field", default: "latency_budget_ms", "metadata field with the user's time")
    let least = try settings.milliseconds(
      "least_budget_ms", default: 2000, "users with less go to the next stage")
    return settings.stage("timeout_cascade") { facts in
      TimeoutCascade(
        ladder: ladder ?? Array(facts.candidates.indices), timeout: timeout, budget: budget,
        field: field, leastBudget: least)
    }
  },
  PartKind("deadline", ["A29"], "strict → fastest, batch → cheapest above a bar, else next stage") {
    settings in
    let field = try settings.text("field", default: "deadline", "strict, interactive or batch")
    let bar = try settings.number(
      "quality", default: 0.8, in: 0...1, "expected quality that batch work must have")
    var needs = PolicyNeeds()
    needs.speeds = true
    return settings.stage("deadline", needs) { facts in
      DeadlineClass(field: field, speeds: facts.speeds, bar: bar, qualities: facts.qualities)
    }
  },
]

extension Settings {
  /// Both ends of an uncertain band.
  func band() throws(PolicyFileError) -> (low: Double, high: Double) {
    let low = try number("low", default: 0.2, in: -1e9...1e9, "below it: the cheap candidate alone")
    let high = try number("high", default: 0.8, in: -1e9...1e9, "above it: the strong one alone")
    if low > high {
      throw failure(at: "low", "low \(plain(low)) lies above high \(plain(high))")
    }
    return (low, high)
  }
}
