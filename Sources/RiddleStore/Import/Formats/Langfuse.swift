import RiddleData

/// Observations of Langfuse, exported to object storage (snake case) or from its pages and API (camel case), as JSON
/// lines, JSON or CSV; with the scores and traces of the same export joined when they are read along with it.
///
/// | row | field |
/// |---|---|
/// | id | `id` |
/// | query | `input`: a text, messages, or a request body |
/// | candidate | `provided_model_name`, else `model` |
/// | quality | scores of the observation, else of its trace: a trace's score holds for all its generations |
/// | cost, tokens | `total_cost`; `usage_details`, cached input included |
/// | latency | `end_time` − `start_time`, else `latency` |
/// | time, conversation | `start_time` (UTC); `session_id`, else `trace_id` |
/// | metadata | `user_id`, `tags`, `name`, `environment` |
///
/// Only observations of type GENERATION count; those of level ERROR failed. `latency` is in milliseconds in exports of
/// integrations made before 2026-04-01 and in seconds in later ones: rows that also have both times tell which, and
/// `--latency-unit` when none has.
struct LangfuseMapper: RecordMapper {
  static let mapping = [
    "id ← id", "query ← input (last user message)", "candidate ← provided_model_name",
    "quality ← scores of the observation, else of its trace", "cost_usd ← total_cost",
    "in_tokens, out_tokens ← usage_details", "latency_ms ← end_time − start_time, else latency",
    "time ← start_time (UTC)", "conversation ← session_id, else trace_id",
    "metadata ← user_id, tags, name, environment",
  ]

  /// What a trace says of its observations.
  struct Trace {
    var session: String?
    var user: LogValue
    var tags: LogValue
  }

  private let scores: ScoreTable?
  private let traces: [String: Trace]
  private var unit: LatencyUnit?
  private let isUnitGiven: Bool
  private var agreeing = 0
  private var scored = 0
  private var fromTrace = 0
  private var unitless = 0

  /// - Parameters:
  ///   - unit: what the user says `latency` is in.
  ///   - foundUnit: what the export's first rows say; rows that follow may say it again.
  init(
    scores: ScoreTable?, traces: [String: Trace], unit: LatencyUnit?, foundUnit: LatencyUnit? = nil
  ) {
    self.scores = scores
    self.traces = traces
    self.unit = unit ?? foundUnit
    isUnitGiven = unit != nil
  }

  var missingPrompts: (log: String, remedy: String) {
    (
      "a Langfuse export",
      "Export the observations with their field `input`: turn the field group `io` on in the blob storage integration."
    )
  }

  var notes: [String] {
    var notes: [String] = []
    if !isUnitGiven, let unit {
      notes.append(
        "latency is in \(unit.rawValue): it agrees with end_time − start_time on \(agreeing) rows")
    }
    if unitless > 0 {
      notes.append(
        "\(unitless) rows have a latency and no end_time, and none tells its unit: their latency was not read; "
          + "give --latency-unit ms (integrations made before 2026-04-01) or s")
    }
    if scores != nil {
      notes.append(
        "\(scored) generations have a quality, \(fromTrace) of them from a score of their whole trace"
      )
    }
    return notes
  }

  mutating func items(of record: LogValue, part: String) -> [MappedItem] {
    let type = record["type"].text?.uppercased() ?? "GENERATION"
    guard type == "GENERATION" else {
      return [.leftOut(reason: "observations that are no generation")]
    }
    if record["level"].text?.uppercased() == "ERROR" {
      return [.leftOut(reason: "calls that failed")]
    }
    guard let prompt = ChatPrompt(record["input"]) else { return [.withoutPrompt] }
    do throws(RowError) {
      return [try row(record, prompt)]
    } catch {
      return [.rejected(error)]
    }
  }

  private mutating func row(_ record: LogValue, _ prompt: ChatPrompt) throws(RowError)
    -> MappedItem
  {
    guard let id = try record["id"].name("id") else {
      throw RowError(field: "id", reason: "is missing")
    }
    let model = record[anyOf: "provided_model_name", "providedModelName", "model"]
    guard let candidate = try model.name("provided_model_name") else {
      throw RowError(field: "provided_model_name", reason: "is missing")
    }
    let traceID = record[anyOf: "trace_id", "traceId"].text ?? ""
    let trace = traces[traceID]
    let start = try record[anyOf: "start_time", "startTime"].time("start_time")
    var outcome = Outcome(
      quality: quality(id: id, trace: traceID),
      cost: try record[anyOf: "total_cost", "totalCost", "calculated_total_cost"].number(
        "total_cost", FieldRules.dollars),
      latency: try latency(record, start: start))
    let usage = record[anyOf: "usage_details", "usageDetails", "usage"].opened
    var cached: Int64 = 0
    (outcome.inputTokens, outcome.outputTokens) = try Self.tokens(usage, cached: &cached)

    var kept = LogMetadata()
    kept.add("user_id", record[anyOf: "user_id", "userId"])
    kept.add("tags", record["tags"])
    if let trace {
      kept.add("user_id", trace.user)
      kept.add("tags", trace.tags)
    }
    kept.add("name", record["name"])
    kept.add("environment", record["environment"])
    let session = try record[anyOf: "session_id", "sessionId"].text("session_id") ?? trace?.session
    let conversation = try record[anyOf: "trace_id", "traceId"].text("trace_id")
    var context = QueryContext(
      conversation: session ?? conversation,
      turn: prompt.turn, time: start)
    context.metadata = kept.values
    return .row(
      LoggedQuery(
        id: id, text: try LogValue.checked(prompt.text, "input", FieldRules.text),
        context: context,
        outcomes: [CandidateOutcome(candidate: candidate, outcome: outcome)]),
      cachedTokens: cached)
  }

  private mutating func quality(id: String, trace: String) -> Double? {
    guard let scores else { return nil }
    if let own = scores.quality(of: LangfuseScores.observation(id)) {
      scored += 1
      return own
    }
    guard let shared = scores.quality(of: LangfuseScores.trace(trace)) else { return nil }
    scored += 1
    fromTrace += 1
    return shared
  }

  /// End minus start where both are there; they also tell the unit of `latency` for rows without an end.
  private mutating func latency(_ record: LogValue, start: Microseconds?) throws(RowError)
    -> Microseconds?
  {
    let end = try record[anyOf: "end_time", "endTime"].time("end_time")
    let written = record["latency"]
    if let span = try FieldRules.span(start, end, "end_time") {
      if !isUnitGiven, let number = written.decimal?.double, number > 0, span.count > 0 {
        let ratio = Double(span.count) / 1e6 / number
        if ratio > 0.9 && ratio < 1.1 {
          unit = .seconds
          agreeing += 1
        } else if ratio > 0.0009 && ratio < 0.0011 {
          unit = .milliseconds
          agreeing += 1
        }
      }
      return span
    }
    if written.isBlank { return nil }
    switch unit {
    case .seconds: return try written.number("latency", FieldRules.seconds)
    case .milliseconds: return try written.number("latency", FieldRules.milliseconds)
    case nil:
      unitless += 1
      return nil
    }
  }

  /// The unit of `latency` in an export, as its first rows with both times tell it; nil when none does.
  static func unit(of records: any RecordSource) throws(StoreError) -> LatencyUnit? {
    var mapper = LangfuseMapper(scores: nil, traces: [:], unit: nil)
    var seen = 0
    while seen < 5000, let (block, _) = try records.next() {
      for case .success(let record) in block.map(\.content) {
        seen += 1
        _ = mapper.items(of: record, part: "")
        if let unit = mapper.unit { return unit }
      }
    }
    return nil
  }

  /// Input tokens with the cached ones, and output tokens. Some integrations count cached tokens inside `input`, some
  /// beside it; `total` tells where it is given.
  private static func tokens(_ usage: LogValue, cached: inout Int64) throws(RowError)
    -> (Int64?, Int64?)
  {
    var parts: (input: Int64, output: Int64) = (0, 0)
    for member in usage.members {
      let key = member.key
      let count = try member.value.number("usage_details.\(key)", FieldRules.tokens) ?? 0
      if key.hasPrefix("input_") || key.hasPrefix("cache_") {
        parts.input += count
        if key.contains("cache_read") || key.contains("cached") { cached += count }
      } else if key.hasPrefix("output_") {
        parts.output += count
      }
    }
    let input = try usage[anyOf: "input", "prompt_tokens", "promptTokens"].number(
      "usage_details.input", FieldRules.tokens)
    let output = try usage[anyOf: "output", "completion_tokens", "completionTokens"].number(
      "usage_details.output", FieldRules.tokens)
    let total = try usage["total"].number("usage_details.total", FieldRules.tokens)
    guard let input, let output else { return (input, output) }
    if let total, total < input + parts.input + output + parts.output { return (input, output) }
    return (input + parts.input, output + parts.output)
  }
}

/// Unit of a latency that a log writes as a bare number.
public enum LatencyUnit: String, CaseIterable, Sendable {
  case milliseconds = "ms"
  case seconds = "s"
}
