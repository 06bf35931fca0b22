import RiddlePolicies
import Testing

@Suite("Epsilon-greedy")
struct EpsilonGreedyTests {
  func request(_ i: Int, of count: Int = 3) -> Request {
    Request(id: "q\(i)", text: "hello", candidateCount: count)
  }

  func learned(_ rewards: [Double], _ policy: EpsilonGreedy, candidate: Int = 1) -> EpsilonGreedy {
    var policy = policy
    for (i, reward) in rewards.enumerated() {
      policy.observe(served(request(i), candidate, quality: reward))
    }
    return policy
  }

  @Test("A22: rewards 1, 0, 1 average to 0.79; the first reward seeds; without one it is the prior")
  func average() {
    let policy = EpsilonGreedy()
    #expect(policy.value(of: 1) == 0.5)
    #expect(learned([1], policy).value(of: 1) == 1)
    #expect(abs(learned([1, 0], policy).value(of: 1) - 0.7) < 1e-15)
    #expect(abs(learned([1, 0, 1], policy).value(of: 1) - 0.79) < 1e-15)
    #expect(learned([1, 0, 1], policy).value(of: 0) == 0.5)
  }

  @Test("only the last rewards of the window count, the oldest of them as the seed")
  func window() {
    var stream = [Double]()
    for i in 0..<30 { stream.append(Double((i * 7) % 11) / 10) }
    let policy = EpsilonGreedy(rate: 0.05, window: 4)
    for length in 1...30 {
      let tail = stream.prefix(length).suffix(4)
      var expected = tail.first ?? 0
      for reward in tail.dropFirst() { expected += 0.05 * (reward - expected) }
      #expect(abs(learned(Array(stream.prefix(length)), policy).value(of: 1) - expected) < 1e-15)
    }
    #expect(learned([0.25, 0.75], EpsilonGreedy(window: 1)).value(of: 1) == 0.75)
    // At α = 0.3 a hundred rewards are all there are.
    let long = (0..<500).map { Double(($0 * 13) % 7) / 7 }
    let (short, whole) = (EpsilonGreedy(), EpsilonGreedy(window: 1000))
    #expect(
      abs(learned(long, short).value(of: 1) - learned(long, whole).value(of: 1)) < 1e-14)
  }

  @Test("the greedy candidate has 1 − ε + ε/K, the others ε/K; of equals the cheaper is greedy")
  func propensities() {
    let fresh = EpsilonGreedy()
    let share = 0.1 / 3
    #expect(fresh.propensities(for: request(0)) == [share + 0.9, share, share])
    let policy = learned([1], fresh, candidate: 2)
    #expect(policy.propensities(for: request(0)) == [share, share, share + 0.9])
    var counts = [0, 0, 0]
    for i in 0..<30_000 {
      let pick = policy.pick(request(i))!
      counts[pick.candidate] += 1
      #expect(pick.reason.propensity == (pick.candidate == 2 ? 1 - 0.1 + 0.1 / 3 : 0.1 / 3))
      #expect(pick.reason.alternatives == .all(3))
    }
    // Standard deviation of a count of the others: √(30 000 · 1/30 · 29/30) = 31.
    #expect(abs(counts[0] - 1000) < 125 && abs(counts[1] - 1000) < 125, "\(counts)")
    let never = EpsilonGreedy(epsilon: 0)
    #expect(
      (0..<500).allSatisfy {
        never.pick(request($0))?.candidate == 0 && never.pick(request($0))?.reason.propensity == 1
      })
    let always = EpsilonGreedy(epsilon: 1)
    let drawn = Set((0..<500).compactMap { always.pick(request($0))?.candidate })
    #expect(drawn == [0, 1, 2])
    #expect(always.propensities(for: request(0)).allSatisfy { abs($0 - 1.0 / 3) < 1e-15 })
  }

  @Test("a draw belongs to the request and the seed: order and repetition change nothing")
  func draws() {
    let policy = EpsilonGreedy(epsilon: 0.5)
    let forward = (0..<200).map { policy.pick(request($0))?.candidate }
    let backward = (0..<200).reversed().map { policy.pick(request($0))?.candidate }
    #expect(forward == backward.reversed())
    let other = EpsilonGreedy(settings: BanditSettings(seed: 2), epsilon: 0.5)
    #expect((0..<200).map { other.pick(request($0))?.candidate } != forward)
  }

  @Test("ε halves when it should")
  func halving() {
    let policy = EpsilonGreedy(epsilon: 0.4, halving: 10)
    #expect(policy.currentEpsilon == 0.4)
    #expect(abs(learned([Double](repeating: 1, count: 10), policy).currentEpsilon - 0.2) < 1e-15)
    #expect(abs(learned([Double](repeating: 1, count: 30), policy).currentEpsilon - 0.1) < 1e-15)
  }

  @Test("unknown quality teaches nothing, but time goes on")
  func unknown() {
    var policy = EpsilonGreedy(settings: BanditSettings(explore: 2))
    policy.observe(served(request(0), 1, quality: nil))
    policy.observe(served(request(1), 1, quality: nil))
    #expect(policy.value(of: 1) == 0.5)
    #expect(policy.pick(request(3))?.reason.detail != "in turn")
  }

  @Test("feedback takes effect after the delay, in order", arguments: [0, 1, 3, 10])
  func delay(_ delay: Int) {
    let rewards = (0..<25).map { Double(($0 * 5) % 7) / 7 }
    let late = EpsilonGreedy(settings: BanditSettings(delay: delay))
    for length in 0...25 {
      let seen = Array(rewards.prefix(length))
      let expected = learned(Array(seen.dropLast(min(delay, length))), EpsilonGreedy())
      #expect(learned(seen, late).value(of: 1) == expected.value(of: 1))
    }
  }

  @Test("the first requests go to the candidates in turn, with propensity 1/K")
  func turns() {
    var policy = EpsilonGreedy(settings: BanditSettings(seed: 5, explore: 9))
    var picks: [Int] = []
    for i in 0..<12 {
      let pick = policy.pick(request(i))!
      #expect(abs(policy.propensities(for: request(i)).reduce(0, +) - 1) < 1e-15)
      #expect((pick.reason.detail == "in turn") == (i < 9))
      if i < 9 { #expect(pick.reason.propensity == 1.0 / 3) }
      picks.append(pick.candidate)
      policy.observe(served(request(i), pick.candidate, quality: 1))
    }
    for i in 0..<8 { #expect(picks[i + 1] == (picks[i] + 1) % 3) }
    // The start is drawn: over seeds each candidate is first equally often.
    let starts = (0..<3000).map {
      EpsilonGreedy(settings: BanditSettings(seed: UInt64($0), explore: 1)).pick(request(0))!
        .candidate
    }
    for k in 0..<3 { #expect(abs(starts.count { $0 == k } - 1000) < 110) }
  }
}
