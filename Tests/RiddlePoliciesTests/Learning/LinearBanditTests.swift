import RiddleData
import RiddleLinearAlgebra
import Testing

@testable import RiddlePolicies

@Suite("Linear bandits")
struct LinearBanditTests {
  @Test("LinUCB's steps are numpy's: bounds, picks and weights")
  func golden() throws {
    for golden in try BanditGolden.load().linucb {
      var stream = SplitMix64(seed: golden.seed)
      var arms = RidgeArms(dimension: golden.dimension, penalty: golden.penalty)
      for (step, expected) in golden.picks.enumerated() {
        let context = (0..<golden.dimension).map { _ in stream.unit() - 0.5 }
        let noise = stream.unit()
        let (means, variances) = arms.estimates(context, of: golden.arms)
        let bounds = means.indices.map { means[$0] + golden.alpha * variances[$0].squareRoot() }
        for k in bounds.indices { #expect(abs(bounds[k] - golden.bounds[step][k]) < 1e-12) }
        #expect(bounds.firstIndex(of: bounds.max() ?? 0) == expected)
        arms.update(expected, context: context, reward: context[expected] + noise / 10)
      }
      for k in 0..<golden.arms {
        for (found, expected) in zip(arms.weights(of: k), golden.weights[k]) {
          #expect(abs(found - expected) < 1e-12)
        }
      }
    }
  }

  @Test("ten thousand updates stay with the inverse of the sum")
  func drift() throws {
    let d = 20
    var stream = SplitMix64(seed: 3)
    var arms = RidgeArms(dimension: d, penalty: 1)
    var sum = Matrix(rowCount: d, columnCount: d)
    for i in 0..<d { sum[i, i] = 1 }
    var responses = [Double](repeating: 0, count: d)
    for _ in 0..<10_000 {
      let context = (0..<d).map { $0 == 0 ? 1 : stream.unit() }
      let reward = stream.unit()
      arms.update(1, context: context, reward: reward)
      for i in 0..<d {
        responses[i] += reward * context[i]
        for j in 0..<d { sum[i, j] += context[i] * context[j] }
      }
    }
    let factor = try Cholesky(sum)
    let weights = factor.solve(responses)
    for (found, expected) in zip(arms.weights(of: 1), weights) {
      #expect(abs(found - expected) < 1e-9)
    }
    let context = (0..<d).map { _ in stream.unit() }
    let expected = zip(context, factor.solve(context)).reduce(0) { $0 + $1.0 * $1.1 }
    let (_, variances) = arms.estimates(context, of: 3)
    #expect(abs(variances[1] - expected) < 1e-12)
    // Candidates without rows, below and above the one that has some, know only λ.
    let square = context.reduce(0) { $0 + $1 * $1 }
    #expect(abs(variances[0] - square) < 1e-12 && abs(variances[2] - square) < 1e-12)
  }

  static let world = BanditWorld(
    means: { $0 % 3 == 0 ? [0.3, 0.8] : [0.75, 0.4] },
    context: { QueryContext(taskType: $0 % 3 == 0 ? "code" : "chat") })

  @Test("where the best candidate depends on the task, both beat the best fixed candidate")
  func contextual() {
    // Best fixed: (0.3 + 2 · 0.75) / 3 = 0.6; oracle: (0.8 + 2 · 0.75) / 3 = 0.767.
    for seed in 1...3 {
      var ucb = LinUCB(settings: BanditSettings(seed: UInt64(seed)), width: 0.5)
      var thompson = LinearThompson(settings: BanditSettings(seed: UInt64(seed)))
      for replay in [
        Self.world.replay(&ucb, 3000, seed: UInt64(seed)),
        Self.world.replay(&thompson, 3000, seed: UInt64(seed)),
      ] {
        let mean = replay.rewards.reduce(0, +) / 3000
        #expect(mean > 0.68, "\(mean)")
        // Sublinear: the second half loses less than half of what the first did.
        #expect(replay.regret[2999] - replay.regret[1499] < 0.5 * replay.regret[1499])
      }
    }
  }

  @Test("Thompson's propensities sum to 1 and are the shares of its draws")
  func propensities() {
    var policy = LinearThompson(settings: BanditSettings(seed: 9), scale: 0.5)
    _ = Self.world.replay(&policy, 40)
    let context = QueryContext(taskType: "chat")
    func request(_ i: Int) -> Request {
      Request(id: "x\(i)", text: "a query", context: context, candidateCount: 2)
    }
    let shares = policy.propensities(for: request(0))
    #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
    #expect(shares[0] > 0.02 && shares[0] < 0.98, "\(shares)")
    let picks = (0..<20_000).map { policy.pick(request($0))! }
    for pick in picks { #expect(pick.reason.propensity == shares[pick.candidate]) }
    let found = Double(picks.count { $0.candidate == 0 }) / 20_000
    #expect(abs(found - shares[0]) < 4 * (shares[0] * shares[1] / 20_000).squareRoot())
  }

  @Test("LinUCB draws no lots; without doubt it is greedy, and of equals the cheaper is asked")
  func noLots() {
    let fresh = LinUCB()
    let request = Request(id: "a", text: "hello?", candidateCount: 4)
    #expect(fresh.pick(request)?.candidate == 0)
    #expect(fresh.pick(request)?.reason.propensity == 1)
    #expect(fresh.propensities(for: request) == [1, 0, 0, 0])
    var greedy = LinUCB(width: 0)
    greedy.observe(served(request, 2, quality: 1))
    #expect(greedy.pick(request)?.candidate == 2)
    let certain = LinearThompson(scale: 0)
    #expect(certain.propensities(for: request) == [1, 0, 0, 0])
  }

  @Test("replays repeat to the bit, and delay and turns reach the linear policies too")
  func determinism() {
    func run(_ settings: BanditSettings) -> [[Int]] {
      var ucb = LinUCB(settings: settings)
      var thompson = LinearThompson(settings: settings)
      return [
        Self.world.replay(&ucb, 300).picks, Self.world.replay(&thompson, 300).picks,
      ]
    }
    let plain = run(BanditSettings())
    #expect(run(BanditSettings()) == plain)
    #expect(run(BanditSettings(seed: 2))[1] != plain[1])
    // Nothing is learned within the delay: LinUCB asks the cheapest all along.
    #expect(run(BanditSettings(delay: 300))[0].allSatisfy { $0 == 0 })
    #expect(run(BanditSettings(delay: 50)) != plain)
    let turns = run(BanditSettings(explore: 10))[0]
    for i in 0..<9 { #expect(turns[i] != turns[i + 1]) }
  }
}
