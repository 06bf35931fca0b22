import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

@Suite struct EvaluateOffPolicyTests {
  static func settings(_ replicates: Int = 0) -> OffPolicySettings {
    var settings = OffPolicySettings()
    settings.replicates = replicates
    return settings
  }

  func decision(
    _ i: Int, _ candidate: String, _ quality: Double, propensity: Double? = nil,
    group: String? = nil
  ) -> LoggedDecision {
    LoggedDecision(
      id: "\(i)", context: QueryContext(group: group), candidate: candidate, quality: quality,
      propensity: propensity)
  }

  /// 300 decisions, a b c in turn; a is always right, b half the time, c never.
  func cycle(propensity: Double?) -> DecisionLog {
    DecisionLog(
      decisions: (0..<300).map { i in
        let quality = [1, Double(i / 3 % 2), 0][i % 3]
        return decision(i, ["a", "b", "c"][i % 3], quality, propensity: propensity)
      })
  }

  @Test(
    "a log that asked all candidates equally often gives each one's own mean, by every estimator")
  func balanced() throws {
    let log = try LoggedActions(cycle(propensity: 1.0 / 3))
    let targets = try log.candidates.map { try TargetPolicy.always($0, on: log) }
    let report = try evaluateOffPolicy(
      log, targets: targets + [.uniform(on: log)], settings: Self.settings())
    for (target, value) in zip(report.targets, [1, 0.5, 0, 0.5]) {
      #expect(target.refusals.isEmpty)
      for name in ["ips", "snips", "clipped-ips"] {
        let estimate = try #require(target.estimates.first { $0.estimator == name })
        expectClose(try #require(estimate.value.value), value, tolerance: 1e-12)
        expectClose(try #require(estimate.difference.value), value - 0.5, tolerance: 1e-12)
      }
      // Cross-fitting leaves every fold its own mean: near, not equal.
      for estimate in target.estimates {
        expectClose(try #require(estimate.value.value), value, tolerance: 0.05)
      }
    }
    expectClose(report.targets[0].overlap.effectiveSampleSize, 100, tolerance: 1e-9)
    expectClose(report.targets[0].overlap.meanWeight, 1, tolerance: 1e-9)
    expectClose(report.targets[3].overlap.effectiveSampleSize, 300, tolerance: 1e-9)
    #expect(report.propensities.source == "logged")
    #expect(report.warnings.isEmpty)
  }

  @Test("intervals cover at their stated rate")
  func coverage() throws {
    let (logs, rows) = (50, 240)
    var settings = Self.settings(60)
    settings.confidence = 0.8
    var covered: [String: Int] = [:]
    for seed in 0..<logs {
      let world = SimulatedLog(seed: UInt64(seed), rows: rows)
      settings.seed = UInt64(seed)
      let log = try LoggedActions(world.log)
      let target = TargetPolicy(name: "t", choice: .picks(world.picks))
      let report = try evaluateOffPolicy(log, targets: [target], settings: settings)
      for estimate in report.targets[0].estimates {
        let (low, high) = (estimate.value.low ?? .nan, estimate.value.high ?? .nan)
        if low <= SimulatedLog.truth && SimulatedLog.truth <= high {
          covered[estimate.estimator, default: 0] += 1
        }
      }
    }
    // Binomial(50, 0.8) lies within 30 … 48 with probability 0.998.
    for name in ["ips", "snips", "dr"] {
      #expect((30...48).contains(covered[name] ?? 0), "\(name): \(covered[name] ?? 0) of \(logs)")
    }
    // The means model knows nothing of x, so the direct method misses: its interval must not be believed to cover.
    #expect((covered["dm"] ?? 0) < 25)
  }

  @Test("the same bytes at any number of threads")
  func threads() throws {
    let world = SimulatedLog(seed: 5, rows: 200)
    let log = try LoggedActions(world.log)
    var settings = Self.settings(70)
    let one = try evaluateOffPolicy(log, targets: [.uniform(on: log)], settings: settings)
    settings.threads = 3
    let three = try evaluateOffPolicy(log, targets: [.uniform(on: log)], settings: settings)
    #expect(one == three)
    #expect(one.targets[0].estimates[0].value.low != nil)
  }

  @Test("weak support is refused with the reason and the flag, and only estimated when allowed")
  func refusals() throws {
    // "rare" was chosen with probability 0.01 and is 4 of 400 rows: weights of 100, four effective decisions.
    let log = try LoggedActions(
      DecisionLog(
        decisions: (0..<400).map { i in
          i % 100 == 0
            ? decision(i, "rare", 1, propensity: 0.01)
            : decision(i, "usual", 0.5, propensity: 0.99)
        }))
    let target = try TargetPolicy.always("rare", on: log)
    let refused = try evaluateOffPolicy(log, targets: [target], settings: Self.settings())
    let reasons = refused.targets[0].refusals
    #expect(reasons.count == 2)
    #expect(reasons[0].contains("worth 4 decisions") && reasons[1].contains("weight 100"))
    #expect(reasons.allSatisfy { $0.contains("--allow-weak-support") })
    #expect(refused.targets[0].estimates.isEmpty)
    expectClose(refused.targets[0].overlap.largestWeight, 100, tolerance: 1e-9)
    var settings = Self.settings()
    settings.allowsWeakSupport = true
    let allowed = try evaluateOffPolicy(log, targets: [target], settings: settings)
    #expect(allowed.targets[0].refusals.isEmpty)
    expectClose(try #require(allowed.targets[0].estimates[0].value.value), 1, tolerance: 1e-9)
    #expect(allowed.targets[0].warnings.filter { $0.hasPrefix("weak support") }.count == 2)
  }

  @Test("candidates that could not have been logged are counted, and refused beyond one percent")
  func support() throws {
    var decisions: [LoggedDecision] = []
    for i in 0..<400 {
      // On every fourth query "b" was out of reach; "never" was never logged.
      let isOpen = i % 4 != 0
      let isB = isOpen && i % 2 == 1
      decisions.append(
        LoggedDecision(
          id: "\(i)", candidate: isB ? "b" : "a", quality: 1,
          propensities: [
            CandidatePropensity(candidate: "a", probability: isOpen ? 0.5 : 1),
            CandidatePropensity(candidate: "b", probability: isOpen ? 0.5 : 0),
            CandidatePropensity(candidate: "never", probability: 0),
          ]))
    }
    let log = try LoggedActions(DecisionLog(decisions: decisions))
    #expect(log.candidates == ["a", "b", "never"])
    let report = try evaluateOffPolicy(
      log,
      targets: [
        try .always("b", on: log), try .always("never", on: log),
        TargetPolicy(name: "half", choice: .shares([0.5, 0.496, 0.004])),
        TargetPolicy(name: "outside", choice: .picks([Int32](repeating: -1, count: 400))),
      ], settings: Self.settings())
    let overlaps = report.targets.map(\.overlap)
    expectClose(overlaps[0].unsupportedMass, 0.25, tolerance: 1e-12)
    expectClose(overlaps[0].unsupportedRows, 0.25, tolerance: 1e-12)
    #expect(overlaps[0].neverLoggedMass == 0)
    expectClose(overlaps[1].neverLoggedMass, 1, tolerance: 1e-12)
    #expect(overlaps[1].effectiveSampleSize == 0)
    expectClose(overlaps[2].unsupportedMass, 0.004 + 0.496 / 4, tolerance: 1e-12)
    expectClose(overlaps[2].unsupportedRows, 1, tolerance: 1e-12)
    expectClose(overlaps[3].neverLoggedMass, 1, tolerance: 1e-12)
    #expect(report.targets.allSatisfy { !$0.refusals.isEmpty })
    #expect(report.targets[0].refusals.contains { $0.contains("could not have been logged") })
  }

  @Test("propensities that do not describe the log are noticed")
  func wrongPropensities() throws {
    var log = try LoggedActions(cycle(propensity: 0.6))
    let report = try evaluateOffPolicy(
      log, targets: [try .always("a", on: log)], settings: Self.settings())
    #expect(report.targets[0].warnings.contains { $0.contains("do not describe this log") })
    log = try LoggedActions(cycle(propensity: 1.0 / 3))
    let right = try evaluateOffPolicy(
      log, targets: [try .always("a", on: log)], settings: Self.settings())
    #expect(right.targets[0].warnings.isEmpty)
  }

  @Test("without propensities nothing is said, unless a claim is made, and then loudly")
  func assumptions() throws {
    #expect(throws: OffPolicyError.missingPropensities(count: 300, of: 300)) {
      _ = try LoggedActions(cycle(propensity: nil))
    }
    for assumption in AssumedPropensities.allCases {
      let log = try LoggedActions(cycle(propensity: nil), assuming: assumption)
      #expect(log.propensities.allSatisfy { abs($0 - 1.0 / 3) < 1e-12 })
      let report = try evaluateOffPolicy(
        log, targets: [.uniform(on: log)], settings: Self.settings())
      #expect(report.propensities.source == "assumed")
      #expect(report.propensities.assumption == assumption)
      #expect(report.warnings.contains { $0.contains("ASSUMED") })
    }
    // Nine of ten decisions are "a": hardly chosen uniformly.
    let skewed = DecisionLog(
      decisions: (0..<300).map { decision($0, $0 % 10 == 0 ? "b" : "a", 1) })
    let uniform = try LoggedActions(skewed, assuming: .uniform)
    let report = try evaluateOffPolicy(
      uniform, targets: [.uniform(on: uniform)], settings: Self.settings())
    #expect(report.warnings.contains { $0.contains("hardly true") })
    let empirical = try LoggedActions(skewed, assuming: .empirical)
    expectClose(empirical.propensities[0], 0.1, tolerance: 1e-12)
    // Logged propensities are kept where there are any.
    var mixed = cycle(propensity: nil)
    mixed.decisions[0].propensity = 0.9
    let log = try LoggedActions(mixed, assuming: .uniform)
    #expect(log.propensities[0] == 0.9 && log.assumedCount == 299)
  }

  @Test("rewards, policies and candidate sets choose the rows")
  func selection() throws {
    var log = cycle(propensity: 1.0 / 3)
    for i in log.decisions.indices { log.decisions[i].policy = i < 200 ? "old" : "new" }
    log.decisions[0].quality = nil
    log.decisions[1].quality = nil
    log.decisions[1].reward = -4
    log.decisions[2].cost = NanoDollars(2_000_000)
    #expect(try LoggedActions(log).withoutReward == 1)
    #expect(try LoggedActions(log).rewards[0] == -4)
    #expect(try LoggedActions(log, policy: "new").count == 100)
    let costs = try LoggedActions(log, reward: .cost)
    #expect(costs.rewards == [0.002] && costs.withoutReward == 299)
    #expect(throws: OffPolicyError.noDecisions(policy: "x", available: ["new", "old"])) {
      _ = try LoggedActions(log, policy: "x")
    }
    #expect(throws: OffPolicyError.unlistedCandidate("b", id: "1")) {
      _ = try LoggedActions(log, candidates: ["a", "c"])
    }
    let many = DecisionLog(decisions: (0...1000).map { decision($0, "c\($0)", 1, propensity: 1) })
    #expect(throws: OffPolicyError.tooManyCandidates(count: 1001, most: 1000)) {
      _ = try LoggedActions(many)
    }
    #expect(try LoggedActions(log, candidates: ["c", "b", "a", "d"]).candidates.count == 4)
  }

  @Test("the reward model predicts a decision from the other folds only")
  func crossFitting() throws {
    let rows = 60
    let actions = (0..<rows).map { Int32($0 % 2) }
    var stream = SplitMix64(seed: 3)
    let rewards = (0..<rows).map { _ in stream.unit() }
    let folds = CrossFittedMeans.folds(clusters: rows, seed: 9)
    #expect((0..<5).allSatisfy { fold in folds.count { $0 == fold } == 12 })
    let groups = (0..<rows).map { Int32($0 % 3) }
    for grouped in [false, true] {
      let model = CrossFittedMeans(
        candidateCount: 2, folds: folds,
        groups: grouped ? groups : [Int32](repeating: 0, count: rows))
      let fitted = model.fit(
        [Double](repeating: 1, count: rows), actions: actions, rewards: rewards)
      for i in 0..<rows {
        for a in 0..<2 {
          let others = (0..<rows).filter { folds[$0] != folds[i] && Int(actions[$0]) == a }
          let mean = others.reduce(0) { $0 + rewards[$1] } / Double(others.count)
          let near = others.filter { groups[$0] == groups[i] }
          let expected =
            grouped
            ? (near.reduce(0) { $0 + rewards[$1] } + 10 * mean) / (Double(near.count) + 10) : mean
          expectClose(fitted.prediction(row: fitted.row(i), a), expected, tolerance: 1e-12)
        }
      }
    }
  }

  @Test("groups refine the reward model, unless there is one for nearly every decision")
  func groups() throws {
    // "a" is right in the even group, "b" in the odd one: the model of groups knows, the plain one would say ½.
    func log(_ rows: Int, groups: Int) throws -> LoggedActions {
      try LoggedActions(
        DecisionLog(
          decisions: (0..<rows).map { i in
            let isA = i % 3 != 0
            return decision(
              i, isA ? "a" : "b", isA == (i % 2 == 0) ? 1 : 0, propensity: 0.5,
              group: "g\(i % groups)")
          }))
    }
    let known = try log(400, groups: 2)
    let picks = (0..<400).map { Int32($0 % 2) }
    let report = try evaluateOffPolicy(
      known, targets: [TargetPolicy(name: "t", choice: .picks(picks))], settings: Self.settings())
    let direct = try #require(report.targets[0].estimates.first { $0.estimator == "dm" })
    #expect((direct.value.value ?? 0) > 0.85)
    #expect(report.rewardModel.contains("per group"))
    #expect(try log(6000, groups: 6000).groups == nil)
    #expect(try log(6000, groups: 3000).groups?.count == 6000)
  }

  @Test(
    "decisions about one conversation are resampled together, and a doubled log gains no certainty")
  func clusters() throws {
    let world = SimulatedLog(seed: 11, rows: 200)
    var doubled = DecisionLog(decisions: world.log.decisions + world.log.decisions)
    for i in doubled.decisions.indices { doubled.decisions[i].queryID = "\(i % 200)" }
    func width(_ log: DecisionLog, _ picks: [Int32]) throws -> Double {
      let actions = try LoggedActions(log)
      let report = try evaluateOffPolicy(
        actions, targets: [TargetPolicy(name: "t", choice: .picks(picks))],
        settings: Self.settings(200))
      let figure = report.targets[0].estimates[0].value
      return (figure.high ?? .nan) - (figure.low ?? .nan)
    }
    let once = try width(world.log, world.picks)
    expectClose(try width(doubled, world.picks + world.picks), once, tolerance: 1e-9)
  }

  @Test("bad columns and settings are named")
  func badInput() throws {
    let log = try LoggedActions(cycle(propensity: 1.0 / 3))
    func evaluated(_ target: TargetPolicy) throws(OffPolicyError) {
      _ = try evaluateOffPolicy(log, targets: [target], settings: Self.settings())
    }
    #expect(throws: OffPolicyError.self) {
      try evaluated(TargetPolicy(name: "t", choice: .picks([0])))
    }
    #expect(throws: OffPolicyError.self) {
      try evaluated(
        TargetPolicy(name: "t", choice: .picks([Int32](repeating: 3, count: 300))))
    }
    #expect(throws: OffPolicyError.badProbabilities(target: "t", row: 0, sum: 1.5)) {
      try evaluated(TargetPolicy(name: "t", choice: .shares([0.5, 0.5, 0.5])))
    }
    #expect(throws: OffPolicyError.self) {
      try evaluated(TargetPolicy(name: "t", choice: .shares([.nan, 0.5, 0.5])))
    }
    #expect(throws: OffPolicyError.unknownCandidate("z", available: ["a", "b", "c"])) {
      _ = try TargetPolicy.always("z", on: log)
    }
    #expect(throws: OffPolicyError.self) {
      _ = try evaluateOffPolicy(log, targets: [], model: .given([1]))
    }
    var settings = Self.settings()
    settings.clip = .nan
    #expect(throws: OffPolicyError.self) {
      _ = try evaluateOffPolicy(log, targets: [], settings: settings)
    }
  }
}
