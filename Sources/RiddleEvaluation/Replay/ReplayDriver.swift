import RiddleData
import RiddlePolicies

/// Serves one request: asks the policy, answers its calls from the table and the world, until it accepts or gives up.
struct ReplayDriver: Sendable {
  let table: OutcomeTable
  let answers: AnswerTable?
  let settings: ReplaySettings

  /// Serves `request` and writes entry `index` of `result`.
  ///
  /// - Parameter serving: memory for the account of the request, which it holds afterwards.
  func serve(
    _ request: Request, row: Int, policy: borrowing some Policy, serving: inout Serving,
    into result: inout Replay, at index: Int
  ) {
    serving.reset()
    while let ask = serving.next(request, policy) {
      for candidate in ask.candidates {
        serving.receive(
          call(candidate, request, row, ask, serving.attempts, elapsed: serving.elapsed))
      }
    }
    result.firstStage[index] = result.index(ofStage: serving.first.stage)
    result.propensity[index] = serving.first.propensity
    result.picks[index] = serving.candidate
    result.failed[index] = serving.accepted == nil
    result.paid[index] = serving.paid ?? OutcomeTable.missingCost
    result.fees[index] = serving.fees
    result.calls[index] = serving.attempts.count
    result.candidatesPaid[index] = serving.candidatesPaid
    result.latency[index] = serving.latency ?? OutcomeTable.missingLatency
    result.stage[index] = result.index(ofStage: serving.reason.stage)
    result.flagged[index] = serving.isFlagged
    if settings.keepsReasons { result.reasons[index] = (serving.first, serving.reason) }
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
