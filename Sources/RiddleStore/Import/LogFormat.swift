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
}
