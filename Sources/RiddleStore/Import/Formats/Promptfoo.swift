import RiddleData

/// Results of promptfoo: every candidate answered every query, which is the best there is to train on.
///
/// | row | `results.results[]`, a line of JSONL | `results.table` |
/// |---|---|---|
/// | query | `prompt.raw`, else `vars` | `outputs[].prompt`, else `vars` |
/// | candidate | `provider.label`, `provider.id`, `provider` | `head.prompts[].provider` |
/// | quality | `score`, else `success` | `score`, else `pass` |
/// | cost, latency | `cost`, `latencyMs` | the same of each output |
/// | tokens | `tokenUsage` or `response.tokenUsage` | `tokenUsage` |
/// | id | `evalId` / `testIdx` / hash of the prompt | `evalId` / row / hash of the prompt |
///
/// Answers of promptfoo's cache took no time and no money: their quality counts, cost and latency do not. A call that
/// failed (`failureReason` 2) is no answer and is left out; an answer that failed its assertions is one.
struct PromptfooMapper: RecordMapper {
  /// The two shapes of a document, and the values beside them.
  static let targets: [JSONElementScanner.Target] = [
    .init(path: ["evalId"], isList: false),
    .init(path: ["results", "timestamp"], isList: false),
    .init(path: ["results", "results"], isList: true),
    .init(path: ["results", "table", "head"], isList: false),
    .init(path: ["results", "table", "body"], isList: true),
    .init(path: ["table", "head"], isList: false),
    .init(path: ["table", "body"], isList: true),
  ]
  static let mapping = [
    "query ← prompt.raw, else vars", "candidate ← provider", "quality ← score, else success",
    "cost_usd ← cost", "latency_ms ← latencyMs", "in_tokens, out_tokens ← tokenUsage",
    "group ← evalId", "cached answers: quality only",
  ]

  private let stem: String
  private var evaluation: String?
  private var time: Microseconds?
  private var head: [LogValue] = []
  private var tableRow = 0
  /// Which of the two shapes of a document is read: the first that has a record.
  private var shape: String?

  init(path: String) { stem = CSVRowReader.stem(path) }

  var joinsRows: Bool { true }
  var missingPrompts: (log: String, remedy: String) {
    (
      "promptfoo results",
      "Write them again with `promptfoo eval --output results.json`, without PROMPTFOO_STRIP_PROMPT_TEXT and PROMPTFOO_STRIP_TEST_VARS."
    )
  }

  mutating func items(of record: LogValue, part: String) -> [MappedItem] {
    switch part {
    case "evalId":
      evaluation = record.text
      return []
    case "results.timestamp":
      do throws(RowError) { time = try record.time("timestamp") } catch { return [] }
      return []
    case "results.table.head", "table.head":
      head = record["prompts"].elements
      return []
    default:
      // A document may hold both shapes; they say the same.
      if shape == nil { shape = part }
      guard shape == part else { return [] }
      if part.hasSuffix("body") { return tableItems(record) }
      return item { () throws(RowError) in try resultItem(record) }
    }
  }

  private func resultItem(_ record: LogValue) throws(RowError) -> MappedItem {
    let response = record["response"]
    let reason = record["failureReason"].decimal?.integer
    let hasFailed =
      reason == 2 || (reason == nil && !response["error"].isBlank)
      || (reason == nil && response.isBlank && !record["error"].isBlank)
    if hasFailed { return .leftOut(reason: "calls that failed") }
    let prompt = record["prompt"]
    let raw = prompt["raw"].isBlank ? prompt : prompt["raw"]
    let vars = record["vars"].isBlank ? record["testCase"]["vars"] : record["vars"]
    guard let text = ChatPrompt(raw) ?? ChatPrompt(Self.text(ofVars: vars)) else {
      return .withoutPrompt
    }
    let place = try record["testIdx"].text("testIdx") ?? Self.hash(vars.json)
    let usage =
      record["tokenUsage"].isBlank ? response["tokenUsage"] : record["tokenUsage"]
    let isCached = response["cached"].truth == true || record["cached"].truth == true
    return try call(
      text, place: place, evaluation: record["evalId"].text ?? evaluation,
      candidate: record["provider"], output: record, usage: usage, isCached: isCached,
      verdict: record["success"])
  }

  private mutating func tableItems(_ row: LogValue) -> [MappedItem] {
    defer { tableRow += 1 }
    let names = row["vars"].elements.compactMap(\.text)
    var items: [MappedItem] = []
    for (index, output) in row["outputs"].elements.enumerated() {
      items += item { () throws(RowError) in
        if output["failureReason"].decimal?.integer == 2 {
          return .leftOut(reason: "calls that failed")
        }
        guard
          let text = ChatPrompt(output["prompt"])
            ?? ChatPrompt(.string(names.joined(separator: "\n")))
        else { return .withoutPrompt }
        let column = index < head.count ? head[index] : .null
        let provider =
          output["provider"].isBlank ? column["provider"] : output["provider"]
        return try call(
          text, place: String(tableRow), evaluation: evaluation, candidate: provider,
          output: output, usage: output["tokenUsage"],
          isCached: output["cached"].truth == true, verdict: output["pass"])
      }
    }
    return items
  }

  private func call(
    _ prompt: ChatPrompt, place: String, evaluation: String?, candidate: LogValue,
    output: LogValue, usage: LogValue, isCached: Bool, verdict: LogValue
  ) throws(RowError) -> MappedItem {
    let named = candidate["label"].isBlank ? candidate["id"] : candidate["label"]
    guard let name = try (named.isBlank ? candidate : named).name("provider") else {
      throw RowError(field: "provider", reason: "is missing: which candidate answered?")
    }
    var outcome = Outcome(
      quality: try output["score"].number("score", FieldRules.unitInterval)
        ?? verdict.truth.map { $0 ? 1 : 0 })
    if !isCached {
      outcome.cost = try output["cost"].number("cost", FieldRules.dollars)
      outcome.latency = try output["latencyMs"].number("latencyMs", FieldRules.milliseconds)
    }
    let input = try usage["prompt"].number("tokenUsage.prompt", FieldRules.tokens)
    let written = try usage["completion"].number("tokenUsage.completion", FieldRules.tokens)
    // Zeros stand for not counted.
    if (input ?? 0) + (written ?? 0) > 0 {
      outcome.inputTokens = input
      outcome.outputTokens = written
    }
    let run = evaluation ?? stem
    var query = LoggedQuery(
      id: try LogValue.checked(
        "\(run)/\(place)/\(Self.hash(prompt.text))", "id", FieldRules.name),
      text: try LogValue.checked(prompt.text, "prompt", FieldRules.text),
      context: QueryContext(group: run, turn: prompt.turn, time: time),
      outcomes: [CandidateOutcome(candidate: name, outcome: outcome)])
    if isCached { query.outcomes[0].outcome.latency = nil }
    return .row(query)
  }

  /// One variable alone is the query; several are written as JSON.
  private static func text(ofVars vars: LogValue) -> LogValue {
    let vars = vars.opened
    if vars.members.count == 1, let text = vars.members[0].value.text { return .string(text) }
    return vars.isBlank ? .null : .string(vars.json)
  }

  private static func hash(_ text: String) -> String {
    String(ContentHash.text(bytesOf: text), radix: 36)
  }
}
