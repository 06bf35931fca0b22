import RiddlePolicies
import Testing

@Suite("Policies over predictions")
struct PredictingPoliciesTests {
  func request(_ qualities: [Double], errors: [Double] = [], count: Int? = nil) -> Request {
    Request(
      id: "a", text: "x", candidateCount: count ?? qualities.count,
      predictions: qualities.enumerated().map {
        Prediction(
          quality: $0.element,
          standardError: errors.indices.contains($0.offset) ? errors[$0.offset] : 0)
      })
  }
  let nothing = Request(id: "a", text: "x", candidateCount: 3)

  @Test("A5: the cheapest whose lower bound clears the bar, exactly at the bar included")
  func cheapestAdequate() {
    let plain = CheapestAdequate(bar: 0.75, z: 0)
    #expect(plain.pick(request([0.5, 0.75, 1]))?.candidate == 1)
    #expect(plain.pick(request([0.5, 0.75.nextDown, 1]))?.candidate == 2)
    #expect(plain.pick(request([0.75, 0.1, 1]))?.candidate == 0)
    // Nobody clears it: the strongest.
    let last = plain.pick(request([0.7, 0.6, 0.5]))
    #expect(last?.candidate == 2 && last?.reason.detail == "nobody clears the bar")
    // z = 2: 1 − 2 · ⅛ = 0.75.
    let careful = CheapestAdequate(bar: 0.75, z: 2)
    #expect(careful.pick(request([1, 1], errors: [0.125, 0]))?.candidate == 0)
    #expect(careful.pick(request([1, 1], errors: [0.126, 0]))?.candidate == 1)
    #expect(careful.pick(request([1, 1], errors: [0.125, 0]))?.reason.score == 0.75)
    // z = 0 does not look at the error, even an infinite one.
    #expect(plain.pick(request([1, 1], errors: [.infinity, 0]))?.candidate == 0)
    #expect(plain.pick(nothing) == nil)
    // Fewer predictions than candidates: the others are unknown.
    #expect(plain.pick(request([0.1, 0.2], count: 4))?.candidate == 3)
  }

  @Test("A17: most quality − λ · dollars, of equals the cheaper")
  func utility() {
    let dollars = [0.0, 0.001, 0.01]
    #expect(
      UtilityArgmax(dollarWeight: 0, dollars: dollars).pick(request([0.5, 0.8, 0.9]))?.candidate
        == 2)
    let traded = UtilityArgmax(dollarWeight: 100, dollars: dollars)
    #expect(traded.pick(request([0.5, 0.8, 0.9]))?.candidate == 1)
    #expect(abs((traded.pick(request([0.5, 0.8, 0.9]))?.reason.score ?? 0) - 0.7) < 1e-15)
    #expect(
      UtilityArgmax(dollarWeight: 1e6, dollars: dollars).pick(request([0.5, 0.8, 0.9]))?.candidate
        == 0)
    // Exactly as much worth as it costs: the cheaper.
    let even = UtilityArgmax(dollarWeight: 0.5, dollars: [0, 0.5])
    #expect(even.pick(request([0.5, 0.75]))?.candidate == 0)
    #expect(even.pick(request([0.5, 0.75.nextUp]))?.candidate == 1)
    #expect(traded.pick(nothing) == nil)
    #expect(traded.pick(request([0.1], count: 2))?.candidate == 0)
  }

  @Test("sweeping λ walks down the ladder and never up")
  func sweep() {
    let predictions = request([0.5, 0.7, 0.85, 0.9])
    var before = 3
    for step in 0...100 {
      let policy = UtilityArgmax(dollarWeight: Double(step) * 4, dollars: [0, 0.001, 0.003, 0.02])
      let pick = policy.pick(predictions)?.candidate ?? -1
      #expect(pick <= before)
      before = pick
    }
    #expect(before == 0)
  }

  @Test("the guard leaves the fallback only for a gain beyond doubt")
  func statisticalGuard() {
    let z0 = StatisticalGuard(fallback: 1, z: 0)
    #expect(z0.pick(request([0.5, 0.6, 0.7]))?.candidate == 2)
    // A gain of nothing is no reason to leave.
    #expect(z0.pick(request([0.6, 0.6, 0.6]))?.candidate == 1)
    #expect(z0.pick(request([0.6, 0.6.nextDown, 0.6.nextDown]))?.candidate == 0)
    // Gain ½, standard error √(0.15² + 0.2²) = ¼: at z = 2 the bound is 0, which is not above it.
    let gain = request([0.25, 0.75], errors: [0.15, 0.2])
    #expect(StatisticalGuard(fallback: 0, z: 2.001).pick(gain)?.candidate == 0)
    #expect(StatisticalGuard(fallback: 0, z: 1.999).pick(gain)?.candidate == 1)
    // The largest bound, not the largest mean.
    let sure = request([0.5, 0.7, 0.8], errors: [0, 0.01, 0.15])
    #expect(StatisticalGuard(fallback: 0, z: 1.645).pick(sure)?.candidate == 1)
    #expect(StatisticalGuard(fallback: 0, z: 0).pick(sure)?.candidate == 2)
    // Money counts both ways.
    let money = StatisticalGuard(fallback: 2, z: 0, dollarWeight: 10, dollars: [0, 0.01, 0.1])
    #expect(money.pick(request([0.5, 0.9, 1]))?.candidate == 1)
    #expect(money.pick(request([0.5, 0.9, 1]))?.reason.stage == "statistical-guard")
    // Beyond the ladder means its top; without a prediction of the fallback it passes on.
    #expect(StatisticalGuard(fallback: 9, z: 0).pick(request([0.1, 0.2]))?.candidate == 1)
    #expect(StatisticalGuard(fallback: 1, z: 0).pick(request([0.1], count: 2)) == nil)
    #expect(z0.pick(nothing) == nil)
  }

  @Test("more evidence is asked for as z grows")
  func dial() {
    let predictions = request([0.4, 0.5, 0.6], errors: [0.05, 0.02, 0.03])
    var hasStayed = false
    for step in 0...50 {
      let policy = StatisticalGuard(fallback: 0, z: Double(step) / 10)
      let stays = policy.pick(predictions)?.candidate == 0
      #expect(stays || !hasStayed)
      hasStayed = stays
    }
    #expect(hasStayed)
  }
}
