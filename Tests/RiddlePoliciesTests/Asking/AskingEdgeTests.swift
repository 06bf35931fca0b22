import RiddleData
import RiddlePolicies
import RiddleRuntime
import Testing

/// The boundaries of the policies that look at answers or at the clock.
@Suite("Boundaries of asking policies")
struct AskingEdgeTests {
  private let own = ConfidenceSignal(.own, price: 30, time: 4)

  // MARK: A7, A13, A14

  @Test("confidence at the threshold is accepted, just below it is not; the last is unscored")
  func cascade() throws {
    let policy = Cascade(ladder: [0, 1, 2], threshold: 0.8, signal: own)
    func step(_ confidences: [Double?]) throws -> Step {
      try #require(
        policy.next(
          request(),
          after: confidences.enumerated().map { Attempt(candidate: $0, confidence: $1) }))
    }
    #expect(try step([]).asked == [0])
    #expect(try step([0.8]).accepted == 0)
    let below = (0.8).nextDown
    #expect(try step([below]).asked == [1])
    #expect(try step([nil]).asked == [1])
    #expect(try step([0.1, 0.9]).accepted == 1)
    #expect(try step([0.1, 0.9]).reason.fee == 30)
    let last = try step([0.1, 0.2, 0])
    #expect(last.accepted == 2 && last.reason.fee == 0 && !last.reason.isFlagged)
  }

  @Test("a failed call goes up; when the last one fails the latest answer is given, flagged")
  func cascadeFailures() throws {
    let policy = Cascade(ladder: [0, 1, 2], signal: own)
    let failed = Attempt(candidate: 0, failure: .error)
    #expect(policy.next(request(), after: [failed])?.asked == [1])
    #expect(policy.next(request(), after: [failed])?.reason.fee == 0)
    let weak = Attempt(candidate: 1, confidence: 0.1)
    let top = Attempt(candidate: 2, failure: .outage)
    let step = try #require(policy.next(request(), after: [failed, weak, top]))
    #expect(step.accepted == 1 && step.reason.isFlagged)
    let end = try #require(policy.next(request(), after: [failed, failed, top]))
    #expect(end.isFailure && end.reason.isFlagged)
  }

  @Test("calibration decides, by fold and candidate")
  func calibrated() {
    let signal = ConfidenceSignal(
      .own,
      maps: [
        [.platt(slope: 1, offset: 0), .identity], [.platt(slope: 1, offset: -9), .identity],
      ])
    let policy = Cascade(ladder: [0, 1], threshold: 0.6, signal: signal)
    var asked = request(candidates: 2)
    let attempt = Attempt(candidate: 0, confidence: 0.9)
    #expect(policy.next(asked, after: [attempt])?.accepted == 0)
    asked.fold = 1
    #expect(policy.next(asked, after: [attempt])?.asked == [1])
    asked.fold = 9  // beyond the folds: the last map
    #expect(policy.next(asked, after: [attempt])?.asked == [1])
  }

  @Test("exactly 0.2 and exactly 0.8 lie between")
  func band() throws {
    let policy = Band(
      source: .field("score"), cascade: Cascade(ladder: [0, 2], threshold: 0.5, signal: own))
    func step(_ score: String, _ attempts: [Attempt] = []) -> Step? {
      policy.next(request("", ["score": score]), after: attempts)
    }
    let doubted = [Attempt(candidate: 0, confidence: 0.4)]
    for score in ["0.2", "0.5", "0.8"] {
      #expect(step(score)?.asked == [0] && step(score)?.reason.detail == "first")
      #expect(step(score, doubted)?.asked == [2])
    }
    #expect(step("0.19999999999999998")?.reason.detail == "below")
    #expect(step("0.1", doubted)?.accepted == 0)
    #expect(step("0.8000000000000002")?.asked == [2])
    #expect(step("much") == nil && policy.next(request(), after: []) == nil)
  }

  // MARK: A25

  @Test("inside the band both are asked, large is not awaited; outside one of them")
  func speculative() throws {
    let policy = Speculative(
      source: .probability, small: 0, large: 2, threshold: 0.7, signal: own)
    func step(_ p: Double, _ attempts: [Attempt] = []) throws -> Step {
      try #require(policy.next(request(probability: p), after: attempts))
    }
    for p in [0.2, 0.8] {
      guard case .ask(let ask, _) = try step(p) else {
        Issue.record("no race at \(p)")
        continue
      }
      #expect(ask.candidates == [0, 2] && !ask.awaitsAll)
    }
    #expect(try step(0.19).asked == [0] && step(0.81).asked == [2])
    let large = Attempt(candidate: 2)
    #expect(try step(0.5, [Attempt(candidate: 0, confidence: 0.7), large]).accepted == 0)
    #expect(try step(0.5, [Attempt(candidate: 0, confidence: 0.69), large]).accepted == 1)
    let doubted = Attempt(candidate: 0, confidence: 0.1)
    let down = Attempt(candidate: 2, failure: .error)
    let kept = try step(0.5, [doubted, down])
    #expect(kept.accepted == 0 && kept.reason.isFlagged)
    #expect(try step(0.5, [Attempt(candidate: 0, failure: .error), down]).isFailure)
  }

  @Test("an answer that a guard got by asking again is given", arguments: [0.1, 0.5, 0.9])
  func speculativeRetry(p: Double) throws {
    let policy = StagedPolicy(
      name: "", stages: [Speculative(source: .probability, small: 0, large: 2, signal: own)],
      guards: [Retry(times: 1)], fallback: 2)
    let asked = request(probability: p)
    var attempts: [Attempt] = []
    let first = try #require(policy.next(asked, after: [])?.asked)
    attempts += first.map { Attempt(candidate: $0, failure: .error) }
    let again = try #require(policy.next(asked, after: attempts)?.asked)
    #expect(again == [first[first.count - 1]])
    attempts.append(Attempt(candidate: again[0]))
    #expect(policy.next(asked, after: attempts)?.accepted == attempts.count - 1)
  }

  // MARK: A18, agreement

  @Test("the judge's pick is given; ties go to the cheaper, no score comes last")
  func bestOf() throws {
    let policy = BestOf(candidates: [0, 1, 2], signal: ConfidenceSignal(.judge, price: 5, time: 9))
    func step(_ scores: [Double?], failed: Set<Int> = []) throws -> Step {
      try #require(
        policy.next(
          request(),
          after: scores.enumerated().map { k, score in
            Attempt(candidate: k, failure: failed.contains(k) ? .error : nil, gateScore: score)
          }))
    }
    #expect(policy.next(request(), after: [])?.asked == [0, 1, 2])
    #expect(try step([0.3, 0.9, 0.4]).accepted == 1)
    #expect(try step([0.9, 0.3, 0.9]).accepted == 0)
    #expect(try step([nil, 0, 0.1]).accepted == 2)
    #expect(try step([nil, nil, nil]).accepted == 0)
    #expect(try step([nil, nil, nil]).reason.isFlagged)
    // The judge reads every answer that there is.
    #expect(try step([0.3, 0.9, 0.4]).reason.fee == 15)
    #expect(try step([0.3, 0.9, 0.4], failed: [1]).reason.fee == 10)
    #expect(try step([0.3, 0.9, 0.4], failed: [1]).accepted == 2)
    #expect(try step([0, 0, 0], failed: [0, 1, 2]).isFailure)
  }

  @Test("agreement counts answers that could be extracted, up to the quorum")
  func agreement() throws {
    let twoOfThree = AgreementCascade(cheap: [0, 1, 2], strong: 3, quorum: 2)
    func step(_ answers: [String?], strong: Attempt? = nil, policy: AgreementCascade? = nil)
      throws -> Step
    {
      var attempts = answers.enumerated().map { k, answer in
        Attempt(candidate: k, answer: answer.flatMap(AnswerKey.init))
      }
      if let strong { attempts.append(strong) }
      return try #require(
        (policy ?? twoOfThree).next(request(candidates: 4), after: attempts))
    }
    #expect(try step([]).asked == [0, 1, 2])
    #expect(try step(["42", " 42\n", "7"]).accepted == 0)
    #expect(try step(["7", "B", "b"]).accepted == 1)
    #expect(try step(["1", "2", "3"]).asked == [3])
    // Unparsed answers agree with nothing, each other included.
    #expect(try step([nil, nil, nil]).asked == [3])
    #expect(try step([nil, nil, "3"]).asked == [3])
    #expect(try step(["1", nil, "1"]).accepted == 0)
    let unanimous = AgreementCascade(cheap: [0, 1, 2], strong: 3)
    #expect(try step(["1", "1", "2"], policy: unanimous).asked == [3])
    #expect(try step(["1", "1", "1"], policy: unanimous).accepted == 0)
    #expect(try step(["1", "2", "3"], strong: Attempt(candidate: 3)).accepted == 3)
    let down = try step(["1", "2", "3"], strong: Attempt(candidate: 3, failure: .outage))
    #expect(down.accepted == 0 && down.reason.isFlagged)
  }

  @Test("failed calls have no vote, and strong is not asked twice")
  func agreementFailures() throws {
    let key = AnswerKey("1")
    let policy = AgreementCascade(cheap: [0, 1], strong: 1)
    let pair = request(candidates: 2)
    // Strong belongs to the first wave: its answer is there already.
    let step = policy.next(
      pair,
      after: [Attempt(candidate: 0, answer: AnswerKey("2")), Attempt(candidate: 1, answer: key)]
    )
    #expect(step?.accepted == 1)
    let failed = [
      Attempt(candidate: 0, failure: .error, answer: key),
      Attempt(candidate: 1, failure: .error, answer: key),
    ]
    #expect(policy.next(pair, after: failed)?.isFailure == true)
    // A breaker kept 0 from the wave; 1 alone is no quorum, 2 is asked once.
    let wide = AgreementCascade(cheap: [0, 1], strong: 2)
    let alone = [Attempt(candidate: 1, answer: key)]
    #expect(wide.next(request(), after: alone)?.asked == [2])
    let both = alone + [Attempt(candidate: 2, answer: AnswerKey("2"))]
    #expect(wide.next(request(), after: both)?.accepted == 1)
  }

  // MARK: A4, A28, A30

  @Test("the fastest candidate within the limit; nobody feasible is flagged")
  func sla() throws {
    let speeds = [
      CandidateSpeed(p50: 500, p95: 2_000), CandidateSpeed(p50: 300, p95: 2_001),
      CandidateSpeed(p50: 500, p95: 900), CandidateSpeed(p50: 100, p95: nil),
      CandidateSpeed(p50: 10, p95: 20, availability: 0.949),
    ]
    func step(_ limit: Int64, _ attempts: [Attempt] = [], availability: Double = 0.95) throws
      -> Step
    {
      let policy = LatencySLA(
        limit: limit, speeds: speeds, leastAvailability: availability, fallback: 3)
      return try #require(policy.next(request(candidates: 5), after: attempts))
    }
    #expect(try step(2_000).asked == [0])  // p95 at the limit is feasible; of equals the cheaper
    #expect(try step(2_001).asked == [1])
    #expect(try step(1_999).asked == [2])
    #expect(try step(2_000, availability: 0.949).asked == [4])
    let infeasible = try step(899)
    #expect(infeasible.asked == [3] && infeasible.reason.isFlagged)
    #expect(infeasible.reason.detail == "infeasible")
    // A failed call is followed by the next feasible one, then by the fallback, then by an error.
    let failures = [0, 2].map { Attempt(candidate: $0, failure: .error) }
    #expect(try step(2_000, [failures[0]]).asked == [2])
    #expect(try step(2_000, failures).asked == [3])
    #expect(try step(2_000, failures).reason.isFlagged)
    let end = try step(2_000, failures + [Attempt(candidate: 3, failure: .timeout)])
    #expect(end.isFailure)
  }

  @Test("a candidate that failed lately is not available, whatever it states")
  func slaHealth() throws {
    var policy = LatencySLA(
      limit: 1_000,
      speeds: [CandidateSpeed(p50: 1, p95: 1), CandidateSpeed(p50: 2, p95: 2)], fallback: 1,
      health: CandidateHealth(candidateCount: 2, least: 2, rest: 100))
    #expect(policy.learns)
    for time in [0, 10] as [Int64] {
      #expect(policy.next(request(candidates: 2, time: time), after: [])?.asked == [0])
      policy.observe(served(request(candidates: 2, time: time), by: 0, failure: .error))
    }
    #expect(policy.next(request(candidates: 2, time: 109), after: [])?.asked == [1])
    #expect(policy.next(request(candidates: 2, time: 110), after: [])?.asked == [0])
  }

  @Test("3000 ms of budget, slow from 2400 ms, an error escalates, on the last it is an error")
  func latencyBudget() throws {
    let policy = LatencyBudget(ladder: [0, 1, 2])
    func step(_ attempts: [Attempt]) throws -> Step {
      try #require(policy.next(request(), after: attempts))
    }
    #expect(policy.slow == 2_400_000)
    #expect(try step([]).timeout == 3_000_000)
    for (latency, isSlow) in [(2_399_999, false), (2_400_000, true), (2_999_999, true)] {
      let step = try step([Attempt(candidate: 0, latency: Int64(latency))])
      #expect(step.accepted == 0 && step.reason.isFlagged == isSlow)
      #expect(step.reason.detail == (isSlow ? "slow" : "in time"))
    }
    func failure(_ candidate: Int, _ latency: Int64) -> Attempt {
      Attempt(candidate: candidate, failure: .error, latency: latency)
    }
    let second = try step([failure(0, 1_000_000)])
    #expect(second.asked == [1] && second.timeout == 2_000_000)
    // Slow counts from the start, not from the last call.
    #expect(
      try step([failure(0, 2_000_000), Attempt(candidate: 1, latency: 400_000)]).reason.isFlagged)
    let last = try step([failure(0, 1), failure(1, 1), failure(2, 1)])
    #expect(last.isFailure && last.reason.detail == "every candidate failed")
    let spent = try step([failure(0, 3_000_000)])
    #expect(spent.isFailure && spent.reason.detail == "budget spent")
  }

  @Test("5 s each; users with less than 2 s are passed on, those with 2 s are not")
  func timeoutCascade() throws {
    let policy = TimeoutCascade(ladder: [0, 1, 2])
    func step(_ budget: String?, _ attempts: [Attempt] = []) -> Step? {
      policy.next(request("", budget.map { ["latency_budget_ms": $0] } ?? [:]), after: attempts)
    }
    #expect(step(nil)?.timeout == 5_000_000)
    #expect(step("1999.999") == nil && step("0") == nil && step("-3") == nil)
    #expect(step("2000")?.timeout == 2_000_000)
    #expect(step("60000")?.timeout == 5_000_000)
    // What reads as no number is no budget.
    #expect(step("soon")?.timeout == 5_000_000 && step("inf")?.timeout == 5_000_000)
    let late = Attempt(candidate: 0, failure: .timeout, latency: 5_000_000)
    #expect(step(nil, [late])?.asked == [1])
    #expect(step("7000", [late])?.timeout == 2_000_000)
    #expect(step("5000", [late])?.isFailure == true)
    let lates = (0..<3).map { Attempt(candidate: $0, failure: .timeout, latency: 5_000_000) }
    #expect(step(nil, lates)?.isFailure == true)
    #expect(step(nil, [late, Attempt(candidate: 1, latency: 9)])?.accepted == 1)
  }

  @Test("a user in a hurry is classified beforehand by the next stage")
  func preClassified() {
    let policy = StagedPolicy(
      name: "", stages: [TimeoutCascade(ladder: [0, 1]), PromptLength(threshold: 3)], fallback: 0)
    let hurried = request("a long text", ["latency_budget_ms": "1500"])
    #expect(policy.next(hurried, after: [])?.asked == [2])
    #expect(policy.next(hurried, after: [])?.reason.stage == "length")
  }
}
