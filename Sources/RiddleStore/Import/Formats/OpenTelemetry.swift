import RiddleData

/// Traces of generative AI as OTLP-JSON: an export request a line, or one document.
///
/// One span that called a model is one row, in any of four dialects (``OpenTelemetryDialect``). Latency is the span's end
/// minus its start. There is no cost: it comes from a price table, cached input tokens at their own price. Quality is that
/// of the events `gen_ai.evaluation.result`: on the span itself, or in log records of another file read along with it.
/// Resource attributes `user.*` and the service's name are kept as metadata.
struct OpenTelemetryMapper: RecordMapper {
  static let targets: [JSONElementScanner.Target] = [
    .init(path: ["resourceSpans"], isList: true), .init(path: ["resourceLogs"], isList: true),
  ]
  static let mapping = [
    "id ← traceId/spanId", "query ← the last user message of the span's prompt",
    "candidate ← response model, else request model", "in_tokens, out_tokens ← usage",
    "latency_ms ← span end − start", "time ← span start",
    "conversation ← conversation or session id",
    "quality ← event gen_ai.evaluation.result", "metadata ← user, resource user.*, service.name",
    "cost_usd ← --prices (the spans have none)",
  ]

  /// Scores of log records, by span or response.
  private let scores: ScoreTable
  /// Scores on the spans themselves.
  private var own: ScoreTable
  private var dialects: [OpenTelemetryDialect: Int] = [:]

  init(rule: ScoreRule, scores: ScoreTable?) {
    own = ScoreTable(rule)
    self.scores = scores ?? ScoreTable(rule)
  }

  var missingPrompts: (log: String, remedy: String) {
    (
      "an OpenTelemetry export",
      "Prompts are opt-in: set OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true (OpenTelemetry), "
        + "TRACELOOP_TRACE_CONTENT=true (OpenLLMetry), recordInputs: true (Vercel AI SDK), or unset "
        + "OPENINFERENCE_HIDE_INPUTS (OpenInference)."
    )
  }

  var fault: String? { own.fault }

  /// Names of the evaluations on the spans so far.
  var scoreNames: Set<String> { own.found }

  var notes: [String] {
    var notes = own.notes
    let found = OpenTelemetryDialect.allCases.compactMap { dialect in
      dialects[dialect].map { "\($0) of \(dialect.rawValue)" }
    }
    if !found.isEmpty { notes.insert("spans: \(found.joined(separator: ", "))", at: 0) }
    return notes
  }

  mutating func items(of record: LogValue, part: String) -> [MappedItem] {
    if part == "resourceLogs" || !record["resourceLogs"].isBlank {
      return [.leftOut(reason: "log records; they are read for evaluations beside the spans' file")]
    }
    let resources =
      record["resourceSpans"].isBlank ? [record] : record["resourceSpans"].elements
    var items: [MappedItem] = []
    for resource in resources {
      let attributes = OpenTelemetrySpan.attributes(resource["resource"]["attributes"])
      for scope in resource[anyOf: "scopeSpans", "instrumentationLibrarySpans"].elements {
        for span in scope["spans"].elements {
          items += read(OpenTelemetrySpan(span, resource: attributes))
        }
      }
    }
    if items.isEmpty {
      return [.leftOut(reason: "export requests without a span")]
    }
    return items
  }

  private mutating func read(_ span: OpenTelemetrySpan) -> [MappedItem] {
    guard let dialect = OpenTelemetryDialect(span), dialect.isCall(span) else {
      return [.leftOut(reason: "spans that are no call of a model")]
    }
    if span.hasFailed { return [.leftOut(reason: "calls that failed")] }
    guard let prompt = dialect.prompt(span) else { return [.withoutPrompt] }
    dialects[dialect, default: 0] += 1
    for event in span.events where event["name"].text == "gen_ai.evaluation.result" {
      Self.add(event["attributes"], of: span.id, to: &own)
    }
    return item { () throws(RowError) in try row(span, dialect, prompt) }
  }

  private func row(_ span: OpenTelemetrySpan, _ dialect: OpenTelemetryDialect, _ prompt: ChatPrompt)
    throws(RowError) -> MappedItem
  {
    guard !span.id.isEmpty else { throw RowError(field: "spanId", reason: "is missing") }
    guard let candidate = try dialect.model(span).name("model") else {
      throw RowError(field: "model", reason: "is missing")
    }
    let start = try OpenTelemetrySpan.time(span.start, "startTimeUnixNano")
    let end = try OpenTelemetrySpan.time(span.end, "endTimeUnixNano")
    var outcome = Outcome(
      quality: own.quality(of: span.id) ?? scores.quality(of: span.id)
        ?? span["gen_ai.response.id"].text.flatMap { scores.quality(of: $0) },
      cost: try span["llm.cost.total", "gen_ai.usage.cost"].number("cost", FieldRules.dollars),
      latency: try FieldRules.span(start, end, "endTimeUnixNano"))
    outcome.inputTokens = try dialect.inputTokens(span).number("input_tokens", FieldRules.tokens)
    outcome.outputTokens = try dialect.outputTokens(span).number("output_tokens", FieldRules.tokens)
    let cached = try dialect.cachedTokens(span).number("cached_tokens", FieldRules.tokens)

    var kept = LogMetadata()
    kept.add("user.id", dialect.user(span))
    for (key, value) in span.resource.sorted(by: { $0.key < $1.key })
    where key.hasPrefix("user.") || key == "service.name" {
      kept.add(key, value)
    }
    var context = QueryContext(
      conversation: try dialect.conversation(span).text("conversation"), turn: prompt.turn,
      time: start)
    context.metadata = kept.values
    return .row(
      LoggedQuery(
        id: try LogValue.checked(span.id, "spanId", FieldRules.name),
        text: try LogValue.checked(prompt.text, "prompt", FieldRules.text), context: context,
        outcomes: [CandidateOutcome(candidate: candidate, outcome: outcome)]),
      cachedTokens: cached ?? 0)
  }

  /// Adds the evaluation that `attributes` hold to `table`.
  private static func add(_ attributes: LogValue, of target: String, to table: inout ScoreTable) {
    let values = OpenTelemetrySpan.attributes(attributes)
    table.add(
      target, name: values["gen_ai.evaluation.name"]?.text ?? "",
      value: values["gen_ai.evaluation.score.value"] ?? .null,
      label: values["gen_ai.evaluation.score.label"] ?? .null)
  }

  /// The evaluations in log records, by `traceId/spanId` and by response id.
  static func scores(in record: LogValue, to table: inout ScoreTable) {
    let resources =
      record["resourceLogs"].isBlank ? [record] : record["resourceLogs"].elements
    for resource in resources {
      for scope in resource["scopeLogs"].elements {
        for log in scope["logRecords"].elements {
          let values = OpenTelemetrySpan.attributes(log["attributes"])
          let name = log[anyOf: "eventName", "event_name"].text ?? values["event.name"]?.text
          guard name == "gen_ai.evaluation.result" else { continue }
          let trace = log[anyOf: "traceId", "trace_id"].text ?? ""
          let span = log[anyOf: "spanId", "span_id"].text ?? ""
          if !trace.isEmpty && !span.isEmpty {
            add(log["attributes"], of: "\(trace)/\(span)", to: &table)
          } else if let response = values["gen_ai.response.id"]?.text {
            add(log["attributes"], of: response, to: &table)
          }
        }
      }
    }
  }
}
