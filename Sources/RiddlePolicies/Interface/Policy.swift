import RiddleData

/// A routing policy as a step function, so that one definition both replays over a table of outcomes and runs
/// against live candidates.
///
/// Every system is a policy, and every policy may be a stage of a ``StagedPolicy``: a stage that has nothing to say passes
/// on. What a policy remembers from one request to the next is part of its value and changes in ``observe(_:)`` alone, so a
/// driver may copy it, replay it, or throw it away.
public protocol Policy: Sendable {
  /// The next step for `request` after `attempts`, oldest first; nil passes on to the next stage. Pure: same value, same
  /// arguments, same step.
  ///
  /// The first step asks or passes on; a policy accepts only an attempt that was made, and ends after finitely many steps.
  func next(_ request: Request, after attempts: [Attempt]) -> Step?

  /// Whether somebody should look at a request that this stage passed on, for example because of a bad header.
  func flags(_ request: Request) -> Bool

  /// Learns from a request that was served. Called once a request, in time order, when ``learns``.
  mutating func observe(_ served: Served)

  /// Whether ``observe(_:)`` changes anything: such a policy is replayed in time order, one request after the other.
  var learns: Bool { get }
}

extension Policy {
  /// No.
  public func flags(_ request: Request) -> Bool { false }
  /// Remembers nothing.
  public mutating func observe(_ served: Served) {}
  /// No.
  public var learns: Bool { false }
}

/// A request that is over, and what came of it.
public struct Served: Sendable {
  /// The request.
  public var request: Request
  /// All attempts, oldest first.
  public var attempts: [Attempt]
  /// Index of the attempt whose answer the user got; nil when the user got an error.
  public var accepted: Int?
  /// Why that answer.
  public var reason: Reason
  /// What the answer was worth, once somebody said; nil when nobody did.
  public var quality: Double?
  /// Nano-dollars paid in all; nil when the log does not say.
  public var paid: Int64?
  /// Microseconds the user waited; nil when the log does not say.
  public var latency: Int64?

  /// A served request.
  public init(
    request: Request, attempts: [Attempt], accepted: Int?, reason: Reason, quality: Double? = nil,
    paid: Int64? = nil, latency: Int64? = nil
  ) {
    self.request = request
    self.attempts = attempts
    self.accepted = accepted
    self.reason = reason
    self.quality = quality
    self.paid = paid
    self.latency = latency
  }

  /// The candidate whose answer the user got.
  public var candidate: Int? { accepted.map { attempts[$0].candidate } }
}

/// A policy that names its candidate before any answer exists: it asks once and accepts what comes back.
public protocol PickingPolicy: Policy {
  /// The position on the ladder that should answer `request`, in 0 ..< `candidateCount`, and why; nil passes on.
  func pick(_ request: Request) -> Pick?
}

/// A candidate and why it was picked.
public struct Pick: Equatable, Sendable {
  /// Position on the ladder.
  public var candidate: Int
  /// Why.
  public var reason: Reason

  /// A pick.
  public init(_ candidate: Int, _ reason: Reason) {
    self.candidate = candidate
    self.reason = reason
  }
}

extension PickingPolicy {
  /// Asks the picked candidate, then accepts its answer; a call that failed is the end.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    guard let pick = pick(request) else { return nil }
    guard let last = attempts.last else {
      var ask = Ask(pick.candidate)
      ask.isFinal = true
      return .ask(ask, pick.reason)
    }
    return last.isAnswered ? .accept(attempts.count - 1, pick.reason) : .fail(pick.reason)
  }
}

/// Changes what the stages decided, for example when the money is spent.
public protocol Guard: Sendable {
  /// The step to take instead of `step`; `step` itself when there is nothing to change. Pure.
  func amend(_ step: Step, for request: Request, after attempts: [Attempt]) -> Step
  /// Learns from a request that was served, as ``Policy/observe(_:)`` does.
  mutating func observe(_ served: Served)
  /// Whether ``observe(_:)`` changes anything.
  var learns: Bool { get }
}

extension Guard {
  /// Remembers nothing.
  public mutating func observe(_ served: Served) {}
  /// No.
  public var learns: Bool { false }
}
