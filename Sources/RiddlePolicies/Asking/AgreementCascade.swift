/// Cheap candidates answer together; where enough of them agree their answer is given, else the strong one is asked.
///
/// Answers are compared as ``AnswerKey``; an answer that could not be extracted agrees with nothing. The first wave's costs add up
/// and the user waits for its slowest; then the strong candidate's cost and time come on top.
public struct AgreementCascade: Policy, Equatable {
  /// The first wave, at least two.
  public var cheap: CandidateSet
  /// Asked when they disagree.
  public var strong: Int
  /// How many must agree.
  public var quorum: Int

  /// A cascade; `quorum` nil means all of `cheap`.
  public init(cheap: CandidateSet, strong: Int, quorum: Int? = nil) {
    precondition(cheap.count >= 2, "agreement needs two candidates")
    self.cheap = cheap
    self.strong = strong
    self.quorum = quorum ?? cheap.count
  }

  /// Asks the wave, then accepts or asks the strong candidate.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    let cheap = request.onLadder(cheap)
    let strong = min(strong, request.strongest)
    let quorum = min(quorum, cheap.count)
    if attempts.isEmpty { return .ask(Ask(cheap), Reason("agreement", "first wave")) }
    let wave = min(attempts.count, cheap.count)
    /// Strong's answer, or what there is without it.
    func settle(_ index: Int) -> Step {
      if attempts[index].isAnswered { return .accept(index, Reason("agreement", "disagreed")) }
      let reason = Reason("agreement", "strong failed", isFlagged: true)
      return attempts.firstIndex(where: \.isAnswered).map { .accept($0, reason) } ?? .fail(reason)
    }
    if attempts.count > wave { return settle(attempts.count - 1) }
    var best = 0
    for index in 0..<wave {
      guard attempts[index].isAnswered, let answer = attempts[index].answer else { continue }
      var votes = 0
      for other in 0..<wave where attempts[other].isAnswered && attempts[other].answer == answer {
        votes += 1
      }
      best = max(best, votes)
      if votes >= quorum {
        return .accept(
          index,
          Reason("agreement", "agreed", score: Double(votes), threshold: Double(quorum)))
      }
    }
    // Strong belongs to the wave, or a guard kept somebody else from it: it is not asked twice.
    if let index = attempts.firstIndex(where: { $0.candidate == strong }) { return settle(index) }
    return .ask(
      Ask(strong),
      Reason("agreement", "disagreed", score: Double(best), threshold: Double(quorum)))
  }
}
