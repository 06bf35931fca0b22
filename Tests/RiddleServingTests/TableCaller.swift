import RiddleData
import RiddleEvaluation
import RiddlePolicies
import RiddleServing

/// Upstreams that answer out of a table of outcomes, each after a few turns of the scheduler, so that answers arrive in any order.
struct TableCaller: CandidateCaller {
  let table: OutcomeTable
  let answers: AnswerTable
  let world: World
  let rows: [String: Int]

  func call(_ call: CandidateCall, for request: Request) async -> CallResult<String> {
    guard let row = rows[request.id] else { preconditionFailure("no row for \(request.id)") }
    for _ in 0..<Int((request.key >> UInt64(call.candidate * 3)) & 7) { await Task.yield() }
    let cell = row * table.candidates.count + call.candidate
    let came = world.call(
      row: row, candidate: call.candidate, attempt: call.earlierCalls,
      at: request.context.time.map { $0.count &+ call.elapsed }, timeout: call.timeout)
    var attempt = Attempt(candidate: call.candidate, failure: came.failure)
    attempt.latency = came.hasLatency ? came.latency : nil
    attempt.cost = table.cost[cell] == OutcomeTable.missingCost ? nil : table.cost[cell]
    if let failure = came.failure {
      if failure != .timeout { attempt.cost = 0 }
      return CallResult(attempt)
    }
    attempt.confidence = answers.confidence(row, call.candidate)
    attempt.gateScore = answers.gateScore(row, call.candidate)
    attempt.answer = answers.answer(row, call.candidate)
    return CallResult(attempt, answer: "\(request.id)/\(call.candidate)")
  }
}
