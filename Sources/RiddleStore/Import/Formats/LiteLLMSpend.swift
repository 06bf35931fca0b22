import RiddleData

/// A dump of LiteLLM's table `LiteLLM_SpendLogs`, as CSV or JSON.
///
/// | row | column |
/// |---|---|
/// | id | `request_id`; a hash of the call where that is empty |
/// | query | the last user message of `messages`, else of `proxy_server_request` |
/// | candidate | `model`, else `model_group` |
/// | cost, tokens | `spend`; `prompt_tokens`, `completion_tokens` |
/// | latency | `request_duration_ms`, else `endTime` − `startTime` |
/// | time, conversation | `startTime` (UTC); `session_id` |
/// | metadata | `metadata.routing_decision`, `model_group`, `end_user`, `team_id`, `request_tags` |
///
/// Failed calls, and calls that are no chat, are left out. There is no quality in this table.
struct LiteLLMSpendMapper: RecordMapper {
  static let mapping = [
    "id ← request_id", "query ← messages, else proxy_server_request (last user message)",
    "candidate ← model", "cost_usd ← spend",
    "in_tokens, out_tokens ← prompt_tokens, completion_tokens",
    "latency_ms ← request_duration_ms, else endTime − startTime", "time ← startTime (UTC)",
    "conversation ← session_id",
    "metadata ← metadata.routing_decision, model_group, end_user, team_id, request_tags",
    "quality: none in this log",
  ]

  var missingPrompts: (log: String, remedy: String) {
    ("a LiteLLM spend log", LiteLLMCall.missingPromptsRemedy)
  }

  mutating func items(of record: LogValue, part: String) -> [MappedItem] {
    item { () throws(RowError) in
      if let reason = LiteLLMCall.leftOut(record) { return .leftOut(reason: reason) }
      guard let prompt = LiteLLMCall.prompt(record) else { return .withoutPrompt }
      let start = try record["startTime"].time("startTime")
      var latency = try record["request_duration_ms"].number(
        "request_duration_ms", FieldRules.milliseconds)
      if latency == nil {
        latency = try FieldRules.span(start, record["endTime"].time("endTime"), "endTime")
      }
      return try LiteLLMCall.row(
        record, prompt: prompt, id: record["request_id"], cost: record["spend"],
        costField: "spend", start: start, latency: latency, conversation: record["session_id"])
    }
  }
}
