import RiddleData
import RiddlePolicies
import Testing

@testable import RiddlePolicies

@Suite("Reward")
struct RewardTests {
  let request = Request(id: "a", text: "hello", candidateCount: 3)

  @Test("A22: speed is worth a ten-thousandth a millisecond, and never less than nothing")
  func speed() {
    let reward = Reward.speed()
    func value(_ quality: Double?, _ milliseconds: Int64?, _ candidate: Int = 0) -> Double? {
      reward.value(
        quality: quality, latency: milliseconds.map { $0 * 1000 }, cost: nil, candidate: candidate)
    }
    #expect(abs((value(0.9, 1200) ?? 0) - 0.78) < 1e-15)
    #expect(value(0.1, 5000) == 0)
    #expect(value(0.5, 5000) == 0)
    #expect(value(0.5, nil) == 0.5)
    #expect(value(nil, 1200) == nil)
    let factors = Reward.speed(costFactors: [1, 2])
    #expect(factors.value(quality: 0.8, latency: 0, cost: nil, candidate: 1) == 0.4)
    #expect(factors.value(quality: 0.8, latency: 0, cost: nil, candidate: 2) == 0.8)
    #expect(
      Reward.speed(latencyScale: 1000).value(quality: 1, latency: 500_000, cost: 1, candidate: 0)
        == 0.5)
  }

  @Test("utility takes λ a dollar; a price that counts must be known")
  func utility() {
    let reward = Reward.utility(dollarWeight: 100)
    #expect(
      reward.value(quality: 1, latency: 9, cost: 2_000_000, candidate: 0) == 1 - 100 * 0.002)
    #expect(reward.value(quality: 1, latency: 9, cost: nil, candidate: 0) == nil)
    #expect(reward.value(quality: 0, latency: nil, cost: 1_000_000_000, candidate: 0) == -100)
    #expect(
      Reward.utility(dollarWeight: 0).value(quality: 1, latency: nil, cost: nil, candidate: 0) == 1)
  }

  @Test("the answer's candidate is credited; an error is the last one's, with quality 0")
  func credit() {
    let reward = Reward.quality
    #expect(reward.credit(served(request, 2, quality: 0.5))?.candidate == 2)
    #expect(reward.credit(served(request, 2, quality: nil)) == nil)
    let attempts = [Attempt(candidate: 0, failure: .error), Attempt(candidate: 1)]
    var request = Served(
      request: request, attempts: attempts, accepted: 1, reason: Reason("x"), quality: 1)
    #expect(reward.credit(request)?.candidate == 1 && reward.credit(request)?.reward == 1)
    request.accepted = nil
    #expect(reward.credit(request)?.candidate == 1 && reward.credit(request)?.reward == 0)
    request.attempts = []
    #expect(reward.credit(request) == nil)
    #expect(reward.credit(served(self.request, 7, quality: 1)) == nil)
    #expect(reward.credit(served(self.request, 1, quality: .nan)) == nil)
  }
}
