import RiddlePolicies

/// A call that a policy wants made.
public struct CandidateCall: Equatable, Sendable {
  /// Position on the ladder.
  public var candidate: Int
  /// How often this candidate was called for this request before.
  public var earlierCalls: Int
  /// Microseconds since the request began, as its account says.
  public var elapsed: Int64
  /// Microseconds to wait; nil waits as long as the caller does anyway.
  public var timeout: Int64?
  /// Whether the answer is accepted whatever it says, so that it may be passed on while it is written.
  public var mayStream: Bool
}

/// What a call brought: the facts that policies see, and the answer itself.
public struct CallResult<Answer: Sendable>: Sendable {
  /// The facts.
  public var attempt: Attempt
  /// The answer; nil when there is none.
  public var answer: Answer?

  /// A result.
  public init(_ attempt: Attempt, answer: Answer? = nil) {
    self.attempt = attempt
    self.answer = answer
  }
}

/// Whoever can ask candidates: an HTTP client, or a table in a test.
public protocol CandidateCaller: Sendable {
  /// What an answer is.
  associatedtype Answer: Sendable

  /// Asks one candidate. Always returns: a failure, a timeout and a cancellation (``Attempt/wasCancelled``) are attempts too, with what
  /// they cost.
  func call(_ call: CandidateCall, for request: Request) async -> CallResult<Answer>
}

/// Serves requests by asking live candidates: the same policies, and the same account of money and time, as a replay.
public struct LiveDriver<Caller: CandidateCaller>: Sendable {
  /// Who asks.
  public let caller: Caller

  /// A driver that asks through `caller`.
  public init(_ caller: Caller) { self.caller = caller }

  /// A request that is over.
  public struct Outcome: Sendable {
    /// The account.
    public var serving: Serving
    /// The accepted answer; nil when the user gets an error.
    public var answer: Caller.Answer?
  }

  /// Serves `request`: asks the policy, makes its calls, until it accepts or gives up.
  ///
  /// Candidates of one step are called at the same time. Where only the accepted one is awaited, the others are cancelled as soon as the
  /// policy accepts one whatever they bring.
  public func serve(_ request: Request, policy: some Policy) async -> Outcome {
    var serving = Serving()
    var answers: [Caller.Answer?] = []
    while let ask = serving.next(request, policy) {
      let results = await call(ask, request, serving, policy)
      for result in results {
        serving.receive(result.attempt)
        answers.append(result.answer)
      }
    }
    return Outcome(serving: serving, answer: serving.accepted.flatMap { answers[$0] })
  }

  /// Makes the calls of one step; results in the ladder's order.
  private func call(
    _ ask: Ask, _ request: Request, _ serving: Serving, _ policy: some Policy
  ) async -> [CallResult<Caller.Answer>] {
    let candidates = Array(ask.candidates)
    let calls = candidates.map { candidate in
      CandidateCall(
        candidate: candidate,
        earlierCalls: serving.attempts.count { $0.candidate == candidate },
        elapsed: serving.elapsed, timeout: ask.timeout,
        mayStream: candidates.count == 1
          && (ask.isFinal
            || policy.acceptsAnyAnswer(of: candidate, request, after: serving.attempts))
      )
    }
    if calls.count == 1 { return [await caller.call(calls[0], for: request)] }
    return await withTaskGroup(of: (Int, CallResult<Caller.Answer>).self) { group in
      var results = [CallResult<Caller.Answer>?](repeating: nil, count: calls.count)
      for (index, call) in calls.enumerated() {
        group.addTask { (index, await caller.call(call, for: request)) }
      }
      for await (index, result) in group {
        results[index] = result
        guard !ask.awaitsAll, results.contains(where: { $0 == nil }) else { continue }
        let step = zip(candidates, results).map { (candidate: $0, attempt: $1?.attempt) }
        if policy.foregone(request, after: serving.attempts, step: step) != nil {
          group.cancelAll()
        }
      }
      return results.compactMap { $0 }
    }
  }
}
