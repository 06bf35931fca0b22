/// Scores and traces of a Langfuse export, read before its observations.
enum LangfuseScores {
  /// The key of an observation in a table of scores.
  static func observation(_ id: String) -> String { "o" + id }
  /// The key of a trace.
  static func trace(_ id: String) -> String { "t" + id }

  /// Adds one row of a file of scores: `name`, `value` or `string_value`, about `observation_id`, else `trace_id`.
  static func add(_ record: LogValue, to table: inout ScoreTable) {
    let observation = record[anyOf: "observation_id", "observationId"].text ?? ""
    let trace = record[anyOf: "trace_id", "traceId"].text ?? ""
    guard !observation.isEmpty || !trace.isEmpty else { return }
    let word = record[anyOf: "string_value", "stringValue"]
    // Categories have a number of their own that says nothing of worth.
    let isCategory = record[anyOf: "data_type", "dataType"].text?.uppercased() == "CATEGORICAL"
    table.add(
      observation.isEmpty ? self.trace(trace) : self.observation(observation),
      name: record["name"].text ?? "", value: isCategory ? .null : record["value"], label: word)
  }

  /// Adds one row of a file of traces: session, user and tags that older exports keep there alone.
  static func add(_ record: LogValue, to traces: inout [String: LangfuseMapper.Trace]) {
    guard let id = record["id"].text else { return }
    traces[id] = LangfuseMapper.Trace(
      session: record[anyOf: "session_id", "sessionId"].text.flatMap { $0.isEmpty ? nil : $0 },
      user: record[anyOf: "user_id", "userId"], tags: record["tags"])
  }
}
