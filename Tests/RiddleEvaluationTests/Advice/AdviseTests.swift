import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

/// Worlds in which one action is the truth, and worlds in which none is.
@Suite struct AdviseTests {
  /// Rows of a difficulty in [0, 1) that the router's margin is, with the quality of two candidates.
  struct World {
    var difficulty: [Double] = []
    var weak: [Double] = []
    var strong: [Double] = []
    var segment: [String] = []

    init(
      _ rows: Int, seed: UInt64, segment: (Double) -> String = { _ in "one" },
      weak: (Double) -> Double, strong: (Double) -> Double
    ) {
      var random = SplitMix64(seed: seed)
      for _ in 0..<rows {
        let d = random.unit()
        difficulty.append(d)
        self.segment.append(segment(random.unit()))
        self.weak.append(random.unit() < weak(d) ? 1 : 0)
        self.strong.append(random.unit() < strong(d) ? 1 : 0)
      }
    }

    func table(weakCost: Int64 = 200_000, strongCost: Int64 = 4_000_000) -> OutcomeTable {
      OutcomeTable(
        candidates: ["small", "large"], quality: zip(weak, strong).flatMap { [$0, $1] },
        cost: weak.flatMap { _ in [weakCost, strongCost] },
        latency: weak.flatMap { _ in [Int64(1), Int64(1)] })
    }

    /// The router that goes up from `threshold` on; `sign` −1 for one that has it backwards.
    func router(_ threshold: Double, sign: Double = 1) -> ScoredPolicy {
      ScoredPolicy(
        name: "router", kind: "made", margins: difficulty.map { sign * $0 },
        thresholds: [sign * threshold])
    }
  }

  private func advice(
    _ world: World, _ policy: ScoredPolicy, table: OutcomeTable? = nil,
    segments: Bool = false, change: (inout AdviceSettings) -> Void = { _ in }
  ) throws -> AdviceReport {
    var settings = AdviceSettings()
    settings.replicates = 150
    change(&settings)
    return try advise(
      table ?? world.table(), policy: policy,
      rows: AdviceRows(segments: segments ? [("task_type", world.segment)] : []),
      settings: settings)
  }

  private func finding(
    _ report: AdviceReport, _ kind: AdviceReport.Kind, _ candidate: String? = nil
  )
    throws -> AdviceReport.Finding
  {
    try #require(
      (report.actions + report.lookedAt).first {
        $0.kind == kind && (candidate == nil || $0.candidate == candidate)
      })
  }

  private func contains(_ figure: Figure?, _ truth: Double) throws -> Bool {
    let low = try #require(figure?.low)
    let high = try #require(figure?.high)
    return low <= truth && truth <= high
  }

  /// The cheap candidate fails from 0.4 on, the router goes up from 0.8 on.
  @Test func aThresholdTooHighIsLowered() throws {
    let world = World(1500, seed: 1, weak: { $0 < 0.4 ? 0.97 : 0.3 }, strong: { _ in 0.95 })
    let report = try advice(world, world.router(0.8))
    let first = try #require(report.actions.first)
    #expect(first.kind == .tighten)
    let threshold = try #require(first.thresholds?.first ?? nil)
    #expect(abs(threshold - 0.4) < 0.03, "\(threshold)")
    expectClose(try #require(first.upShare), 0.6, tolerance: 0.05)
    // 40 % of the queries gain 0.65, and cost 3.8 tenths of a cent more.
    let gain = try #require(first.gain)
    #expect(abs(try #require(gain.quality.value) - 0.26) < 0.04)
    #expect(try #require(gain.quality.low) > 0.2)
    expectClose(try #require(gain.cost.value) / (0.4 * 0.0038), 1, tolerance: 0.1)
    #expect(first.evidence.first?.bound == "below 85%")
    #expect(try contains(first.evidence.first?.figure, 0.3))
    #expect(report.actions.count <= 5)
    #expect(!report.actions.contains { $0.kind == .routeMore || $0.kind == .tooConservative })
  }

  /// The cheap candidate is as good up to 0.7, the router goes up from 0.3 on.
  @Test func aThresholdTooLowIsRaised() throws {
    let world = World(3000, seed: 2, weak: { $0 < 0.7 ? 0.996 : 0.3 }, strong: { _ in 0.996 })
    let report = try advice(world, world.router(0.3))
    let first = try #require(report.actions.first)
    #expect(first.kind == .routeMore)
    let threshold = try #require(first.thresholds?.first ?? nil)
    #expect(abs(threshold - 0.7) < 0.03, "\(threshold)")
    #expect(try contains(first.gain?.cost, -0.4 * 0.0038) || abs(threshold - 0.7) > 0.01)
    #expect(try #require(first.gain?.quality.low) > -0.01)
    #expect(report.actions.count == 1)
  }

  /// 50 right answers of 50 do not prove 98 %, though resampling them shows no error; 900 of 900 do.
  @Test(arguments: [(180, false), (3000, true)])
  func answersThatAreAllRightProveOnlyWhatTheirNumberDoes(rows: Int, isProven: Bool) throws {
    let world = World(rows, seed: 5, weak: { $0 < 0.7 ? 1 : 0.3 }, strong: { _ in 1 })
    let finding = try finding(try advice(world, world.router(0.3)), .routeMore)
    #expect(finding.isSupported == isProven)
    #expect(finding.evidence.first?.figure.value == 1)
    #expect(isProven || finding.reason?.contains("not decidedly at least 98%") == true)
  }

  /// What goes up is answered as well below: the same answers but for one in a thousand.
  @Test func aRouterThatGoesUpForNothingIsTooConservative() throws {
    var world = World(2000, seed: 3, weak: { _ in 0.8 }, strong: { _ in 0.8 })
    world.strong = world.weak
    for i in stride(from: 0, to: 2000, by: 1000) { world.strong[i] = 1 }
    let report = try advice(world, world.router(0.5))
    let finding = try finding(report, .tooConservative)
    #expect(finding.isSupported)
    #expect(report.actions.count == 1)
    #expect(try #require(report.actions.first?.gain?.costShare.high) < -0.85)
  }

  /// The router has it backwards: easy queries go up, hard ones to the cheap candidate.
  @Test func aRouterThatHasItBackwardsIsWrong() throws {
    let world = World(1000, seed: 4, weak: { 0.99 - 0.7 * $0 }, strong: { _ in 0.95 })
    let report = try advice(world, world.router(0.5, sign: -1))
    let finding = try finding(report, .routingWrong)
    #expect(finding.isSupported)
    #expect(finding.candidate == "large")
    #expect(try contains(finding.evidence.first?.figure, 0.01 + 0.7 * 0.75))
    #expect(try #require(finding.gain?.quality.low) > 0.1)
    #expect(report.actions.first?.kind != .routeMore)
  }

  /// Code is 60 % of the queries and nearly all of the spend; the cheap candidate writes it as well.
  @Test func aSegmentThatDominatesTheSpendGetsItsOwnRoute() throws {
    var world = World(
      1200, seed: 5, segment: { $0 < 0.6 ? "code" : "chat" }, weak: { _ in 0.9 },
      strong: { _ in 0.9 })
    // Chat: the router is right. Code: everything goes up, for the same answers.
    for i in world.weak.indices {
      if world.segment[i] == "code" {
        world.difficulty[i] = 0.9 + 0.1 * world.difficulty[i]
        world.strong[i] = world.weak[i]
      } else {
        world.weak[i] = world.difficulty[i] < 0.5 ? 1 : 0
        world.strong[i] = 1
      }
    }
    let report = try advice(world, world.router(0.5), segments: true)
    let finding = try finding(report, .ownRoute)
    #expect(finding.isSupported && finding.segment == "task_type=code")
    #expect(finding.candidate == "small")
    #expect(
      try contains(finding.gain?.cost, -0.6 * 0.0038) || finding.gain?.cost.value ?? 0 < -0.002)
    #expect(finding.gain?.quality.value == 0)
    #expect(report.dominantSegments.map(\.name) == ["task_type=code"])
    #expect(report.actions.contains(finding))
  }

  /// Always asking the cheap candidate is better and cheaper than any routing.
  @Test func oneCandidateThatBeatsTheRouterIsSaid() throws {
    let world = World(1500, seed: 6, weak: { _ in 0.9 }, strong: { _ in 0.8 })
    let report = try advice(world, world.router(0.5))
    let finding = try finding(report, .always, "small")
    #expect(finding.isSupported)
    #expect(report.actions.first?.candidate == "small" || report.actions.first?.kind == .routeMore)
    #expect(try contains(finding.gain?.quality, 0.05))
    #expect(!(try self.finding(report, .always, "large").isSupported))
  }

  /// A router that is right where it can be: nothing to do, and why is said for everything.
  @Test(arguments: [UInt64(7), 8, 9])
  func aWellTunedRouterIsLeftAlone(seed: UInt64) throws {
    let world = World(
      1000, seed: seed, segment: { $0 < 0.5 ? "a" : "b" }, weak: { $0 < 0.5 ? 0.95 : 0.2 },
      strong: { _ in 0.95 })
    let report = try advice(world, world.router(0.5), segments: true)
    #expect(report.actions.isEmpty, "\(report.actions.map(\.action))")
    #expect(report.lookedAt.count >= 6)
    #expect(report.lookedAt.allSatisfy { $0.reason?.isEmpty == false })
    #expect(Set(report.lookedAt.map(\.kind)) == Set(AdviceReport.Kind.allCases))
  }

  /// Two candidates alike in everything, and a router of noise: the corrected p keeps false advice to 5 %.
  @Test func noiseGivesLittleAdvice() throws {
    var wrong = 0
    for seed in 0..<50 {
      let world = World(
        250, seed: UInt64(100 + seed), segment: { $0 < 0.5 ? "a" : "b" }, weak: { _ in 0.9 },
        strong: { _ in 0.9 })
      let report = try advice(
        world, world.router(0.5), table: world.table(weakCost: 1_000_000, strongCost: 1_000_000),
        segments: true
      ) { $0.replicates = 100 }
      if !report.actions.isEmpty { wrong += 1 }
    }
    #expect(wrong <= 6, "\(wrong) of 50")
  }

  @Test func thePriceOfADollarDecidesWhatQualityIsWorth() throws {
    let world = World(1500, seed: 1, weak: { $0 < 0.4 ? 0.97 : 0.3 }, strong: { _ in 0.95 })
    let own = try advice(world, world.router(0.8))
    expectClose(
      own.pricePerQuality,
      (world.strong.reduce(0, +) - world.weak.reduce(0, +)) / 1500 / 0.0038, tolerance: 1e-9)
    // A dollar that buys 1000 points of quality: no answer is worth four tenths of a cent.
    let dear = try advice(world, world.router(0.8)) { $0.pricePerQuality = 1000 }
    #expect(!dear.actions.contains { $0.kind == .tighten || $0.kind == .routingWrong })
    #expect(dear.isPriceGiven)
  }

  /// A score that says nothing: quality can be had for money, but no cheaper than by mixing at random.
  @Test func qualityAtMoreThanItsPriceIsNoGain() throws {
    var random = SplitMix64(seed: 9)
    var world = World(3000, seed: 1, weak: { $0 < 0.4 ? 0.97 : 0.3 }, strong: { _ in 0.95 })
    world.difficulty = world.difficulty.map { _ in random.unit() }
    let report = try advice(world, world.router(0.8))
    let tighten = try finding(report, .tighten)
    #expect(try #require(tighten.gain?.worth.value) >= 0 || !tighten.isSupported)
    // At a price of the user's that the quality does not reach, nothing that costs more is advised.
    let dear = try advice(world, world.router(0.8)) { $0.pricePerQuality = 500 }
    #expect(dear.actions.allSatisfy { $0.gain?.cost.value ?? 0 <= 0 })
  }

  @Test func fewRowsMissingCostsAndNoScoreAreSaidNotGuessed() throws {
    let few = World(20, seed: 1, weak: { _ in 0 }, strong: { _ in 1 })
    let small = try advice(few, few.router(0.9))
    #expect(small.actions.isEmpty)
    #expect(small.warnings.contains { $0.contains("too few") })
    let world = World(1000, seed: 2, weak: { _ in 0.3 }, strong: { _ in 0.9 })
    let missing = try advice(
      world, world.router(0.8),
      table: world.table(weakCost: OutcomeTable.missingCost, strongCost: OutcomeTable.missingCost))
    #expect(
      missing.cost == .undefined && missing.actions.allSatisfy { $0.gain?.cost == .undefined })
    #expect(missing.warnings.contains { $0.hasPrefix("costs are missing") })
    #expect(try finding(missing, .tighten).isSupported)
    let plain = try advice(
      world,
      ScoredPolicy(name: "rules", kind: "made", picks: world.difficulty.map { $0 > 0.8 ? 1 : 0 }))
    #expect(try finding(plain, .tighten).reason?.contains("no score") == true)
    #expect(try finding(plain, .routingWrong).isSupported)
  }

  @Test func aLadderMovesAllItsThresholds() throws {
    let world = World(1200, seed: 3, weak: { $0 < 0.3 ? 0.97 : 0.2 }, strong: { _ in 0.95 })
    let quality = world.difficulty.indices.flatMap { i in
      [world.weak[i], world.difficulty[i] < 0.6 ? world.strong[i] : 0, world.strong[i]]
    }
    let table = OutcomeTable(
      candidates: ["s", "m", "l"], quality: quality,
      cost: world.weak.flatMap { _ in [Int64(100_000), 500_000, 4_000_000] },
      latency: quality.map { _ in 1 })
    let policy = ScoredPolicy(
      name: "ladder", kind: "made", margins: world.difficulty.flatMap { [$0, $0 - 0.3] },
      thresholds: [0.6, 0.6])
    let report = try advice(world, policy, table: table)
    let finding = try finding(report, .tighten)
    #expect(finding.isSupported)
    let thresholds = try #require(finding.thresholds).compactMap { $0 }
    #expect(thresholds.count == 2)
    expectClose(thresholds[0], thresholds[1])
    #expect(abs(thresholds[0] - 0.3) < 0.03)
  }

  @Test func sameSeedSameAdviceAtAnyThreadCount() throws {
    let world = World(700, seed: 1, weak: { $0 < 0.4 ? 0.97 : 0.3 }, strong: { _ in 0.95 })
    let one = try advice(world, world.router(0.8))
    #expect(try advice(world, world.router(0.8)) { $0.threads = 4 } == one)
    #expect(try advice(world, world.router(0.8)) { $0.seed = 2 } != one)
  }

  @Test func badInputIsRefused() throws {
    let world = World(50, seed: 1, weak: { _ in 0.5 }, strong: { _ in 0.9 })
    #expect(throws: EvaluationError.self) {
      try advice(world, world.router(0.5)) { $0.pricePerQuality = .nan }
    }
    #expect(throws: EvaluationError.self) {
      try advice(world, world.router(0.5)) { $0.replicates = 10 }
    }
    #expect(throws: EvaluationError.self) {
      try advise(
        world.table(), policy: world.router(0.5), rows: AdviceRows(clusters: [1]),
        settings: AdviceSettings())
    }
    #expect(throws: EvaluationError.self) { try advice(world, world.router(.nan)) }
  }
}
