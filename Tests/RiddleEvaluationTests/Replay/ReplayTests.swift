import RiddlePolicies
import RiddleRuntime
import RiddleTestSupport
import Testing

@testable import RiddleData
@testable import RiddleEvaluation

/// Policies replayed over made tables: the worked figures to the nano-dollar, and the laws of every replay.
@Suite("Replay")
struct ReplayTests {
  // MARK: made logs

  /// A log of `n` rows in which every call of candidate `k` costs `costs[k]` nano-dollars.
  private struct Log {
    var table: OutcomeTable
    var answers: AnswerTable
    var requests: [Request]

    /// - Parameter confidence: of candidate `k`'s answer on a row, both as its own and as the judge's; nil for unknown.
    init(
      _ n: Int, costs: [Int64], quality: (Int, Int) -> Double = { _, _ in 1 },
      latency: (Int, Int) -> Int64 = { _, k in Int64(1 + k) * 1000 },
      confidence: (Int, Int) -> Double? = { _, _ in 1 },
      context: (Int) -> QueryContext = { _ in QueryContext() }
    ) {
      let width = costs.count
      answers = AnswerTable(width: width)
      for row in 0..<n {
        for k in 0..<width {
          answers.append(
            Outcome(
              quality: 1, confidence: confidence(row, k), gateScore: confidence(row, k),
              answer: "\(quality(row, k))"))
        }
      }
      table = OutcomeTable(
        candidates: (0..<width).map { "c\($0)" },
        quality: (0..<(n * width)).map { quality($0 / width, $0 % width) },
        cost: (0..<(n * width)).map { costs[$0 % width] },
        latency: (0..<(n * width)).map { latency($0 / width, $0 % width) })
      requests = (0..<n).map {
        Request(
          id: "r\($0)", text: "query \($0)", context: context($0), candidateCount: width)
      }
    }

    /// The same rows in another order.
    func rows(_ order: [Int]) -> Log {
      var copy = self
      copy.table = table.rows(order)
      copy.answers = answers.rows(order)
      copy.requests = order.map { requests[$0] }
      return copy
    }

    func replay(
      _ policy: some Policy, faults: [CandidateFaults]? = nil, judge: SimulatedJudge? = nil,
      threads: Int = 2
    ) -> Replay {
      let world =
        faults.map {
          RiddleEvaluation.World(
            table: table, latency: [LatencySource](repeating: .log, count: $0.count), faults: $0,
            seed: 5, arrivals: requests.map { $0.context.time?.count })
        } ?? RiddleEvaluation.World(table: table)
      return RiddleEvaluation.replay(
        policy, requests: requests, table: table, answers: answers,
        settings: ReplaySettings(world: world, judge: judge, threads: threads))
    }

    /// Nano-dollars of a policy over the whole log.
    func paid(_ policy: some Policy) -> Int64 { replay(policy).paid.reduce(0, +) }

    func report(_ policies: [(String, Replay)], _ settings: EvaluationSettings) throws
      -> EvaluationReport
    {
      try report(policies, settings, clusters: nil)
    }

    func report(_ policies: [(String, Replay)], _ settings: EvaluationSettings, clusters: [Int]?)
      throws -> EvaluationReport
    {
      try evaluate(
        table, routers: policies.map { $1.scoredPolicy(name: $0, kind: "test") },
        wall: BaselineInputs(
          texts: requests.map(\.text.string), clusters: clusters, clusterField: "conversation"),
        settings: settings)
    }
  }

  /// Sends the first `counts[0]` rows of a hundred to candidate 0, the next `counts[1]` to 1, and so on.
  private func shares(_ counts: [Int], of log: Log) -> Recorded {
    var picks: [UInt64: Int] = [:]
    for (row, request) in log.requests.enumerated() {
      var (place, k) = (row % 100, 0)
      while place >= counts[k] { (place, k) = (place - counts[k], k + 1) }
      picks[request.key] = k
    }
    return Recorded(picks: picks, stage: "made")
  }

  private func percent(_ paid: Int64, of whole: Int64) -> Double {
    ((1 - Double(paid) / Double(whole)) * 10_000).rounded() / 100
  }

  private let own = ConfidenceSignal(.own)

  // MARK: worked figures

  @Test("70 % at $0.0003 and 30 % at $0.003: $0.00111 each, $111 per 100 000, 63.0 % of $300")
  func seventyThirty() throws {
    let log = Log(100_000, costs: [300_000, 3_000_000])
    let paid = log.paid(shares([70, 30], of: log))
    let strongest = log.paid(Static(candidate: 1))
    #expect(paid == 111_000_000_000 && paid / 100_000 == 1_110_000)
    #expect(strongest == 300_000_000_000)
    #expect(percent(paid, of: strongest) == 63)
    let small = Log(100, costs: [300_000, 3_000_000])
    let policy = try small.report(
      [("split", small.replay(shares([70, 30], of: small)))], EvaluationSettings(replicates: 0)
    ).routers[0]
    expectClose(policy.costDollars.value ?? .nan, 0.00111, tolerance: 1e-15)
    expectClose(policy.savings.value ?? .nan, 0.63, tolerance: 1e-12)
  }

  @Test("a gate cascade of $0.0002 and $0.02 with 25 % escalations: $0.0052, without it $0.00515")
  func gateCascade() {
    let log = Log(
      100, costs: [200_000, 20_000_000], confidence: { row, _ in row < 75 ? 0.9 : 0.1 })
    let cascade = log.paid(Cascade(ladder: [0, 1], signal: own))
    let gate = log.paid(
      StagedPolicy(
        name: "", stages: [Static(candidate: 0)],
        guards: [QualityGate(signal: ConfidenceSignal(.judge))], fallback: 0))
    let split = log.paid(shares([75, 25], of: log))
    let mostlyDear = log.paid(shares([20, 80], of: log))
    let dear = log.paid(Static(candidate: 1))
    #expect(cascade == 520_000_000 && gate == cascade && split == 515_000_000)
    #expect(mostlyDear == 1_604_000_000 && dear == 2_000_000_000)
    #expect(percent(cascade, of: mostlyDear) == 67.58 && percent(split, of: mostlyDear) == 67.89)
    #expect(percent(cascade, of: dear) == 74 && percent(split, of: dear) == 74.25)
  }

  @Test("prices 0.8 / 3 and 0.8 / 3 / 15")
  func ladders() {
    let pair = Log(100, costs: [800_000_000, 3_000_000_000])
    let two = pair.paid(shares([70, 30], of: pair))
    #expect(two == 146_000_000_000)
    #expect(percent(two, of: pair.paid(Static(candidate: 1))) == 51.33)
    let three = Log(100, costs: [800_000_000, 3_000_000_000, 15_000_000_000])
    let paid = three.paid(shares([70, 20, 10], of: three))
    #expect(paid == 266_000_000_000)
    #expect(percent(paid, of: three.paid(Static(candidate: 1))) == 11.33)
    #expect(percent(paid, of: three.paid(Static(candidate: 2))) == 82.27)
  }

  @Test("a router that costs as much as the cheap candidate doubles the cheap path")
  func routerPrice() throws {
    let log = Log(100, costs: [300_000, 3_000_000])
    let split = shares([70, 30], of: log)
    func staged(_ price: Int64) -> StagedPolicy {
      StagedPolicy(
        name: "", stages: [split], fallback: 0, decisionPrice: price, decisionTime: 700)
    }
    let (free, priced) = (log.replay(staged(0)), log.replay(staged(300_000)))
    for row in 0..<100 {
      #expect(free.fees[row] == 0 && priced.fees[row] == 300_000)
      #expect(priced.paid[row] == free.paid[row] + 300_000)
      if priced.picks[row] == 0 { #expect(priced.paid[row] == 2 * free.paid[row]) }
      #expect(free.latency[row] == Int64(1 + free.picks[row]) * 1000 + 700)
    }
    let savings = try log.report([("priced", priced)], EvaluationSettings(replicates: 0))
      .routers[0].savings
    expectClose(savings.value ?? .nan, 1 - 0.00141 / 0.003, tolerance: 1e-12)
  }

  // MARK: C5

  /// A cascade that escalates on `count` rows of every cluster of `size`.
  private func escalating(_ count: Int, of size: Int, clusters: Int) throws -> GateResult {
    let log = Log(
      size * clusters, costs: [1, 10], confidence: { row, _ in row % size < count ? 0 : 1 })
    var settings = EvaluationSettings(replicates: 60, seed: 1)
    settings.gates = [.standard(.escalationRate)]
    let replay = log.replay(Cascade(ladder: [0, 1], signal: own))
    let report = try log.report(
      [("cascade", replay)], settings, clusters: (0..<(size * clusters)).map { $0 / size })
    return try #require(report.gates.first)
  }

  @Test("exactly 25 % of escalations fail the gate, 24.9 % pass it where nothing is uncertain")
  func escalationGate() throws {
    let quarter = try escalating(1, of: 4, clusters: 40)
    #expect(quarter.verdict == .fail && quarter.checks[0].figure.value == 0.25)
    let below = try escalating(249, of: 1000, clusters: 32)
    #expect(below.verdict == .pass)
    expectClose(below.checks[0].figure.value ?? .nan, 0.249, tolerance: 1e-12)
  }

  @Test("a quarter of single queries is no pass either")
  func escalationByQuery() throws {
    let log = Log(400, costs: [1, 10], confidence: { row, _ in row % 4 == 0 ? 0 : 1 })
    var settings = EvaluationSettings(replicates: 200, seed: 1)
    settings.gates = [.standard(.escalationRate)]
    let report = try log.report(
      [("cascade", log.replay(Cascade(ladder: [0, 1], signal: own)))], settings)
    #expect(report.routers[0].escalation.value == 0.25)
    #expect(report.gates.first?.verdict == .undecided)
  }

  @Test("a retry of a candidate that answered nothing and cost nothing is no escalation")
  func retriesAreNoEscalation() {
    let log = Log(400, costs: [7, 10])
    let policy = StagedPolicy(
      name: "", stages: [Static(candidate: 0)], guards: [Retry(times: 9, climbs: false)],
      fallback: 0)
    let replay = log.replay(policy, faults: [CandidateFaults(errorRate: 0.4), .none])
    #expect(replay.calls.contains { $0 > 2 })
    #expect(replay.candidatesPaid.allSatisfy { $0 <= 1 })
    for row in 0..<400 where !replay.failed[row] { #expect(replay.paid[row] == 7) }
  }

  // MARK: determinism and order

  /// Policies of every kind that do not learn.
  private func policies(_ log: Log) -> [any Policy] {
    [
      Static(candidate: 1), shares([50, 30, 20], of: log), PromptLength(threshold: 9),
      Cascade(ladder: [0, 1, 2], threshold: 0.5, signal: own), LatencyBudget(ladder: [0, 1, 2]),
      BestOf(candidates: [0, 1, 2]), AgreementCascade(cheap: [0, 1], strong: 2),
      Speculative(source: .complexity, low: 0, high: 1, small: 0, large: 2, signal: own),
      StagedPolicy(
        name: "", stages: [Cascade(ladder: [0, 1], threshold: 0.9, signal: own)],
        guards: [QualityGate(signal: ConfidenceSignal(.judge, price: 3, time: 5)), Retry()],
        fallback: 1, decisionPrice: 2),
    ]
  }

  private func chanceLog(_ n: Int) -> Log {
    var random = SplitMix64(seed: 21)
    let draws = (0..<(3 * n)).map { _ in random.unit() }
    return Log(
      n, costs: [1_000, 5_000, 20_000],
      quality: { ((draws[3 * $0 + $1] + 0.2 * Double($1)) * 4).rounded(.down) / 8 },
      latency: { 1_000 + Int64(draws[3 * $0 + $1] * 4e6) },
      confidence: { draws[3 * $0 + $1] < 0.1 ? nil : draws[3 * $0 + $1] })
  }

  @Test("threads change nothing, failures included")
  func threads() {
    let log = chanceLog(1500)
    let faults = [CandidateFaults](repeating: CandidateFaults(errorRate: 0.2), count: 3)
    for policy in policies(log) {
      let judge = SimulatedJudge(errorRate: 0.1)
      let one = log.replay(policy, faults: faults, judge: judge, threads: 1)
      for threads in [2, 7] {
        #expect(log.replay(policy, faults: faults, judge: judge, threads: threads) == one)
      }
    }
  }

  @Test("the order of the rows moves the results with them, and changes none")
  func rowOrder() {
    let log = chanceLog(700)
    var order = Array(0..<700)
    var random = SplitMix64(seed: 4)
    order.shuffle(using: &random)
    for policy in policies(log) {
      let judge = SimulatedJudge(errorRate: 0.3)
      let (a, b) = (log.replay(policy, judge: judge), log.rows(order).replay(policy, judge: judge))
      #expect(order.map { a.picks[$0] } == b.picks && order.map { a.paid[$0] } == b.paid)
      #expect(order.map { a.latency[$0] } == b.latency && order.map { a.calls[$0] } == b.calls)
      #expect(order.map { a.stages[a.stage[$0]] } == b.stage.map { b.stages[$0] })
      #expect(order.map { a.flagged[$0] } == b.flagged && order.map { a.failed[$0] } == b.failed)
    }
  }

  @Test("what learns is served in order of time, in whatever order the rows stand")
  func timeOrder() {
    // Ten conversations of six turns; the first turn of every other one needs the strong candidate.
    let log = Log(
      60, costs: [1, 10], confidence: { row, _ in row < 10 && row % 2 == 0 ? 0 : 1 },
      context: { row in
        QueryContext(conversation: "c\(row % 10)", time: Microseconds(Int64(row) * 1_000))
      })
    let policy = StagedPolicy(
      name: "", stages: [Stickiness(from: 1), Cascade(ladder: [0, 1], signal: own)], fallback: 0)
    let replay = log.replay(policy)
    for row in 0..<60 {
      #expect(replay.picks[row] == (row % 2 == 0 ? 1 : 0))
      #expect(
        replay.stages[replay.stage[row]] == (row >= 10 && row % 2 == 0 ? "sticky" : "cascade"))
    }
    let backwards = Array((0..<60).reversed())
    let reversed = log.rows(backwards).replay(policy)
    #expect(backwards.map { replay.picks[$0] } == reversed.picks)
    #expect(backwards.map { replay.paid[$0] } == reversed.paid)
    #expect(RiddleEvaluation.timeOrder(log.rows(backwards).requests) == backwards)
  }

  @Test("rows without a time come last, in the order given; ties keep their order")
  func mixedTimes() {
    let times: [Int64?] = [nil, 5, 3, nil, 5, 1]
    let log = Log(
      6, costs: [1, 1], context: { QueryContext(time: times[$0].map(Microseconds.init)) })
    #expect(RiddleEvaluation.timeOrder(log.requests) == [5, 2, 1, 4, 0, 3])
  }

  @Test("a daily limit holds in a replay: what is over it goes to the cheapest")
  func dailyLimit() {
    let day: Int64 = 86_400_000_000
    let log = Log(
      40, costs: [1, 10], context: { QueryContext(time: Microseconds(Int64($0 / 20) * day)) })
    let policy = StagedPolicy(
      name: "", stages: [Static(candidate: 1)],
      guards: [SpendingLimit(limit: 55, prices: [1, 10])], fallback: 0)
    let replay = log.replay(policy)
    for start in [0, 20] {
      let picks = replay.picks[start..<(start + 20)]
      #expect(Array(picks) == [1, 1, 1, 1, 1] + [Int](repeating: 0, count: 15))
      #expect(replay.flagged[start..<(start + 20)].count { $0 } == 15)
    }
  }

  // MARK: money and time

  @Test("an error, a refusal and an outage cost nothing, a timeout costs what the log says")
  func failedCalls() {
    let log = Log(50, costs: [40, 700], latency: { _, k in k == 0 ? 9_000_000 : 1_000 })
    let ladder = Cascade(ladder: [0, 1], signal: own)
    for faults in [
      CandidateFaults(errorRate: 1), CandidateFaults(rateLimitedShare: 1),
      CandidateFaults(outages: [.rows(from: 0, to: 1)]),
    ] {
      let replay = log.replay(ladder, faults: [faults, .none])
      #expect(replay.paid == [Int64](repeating: 700, count: 50))
      #expect(replay.calls.allSatisfy { $0 == 2 } && replay.candidatesPaid.allSatisfy { $0 == 1 })
      #expect(replay.failed.allSatisfy { !$0 })
    }
    let late = log.replay(TimeoutCascade(ladder: [0, 1]))
    #expect(late.paid == [Int64](repeating: 740, count: 50))
    #expect(late.latency == [Int64](repeating: 5_001_000, count: 50))
    #expect(late.candidatesPaid.allSatisfy { $0 == 2 })
    let broken = log.replay(
      ladder, faults: [CandidateFaults](repeating: CandidateFaults(errorRate: 1), count: 2))
    #expect(broken.failed.allSatisfy { $0 } && broken.paid.allSatisfy { $0 == 0 })
    let figures = ReplayFigures(table: log.table, clusters: nil, confidence: 0.95)
    #expect(figures.qualities(broken).allSatisfy { $0 == 0 })
    #expect(broken.scoredPolicy(name: "x", kind: "y").failed?.count == 50)
  }

  @Test("one after the other latencies add, at once the slowest counts, in a race the accepted one")
  func latencies() {
    let log = Log(
      20, costs: [1, 2, 4], latency: { row, k in Int64([100, 9_000, 700][k] + row) },
      confidence: { row, k in k == 0 && row < 10 ? 0 : 1 })
    let cascade = log.replay(Cascade(ladder: [0, 1, 2], signal: own))
    let best = log.replay(BestOf(candidates: [0, 1, 2]))
    let race = log.replay(
      Speculative(source: .length, low: 0, high: 99, small: 0, large: 2, signal: own))
    for row in 0..<20 {
      let (small, middle, large) = (Int64(100 + row), Int64(9_000 + row), Int64(700 + row))
      #expect(cascade.latency[row] == (row < 10 ? small + middle : small))
      #expect(cascade.paid[row] == (row < 10 ? 3 : 1))
      #expect(best.latency[row] == middle && best.paid[row] == 7)
      #expect(race.latency[row] == (row < 10 ? large : small) && race.paid[row] == 5)
      #expect(race.picks[row] == (row < 10 ? 2 : 0))
    }
  }

  @Test("a judge's call costs and takes time at every answer that it reads")
  func checks() {
    let log = Log(10, costs: [100, 900], confidence: { row, _ in row < 4 ? 0 : 1 })
    let signal = ConfidenceSignal(.judge, price: 30, time: 500)
    let replay = log.replay(Cascade(ladder: [0, 1], signal: signal))
    for row in 0..<10 {
      // The last answer of a cascade is not looked at.
      #expect(replay.fees[row] == 30 && replay.paid[row] == (row < 4 ? 1_030 : 130))
      #expect(replay.latency[row] == (row < 4 ? 3_500 : 1_500))
    }
  }

  @Test("an escalated answer is worth what the strong candidate's own answer is worth")
  func freshRetry() {
    let log = Log(
      30, costs: [1, 10], quality: { row, k in k == 0 ? 0.9 : Double(row) / 30 },
      confidence: { row, _ in row % 3 == 0 ? 1 : 0 })
    let replay = log.replay(
      StagedPolicy(
        name: "", stages: [Static(candidate: 0)],
        guards: [QualityGate(signal: ConfidenceSignal(.judge))], fallback: 0))
    let qualities = ReplayFigures(table: log.table, clusters: nil, confidence: 0.9)
      .qualities(replay)
    for row in 0..<30 { #expect(qualities[row] == (row % 3 == 0 ? 0.9 : Double(row) / 30)) }
  }

  @Test("what the log does not say stays unknown and is never averaged as free")
  func unknown() {
    let missing = OutcomeTable.missingLatency
    let log = Log(
      4, costs: [OutcomeTable.missingCost, 10], latency: { row, _ in row == 0 ? missing : 50 })
    let weak = log.replay(Static(candidate: 0))
    #expect(weak.paid == [Int64](repeating: OutcomeTable.missingCost, count: 4))
    #expect(weak.latency == [missing, 50, 50, 50])
    let figures = ReplayFigures(table: log.table, clusters: nil, confidence: 0.95)
    #expect(figures.dollars(weak).allSatisfy { $0.isNaN })
    let report = figures.policy(weak, name: "w", stages: "static", learns: false)
    #expect(report.latency.unknown == 1 && report.latency.p50.value == 0.05)
    #expect(log.replay(Static(candidate: 1)).paid == [10, 10, 10, 10])
  }

  // MARK: laws

  @Test(
    "worse answers never raise the quality of a policy that does not look at them",
    arguments: 0..<10)
  func worseQuality(seed: UInt64) {
    let log = chanceLog(300)
    var random = SplitMix64(seed: seed)
    let lowered = OutcomeTable(
      candidates: log.table.candidates,
      quality: log.table.quality.map { random.below(3) == 0 ? $0 * random.unit() : $0 },
      cost: log.table.cost, latency: log.table.latency)
    var worse = log
    worse.table = lowered
    for policy in policies(log) {
      let (a, b) = (log.replay(policy), worse.replay(policy))
      #expect(a.picks == b.picks && a.paid == b.paid)
      func mean(_ table: OutcomeTable, _ replay: Replay) -> Double {
        ReplayFigures(table: table, clusters: nil, confidence: 0.9).qualities(replay).reduce(0, +)
      }
      #expect(mean(lowered, b) <= mean(log.table, a))
    }
  }

  @Test("a cascade with threshold 0 is the cheapest, above 1 it pays for everybody")
  func thresholds() {
    var random = SplitMix64(seed: 2)
    let draws = (0..<600).map { _ in random.unit() }
    let log = Log(200, costs: [1, 10, 100], confidence: { draws[3 * $0 + $1] })
    func cascade(_ threshold: Double) -> Replay {
      log.replay(Cascade(ladder: [0, 1, 2], threshold: threshold, signal: own))
    }
    let cheapest = log.replay(Static(candidate: 0))
    #expect(cascade(0).picks == cheapest.picks && cascade(0).paid == cheapest.paid)
    let all = cascade(1.01)
    #expect(all.picks.allSatisfy { $0 == 2 } && all.paid.allSatisfy { $0 == 111 })
    // In between, a higher threshold never stops earlier.
    var last = cascade(0)
    for threshold in stride(from: 0.1, through: 1.0, by: 0.1) {
      let next = cascade(threshold)
      #expect(zip(last.calls, next.calls).allSatisfy { $0 <= $1 })
      last = next
    }
  }

  @Test("a plan of one static stage is the constant baseline, to the last digit")
  func staticBaseline() throws {
    let log = chanceLog(300)
    let replays = ["always-cheapest": 0, "always-strongest": 2].sorted { $0.value < $1.value }.map {
      (
        $0.key,
        log.replay(StagedPolicy(name: "", stages: [Static(candidate: $0.value)], fallback: 1))
      )
    }
    var settings = EvaluationSettings(replicates: 40, seed: 3)
    settings.threads = 2
    let report = try log.report(replays.map { ("our " + $0.0, $0.1) }, settings)
    for (name, _) in replays {
      let ours = try #require(report.policy("our " + name))
      let baseline = try #require(report.policy(name))
      for path in [
        \PolicyFigures.quality, \.costDollars, \.savings, \.retention, \.regret, \.shareStrong,
        \.escalation,
      ] { #expect(ours[keyPath: path] == baseline[keyPath: path], "\(name) \(path)") }
      #expect(ours.shares == baseline.shares)
    }
  }

  @Test("a cascade over a ladder of 64 reaches its end")
  func longLadder() {
    let log = Log(
      3, costs: (0..<64).map { Int64($0 + 1) }, confidence: { _, _ in nil })
    let replay = log.replay(Cascade(ladder: Array(0..<64), signal: own))
    #expect(replay.failed.allSatisfy { !$0 } && replay.picks.allSatisfy { $0 == 63 })
    #expect(replay.calls.allSatisfy { $0 == 64 } && replay.paid.allSatisfy { $0 == 64 * 65 / 2 })
  }

  /// Asks for ever.
  private struct Endless: Policy {
    func next(_ request: Request, after attempts: [Attempt]) -> Step? { .ask([0], Reason("x")) }
  }

  /// Has nothing to say.
  private struct Silent: Policy {
    func next(_ request: Request, after attempts: [Attempt]) -> Step? { nil }
  }

  @Test("a policy that never ends is stopped; one that says nothing gets the strongest, flagged")
  func misbehaviour() {
    let log = Log(5, costs: [1, 10])
    let endless = log.replay(Endless())
    #expect(endless.failed.allSatisfy { $0 } && endless.calls.allSatisfy { $0 == 256 })
    let silent = log.replay(Silent())
    #expect(silent.flagged.allSatisfy { $0 } && silent.calls.allSatisfy { $0 == 1 })
    #expect(silent.picks.allSatisfy { $0 == 1 })
  }

  @Test("a simulated judge errs as often as it is said to, the same way at every look")
  func judge() {
    let log = chanceLog(4000)
    let judge = SimulatedJudge(errorRate: 0.25, seed: 6)
    var wrong = 0
    for request in log.requests {
      let score = judge.score(0.9, key: request.key, candidate: 1)
      #expect(score == judge.score(0.9, key: request.key, candidate: 1))
      if score != 0.9 {
        wrong += 1
        #expect(score == 1 - 0.9)
      }
    }
    // Four standard errors of a share of 4000.
    #expect(abs(Double(wrong) / 4000 - 0.25) < 4 * (0.25 * 0.75 / 4000).squareRoot())
    // A faultless judge finds the best answer; one that is always wrong the worst.
    func mean(_ rate: Double) -> Double {
      let replay = log.replay(
        BestOf(candidates: [0, 1, 2]), judge: SimulatedJudge(errorRate: rate))
      return ReplayFigures(table: log.table, clusters: nil, confidence: 0.9).qualities(replay)
        .reduce(0, +)
    }
    func extreme(_ pick: ([Double]) -> Double?) -> Double {
      (0..<4000).reduce(0) { sum, row in
        sum + (pick((0..<3).map { log.table.quality(row, $0) }) ?? 0)
      }
    }
    expectClose(mean(0), extreme { $0.max() }, tolerance: 1e-12)
    expectClose(mean(1), extreme { $0.min() }, tolerance: 1e-12)
  }
}
