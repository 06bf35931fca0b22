import RiddleData

/// What LiteLLM's two logs share: which calls count, who answered, what is kept beside the prompt.
enum LiteLLMCall {
  static let missingPromptsRemedy =
    "LiteLLM does not keep prompts unless it is told to: set `store_prompts_in_spend_logs: true` under "
    + "`general_settings` in its config.yaml; requests from then on are kept."

  /// Why a call is left out; nil when it counts.
  static func leftOut(_ record: LogValue) -> String? {
    let status =
      record["status"].isBlank ? record["metadata"].opened["status"] : record["status"]
    if status.text?.lowercased() == "failure" { return "calls that failed" }
    let type = record["call_type"].text?.lowercased() ?? ""
    let others = [
      "embedding", "image", "speech", "transcription", "moderation", "rerank", "search", "mcp",
      "batch", "file",
    ]
    return others.contains { type.contains($0) } ? "calls that are no chat or completion" : nil
  }

  /// The prompt: of `messages`, else of the request's body; nil when neither is kept, or when it was struck out.
  static func prompt(_ record: LogValue) -> ChatPrompt? {
    guard
      let prompt = ChatPrompt(record["messages"]) ?? ChatPrompt(record["proxy_server_request"])
        ?? ChatPrompt(record["proxy_server_request"].opened["body"]),
      !prompt.text.hasPrefix("redacted-by-litellm")
    else { return nil }
    return prompt
  }

  /// The call as a row. `latency` is the log's own reading.
  static func row(
    _ record: LogValue, prompt: ChatPrompt, id: LogValue, cost: LogValue, costField: String,
    start: Microseconds?, latency: Microseconds?, conversation: LogValue
  ) throws(RowError) -> MappedItem {
    let model = record["model"].isBlank ? record["model_group"] : record["model"]
    guard let candidate = try model.name("model") else {
      throw RowError(field: "model", reason: "is missing")
    }
    let details = record["metadata"].opened
    // An answer of the cache cost nothing and took no time: that says nothing of the candidate.
    let isCached = record["cache_hit"].truth == true
    var outcome = Outcome(
      quality: nil,
      cost: isCached ? nil : try cost.number(costField, FieldRules.dollars),
      latency: isCached ? nil : latency)
    outcome.inputTokens = try record["prompt_tokens"].number("prompt_tokens", FieldRules.tokens)
    outcome.outputTokens = try record["completion_tokens"].number(
      "completion_tokens", FieldRules.tokens)
    let usage = details["usage_object"].opened
    let cached = try usage["prompt_tokens_details"]["cached_tokens"].number(
      "cached_tokens", FieldRules.tokens)

    var kept = LogMetadata()
    if let group = record["model_group"].text, group != candidate {
      kept.put("model_group", group.isEmpty ? nil : group)
    }
    kept.add("routing_decision", details["routing_decision"])
    for key in ["end_user", "team_id", "request_tags", "user"] { kept.add(key, record[key]) }
    kept.add("end_user", details["user_api_key_end_user_id"])
    kept.add("team_id", details["user_api_key_team_id"])
    if isCached { kept.put("cache_hit", "true") }
    var context = QueryContext(
      conversation: try conversation.text("session_id"), turn: prompt.turn, time: start)
    context.metadata = kept.values
    let text = try LogValue.checked(prompt.text, "messages", FieldRules.text)
    // Streams that were cut off have no id: then the call itself is the id, the same at every import.
    let own =
      "litellm-\(String(ContentHash.text(bytesOf: "\(start?.count ?? 0) \(candidate) \(text)"), radix: 36))"
    return .row(
      LoggedQuery(
        id: try id.name("request_id") ?? own, text: text, context: context,
        outcomes: [CandidateOutcome(candidate: candidate, outcome: outcome)]),
      cachedTokens: cached ?? 0)
  }
}
