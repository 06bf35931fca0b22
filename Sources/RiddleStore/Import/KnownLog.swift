/// What a log is by the names of its fields, the same for JSON keys and CSV columns.
enum KnownLog: Equatable {
  /// A format that is read, and the names that told it.
  case readable(LogFormat, by: String)
  /// Scores or traces of a Langfuse export, or log records of OpenTelemetry: read beside another file.
  case side(SideTables.Kind)
  /// A log of another tool that has no reader of its own.
  case foreign(String)

  /// Tells a log by its fields; nil when they are nobody's.
  init?(fields: Set<String>) {
    func has(_ names: String...) -> Bool { names.allSatisfy(fields.contains) }
    func hasAny(_ names: String...) -> Bool { names.contains(where: fields.contains) }
    if has("outcomes") { return nil }
    if has("resourceSpans") {
      self = .readable(.openTelemetry, by: "resourceSpans")
    } else if has("resourceLogs") {
      self = .side(.openTelemetryLogs)
    } else if hasAny("standard_logging_object", "standard_logging_payload")
      || (has("response_cost") && hasAny("call_type", "model_group", "trace_id"))
    {
      self = .readable(.liteLLMPayload, by: "response_cost")
    } else if has("spend", "startTime") && hasAny("request_id", "call_type", "model_group") {
      self = .readable(.liteLLMSpend, by: "spend, startTime")
    } else if hasAny("promptIdx", "testIdx", "gradingResult")
      && hasAny("provider", "vars", "prompt")
    {
      self = .readable(.promptfoo, by: "promptIdx, testIdx")
    } else if has("name") && hasAny("value", "string_value", "stringValue")
      && hasAny("trace_id", "traceId", "observation_id", "observationId")
      && !hasAny("start_time", "startTime", "model", "input")
    {
      self = .side(.langfuseScores)
    } else if hasAny("usage_details", "provided_model_name", "usageDetails", "providedModelName")
      || (hasAny("trace_id", "traceId") && hasAny("start_time", "startTime")
        && hasAny("input", "type"))
    {
      self = .readable(.langfuse, by: "trace_id, start_time")
    } else if has("id", "timestamp") && hasAny("session_id", "sessionId")
      && hasAny("user_id", "userId") && has("tags") && !has("model")
    {
      self = .side(.langfuseTraces)
    } else if has("model_a", "model_b") && hasAny("winner", "winner_model_a") {
      self = .readable(.arena, by: "model_a, model_b, winner")
    } else if has("custom_id", "response") {
      self = .foreign("the output of an OpenAI batch")
    } else if hasAny("request_created_at", "request_body") {
      self = .foreign("a Helicone export")
    } else if has("ai_model", "req_units") {
      self = .foreign("a Portkey log")
    } else {
      return nil
    }
  }

  /// As for lines, but for a whole JSON document or an array: what holds the records may have keys of its own.
  init?(document scan: JSONKeyScan) {
    let top = scan.levels[0]
    if top.contains("results") && !top.isDisjoint(with: ["evalId", "config", "version", "table"]) {
      self = .readable(.promptfoo, by: "evalId, results")
    } else if top.contains("table") && scan.levels[1].isSuperset(of: ["head"]) {
      self = .readable(.promptfoo, by: "table.head")
    } else if let known = KnownLog(fields: top) {
      self = known
    } else if top.contains("data"), let known = KnownLog(fields: scan.levels[1]) {
      self = known
    } else {
      return nil
    }
  }
}
