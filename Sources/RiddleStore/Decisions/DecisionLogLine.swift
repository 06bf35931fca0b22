import RiddleData

/// Writes decisions as lines of JSON, version 2 of the decision log: see `DecisionLog.md`.
public enum DecisionLogLine {
  /// Appends the line of `record`, with its newline. Fields stand in the order of the specification; unknown ones are left out.
  public static func append(_ record: DecisionRecord, to out: inout [UInt8]) {
    var line = JSONLine(behind: &out)
    line.text("request_id", record.requestID)
    line.text("time", record.time.timeText)
    line.text("candidate", record.candidate)
    if let names = record.alternatives {
      line.raw("alternatives", JSONText.array(names))
    }
    line.shortest("propensity", record.propensity)
    if let all = record.propensities {
      line.raw(
        "propensities",
        "{"
          + all.map { JSONText.quoted($0.candidate) + ":" + JSONLine.shortest($0.probability) }
          .joined(separator: ",") + "}")
    }
    line.text("policy", record.policy)
    line.text("policy_sha256", record.policyChecksum)
    line.text("router_sha256", record.routerChecksum)
    line.text("stage", record.stage)
    line.text("reason", record.reason)
    line.shortest("score", record.score)
    line.shortest("probability", record.probability)
    line.shortest("threshold", record.threshold)
    line.shortest("confidence", record.confidence)
    line.shortest("quality", record.quality)
    line.fixed("cost_usd", record.cost?.count, places: 9)
    line.fixed("cost_saved_usd", record.saved?.count, places: 9)
    line.raw("was_escalated", record.wasEscalated ? "true" : "false")
    line.fixed("latency_ms", record.latency?.count, places: 3)
    line.fixed("decided_in_us", record.decidedIn, places: 3)
    line.text("query", record.text)
    line.text("query_hash", record.textHash.map(hashText))
    if let features = record.features {
      let values = features.map { JSONLine.shortest($0) }
      line.raw("features", "[\(values.joined(separator: ","))]")
    }
    line.text("conversation", record.conversation)
    if let turn = record.turn { line.raw("turn", String(turn)) }
    line.text("user", record.userID)
    line.text("user_tier", record.userTier)
    line.text("task_type", record.taskType)
    line.text("domain", record.domain)
    line.shortest("sample_rate", record.sampleRate)
    if let extras = record.extras { line.members(of: extras) }
    out = line.finished()
  }

  /// A hash as 16 hexadecimal digits.
  static func hashText(_ hash: UInt64) -> String {
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
