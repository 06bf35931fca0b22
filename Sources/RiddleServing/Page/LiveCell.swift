import RiddleData
import RiddlePolicies
import Synchronization

/// Where one decider leaves its decisions for the live page.
///
/// Each decider has its own, so nobody waits for another one; the page empties it once a second, by exchanging two tallies. Who meets
/// that moment counts the decision as lost to the page and goes on.
final class LiveCell: Sendable {
  private let tally = Mutex(LiveTally())
  private let missed = Atomic<Int>(0)

  init() {}

  /// Decisions that the page does not know of.
  var lost: Int { missed.load(ordering: .relaxed) }

  /// Hands over what came in, and goes on with `spare`, which is empty.
  func exchange(with spare: inout LiveTally) {
    tally.withLock { swap(&$0, &spare) }
  }

  /// Takes a decision that nobody was asked for yet.
  ///
  /// - Parameter waits: whether it waits for the page, or for another decision here, rather than be lost to it.
  func decided(
    _ decision: RouteDecision, ladder: LiveLadder, served: ServedRouter, id: String,
    time: Microseconds, nanoseconds: Int64, waits: Bool = false
  ) {
    var shown = LiveDecision(
      time: time.count, candidate: served.candidates[decision.candidate],
      stage: LiveDecision.clipped(decision.stage),
      reason: LiveDecision.clipped(decision.reason, 160),
      score: decision.score, threshold: decision.threshold, probability: decision.probability,
      nanoseconds: nanoseconds, version: served.version, id: LiveDecision.clipped(id, 64))
    shown.features = decision.top.prefix(LiveDecision.mostFeatures).map {
      (LiveDecision.publicName($0.name), $0.contribution)
    }
    let listed = shown
    func add(to tally: inout LiveTally) {
      tally.add(
        listed, place: ladder.places[decision.candidate], generation: ladder.generation,
        margin: decision.margin, cost: served.prices[decision.candidate],
        strongest: served.prices[served.strongest])
    }
    if waits {
      tally.withLock { add(to: &$0) }
      return
    }
    let isTaken: Void? = tally.withLockIfAvailable { add(to: &$0) }
    if isTaken == nil { missed.add(1, ordering: .relaxed) }
  }

  /// Takes a request of the gateway that is over. Waits for the page: a request has waited for an upstream already.
  func answered(
    _ serving: Serving, _ request: Request, ladder: LiveLadder, served: ServedRouter, id: String,
    time: Microseconds, nanoseconds: Int64, isComplete: Bool
  ) {
    let reason = serving.first
    var shown = LiveDecision(
      time: time.count, candidate: served.candidates[serving.candidate],
      stage: LiveDecision.clipped(reason.stage), reason: LiveDecision.clipped(reason.detail, 160),
      score: reason.score, threshold: reason.threshold, probability: request.probability,
      nanoseconds: nanoseconds, version: served.version, id: LiveDecision.clipped(id, 64))
    shown.isAnswer = true
    shown.isFailed = !isComplete
    shown.paid = serving.paid
    // What the strongest really cost, where it answered; else its mean.
    let own = serving.attempts.first { $0.candidate == served.strongest && $0.isAnswered }
    let strongest = own?.cost ?? served.prices[served.strongest]
    let decision = shown
    tally.withLock {
      $0.add(
        decision, place: ladder.places[serving.candidate], generation: ladder.generation,
        margin: request.margins.first, cost: serving.paid, strongest: strongest)
    }
  }
}

/// A ladder of candidates as the live page counts it.
struct LiveLadder: Equatable, Sendable {
  /// Which router: margins of different ones are not compared.
  var generation: Int
  /// Of each candidate, the place of its name.
  var places: [Int]
}
