import RiddleData

/// What a policy wants next.
public enum Step: Equatable, Sendable {
  /// Ask these candidates at the same time.
  case ask(Ask, Reason)
  /// Give the user the answer of the attempt at this index.
  case accept(Int, Reason)
  /// Give up: the user gets an error.
  case fail(Reason)

  /// Why.
  public var reason: Reason {
    get {
      switch self {
      case .ask(_, let reason), .accept(_, let reason), .fail(let reason): reason
      }
    }
    set {
      switch self {
      case .ask(let ask, _): self = .ask(ask, newValue)
      case .accept(let index, _): self = .accept(index, newValue)
      case .fail: self = .fail(newValue)
      }
    }
  }
}

/// Whom to ask, and how long to wait.
public struct Ask: Equatable, Sendable, ExpressibleByArrayLiteral {
  /// The candidates, all at once.
  public var candidates: CandidateSet
  /// Microseconds to wait for each; nil waits for ever.
  public var timeout: Int64?
  /// Whether every answer is awaited (the step takes as long as the slowest), or only the one that is accepted.
  public var awaitsAll: Bool
  /// A hint for drivers: whatever answer comes back is accepted for the same reason, so there is no need to ask the policy again.
  /// Not part of equality.
  public var isFinal = false

  /// A call to `candidates`.
  public init(_ candidates: CandidateSet, timeout: Int64? = nil, awaitsAll: Bool = true) {
    self.candidates = candidates
    self.timeout = timeout
    self.awaitsAll = awaitsAll
  }

  /// A call to one candidate.
  public init(_ candidate: Int, timeout: Int64? = nil) {
    self.init(CandidateSet(candidate), timeout: timeout)
  }

  /// A call to these candidates.
  public init(arrayLiteral candidates: Int...) { self.init(CandidateSet(candidates)) }

  /// Whether both ask the same.
  public static func == (a: Ask, b: Ask) -> Bool {
    a.candidates == b.candidates && a.timeout == b.timeout && a.awaitsAll == b.awaitsAll
  }
}

/// Why a policy took a step: which stage decided, on what numbers, and what else it could have done.
public struct Reason: Equatable, Sendable {
  /// The deciding stage, for example `rules`.
  public var stage: String
  /// What it saw, in a few words, for example `length over 500`.
  public var detail: String
  /// The score the stage looked at; nil when it looked at none.
  public var score: Double?
  /// The threshold it compared the score with; nil when there is none.
  public var threshold: Double?
  /// The candidates it could have chosen; empty for the whole ladder.
  public var alternatives: CandidateSet
  /// Probability with which the stage made this choice: 1 unless it drew lots.
  public var propensity: Double
  /// How sure the stage is of the answer, where it says so.
  public var confidence: Double?
  /// Whether somebody should look: a bad header, an infeasible limit, a forced answer.
  public var isFlagged: Bool
  /// Whether no guard may change the step.
  public var isBinding: Bool
  /// Nano-dollars that this decision itself cost, for example a judge's call.
  public var fee: Int64
  /// Microseconds that this decision itself took.
  public var delay: Int64

  /// A reason.
  public init(
    _ stage: String, _ detail: String = "", score: Double? = nil, threshold: Double? = nil,
    alternatives: CandidateSet = .none, propensity: Double = 1, confidence: Double? = nil,
    isFlagged: Bool = false, isBinding: Bool = false, fee: Int64 = 0, delay: Int64 = 0
  ) {
    self.stage = stage
    self.detail = detail
    self.score = score
    self.threshold = threshold
    self.alternatives = alternatives
    self.propensity = propensity
    self.confidence = confidence
    self.isFlagged = isFlagged
    self.isBinding = isBinding
    self.fee = fee
    self.delay = delay
  }

  /// This reason of a guard, with what the amended step had cost and flagged already.
  func amending(_ step: Step) -> Reason {
    var reason = self
    reason.fee += step.reason.fee
    reason.delay += step.reason.delay
    reason.isFlagged = reason.isFlagged || step.reason.isFlagged
    return reason
  }
}
