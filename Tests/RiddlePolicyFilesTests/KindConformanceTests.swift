import RiddleData
import RiddlePolicies
import RiddlePolicyFiles
import RiddleTestSupport
import Testing

/// Every kind of stage and guard that a file may name, built from a file, under ``checkPolicy``.
@Suite("Kinds of policy files keep their promises")
struct KindConformanceTests {
  /// Settings of kinds that have required ones, and more settings of some others.
  private static let settings: [String: [String]] = [
    "static": ["{ask: middle}"],
    "rules": ["[{when: {min_length: 20, metadata.score: {below: 1}}, ask: strongest}]"],
    "tiers": [
      "{score: complexity, cuts: [0.1, 0.1], candidates: [cheapest, middle, strongest]}",
      "{cuts: [0.5], candidates: [strongest, cheapest], strict: true}",
    ],
    "classes": [
      "{candidates: {sql: strongest}, default: cheapest}", "{by: router, candidates: {c0: c1}}",
    ],
    "agreement": ["{cheap: [c0, c1], quorum: 2}"],
    "classifier": [
      "{}", "{threshold: 0.7, strict: true}", "{failure_cost: 5, overspend_cost: 1}",
      "{score: metadata.score, threshold: 0.5}",
    ],
    "keywords": ["{borderline: pass-on}"], "timeout_cascade": ["{budget_ms: 6000}", "{}"],
    "cascade": ["{confidence: agreement}", "{ladder: [strongest, cheapest], threshold: 1}"],
    "band": ["{}", "{score: metadata.score, check_price_usd: 0.1}"],
    "sticky": ["{}", "{from: cheapest, highest: true, capacity: 2}"],
    "best_of": ["{}", "{candidates: [c1]}"], "budget": ["{usd_per_day: 0}", "{usd_per_day: 1e9}"],
    "gate": ["{}", "{retries: 0, confidence: parse}"],
    "circuit_breaker": ["{}", "{window: 64, least: 1, failures: 0, rest_s: 0}"],
  ]

  private static func facts(_ count: Int, measured: Bool) -> PolicyFacts {
    let names = (0..<count).map { "c\($0)" }
    if !measured { return .unknown(candidates: names) }
    var facts = PolicyFacts(
      candidates: names, prices: (0..<count).map { Int64($0 + 1) * 1_000_000 },
      qualities: (0..<count).map { Double($0 + 1) / Double(count) },
      speeds: (0..<count).map {
        CandidateSpeed(p50: Int64($0 + 1) * 500_000, p95: Int64($0 + 1) * 900_000)
      })
    facts.thresholds = [Double](repeating: 0.2, count: count - 1)
    return facts
  }

  @Test("every kind, measured and not, on ladders of 2, 3, 7 and 64", arguments: [2, 3, 7, 64])
  func kinds(count: Int) throws {
    let requests = generatedRequests(count == 64 ? 4 : 24, candidateCount: count, seed: 5)
    for kind in PolicyKinds.all {
      let needs = kind.fields.contains(where: \.isRequired)
      for settings in Self.settings[kind.name] ?? (needs ? [] : ["{}"]) {
        // A ladder of two has no third name to give.
        if count == 2 && settings.contains("middle, strongest") { continue }
        let part = "[{\(kind.name): \(settings)}]"
        let text =
          kind.isGuard
          ? "stages: [cascade]\nguards: \(part)\n" : "stages: \(part)\nguards: [retry, gate]\n"
        for measured in [false, true] {
          let facts = Self.facts(count, measured: measured)
          let plan = try PolicyDocument(text: text, path: "p.yaml").plan(
            candidates: facts.candidates, name: "p")
          checkPolicy(plan.policy(facts), requests: requests, "\(kind.name): \(settings)")
        }
      }
      #expect(!needs || Self.settings[kind.name] != nil, "\(kind.name) was never built")
    }
  }

  @Test("a router without stages, before and after its thresholds are known")
  func routerAlone() throws {
    for text in ["router: r.riddle\n", "router: r.riddle\nthreshold: 0.4\n"] {
      let document = try PolicyDocument(text: text, path: "p.yaml")
      for measured in [false, true] {
        let facts = Self.facts(3, measured: measured)
        let policy = try document.plan(candidates: facts.candidates, name: "p").policy(facts)
        checkPolicy(
          policy, requests: generatedRequests(20, candidateCount: 3, seed: 1), text)
      }
    }
  }
}
