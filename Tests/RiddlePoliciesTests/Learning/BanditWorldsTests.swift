import RiddleData
import RiddlePolicies
import Testing

@Suite("Bandits in known worlds")
struct BanditWorldsTests {
  static let fixed = BanditWorld(means: { _ in [0.4, 0.55, 0.75, 0.6] })

  @Test("Beta posteriors: successes and failures add up, fractions too")
  func posterior() {
    var policy = BetaThompson()
    let request = Request(id: "a", text: "x", candidateCount: 2)
    #expect(policy.propensities(for: request) == [0.5, 0.5])
    for quality in [1, 0.25, 0, nil, 1] {
      policy.observe(served(request, 1, quality: quality))
    }
    #expect(policy.posterior(of: 1) == (3.25, 2.75))
    #expect(policy.posterior(of: 0) == (1, 1))
    var utility = BetaThompson(settings: BanditSettings(reward: .utility(dollarWeight: 1000)))
    utility.observe(served(request, 0, quality: 1, paid: 1_000_000_000))
    #expect(utility.posterior(of: 0) == (1, 2))
  }

  @Test("the share of draws is the propensity, and propensities sum to 1 whatever the ladder")
  func propensities() {
    var policy = BetaThompson(settings: BanditSettings(seed: 4))
    _ = Self.fixed.replay(&policy, 60)
    for count in [2, 3, 4, 7] {
      let shares = policy.propensities(
        for: Request(id: "a", text: "x", candidateCount: count))
      #expect(shares.count == count && abs(shares.reduce(0, +) - 1) < 1e-12)
    }
    var counts = [0, 0, 0, 0]
    let shares = policy.propensities(for: Self.fixed.request(0))
    for i in 0..<20_000 {
      let pick = policy.pick(Self.fixed.request(1_000_000 + i))!
      #expect(pick.reason.propensity == shares[pick.candidate])
      counts[pick.candidate] += 1
    }
    for k in 0..<4 {
      let deviation = (20_000 * shares[k] * (1 - shares[k])).squareRoot()
      #expect(abs(Double(counts[k]) - 20_000 * shares[k]) < 4 * deviation + 1)
    }
  }

  @Test("Thompson's regret is sublinear, ε-greedy's far below that of asking at random")
  func regret() {
    var (thompson, greedy) = ([0.0, 0.0], 0.0)
    let requests = 4000
    for seed in 1...8 {
      var beta = BetaThompson(settings: BanditSettings(seed: UInt64(seed)))
      let replay = Self.fixed.replay(&beta, requests, seed: UInt64(seed))
      thompson[0] += replay.regret[requests / 2 - 1] / 8
      thompson[1] += (replay.regret[requests - 1] - replay.regret[requests / 2 - 1]) / 8
      var epsilon = EpsilonGreedy(
        settings: BanditSettings(seed: UInt64(seed), explore: 40), rate: 0.1, window: 1000)
      greedy += Self.fixed.replay(&epsilon, requests, seed: UInt64(seed)).regret[requests - 1] / 8
    }
    #expect(thompson[1] < 0.4 * thompson[0], "\(thompson)")
    // Exploring costs ε · mean gap · n = 0.1 · 0.175 · 4000 = 70, asking at random 700.
    #expect(greedy > 70 && greedy < 350, "\(greedy)")
  }

  /// Σ reward · 1{pick = target} / propensity / n and its standard error.
  func estimate(_ replay: BanditWorld.Replay, _ target: (Int) -> Int) -> (
    mean: Double, error: Double
  ) {
    let terms = replay.picks.indices.map {
      replay.picks[$0] == target($0) ? replay.rewards[$0] / replay.propensities[$0] : 0
    }
    let n = Double(terms.count)
    let mean = terms.reduce(0, +) / n
    let squares = terms.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (mean, (squares / n / n).squareRoot())
  }

  @Test("inverse propensities of the log recover what other policies are worth")
  func offPolicy() {
    for seed: UInt64 in 1...4 {
      let settings = BanditSettings(seed: seed, explore: 30)
      var greedy = EpsilonGreedy(settings: settings, epsilon: 0.3)
      let log = Self.fixed.replay(&greedy, 6000, seed: seed)
      for k in 0..<4 {
        let found = estimate(log) { _ in k }
        let truth = Self.fixed.means(0)[k]
        #expect(abs(found.mean - truth) < 4 * found.error, "\(k): \(found)")
        #expect(found.error < 0.06)
      }
      var beta = BetaThompson(settings: BanditSettings(seed: seed))
      let early = estimate(Self.fixed.replay(&beta, 150, seed: seed)) { _ in 2 }
      #expect(abs(early.mean - 0.75) < 4 * early.error, "\(early)")
      var linear = LinearThompson(settings: BanditSettings(seed: seed), scale: 1)
      let contextual = LinearBanditTests.world.replay(&linear, 600, seed: seed)
      let best = estimate(contextual) { $0 % 3 == 0 ? 1 : 0 }
      #expect(abs(best.mean - 0.7667) < 4 * best.error, "\(best)")
    }
  }

  @Test("replays repeat to the bit")
  func determinism() {
    var (one, two) = (BetaThompson(), BetaThompson())
    #expect(
      Self.fixed.replay(&one, 500).propensities == Self.fixed.replay(&two, 500).propensities)
    #expect(one == two)
    var other = BetaThompson(settings: BanditSettings(seed: 2))
    #expect(Self.fixed.replay(&other, 500).picks != Self.fixed.replay(&two, 500).picks)
  }

  @Test("a bandit is a stage like any other, and learns from what other stages decided")
  func stage() {
    var policy = StagedPolicy(
      name: "learn", stages: [EpsilonGreedy(epsilon: 0)], fallback: 0)
    #expect(policy.learns)
    let request = Request(id: "a", text: "x", candidateCount: 2)
    #expect(policy.next(request, after: [])?.reason.stage == "epsilon-greedy")
    policy.observe(served(request, 1, quality: 1, latency: 1000))
    guard case .ask(let ask, let reason)? = policy.next(request, after: []) else {
      Issue.record("no call")
      return
    }
    #expect(ask.candidates == [1] && reason.propensity == 1)
    let attempt = Attempt(candidate: 1)
    #expect(policy.next(request, after: [attempt]) == .accept(0, reason))
  }
}
