import RiddleData
import RiddlePolicies

/// Serves one request: asks the policy, answers its calls from the table and the world, until it accepts or gives up.
struct ReplayDriver: Sendable {
  let table: OutcomeTable
  let answers: AnswerTable?
  let settings: ReplaySettings

  /// Steps after which a policy that does not end is stopped: room for a cascade over 64 candidates and for guards behind it.
  static let mostSteps = 256

  /// Serves `request` and writes entry `index` of `result`.
  ///
  /// - Parameter attempts: memory for the attempts, which it holds afterwards.
  func serve(
    _ request: Request, row: Int, policy: borrowing some Policy, attempts: inout [Attempt],
    into result: inout Replay, at index: Int
  ) -> (reason: Reason, accepted: Int?) {
    attempts.removeAll(keepingCapacity: true)
    var elapsed: Int64 = 0
    var latencyKnown = true
    var fees: Int64 = 0
    var paid: Int64 = 0
    var costKnown = true
    var flagged = false
    var race = 0..<0  // attempts of the last step, when only the accepted one was awaited
    var accepted: Int?
    var reason = Reason("no stage decided", isFlagged: true)
    for number in 0...Self.mostSteps {
      // Nobody decided, or the policy does not end: the strongest candidate's answer, flagged.
      let step =
        (number < Self.mostSteps ? policy.next(request, after: attempts) : nil)
        ?? (attempts.isEmpty ? .ask(Ask(request.strongest), reason) : .fail(reason))
      reason = step.reason
      fees += reason.fee
      elapsed += reason.delay
      flagged = flagged || reason.isFlagged
      if number == 0 {
        result.firstStage[index] = result.index(ofStage: reason.stage)
        result.propensity[index] = reason.propensity
        if settings.keepsReasons { result.reasons[index].first = reason }
      }
      guard case .ask(let ask, _) = step else {
        if case .accept(let chosen, _) = step {
          precondition(
            attempts.indices.contains(chosen) && attempts[chosen].isAnswered,
            "stage '\(reason.stage)' accepted attempt \(chosen) of \(attempts.count), which has no answer"
          )
          accepted = chosen
        }
        break
      }
      if !race.isEmpty { wait(for: race, attempts, &elapsed, &latencyKnown) }
      precondition(!ask.candidates.isEmpty, "stage '\(reason.stage)' asks nobody")
      let first = attempts.count
      for candidate in ask.candidates {
        let attempt = call(candidate, request, row, ask, attempts, elapsed: elapsed)
        if let cost = attempt.cost { paid += cost } else { costKnown = false }
        attempts.append(attempt)
      }
      race = first..<attempts.count
      if ask.awaitsAll || race.count == 1 {
        wait(for: race, attempts, &elapsed, &latencyKnown)
        race = 0..<0
      }
      if ask.isFinal && race.isEmpty && attempts.count == first + 1 && attempts[first].isAnswered {
        accepted = first
        break
      }
    }
    if !race.isEmpty {
      wait(
        for: accepted.map { $0..<($0 + 1) } ?? race, attempts, &elapsed, &latencyKnown)
    }
    result.picks[index] = (accepted.map { attempts[$0] } ?? attempts.last)?.candidate ?? 0
    result.failed[index] = accepted == nil
    result.paid[index] = costKnown ? paid + fees : OutcomeTable.missingCost
    result.fees[index] = fees
    result.calls[index] = attempts.count
    var payees = CandidateSet.none
    for attempt in attempts where attempt.isAnswered || attempt.failure == .timeout {
      payees.insert(attempt.candidate)
    }
    result.candidatesPaid[index] = payees.count
    result.latency[index] = latencyKnown ? elapsed : OutcomeTable.missingLatency
    result.stage[index] = result.index(ofStage: reason.stage)
    result.flagged[index] = flagged
    if settings.keepsReasons { result.reasons[index].last = reason }
    return (reason, accepted)
  }

  /// Adds the slowest of `range` to the time the user has waited.
  @inline(__always)
  private func wait(
    for range: Range<Int>, _ attempts: [Attempt], _ elapsed: inout Int64, _ isKnown: inout Bool
  ) {
    var slowest: Int64 = 0
    for index in range {
      if let latency = attempts[index].latency {
        slowest = max(slowest, latency)
      } else {
        isKnown = false
      }
    }
    elapsed += slowest
  }

  @inline(__always)
  private func call(
    _ candidate: Int, _ request: Request, _ row: Int, _ ask: Ask, _ attempts: [Attempt],
    elapsed: Int64
  ) -> Attempt {
    let cell = row * table.candidates.count + candidate
    var attempt = Attempt(candidate: candidate)
    if settings.world.isLog && ask.timeout == nil {
      let latency = table.latency[cell]
      attempt.latency = latency == OutcomeTable.missingLatency ? nil : latency
    } else {
      var number = 0
      for earlier in attempts where earlier.candidate == candidate { number += 1 }
      let call = settings.world.call(
        row: row, candidate: candidate, attempt: number,
        at: request.context.time.map { $0.count &+ elapsed }, timeout: ask.timeout)
      attempt.failure = call.failure
      attempt.latency = call.latency == OutcomeTable.missingLatency ? nil : call.latency
    }
    let cost = table.cost[cell]
    attempt.cost = cost == OutcomeTable.missingCost ? nil : cost
    if let failure = attempt.failure {
      if failure != .timeout { attempt.cost = 0 }
      return attempt
    }
    if let answers {
      attempt.confidence = answers.confidence(row, candidate)
      attempt.gateScore = answers.gateScore(row, candidate)
      attempt.answer = answers.answer(row, candidate)
    }
    if let judge = settings.judge {
      attempt.gateScore = judge.score(
        table.quality[cell], key: request.key, candidate: candidate)
    }
    return attempt
  }
}
