import RiddleData
import RiddlePolicies
import Testing

/// The boundaries of the guards.
@Suite("Boundaries of guards")
struct GuardEdgeTests {
  // MARK: A23, B2

  private func gated(_ retries: Int = 2) -> StagedPolicy {
    StagedPolicy(
      name: "", stages: [Static(candidate: 0)],
      guards: [
        QualityGate(threshold: 0.7, signal: ConfidenceSignal(.judge, price: 11), retries: retries)
      ], fallback: 0)
  }

  private func attempts(_ scores: [Double]) -> [Attempt] {
    scores.enumerated().map { Attempt(candidate: $0, gateScore: $1) }
  }

  @Test("each retry climbs one step, at most two, then the best candidate is forced")
  func gate() throws {
    let five = request(candidates: 5)
    func step(_ attempts: [Attempt]) throws -> Step {
      try #require(gated().next(five, after: attempts))
    }
    #expect(try step([]).asked == [0])
    let first = try step(attempts([0.7]))
    #expect(first.accepted == 0 && first.reason.confidence == 0.7 && first.reason.fee == 11)
    #expect(try step(attempts([0.69])).asked == [1])
    let second = try step(attempts([0.1, 0.9]))
    #expect(second.accepted == 1 && second.reason.confidence == 0.5)
    #expect(second.reason.detail == "passed")
    #expect(try step(attempts([0.1, 0.2])).asked == [2])
    #expect(try step(attempts([0.1, 0.2, 0.3])).asked == [4])
    var all = attempts([0.1, 0.2, 0.3])
    all.append(Attempt(candidate: 4, gateScore: 0))
    let forced = try step(all)
    #expect(forced.accepted == 3 && forced.reason.confidence == 0.9)
    #expect(forced.reason.detail == "forced" && forced.reason.fee == 0)
  }

  @Test("without retries the best is forced at once; on the best there is nothing to climb to")
  func gateBounds() throws {
    let five = request(candidates: 5)
    #expect(gated(0).next(five, after: attempts([0.1]))?.asked == [4])
    let top = StagedPolicy(
      name: "", stages: [Static(candidate: 4)],
      guards: [QualityGate(signal: ConfidenceSignal(.judge))], fallback: 0)
    #expect(top.next(five, after: [Attempt(candidate: 4, gateScore: 0)])?.accepted == 0)
    // A pair: one retry reaches the best, which is accepted whatever it is worth.
    let pair = request(candidates: 2)
    let step = try #require(gated().next(pair, after: attempts([0.1, 0.1])))
    #expect(step.accepted == 1 && step.reason.confidence == 0.5)
  }

  @Test("a failed call climbs too; when the best fails the latest answer is given")
  func gateFailures() throws {
    let down = Attempt(candidate: 0, failure: .error)
    #expect(gated().next(request(), after: [down])?.asked == [1])
    let weak = Attempt(candidate: 1, gateScore: 0.1)
    let top = Attempt(candidate: 2, failure: .outage)
    #expect(gated().next(request(), after: [down, weak, top])?.accepted == 1)
    #expect(gated().next(request(), after: [down, down, top])?.isFailure == true)
  }

  @Test("what a stage paid for its decision is not lost when a guard changes it")
  func feesAdd() throws {
    let best = StagedPolicy(
      name: "", stages: [BestOf(candidates: [0, 1], signal: ConfidenceSignal(.judge, price: 5))],
      guards: [QualityGate(signal: ConfidenceSignal(.judge, price: 100, time: 3), retries: 2)],
      fallback: 0)
    #expect(best.next(request(), after: attempts([0.9, 0.1]))?.reason.fee == 110)
    #expect(best.next(request(), after: attempts([0.1, 0.1]))?.reason.fee == 110)
    var health = CandidateHealth(candidateCount: 3, least: 1, rest: 1000)
    health.observe(served(request(time: 0), by: 2, failure: .error))
    let checked = StagedPolicy(
      name: "", stages: [PreCheck(price: 70, time: 8)],
      guards: [CircuitBreaker(health: health), SpendingLimit(limit: 0, prices: [1, 1, 1])],
      fallback: 0)
    let step = try #require(checked.next(request(time: 1), after: []))
    #expect(step.asked == [0] && step.reason.stage == "budget")
    #expect(step.reason.fee == 70 && step.reason.delay == 8)
  }

  // MARK: spending

  private let day: Int64 = 86_400_000_000

  @Test("what may still be paid is paid; beyond it the cheapest, flagged; a new day starts anew")
  func spending() throws {
    var limit = SpendingLimit(limit: 100, prices: [10, 40])
    func amended(_ time: Int64, _ limit: SpendingLimit, user: String? = nil) -> Step {
      limit.amend(
        .ask([1], Reason("x")),
        for: request("", user.map { ["user": $0] } ?? [:], candidates: 2, time: time), after: [])
    }
    func pay(_ amount: Int64, _ time: Int64, user: String? = nil) {
      limit.observe(
        served(
          request("", user.map { ["user": $0] } ?? [:], candidates: 2, time: time), by: 1,
          paid: amount))
    }
    #expect(limit.learns)
    #expect(amended(5, limit).asked == [1])
    pay(60, 5)
    #expect(amended(6, limit).asked == [1])  // 60 + 40 reaches the limit and does not break it
    pay(1, 6)
    let stopped = amended(7, limit)
    #expect(stopped.asked == [0] && stopped.reason.isFlagged && stopped.reason.stage == "budget")
    #expect(amended(day - 1, limit).asked == [0])
    #expect(amended(day, limit).asked == [1])
  }

  @Test("spending is counted apart by user")
  func spendingPerUser() {
    var limit = SpendingLimit(limit: 100, prices: [10, 40], field: "user")
    func asked(_ user: String) -> [Int]? {
      limit.amend(
        .ask([1], Reason("x")), for: request("", ["user": user], candidates: 2, time: 3), after: []
      ).asked
    }
    limit.observe(served(request("", ["user": "a"], candidates: 2, time: 1), by: 1, paid: 90))
    #expect(asked("a") == [0] && asked("b") == [1])
  }

  @Test("unknown costs count as the candidate's mean price, attempts of the request included")
  func spendingUnknown() {
    var limit = SpendingLimit(limit: 100, prices: [10, 40])
    limit.observe(served(request(candidates: 2), by: 1))
    let pair = request(candidates: 2)
    #expect(limit.amend(.ask([1], Reason("x")), for: pair, after: []).asked == [1])
    let before = Attempt(candidate: 0, cost: 21)
    let step = limit.amend(.ask([1], Reason("x")), for: pair, after: [before])
    #expect(step.accepted == 0)  // the answer there is
    // The cheapest has failed already: asking it for ever would not help.
    let failed = Attempt(candidate: 0, failure: .error, cost: 21)
    #expect(limit.amend(.ask([1], Reason("x")), for: pair, after: [failed]).isFailure)
    #expect(limit.amend(.ask([0], Reason("x")), for: pair, after: [failed]).asked == [0])
  }

  // MARK: circuit breaker

  @Test("opens above half of at least five calls, rests 60 s, tries again, opens again")
  func breaker() throws {
    var guarding = CircuitBreaker(health: CandidateHealth(candidateCount: 3))
    let second: Int64 = 1_000_000
    func asked(_ time: Int64) -> Step {
      guarding.amend(.ask([0], Reason("x")), for: request(time: time), after: [])
    }
    func call(_ time: Int64, failed: Bool) {
      guarding.observe(served(request(time: time), by: 0, failure: failed ? .error : nil))
    }
    for (time, failed) in [(0, false), (1, false), (2, true), (3, true)] as [(Int64, Bool)] {
      call(time * second, failed: failed)
    }
    #expect(asked(4 * second).asked == [0])  // four calls prove nothing
    call(4 * second, failed: false)
    call(5 * second, failed: true)
    #expect(asked(6 * second).asked == [0])  // three of six is not above half
    call(6 * second, failed: true)
    let open = asked(7 * second)
    #expect(open.asked == [1] && open.reason.isFlagged && open.reason.alternatives == [0])
    #expect(asked(66 * second - 1).asked == [1])
    #expect(asked(66 * second).asked == [0])  // tried again
    for time in 66..<70 as Range<Int64> { call(time * second, failed: true) }
    #expect(asked(70 * second).asked == [0])  // with an empty memory
    call(70 * second, failed: true)
    #expect(asked(71 * second).asked == [1])
  }

  @Test("requests without a time rest by their number")
  func breakerByRequests() {
    var health = CandidateHealth(candidateCount: 2, least: 1, restRequests: 3)
    health.observe(served(request(candidates: 2), by: 0, failure: .error))
    #expect(!health.isAvailable(0, at: nil) && health.isAvailable(1, at: nil))
    for _ in 0..<2 { health.observe(served(request(candidates: 2), by: 1)) }
    #expect(!health.isAvailable(0, at: nil))
    health.observe(served(request(candidates: 2), by: 1))
    #expect(health.isAvailable(0, at: nil))
  }

  @Test("a failure during the rest does not end it, an answer does")
  func breakerDuringRest() {
    var health = CandidateHealth(candidateCount: 2, least: 2, rest: 1000)
    for time in [0, 1] as [Int64] {
      health.observe(served(request(candidates: 2, time: time), by: 0, failure: .error))
    }
    health.observe(served(request(candidates: 2, time: 10), by: 0, failure: .error))
    #expect(!health.isAvailable(0, at: 11))
    health.observe(served(request(candidates: 2, time: 20), by: 0))
    #expect(health.isAvailable(0, at: 21))
  }

  @Test("whoever was cancelled has not failed, and has not answered either")
  func breakerAndCancelledCalls() {
    var health = CandidateHealth(candidateCount: 2, least: 2, rest: 1000)
    func observe(_ time: Int64, _ failure: CallFailure?, wasCancelled: Bool = false) {
      var over = served(request(candidates: 2, time: time), by: 0, failure: failure)
      over.attempts[0].wasCancelled = wasCancelled
      health.observe(over)
    }
    for time in 0..<10 as Range<Int64> { observe(time, .timeout, wasCancelled: true) }
    #expect(health.isAvailable(0, at: 10))
    for time in 10..<12 as Range<Int64> { observe(time, .timeout) }
    #expect(!health.isAvailable(0, at: 12))
    observe(12, .timeout, wasCancelled: true)
    #expect(!health.isAvailable(0, at: 13))
  }

  @Test("the call goes up past resting candidates, else down, and stands when nobody is left")
  func breakerDirections() {
    var guarding = CircuitBreaker(
      health: CandidateHealth(candidateCount: 3, least: 1, rest: 1000))
    func asked(_ candidates: CandidateSet) -> [Int]? {
      guarding.amend(.ask(Ask(candidates), Reason("x")), for: request(time: 1), after: []).asked
    }
    guarding.observe(served(request(time: 0), by: 1, failure: .outage))
    #expect(asked([1]) == [2] && asked([0, 1]) == [0] && asked([0]) == [0])
    guarding.observe(served(request(time: 0), by: 2, failure: .outage))
    #expect(asked([1]) == [0] && asked([2]) == [0])
    guarding.observe(served(request(time: 0), by: 0, failure: .outage))
    #expect(asked([1]) == [1] && asked([0, 2]) == [0, 2])
  }

  // MARK: retry

  @Test("again, then elsewhere: upwards first, then down from the top")
  func retry() throws {
    let policy = StagedPolicy(
      name: "", stages: [Static(candidate: 1)], guards: [Retry(times: 1)], fallback: 0)
    var attempts: [Attempt] = []
    var order: [Int] = []
    while let asked = policy.next(request(candidates: 4), after: attempts)?.asked {
      order += asked
      attempts.append(Attempt(candidate: asked[0], failure: .error))
    }
    #expect(order == [1, 1, 2, 2, 3, 3, 0, 0])
    #expect(policy.next(request(candidates: 4), after: attempts)?.isFailure == true)
    let stubborn = Retry(times: 2, climbs: false)
    let three = [Attempt](repeating: Attempt(candidate: 1, failure: .error), count: 3)
    #expect(stubborn.amend(.fail(Reason("x")), for: request(), after: three).isFailure)
    #expect(
      stubborn.amend(.fail(Reason("x")), for: request(), after: Array(three.prefix(2))).asked
        == [1])
  }
}
