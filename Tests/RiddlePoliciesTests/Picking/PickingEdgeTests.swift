import RiddleData
import RiddlePolicies
import RiddleTestSupport
import Testing

/// The boundaries of the policies that choose before any answer exists.
@Suite("Boundaries of picking policies")
struct PickingEdgeTests {
  // MARK: A2, A10, A11, A15, A16, A24, A26

  @Test("an unknown class goes to the default and is flagged; no class goes there unflagged")
  func classes() throws {
    let policy = ContentClasses(
      source: .field("task_type"), candidates: ["simple": 0, "reasoning": 2, "code": 1], unknown: 2)
    func pick(_ type: String?) -> Pick? { policy.pick(request(taskType: type)) }
    #expect([pick("simple"), pick("code"), pick("reasoning")].map { $0?.candidate } == [0, 1, 2])
    #expect(pick("poetry") == Pick(2, Reason("class", "unknown class", isFlagged: true)))
    #expect(pick(nil) == Pick(2, Reason("class", "unknown class")))
    var silent = policy
    silent.unknown = nil
    #expect(silent.pick(request(taskType: "poetry")) == nil)
  }

  @Test("500 characters stay cheap, 501 go up, counted in scalars")
  func heuristicLength() {
    let rules = HeuristicRules.table(strongest: 2)
    for letter in ["x", "é", "好"] {
      let text = String(repeating: letter, count: 500)
      #expect(rules.pick(request(text))?.candidate == 0)
      #expect(rules.pick(request(text + letter))?.reason.detail == "length over 500")
      #expect(rules.pick(request(text + letter))?.candidate == 2)
    }
  }

  @Test(
    "the first heuristic rule that holds decides",
    arguments: [
      ("please DEBUG this", nil, 1, "keyword", 2), ("decode", nil, 1, "keyword", 2),
      ("hi", "premium", 1, "premium user", 2), ("hi", "premium", 2, "premium user", 2),
      ("hi", "free", 2, "follow-up turn", 2), ("hi", "free", 1, "everything else", 0),
      ("explain", "premium", 3, "keyword", 2),
    ] as [(String, String?, Int, String, Int)])
  func heuristicOrder(text: String, tier: String?, turn: Int, rule: String, candidate: Int) {
    let pick = HeuristicRules.table(strongest: 2).pick(request(text, tier: tier, turn: turn))
    #expect(pick?.reason.detail == rule && pick?.candidate == candidate)
  }

  @Test("exactly 0.7 stays cheap when strict (A15) and goes up when not (A11)")
  func thresholds() {
    func pick(_ probability: Double?, strict: Bool) -> Int? {
      ScoreTiers(source: .probability, cuts: [0.7], candidates: [0, 2], isStrict: strict)
        .pick(request(probability: probability))?.candidate
    }
    for (p, strict, other) in [(0.7, 0, 2), (0.7.nextUp, 2, 2), (0.7.nextDown, 0, 0)] {
      #expect(pick(p, strict: true) == strict)
      #expect(pick(p, strict: false) == other)
    }
    #expect(pick(nil, strict: true) == nil)
  }

  @Test("the reason names the cut that was cleared last, else the one that was not")
  func reasonOfTiers() {
    let tiers = ScoreTiers(source: .length, cuts: [2, 5], candidates: [0, 1, 2])
    #expect(["a", "abc", "abcde"].map { tiers.pick(request($0))?.candidate } == [0, 1, 2])
    #expect(["a", "abc", "abcde"].map { tiers.pick(request($0))?.reason.threshold } == [2, 2, 5])
  }

  @Test("premium goes up, free down, and both before the classifier; standard is passed on")
  func userTiers() throws {
    let policy = StagedPolicy(
      name: "",
      stages: [
        UserTier.standard(count: 3),
        ScoreTiers(source: .probability, cuts: [0.5], candidates: [0, 2]),
      ], fallback: 1)
    func first(_ tier: String?, _ probability: Double?) -> (Int?, String?) {
      let step = policy.next(request(tier: tier, probability: probability), after: [])
      return (step?.asked?.first, step?.reason.stage)
    }
    for p in [0.0, 1] {
      #expect(first("premium", p) == (2, "user tier"))
      #expect(first("free", p) == (0, "user tier"))
    }
    #expect(first("standard", 0.9) == (2, "probability"))
    #expect(first("standard", 0.1) == (0, "probability"))
    #expect(first(nil, 0.9) == (2, "probability"))
    #expect(first("standard", nil) == (1, "default"))
  }

  @Test("the Bayes threshold is overspend / (overspend + failure), and decides at equality")
  func errorCosts() {
    #expect(ErrorCosts(failure: 9, overspend: 1).threshold == 0.1)
    #expect(ErrorCosts(failure: 1, overspend: 1).threshold == 0.5)
    #expect(ErrorCosts(failure: 1, overspend: 3).threshold == 0.75)
    // At the threshold both turns cost the same: P · failure = (1 − P) · overspend.
    for (failure, overspend) in [(7.0, 2.0), (0.3, 11), (1e-3, 1e3)] {
      let p = ErrorCosts(failure: failure, overspend: overspend).threshold
      expectClose(p * failure, (1 - p) * overspend, tolerance: 1e-12)
    }
  }

  @Test("the documented query goes to the cheapest, and the known failure too")
  func keywordExamples() {
    for text in [
      "How do I reset my password?", "Design a system to reduce database latency by 50%",
    ] {
      let pick = KeywordDifficulty().pick(request(text))
      #expect(pick?.candidate == 0 && pick?.reason.detail == "simple")
    }
  }

  // MARK: A27

  @Test("only borderline queries reach the pre-check, and only they pay, once")
  func preCheck() throws {
    let policy = StagedPolicy(
      name: "",
      stages: [KeywordDifficulty(borderline: .passOn), PreCheck(price: 500, time: 40)],
      fallback: 1)
    let borderline = String(repeating: "x", count: 100)
    for (text, verdict, candidate, fee) in [
      ("short", nil, 0, Int64(0)), (String(repeating: "x", count: 501), nil, 2, 0),
      (borderline, "complex", 2, 500), (borderline, "Simple", 0, 500), (borderline, nil, 2, 500),
      (borderline, "perhaps", 2, 500),
    ] as [(String, String?, Int, Int64)] {
      let request = request(text, verdict.map { ["pre_check": $0] } ?? [:])
      let step = try #require(policy.next(request, after: []))
      #expect(step.asked == [candidate])
      #expect(step.reason.fee == fee && step.reason.delay == fee / 500 * 40)
      let isMissing = text == borderline && verdict != "complex" && verdict != "Simple"
      #expect(step.reason.isFlagged == isMissing)
      let end = try #require(policy.next(request, after: [Attempt(candidate: candidate)]))
      #expect(end.accepted == 0 && end.reason.fee == 0 && end.reason.delay == 0)
    }
  }

  @Test("a simulated verdict wins over the log's")
  func simulatedPreCheck() {
    var request = request("x", ["pre_check": "simple"])
    request.saysComplex = true
    #expect(PreCheck().pick(request)?.candidate == 2)
  }

  // MARK: A6, B3, B4

  @Test(
    "tier headers in any letter case; a bad one goes to the default, flagged",
    arguments: [
      ("premium", 4, false), ("PREMIUM", 4, false), ("Standard", 2, false), ("economy", 0, false),
      ("gold", 1, true), ("", 1, true), ("premium ", 1, true), (nil, 1, false),
    ] as [(String?, Int, Bool)])
  func header(value: String?, candidate: Int, isFlagged: Bool) throws {
    let policy = TierHeader.standard(count: 5, unknown: 1)
    let asked = request("", value.map { ["x-model-tier": $0] } ?? [:], candidates: 5)
    let pick = try #require(policy.pick(asked))
    #expect(pick.candidate == candidate && pick.reason.isFlagged == isFlagged)
  }

  @Test("tier names that differ in letter case alone: the first in order counts, every time")
  func headerCase() {
    for _ in 0..<50 {
      let policy = TierHeader(tiers: ["premium": 0, "PREMIUM": 2, "Premium": 1])
      #expect(policy.tiers == ["premium": 2])
    }
  }

  @Test("every step of a known workflow goes up; unknown workflows are passed on")
  func workflow() {
    let policy = WorkflowStickiness(workflows: ["refund"], candidate: 9)
    #expect(policy.pick(request("", ["workflow": "refund"]))?.candidate == 2)
    #expect(policy.pick(request("", ["workflow": "refund"], turn: 7))?.candidate == 2)
    #expect(policy.pick(request("", ["workflow": "chat"])) == nil)
    #expect(policy.pick(request()) == nil)
    #expect(
      WorkflowStickiness(candidate: 1).pick(request("", ["workflow": "chat"]))?.candidate == 1)
  }

  @Test("an override wins over stages and over every guard, failures included")
  func override() throws {
    let policy = StagedPolicy(
      name: "",
      stages: [Override(candidates: ["small": 0, "large": 2]), Static(candidate: 1)],
      guards: [
        SpendingLimit(limit: 0, prices: [1, 1, 1]), Retry(),
        QualityGate(threshold: 1, signal: ConfidenceSignal(.judge)),
      ], fallback: 1)
    let large = request("", ["override": "large"])
    let step = try #require(policy.next(large, after: []))
    #expect(step.asked == [2] && step.reason.stage == "override" && step.reason.isBinding)
    let small = request("", ["override": "small"])
    #expect(policy.next(small, after: [Attempt(candidate: 0, gateScore: 0)])?.accepted == 0)
    #expect(policy.next(small, after: [Attempt(candidate: 0, failure: .error)])?.isFailure == true)
    // A name that is no candidate's is no override.
    let unknown = try #require(policy.next(request("", ["override": "huge"]), after: []))
    #expect(unknown.reason.stage == "budget")
  }

  // MARK: A29, A20

  @Test("strict → the fastest, batch → the cheapest above the bar, interactive → the next stage")
  func deadlines() throws {
    let policy = DeadlineClass(
      speeds: [
        CandidateSpeed(p50: 900, p95: nil), CandidateSpeed(p50: 300, p95: nil),
        CandidateSpeed(p50: 300, p95: nil),
      ], bar: 0.8, qualities: [0.79, 0.8, 0.9])
    func pick(_ value: String, _ qualities: [Double] = []) -> Pick? {
      var asked = request("", ["deadline": value])
      asked.predictions = qualities.map { Prediction(quality: $0) }
      return policy.pick(asked)
    }
    #expect(pick("strict")?.candidate == 1)  // of equals the cheaper
    #expect(pick("Strict")?.candidate == 1)
    #expect(pick("batch")?.candidate == 1)  // a quality at the bar clears it
    #expect(pick("batch", [0.9, 0.1, 0.1])?.candidate == 0)
    #expect(pick("batch", [0.1, 0.1, 0.1])?.candidate == 2)
    #expect(pick("batch", [0.1])?.candidate == 1)  // predictions are missing: means step in
    #expect(pick("interactive") == nil && pick("") == nil)
    let unknown = DeadlineClass(speeds: [], bar: 0, qualities: [])
    #expect(
      unknown.pick(request("", ["deadline": "strict"]))
        == Pick(2, Reason("deadline", "strict", isFlagged: true)))
  }

  @Test("field_count < 5 excludes 5; the decision carries rule and confidence")
  func ruleTable() throws {
    let table = RuleTable(rules: [
      .init(
        name: "few", conditions: [.number("field_count", from: -.infinity, below: 5)], candidate: 0,
        adjustment: 0.2),
      .init(
        name: "risk", conditions: [.field("domain", ["medical", "legal"])], candidate: 9,
        adjustment: 4),
    ])
    func pick(_ count: String?, _ domain: String? = nil) -> Pick? {
      var asked = request("", count.map { ["field_count": $0] } ?? [:])
      asked.context.domain = domain
      return table.pick(asked)
    }
    #expect(pick("4.9") == Pick(0, Reason("rules", "few", confidence: 0.7)))
    #expect(pick("5") == nil && pick(nil) == nil && pick("nan") == nil && pick("many") == nil)
    #expect(pick("5", "legal") == Pick(2, Reason("rules", "risk", confidence: 1)))
    #expect(pick("1", "legal")?.candidate == 0)
  }

  @Test("a classifier without scores passes on, so that the default is reached and says so")
  func noMatch() throws {
    let policy = StagedPolicy(
      name: "", stages: [RuleTable(rules: []), Ladder(thresholds: [0, 0])], fallback: 9)
    let step = try #require(policy.next(request(), after: []))
    #expect(step == .ask([2], Reason("default")))
  }
}
