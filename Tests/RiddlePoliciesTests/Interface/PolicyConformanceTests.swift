import RiddleData
import RiddlePolicies
import RiddleRuntime
import RiddleTestSupport
import Testing

/// Every policy and guard under ``checkPolicy``, on ladders of 2 to 64.
@Suite("Policies keep their promises")
struct PolicyConformanceTests {
  static let ladders = [2, 3, 7, 64]

  private static func speeds(_ count: Int) -> [CandidateSpeed] {
    (0..<count).map { k in
      let median = Int64(k + 1) * 300_000
      let isSlow = k % 4 == 3
      var speed = CandidateSpeed(p50: median, p95: isSlow ? nil : 3 * median)
      if k % 5 == 4 { speed.p50 = nil }
      if k % 3 == 2 { speed.availability = 0.9 }
      return speed
    }
  }

  /// Signals of every source, raw and through maps of two folds.
  private static func signals(_ count: Int) -> [ConfidenceSignal] {
    let maps = (0..<2).map { fold in
      (0..<count).map { CalibrationMap.platt(slope: 1 + Double(fold + $0), offset: -0.5) }
    }
    return ConfidenceSignal.Source.allCases.flatMap {
      [ConfidenceSignal($0, price: 10, time: 5), ConfidenceSignal($0, maps: maps)]
    }
  }

  private static func picking(_ count: Int) -> [(String, any Policy)] {
    let top = count - 1
    let sources: [ScoreSource] = [.probability, .complexity, .keywords, .length, .field("score")]
    var all: [(String, any Policy)] = [
      ("static", Static(candidate: 1)), ("static beyond", Static(candidate: 99)),
      ("header", TierHeader.standard(count: count)),
      ("header, default", TierHeader(tiers: ["premium": 63], unknown: 63)),
      ("user tier", UserTier.standard(count: count)),
      ("workflow", WorkflowStickiness(candidate: 63)),
      ("rules", HeuristicRules.table(strongest: 63)),
      ("length", PromptLength(threshold: 100)),
      ("pre-check", PreCheck(price: 100, time: 7)),
      ("override", Override(candidates: ["c0": 0, "c1": 63])),
      ("classes", ContentClasses(source: .field("task_type"), candidates: ["sql": 63], unknown: 1)),
      (
        "classes of the router",
        ContentClasses(
          source: .router(
            thresholds: [Double](repeating: 0, count: top), names: (0..<count).map { "c\($0)" }),
          candidates: ["c0": 0, "c1": 1], unknown: nil)
      ),
      (
        "classes without a router",
        ContentClasses(source: .router(thresholds: [], names: []), candidates: [:], unknown: 0)
      ),
      (
        "deadline",
        DeadlineClass(speeds: speeds(count), bar: 0.9, qualities: [0.5])
      ),
      ("router", Ladder(thresholds: [Double](repeating: 0.1, count: top))),
      ("recorded", Recorded(picks: [StableHash.hash("r1".utf8): 63], stage: "other")),
      ("adequate", CheapestAdequate(bar: 0.7)),
      ("utility", UtilityArgmax(dollarWeight: 1, dollars: [0.1, 0.2])),
      ("guard", StatisticalGuard(fallback: 63)),
    ]
    for borderline in KeywordDifficulty.Borderline.allCases {
      all.append(("keywords \(borderline)", KeywordDifficulty(borderline: borderline)))
    }
    for source in sources {
      for strict in [false, true] {
        all.append(
          (
            "tiers by \(source.name)",
            ScoreTiers(
              source: source, cuts: [0.2, 0.8], candidates: [0, 1, 63], isStrict: strict)
          ))
      }
      all.append(("one tier", ScoreTiers(source: source, cuts: [], candidates: [1])))
    }
    return all
  }

  private static func asking(_ count: Int) -> [(String, any Policy)] {
    let ladder = Array(0..<count)
    var all: [(String, any Policy)] = [
      (
        "sla", LatencySLA(limit: 2_000_000, speeds: speeds(count), fallback: 63)
      ),
      (
        "sla with health",
        LatencySLA(
          limit: 2_000_000, speeds: speeds(count), fallback: 0,
          health: CandidateHealth(candidateCount: count, least: 2))
      ),
      ("budget of time", LatencyBudget(ladder: ladder)),
      ("budget of time, long ladder", LatencyBudget(ladder: [0, 63], budget: 1)),
      ("timeouts", TimeoutCascade(ladder: ladder)),
      ("timeouts in a budget", TimeoutCascade(ladder: [63, 0], budget: 6_000_000)),
      ("sticky", Stickiness(from: 1, capacity: 2)),
      ("sticky to the highest", Stickiness(from: 63, sticksToHighest: true)),
      ("agreement", AgreementCascade(cheap: [0, 1], strong: 63)),
      ("agreement beyond the ladder", AgreementCascade(cheap: [0, 1, 40], strong: 2, quorum: 2)),
    ]
    for signal in signals(count) {
      let cascade = Cascade(ladder: [0, 63], threshold: 0.5, signal: signal)
      all += [
        ("cascade \(signal.source)", Cascade(ladder: ladder, signal: signal)),
        ("short cascade", Cascade(ladder: [1], signal: signal)),
        ("band", Band(source: .probability, cascade: cascade)),
        ("band by keywords", Band(source: .keywords, low: 0.5, high: 0.5, cascade: cascade)),
        (
          "speculative",
          Speculative(source: .probability, small: 0, large: 63, threshold: 0.5, signal: signal)
        ),
        (
          "speculative, large first",
          Speculative(source: .keywords, small: 1, large: 0, threshold: 0.5, signal: signal)
        ),
        ("best of", BestOf(candidates: .all(64), signal: signal)),
        ("best of one", BestOf(candidates: [40], signal: signal)),
      ]
    }
    return all
  }

  private static func guards(_ count: Int) -> [(String, any Guard)] {
    [
      ("gate", QualityGate(threshold: 0.6, signal: ConfidenceSignal(.judge, price: 3))),
      ("gate without retries", QualityGate(signal: ConfidenceSignal(.own), retries: 0)),
      ("retry", Retry()), ("retry in place", Retry(times: 3, climbs: false)),
      ("elsewhere", Retry(times: 0)),
      ("breaker", CircuitBreaker(health: CandidateHealth(candidateCount: count, least: 1))),
      (
        "breaker without times",
        CircuitBreaker(
          health: CandidateHealth(candidateCount: count, window: 64, least: 2, restRequests: 3))
      ),
      ("no money", SpendingLimit(limit: 0, prices: [Int64](repeating: 1000, count: count))),
      (
        "money",
        SpendingLimit(limit: 5000, prices: (0..<count).map { Int64($0) * 1000 }, field: "user_tier")
      ),
    ]
  }

  private func requests(_ count: Int) -> [Request] {
    generatedRequests(count == 64 ? 12 : 40, candidateCount: count, seed: UInt64(count))
  }

  @Test("policies that pick", arguments: ladders)
  func picking(count: Int) {
    for (name, policy) in Self.picking(count) {
      checkPolicy(policy, requests: requests(count), name)
    }
  }

  @Test("policies that look at answers", arguments: ladders)
  func asking(count: Int) {
    for (name, policy) in Self.asking(count) {
      checkPolicy(policy, requests: requests(count), name)
    }
  }

  @Test("every guard behind every stage that asks, and behind another guard", arguments: [2, 3, 7])
  func guarded(count: Int) {
    let requests = Array(requests(count).prefix(12))
    let guards = Self.guards(count)
    for (name, stage) in Self.asking(count) + Self.picking(count).prefix(8) {
      for (guardName, guarding) in guards {
        let policy = StagedPolicy(
          name: "", stages: [stage], guards: [guarding], fallback: 63, decisionPrice: 1,
          decisionTime: 1)
        checkPolicy(policy, requests: requests, "\(name), \(guardName)")
      }
    }
    for (first, one) in guards {
      for (second, other) in guards {
        let policy = StagedPolicy(
          name: "",
          stages: [Cascade(ladder: Array(0..<count), signal: ConfidenceSignal(.own))],
          guards: [one, other], fallback: 0)
        checkPolicy(policy, requests: requests, "\(first), then \(second)")
      }
    }
  }

  @Test("all guards at once on a ladder of 64")
  func longLadder() {
    let policy = StagedPolicy(
      name: "", stages: [Cascade(ladder: Array(0..<64), signal: ConfidenceSignal(.own))],
      guards: Self.guards(64).map(\.1), fallback: 63)
    checkPolicy(policy, requests: requests(64), "everything")
  }
}
