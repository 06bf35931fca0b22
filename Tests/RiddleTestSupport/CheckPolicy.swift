import RiddleData
import RiddlePolicies
import Testing

/// Checks what every policy promises, on every one of `requests`, under candidates that answer, stay silent about their
/// confidence, fail, or do all of it by chance.
///
/// The policy is a pure function of request and attempts; its first step asks or passes on; once it has claimed a request it
/// decides every step; it asks at least one candidate, on the ladder only; it accepts only answers that were given; it ends within
/// 64 steps (256 on ladders so long that a cascade alone needs 65); its reasons hold probabilities, and costs that are not
/// negative. A policy that learns hears of every outcome and must keep all of it.
public func checkPolicy(
  _ policy: some Policy, requests: [Request], _ name: String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) {
  for behaviour in AnswerBehaviour.allCases {
    var learner = policy
    for (index, request) in requests.enumerated() {
      var random = SplitMix64(seed: UInt64(index) &* 31 &+ UInt64(behaviour.rawValue))
      let served = checkRequest(
        learner, request, behaviour, &random, name, sourceLocation: sourceLocation)
      if policy.learns, let served { learner.observe(served) }
    }
  }
}

/// How candidates answer a policy that is checked.
private enum AnswerBehaviour: Int, CaseIterable {
  case trusted, doubted, silent, failing, random
}

private func checkRequest(
  _ policy: some Policy, _ request: Request, _ behaviour: AnswerBehaviour,
  _ random: inout SplitMix64, _ name: String, sourceLocation: SourceLocation
) -> Served? {
  let label = "\(name) on \(request.candidateCount) candidates, \(behaviour): \(request.id)"
  func expect(_ holds: Bool, _ what: String) {
    // One issue tells enough; a passing expectation per step would dominate the time.
    if !holds { Issue.record("\(label): \(what)", sourceLocation: sourceLocation) }
  }
  let ladder = CandidateSet.all(request.candidateCount)
  let most = request.candidateCount > 16 ? 256 : 64
  var attempts: [Attempt] = []
  for number in 0..<most {
    let step = policy.next(request, after: attempts)
    expect(step == policy.next(request, after: attempts), "not pure at step \(number)")
    guard let step else {
      expect(attempts.isEmpty, "passed on after \(attempts.count) attempts")
      return nil
    }
    let reason = step.reason
    expect(!reason.stage.isEmpty, "a step without a stage")
    expect(reason.propensity > 0 && reason.propensity <= 1, "propensity \(reason.propensity)")
    expect(reason.fee >= 0 && reason.delay >= 0, "fee \(reason.fee), delay \(reason.delay)")
    expect(reason.confidence.map { (0...1).contains($0) } ?? true, "confidence out of range")
    switch step {
    case .ask(let ask, _):
      expect(!ask.candidates.isEmpty, "asks nobody")
      expect(ask.candidates.bits & ~ladder.bits == 0, "asks \(Array(ask.candidates))")
      expect(ask.timeout.map { $0 > 0 } ?? true, "waits \(ask.timeout ?? 0) µs")
      if ask.candidates.isEmpty || ask.candidates.last >= request.candidateCount { return nil }
      if ask.isFinal {
        // A driver may accept the answer without coming back: coming back must bring the same, and cost nothing.
        let answered = attempts + [Attempt(candidate: ask.candidates.first)]
        guard case .accept(let index, let end)? = policy.next(request, after: answered) else {
          expect(false, "a final call whose answer is not accepted")
          return nil
        }
        expect(ask.candidates.count == 1 && index == attempts.count, "a final call of several")
        expect(end.fee == 0 && end.delay == 0, "accepting after a final call costs \(end.fee)")
      }
      for candidate in ask.candidates {
        attempts.append(answer(candidate, timeout: ask.timeout, behaviour, &random))
      }
    case .accept(let index, let reason):
      let isThere = attempts.indices.contains(index) && attempts[index].isAnswered
      expect(isThere, "accepts attempt \(index) of \(attempts.count)")
      return isThere
        ? Served(
          request: request, attempts: attempts, accepted: index, reason: reason,
          quality: random.unit(), paid: 1000, latency: 1000) : nil
    case .fail(let reason):
      expect(!attempts.isEmpty, "gives up before it asked anybody")
      return Served(request: request, attempts: attempts, accepted: nil, reason: reason)
    }
  }
  expect(false, "did not end in \(most) steps")
  return nil
}

private func answer(
  _ candidate: Int, timeout: Int64?, _ behaviour: AnswerBehaviour, _ random: inout SplitMix64
) -> Attempt {
  var attempt = Attempt(candidate: candidate, cost: Int64(random.below(1_000_000)))
  attempt.latency = random.below(4) == 0 ? nil : Int64(random.below(8_000_000))
  if behaviour == .failing || (behaviour == .random && random.below(2) == 0) {
    attempt.failure = CallFailure.allCases[random.below(CallFailure.allCases.count)]
    if random.below(2) == 0 { attempt.cost = nil }
  }
  if let timeout, let latency = attempt.latency, latency > timeout {
    attempt.failure = .timeout
    attempt.latency = timeout
  }
  guard attempt.isAnswered, behaviour != .silent else { return attempt }
  let score = behaviour == .trusted ? 1 : behaviour == .doubted ? 0 : random.unit()
  if behaviour != .random || random.below(3) > 0 { attempt.confidence = score }
  if behaviour != .random || random.below(3) > 0 { attempt.gateScore = score }
  let word = behaviour == .trusted ? "yes" : "\(random.below(3))"
  if behaviour != .random || random.below(3) > 0 { attempt.answer = AnswerKey(word) }
  return attempt
}

/// Seeded requests to a ladder of `candidateCount`: texts of all lengths, fields that the policies look at, and with and without a
/// router's scores and predictions.
public func generatedRequests(_ count: Int, candidateCount: Int, seed: UInt64) -> [Request] {
  var random = SplitMix64(seed: seed)
  let texts = generatedTexts(count, seed: seed)
  func one(_ words: [String]) -> String { words[random.below(words.count)] }
  return texts.enumerated().map { index, bytes in
    var context = QueryContext()
    if random.below(2) == 0 { context.userTier = one(["premium", "free", "standard"]) }
    if random.below(2) == 0 { context.taskType = one(["debug", "sql", "chat"]) }
    if random.below(2) == 0 { context.conversation = "c\(random.below(5))" }
    if random.below(2) == 0 { context.turn = 1 + random.below(4) }
    if random.below(3) > 0 { context.time = Microseconds(Int64(index) * 40_000_000) }
    for (field, values) in [
      ("x-model-tier", ["premium", "Economy", "gold"]), ("deadline", ["strict", "batch", "soon"]),
      ("override", ["c0", "c1", "nobody"]), ("workflow", ["refund", ""]),
      ("latency_budget_ms", ["500", "4000", "1e300", "-1", "much"]),
      ("pre_check", ["simple", "complex", "?"]), ("score", ["0.2", "0.5", "0.8", "7"]),
    ] where random.below(3) == 0 { context.metadata[field] = one(values) }
    let isScored = random.below(2) == 0
    var request = Request(
      id: "r\(index)", text: String(decoding: bytes, as: UTF8.self), context: context,
      candidateCount: candidateCount,
      margins: isScored ? (1..<candidateCount).map { _ in 4 * random.unit() - 2 } : [],
      probability: isScored ? random.unit() : nil,
      predictions: random.below(2) == 0
        ? []
        : (0..<candidateCount).map { _ in
          Prediction(quality: random.unit(), standardError: random.unit() / 10)
        },
      embedding: isScored ? (0..<8).map { _ in Float(random.unit()) } : [])
    request.fold = random.below(2)
    return request
  }
}
