import Foundation
import RiddleData
import RiddleEvaluation
import RiddlePolicies

/// Writes one JSON line for every decision of a replay: the decision log of datasets/README.md, with what the policy knew.
struct DecisionLines {
  let data: Dataset

  /// A line's fields, in JSON.
  private struct Line: Encodable {
    var id: String
    var query_id: String
    var policy: String
    var router_sha256: String?
    var time: String?
    var conversation: String?
    var candidate: String
    var alternatives: [String]
    var propensity: Double
    var propensities: [String: Double]?
    var stage: String
    var reason: String
    var score: Double?
    var threshold: Double?
    var confidence: Double?
    var decided_by: String
    var decided_reason: String
    var asked: Int
    var was_escalated: Bool
    var flagged: Bool
    var failed: Bool
    var quality: Double
    var cost_usd: Double?
    var cost_saved_usd: Double?
    var router_cost_usd: Double
    var latency_ms: Double?
  }

  /// The lines of one policy's replay, which kept its reasons.
  func text(_ entrant: Simulation.Entrant, replay: Replay, routerChecksum: String?) throws -> String
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let table = data.outcomes
    let top = table.candidates.count - 1
    var text = ""
    for row in 0..<data.count {
      let (first, last) = replay.reasons[row]
      let everybody = CandidateSet.all(table.candidates.count)
      let alternatives = first.alternatives.isEmpty ? everybody : first.alternatives
      let paid = replay.paid[row] == OutcomeTable.missingCost ? nil : replay.paid[row]
      let line = Line(
        id: "\(entrant.name)/\(data.ids[row])", query_id: data.ids[row], policy: entrant.name,
        router_sha256: routerChecksum, time: data.contexts[row].time.map(Self.date),
        conversation: data.contexts[row].conversation,
        candidate: table.candidates[replay.picks[row]],
        alternatives: alternatives.filter { $0 <= top }.map { table.candidates[$0] },
        propensity: first.propensity,
        // A choice that was no draw had no alternative: off-policy estimates of others must refuse.
        propensities: first.propensity == 1
          ? [table.candidates[replay.picks[row]]: 1] : nil, stage: first.stage,
        reason: first.detail, score: first.score,
        threshold: first.threshold, confidence: last.confidence ?? first.confidence,
        decided_by: last.stage, decided_reason: last.detail, asked: replay.calls[row],
        was_escalated: replay.candidatesPaid[row] > 1, flagged: replay.flagged[row],
        failed: replay.failed[row],
        quality: replay.failed[row] ? 0 : table.quality(row, replay.picks[row]),
        cost_usd: paid.map { Double($0) / 1e9 },
        cost_saved_usd: paid.flatMap { own in
          table.cost(row, top).map { Double($0 - own) / 1e9 }
        }, router_cost_usd: Double(replay.fees[row]) / 1e9,
        latency_ms: replay.latency[row] == OutcomeTable.missingLatency
          ? nil : Double(replay.latency[row]) / 1e3)
      text += String(decoding: try encoder.encode(line), as: UTF8.self) + "\n"
    }
    return text
  }

  private static func date(_ time: Microseconds) -> String {
    Date(timeIntervalSince1970: Double(time.count) / 1e6).ISO8601Format()
  }
}
