/// The log formats that can be imported. Named on the command line by `rawValue`.
public enum LogFormat: String, CaseIterable, Equatable, Sendable, Codable {
  /// One JSON object a line, with the outcomes of all candidates.
  case riddleJSONL = "riddle-jsonl"
  /// CSV, one query a record, candidates side by side in columns.
  case csvWide = "csv-wide"
  /// CSV, one outcome a record; records of the same id are merged.
  case csvLong = "csv-long"
  /// A folder in the layout of RouteLLM's `evals`: gsm8k and MMLU responses of two candidates.
  case routeLLM = "routellm"
  /// RouterBench's wide table as CSV: a column per candidate beside `<candidate>|total_cost`.
  case routerBench = "routerbench"
  /// A dump of LiteLLM's table of spend logs, CSV or JSON.
  case liteLLMSpend = "litellm-spend"
  /// LiteLLM's standard logging payloads, JSON.
  case liteLLMPayload = "litellm-payload"
  /// OpenTelemetry traces of generative AI, OTLP-JSON, in four dialects.
  case openTelemetry = "otel"
  /// Langfuse observations, with scores and traces joined; JSON or CSV.
  case langfuse
  /// promptfoo results, JSON or JSON lines.
  case promptfoo
  /// Votes between two candidates in the style of Chatbot Arena, JSON or CSV.
  case arena
  /// Any table or JSON, read by a mapping file.
  case mapped
}
