import RiddleData

/// LiteLLM's `StandardLoggingPayload`, as its callbacks for object stores write it: one JSON object a line or a file.
///
/// | row | key |
/// |---|---|
/// | id | `id` |
/// | query | the last user message of `messages` |
/// | candidate | `model`, else `model_group` |
/// | cost, tokens | `response_cost`; `prompt_tokens`, `completion_tokens` |
/// | latency | `endTime` − `startTime`; `response_time` only when nothing was streamed, because it then ends at the first token |
/// | time, conversation | `startTime` (seconds); `session_id`, else `trace_id` |
/// | metadata | `metadata.routing_decision`, `model_group`, `end_user`, `request_tags` |
struct LiteLLMPayloadMapper: RecordMapper {
  static let mapping = [
    "id ← id", "query ← messages (last user message)", "candidate ← model",
    "cost_usd ← response_cost", "in_tokens, out_tokens ← prompt_tokens, completion_tokens",
    "latency_ms ← endTime − startTime, else response_time unless streamed",
    "time ← startTime (seconds)", "conversation ← session_id, else trace_id",
    "metadata ← metadata.routing_decision, model_group, end_user, request_tags",
    "quality: none in this log",
  ]

  var missingPrompts: (log: String, remedy: String) {
    (
      "a LiteLLM payload log",
      "Its messages are switched off: set `turn_off_message_logging: false` under `litellm_settings` in LiteLLM's config.yaml."
    )
  }

  mutating func items(of record: LogValue, part: String) -> [MappedItem] {
    let inner = record[anyOf: "standard_logging_object", "standard_logging_payload"]
    let record = inner.isBlank ? record : inner
    return item { () throws(RowError) in
      if let reason = LiteLLMCall.leftOut(record) { return .leftOut(reason: reason) }
      guard let prompt = LiteLLMCall.prompt(record) else { return .withoutPrompt }
      let start = try record["startTime"].time("startTime")
      var latency = try FieldRules.span(start, record["endTime"].time("endTime"), "endTime")
      if latency == nil, record["stream"].truth != true {
        latency = try record["response_time"].number("response_time", FieldRules.seconds)
      }
      let session = record["session_id"]
      return try LiteLLMCall.row(
        record, prompt: prompt, id: record["id"], cost: record["response_cost"],
        costField: "response_cost", start: start, latency: latency,
        conversation: session.isBlank ? record["trace_id"] : session)
    }
  }
}
