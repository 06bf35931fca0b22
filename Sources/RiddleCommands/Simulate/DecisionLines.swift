import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePolicies
import RiddleStore

/// Writes every decision of a replay as a line of the decision log, with what only a replay knows in fields of its own.
struct DecisionLines {
  let data: Dataset

  /// Fields of a line that the decision log does not name; names ascending, as JSON.
  private struct Extras: Encodable {
    var asked: Int
    var decided_by: String
    var decided_reason: String
    var failed: Bool
    var flagged: Bool
    var group: String?
    var query_id: String
    var router_cost_usd: Double
  }

  /// The lines of one policy's replay, which kept its reasons.
  func text(_ entrant: Simulation.Entrant, replay: Replay, routerChecksum: String?) throws -> String
  {
    let table = data.outcomes
    let top = table.candidates.count - 1
    var bytes: [UInt8] = []
    for row in 0..<data.count {
      let (first, last) = replay.reasons[row]
      let everybody = CandidateSet.all(table.candidates.count)
      let alternatives = first.alternatives.isEmpty ? everybody : first.alternatives
      let context = data.contexts[row]
      let candidate = table.candidates[replay.picks[row]]
      var record = DecisionRecord(
        requestID: "\(entrant.name)/\(data.ids[row])", time: context.time ?? Microseconds(0),
        candidate: candidate)
      record.alternatives = alternatives.filter { $0 <= top }.map { table.candidates[$0] }
      // A draw was of the candidate that was asked first, and says nothing of one that came after it. Which one that was, a replay
      // does not keep: of several calls none is taken for it.
      record.propensity = first.propensity == 1 || replay.calls[row] == 1 ? first.propensity : nil
      // A choice that was no draw had no alternative: off-policy estimates of others must refuse.
      if first.propensity == 1 {
        record.propensities = [CandidatePropensity(candidate: candidate, probability: 1)]
      }
      record.policy = entrant.name
      record.routerChecksum = routerChecksum
      record.stage = first.stage
      record.reason = first.detail.isEmpty ? nil : first.detail
      record.score = first.score.flatMap { $0.isFinite ? $0 : nil }
      record.threshold = first.threshold.flatMap { $0.isFinite ? $0 : nil }
      record.confidence = (last.confidence ?? first.confidence).map { min(1, max(0, $0)) }
      record.quality = replay.failed[row] ? 0 : table.quality(row, replay.picks[row])
      if replay.paid[row] != OutcomeTable.missingCost {
        record.cost = NanoDollars(replay.paid[row])
        record.saved = table.cost(row, top).map { NanoDollars($0 - replay.paid[row]) }
      }
      record.wasEscalated = replay.candidatesPaid[row] > 1
      if replay.latency[row] != OutcomeTable.missingLatency {
        record.latency = Microseconds(replay.latency[row])
      }
      record.conversation = context.conversation
      record.turn = context.turn
      record.userTier = context.userTier
      record.taskType = context.taskType
      record.domain = context.domain
      record.extras = try JSONOutput.text(
        Extras(
          asked: replay.calls[row], decided_by: last.stage, decided_reason: last.detail,
          failed: replay.failed[row], flagged: replay.flagged[row], group: context.group,
          query_id: data.ids[row], router_cost_usd: Double(replay.fees[row]) / 1e9),
        pretty: false)
      DecisionLogLine.append(record, to: &bytes)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
