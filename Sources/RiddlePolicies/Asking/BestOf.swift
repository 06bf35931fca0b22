/// Several candidates answer, a judge picks (ROUTING-SYSTEMS A18): costs add up, the user waits for the slowest, and the answer is
/// worth what the judge's pick is worth.
public struct BestOf: Policy, Equatable {
  /// The candidates.
  public var candidates: CandidateSet
  /// The judge; ties go to the cheaper answer, answers without a score come last.
  public var signal: ConfidenceSignal

  /// A contest of `candidates`.
  public init(candidates: CandidateSet, signal: ConfidenceSignal = ConfidenceSignal(.judge)) {
    precondition(!candidates.isEmpty, "a contest needs a candidate")
    self.candidates = candidates
    self.signal = signal
  }

  /// Asks all, then accepts the judge's pick.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    if attempts.isEmpty {
      return .ask(Ask(request.onLadder(candidates)), Reason("best of", "all at once"))
    }
    var best: Int?
    var bestScore = -Double.infinity
    var scored: Int64 = 0
    for index in attempts.indices where attempts[index].isAnswered {
      scored += 1
      let score = signal.confidence(request, attempts, at: index) ?? -1
      let isCheaper = best.map { attempts[index].candidate < attempts[$0].candidate } ?? true
      if score > bestScore || (score == bestScore && isCheaper) {
        best = index
        bestScore = score
      }
    }
    let reason = Reason(
      "best of", "the judge's pick", score: bestScore >= 0 ? bestScore : nil,
      isFlagged: bestScore < 0, fee: scored * signal.price, delay: signal.time)
    return best.map { .accept($0, reason) } ?? .fail(reason)
  }
}
