import RiddleData

/// What a policy may know before any candidate has answered.
public struct Request: Equatable, Sendable {
  /// The query's text.
  public var text: String
  /// Facts known before any answer.
  public var context: QueryContext
  /// Number of candidates on the ladder, at least 2. Position 0 is the cheapest.
  public var candidateCount: Int
  /// Head margins of a trained router, `candidateCount − 1` of them; empty when no router scored the query.
  public var margins: [Double]

  /// A request.
  public init(
    text: String, context: QueryContext = QueryContext(), candidateCount: Int,
    margins: [Double] = []
  ) {
    precondition(candidateCount >= 2, "a ladder has two candidates, got \(candidateCount)")
    self.text = text
    self.context = context
    self.candidateCount = candidateCount
    self.margins = margins
  }
}

/// One asked candidate and what came back.
public struct Attempt: Equatable, Sendable {
  /// Position on the ladder of the candidate that was asked.
  public var candidate: Int
  /// What its answer was worth and cost, as far as known.
  public var outcome: Outcome

  /// An attempt.
  public init(candidate: Int, outcome: Outcome) {
    self.candidate = candidate
    self.outcome = outcome
  }

  /// An attempt of whose answer only the quality is known; nil when nobody judged it.
  public init(candidate: Int, quality: Double?) {
    self.init(candidate: candidate, outcome: Outcome(quality: quality))
  }
}

/// Why a policy took a step: which stage decided, and on what numbers.
public struct Reason: Equatable, Sendable {
  /// The deciding stage in a few words, for example `margin below threshold`.
  public var stage: String
  /// The score the stage looked at; nil when it looked at none.
  public var score: Double?
  /// The threshold it compared the score with; nil when there is none.
  public var threshold: Double?

  /// A reason.
  public init(_ stage: String, score: Double? = nil, threshold: Double? = nil) {
    self.stage = stage
    self.score = score
    self.threshold = threshold
  }
}

/// What a policy wants next.
public enum Step: Equatable, Sendable {
  /// Ask these candidates, given as positions on the ladder, at the same time.
  case ask([Int], Reason)
  /// Give the user the answer of the attempt at this index.
  case accept(Int, Reason)
}

/// A routing policy as a step function, so that one definition both replays over a table of outcomes and runs
/// against live candidates.
public protocol Policy: Sendable {
  /// The next step for `request` after `attempts`, oldest first. Pure: same arguments, same step.
  ///
  /// The first step asks; a policy accepts only an attempt that was made.
  func next(_ request: Request, after attempts: [Attempt]) -> Step
}

/// A policy that names its candidate before any answer exists: it asks once and accepts what comes back.
///
/// Its picks over a whole log are an array of ladder positions, which is all that an evaluation needs.
public protocol PickingPolicy: Policy {
  /// The position on the ladder that should answer `request`, in 0 ..< `candidateCount`, and why.
  func pick(_ request: Request) -> (candidate: Int, reason: Reason)
}

extension PickingPolicy {
  /// Asks the picked candidate, then accepts its answer.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step {
    let (candidate, reason) = pick(request)
    return attempts.isEmpty ? .ask([candidate], reason) : .accept(attempts.count - 1, reason)
  }

  /// The pick for each request, in order.
  public func picks(_ requests: some Sequence<Request>) -> [Int] {
    requests.map { pick($0).candidate }
  }
}
