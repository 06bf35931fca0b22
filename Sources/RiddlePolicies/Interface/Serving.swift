import RiddleData

/// A request under way: which calls a policy wants next, and what came of those so far.
///
/// The one account of money, time and acceptance that every driver keeps: a replay answers the calls from a table, a server from live
/// candidates. A driver asks ``next(_:_:)`` until there is nothing more to call, and hands over what each call brought:
///
///     while let ask = serving.next(request, policy) {
///       for candidate in ask.candidates { serving.receive(call(candidate)) }
///     }
public struct Serving: Sendable {
  /// What was asked so far and came back, oldest first; the candidates of one step in the ladder's order.
  public private(set) var attempts: [Attempt] = []
  /// Microseconds that the user has waited, as far as latencies are known.
  public private(set) var elapsed: Int64 = 0
  /// Nano-dollars of the decisions themselves.
  public private(set) var fees: Int64 = 0
  /// Whether somebody should look at the request.
  public private(set) var isFlagged = false
  /// Index of the attempt whose answer the user gets; nil before the end, and when the user gets an error.
  public private(set) var accepted: Int?
  /// Why the last step was taken.
  public private(set) var reason = Serving.undecided
  /// Why the first step was taken.
  public private(set) var first = Serving.undecided
  /// Whether nothing more is called.
  public private(set) var isOver = false
  private var callsPaid: Int64 = 0
  private var isCostKnown = true
  private var isLatencyKnown = true
  private var steps = 0
  private var pending: Ask?
  private var firstPending = 0
  /// Attempts of the last step, when only the accepted one is awaited.
  private var race = 0..<0

  /// Steps after which a policy that does not end is stopped: room for a cascade over 64 candidates and for guards behind it.
  public static let mostSteps = 256

  private static let undecided = Reason("no stage decided", isFlagged: true)

  /// A request of which nothing has been asked.
  public init() {}

  /// Makes it a new request; memory is kept.
  public mutating func reset() {
    attempts.removeAll(keepingCapacity: true)
    elapsed = 0
    fees = 0
    isFlagged = false
    accepted = nil
    reason = Self.undecided
    first = Self.undecided
    isOver = false
    callsPaid = 0
    isCostKnown = true
    isLatencyKnown = true
    steps = 0
    pending = nil
    race = 0..<0
  }

  /// Nano-dollars of all calls and decisions; nil when one of them is unknown.
  public var paid: Int64? { isCostKnown ? callsPaid + fees : nil }

  /// Microseconds the user waited in all; nil when one of the latencies is unknown.
  public var latency: Int64? { isLatencyKnown ? elapsed : nil }

  /// The candidate whose answer the user gets, or that was asked last where the user gets an error; 0 when nobody was asked.
  public var candidate: Int { (accepted.map { attempts[$0] } ?? attempts.last)?.candidate ?? 0 }

  /// Number of candidates that were paid for: without those that never answered and cost nothing (errors, refusals, outages).
  public var candidatesPaid: Int {
    var payees = CandidateSet.none
    for attempt in attempts where attempt.isAnswered || attempt.failure == .timeout {
      payees.insert(attempt.candidate)
    }
    return payees.count
  }

  /// Takes what one call of the current step brought; the candidates of a step in the ladder's order.
  public mutating func receive(_ attempt: Attempt) {
    if let cost = attempt.cost { callsPaid += cost } else { isCostKnown = false }
    attempts.append(attempt)
  }

  /// Whom to call next; nil when the request is over. Call it again after every call of a step was received.
  public mutating func next(_ request: Request, _ policy: borrowing some Policy) -> Ask? {
    if isOver { return nil }
    endStep()
    if isOver { return nil }
    // Nobody decided, or the policy does not end: the strongest candidate's answer, flagged.
    let step =
      (steps < Self.mostSteps ? policy.next(request, after: attempts) : nil)
      ?? (attempts.isEmpty ? .ask(Ask(request.strongest), reason) : .fail(reason))
    reason = step.reason
    fees += reason.fee
    elapsed += reason.delay
    isFlagged = isFlagged || reason.isFlagged
    if steps == 0 { first = reason }
    guard case .ask(let ask, _) = step else {
      if case .accept(let chosen, _) = step {
        precondition(
          attempts.indices.contains(chosen) && attempts[chosen].isAnswered,
          "stage '\(reason.stage)' accepted attempt \(chosen) of \(attempts.count), which has no answer"
        )
        accepted = chosen
      }
      if !race.isEmpty { wait(for: accepted.map { $0..<($0 + 1) } ?? race) }
      isOver = true
      return nil
    }
    steps += 1
    if !race.isEmpty { wait(for: race) }
    race = 0..<0
    precondition(!ask.candidates.isEmpty, "stage '\(reason.stage)' asks nobody")
    firstPending = attempts.count
    pending = ask
    return ask
  }

  /// The request as a policy learns from it.
  ///
  /// - Parameter quality: what the answer was worth, once somebody said.
  public func served(_ request: Request, quality: Double? = nil) -> Served {
    Served(
      request: request, attempts: attempts, accepted: accepted, reason: reason, quality: quality,
      paid: paid, latency: latency)
  }

  /// Adds the time of the step that was received, and ends the request where any answer is accepted.
  private mutating func endStep() {
    guard let ask = pending else { return }
    pending = nil
    race = firstPending..<attempts.count
    precondition(
      race.count == ask.candidates.count,
      "\(ask.candidates.count) candidates were asked, \(race.count) attempts received")
    if ask.awaitsAll || race.count == 1 {
      wait(for: race)
      race = 0..<0
      if ask.isFinal && attempts.count == firstPending + 1 && attempts[firstPending].isAnswered {
        accepted = firstPending
        isOver = true
      }
    }
  }

  /// Adds the slowest of `range` to the time the user has waited.
  private mutating func wait(for range: Range<Int>) {
    var slowest: Int64 = 0
    for index in range {
      if let latency = attempts[index].latency {
        slowest = max(slowest, latency)
      } else {
        isLatencyKnown = false
      }
    }
    elapsed += slowest
  }
}
