import RiddleData

/// Writes logged queries as Riddle JSON lines: what `RiddleJSONLRow` reads, in one fixed order of keys, without what is absent.
///
/// Numbers are exact: qualities as the shortest decimal that reads back to the same double, costs in nano-dollars, latencies
/// in milliseconds with up to three decimals, times in ISO 8601 with up to six.
enum RiddleJSONLWriter {
  /// Appends one line with its newline.
  static func append(_ query: LoggedQuery, to bytes: inout [UInt8]) {
    var line = JSONLine(behind: &bytes)
    let context = query.context
    line.text("id", query.id)
    line.text("query", query.text)
    line.text("group", context.group)
    line.text("conversation", context.conversation)
    line.number("turn", context.turn)
    line.text("user_tier", context.userTier)
    line.text("task_type", context.taskType)
    line.text("domain", context.domain)
    line.text("time", context.time.map(Timestamp.text))
    line.text("tier", query.tier)
    if !context.metadata.isEmpty {
      line.raw("metadata", Metadata.json(context.metadata) ?? "{}")
    }
    if let vector = query.embedding {
      line.text("embedding_model", vector.model)
      line.raw("embedding", "[\(vector.values.map { "\($0)" }.joined(separator: ","))]")
    }
    line.key("outcomes")
    line.begin()
    for entry in query.outcomes {
      line.key(escaping: entry.candidate)
      line.begin()
      let outcome = entry.outcome
      line.number("quality", outcome.quality)
      line.number("cost_nanousd", outcome.cost?.count)
      line.fixed("latency_ms", outcome.latency?.count, places: 3)
      line.number("confidence", outcome.confidence)
      line.number("gate_score", outcome.gateScore)
      line.number("in_tokens", outcome.inputTokens)
      line.number("out_tokens", outcome.outputTokens)
      line.text("answer", outcome.answer)
      line.end()
    }
    line.end()
    bytes = line.finished()
  }
}
