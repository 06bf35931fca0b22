/// Writes a mapping file for a log that has no reader of its own, by the names of its fields and what their values look
/// like, with a comment on everything that was guessed.
public enum MappingSuggestion {
  /// Names under which fields are known, the likeliest first; compared without case and by the last part of a path.
  static let aliases: [(key: String, names: [String])] = [
    (
      "id",
      [
        "id", "request_id", "query_id", "uuid", "call_id", "message_id", "log_id",
        "trace_id", "custom_id", "ticket", "ticket_id", "case_id", "number", "no",
      ]
    ),
    (
      "query",
      [
        "query", "prompt", "messages", "question", "user_message", "input", "user_input", "request",
        "request_body", "text", "instruction", "content", "customer_message", "message", "msg",
        "utterance",
        "body",
      ]
    ),
    (
      "candidate",
      [
        "candidate", "model", "model_name", "ai_model", "llm", "engine", "deployment",
        "model_id", "answered_by", "bot", "agent", "assistant", "responder", "handled_by",
        "provider",
      ]
    ),
    (
      "quality",
      [
        "quality", "score", "rating", "reward", "is_correct", "correct", "grade", "feedback",
        "stars", "thumbs", "vote", "success", "label", "csat", "satisfaction", "resolved", "solved",
        "ok",
      ]
    ),
    ("cost", ["cost_usd", "total_cost", "cost", "spend", "price", "cost_cents", "response_cost"]),
    (
      "latency",
      [
        "latency_ms", "latency", "duration_ms", "duration", "response_time", "elapsed_ms",
        "elapsed", "latency_s", "took", "seconds", "secs", "millis", "milliseconds", "ms", "wait",
      ]
    ),
    ("in_tokens", ["in_tokens", "input_tokens", "prompt_tokens", "tokens_in", "req_units"]),
    (
      "out_tokens", ["out_tokens", "output_tokens", "completion_tokens", "tokens_out", "res_units"]
    ),
    ("cached_tokens", ["cached_tokens", "cache_read_tokens"]),
    (
      "time",
      [
        "time", "timestamp", "created_at", "request_created_at", "start_time",
        "created", "ts", "date",
      ]
    ),
    ("conversation", ["conversation", "conversation_id", "session_id", "thread_id", "chat_id"]),
    ("group", ["group", "category", "subject", "dataset", "eval_name", "topic"]),
    ("user_tier", ["user_tier", "plan"]), ("task_type", ["task_type", "task"]),
    ("domain", ["domain"]), ("tier", ["tier", "complexity"]),
  ]
  private static let qualityEndings = ["quality", "score", "correct", "ok", "rating", "success"]
  private static let costEndings = ["cost_usd", "total_cost", "cost", "price"]
  private static let latencyEndings = ["latency_ms", "latency", "ms", "duration"]

  static let sampleSize = 500

  /// The mapping of the file at `path`, as YAML that parses.
  ///
  /// - Throws: ``StoreError`` when the file cannot be read or holds no record.
  public static func yaml(path: String) throws(StoreError) -> String {
    let sample = try MappingSample(path: path)
    let fields = FieldSummary.fields(of: sample.records)
    if fields.isEmpty {
      throw .badFormat(path: path, reason: "its records have no fields to map")
    }
    var text =
      "# A mapping of \(CSVRowReader.stem(path)), suggested from its first \(sample.records.count) records. Read every line: names can mislead.\n"
    text +=
      "# `riddle import FILE --mapping THIS --dry-run` shows what would come of it.\n#\n# Fields:\n"
    for field in fields.prefix(60) { text += "#   \(comment(field.path)): \(field.words)\n" }
    if fields.count > 60 { text += "#   and \(fields.count - 60) more\n" }
    text += "\nsource: \(sample.source.rawValue)\n"
    if let table = sample.table {
      text += line("table", table, "the table with the likeliest names")
    }
    if let rows = sample.rows { text += line("rows", rows, "where the list of records is") }
    if sample.source == .csv, let delimiter = sample.delimiter, delimiter != 0x2c {
      text += "delimiter: \(JSONText.quoted(String(Character(Unicode.Scalar(delimiter)))))\n"
    }
    return text + body(fields, wholePrompt(sample.records))
  }

  private static func body(_ fields: [FieldSummary], _ prompt: String?) -> String {
    var chosen: [String: FieldSummary] = [:]
    for (key, names) in aliases {
      let taken = Set(chosen.values.map(\.path))
      let free = fields.filter { $0.filled > 0 && !taken.contains($0.path) && fits(key, $0) }
      chosen[key] = find(names, in: free)
    }
    let taken = Set(chosen.values.map(\.path))
    let free = fields.filter { $0.filled > 0 && !taken.contains($0.path) }
    var guessed: Set<String> = []
    if chosen["time"] == nil, let time = free.first(where: { $0.times == $0.filled }) {
      chosen["time"] = time
    }
    let wide = wideCandidates(fields)
    if chosen["candidate"] == nil, wide.count < 2,
      let who = free.first(where: {
        (2...20).contains($0.distinctTexts) && $0.hasRepeats && !$0.isTruth
      })
    {
      chosen["candidate"] = who
      guessed.insert("candidate")
    }
    var text = "\n# The query and its context.\n"
    text +=
      chosen["id"].map { line("id", $0.path, "must be its own on every record") }
      ?? "# id: FIELD                # none found: records are numbered, so the file must not change between imports\n"
    if let prompt {
      text += line("query", prompt, "a prompt on most records")
    } else if let query = chosen["query"] ?? fields.max(by: { $0.longestText < $1.longestText }) {
      let isGuess = chosen["query"] == nil
      text += line(
        "query", query.path, isGuess ? "a guess: the field with the longest texts" : query.words)
    }
    for key in ["conversation", "group", "user_tier", "task_type", "domain", "tier"] {
      if let field = chosen[key] { text += line(key, field.path, field.words) }
    }
    if let time = chosen["time"] {
      text += line("time", time.path, time.words)
      if time.timesWithoutZone > 0 {
        text +=
          "time_zone: UTC           # the times have no zone: correct this if they are not UTC\n"
      }
    }
    if wide.count >= 2, chosen["candidate"] == nil {
      return text + wideText(wide)
    }
    text += "\n# One answer a record: who gave it, what it was worth and cost.\n"
    text +=
      chosen["candidate"].map {
        line(
          "candidate", $0.path,
          guessed.contains("candidate")
            ? "a guess: the first field with a few different texts; is it who answered?"
            : "who answered")
      }
      ?? "# candidate: FIELD         # needed: the field that names who answered; or `candidates:` with a name each\n"
    if let quality = chosen["quality"] {
      text += line("quality", quality.path, quality.words)
      if let range = range(quality) {
        text += "quality_range: [\(range)]    # worst and best: a guess from the values\n"
      }
    } else {
      text +=
        "# quality: FIELD           # none found: without one, `riddle label` has nothing to go by\n"
    }
    if let cost = chosen["cost"] {
      text += line("cost", cost.path, cost.words)
      text +=
        "cost_unit: \(costUnit(cost))           # usd, cents, nanousd, usd_per_token, usd_per_1k_tokens or usd_per_million_tokens\n"
    }
    if let latency = chosen["latency"] {
      text += line("latency", latency.path, latency.words)
      text += "latency_unit: \(latencyUnit(latency))          # ms, s, us or ns\n"
    }
    for key in ["in_tokens", "out_tokens", "cached_tokens"] {
      if let field = chosen[key] { text += line(key, field.path, field.words) }
    }
    if chosen["candidate"] != nil, chosen["id"]?.hasRepeats == true {
      text +=
        "join: true               # the same id stands on several records: they become one query with several answers\n"
    }
    return text
  }

  private static func wideText(_ wide: [(name: String, fields: [(String, String)])]) -> String {
    var text = "\n# Several answers side by side: a name for each, and its fields.\ncandidates:\n"
    for (name, fields) in wide {
      let pairs = fields.map { "\($0.0): \(quoted($0.1))" }.joined(separator: ", ")
      text += "  \(quoted(name)): {\(pairs)}\n"
    }
    return text
  }

  /// The field whose values are prompts on most records, whatever their shapes: texts, messages or request bodies.
  static func wholePrompt(_ records: [LogValue]) -> String? {
    let names = aliases.first { $0.key == "query" }?.names ?? []
    for name in names {
      let path =
        records.first?.members.first { words($0.key).joined(separator: "_") == name }?.key ?? name
      let prompts = records.count {
        let value = $0[path]
        return value.decimal == nil && ChatPrompt(value) != nil
      }
      if prompts * 10 >= records.count * 8 { return path }
    }
    return nil
  }

  /// Whether a field's values can be what `key` needs.
  private static func fits(_ key: String, _ field: FieldSummary) -> Bool {
    switch key {
    case "quality": field.isNumeric || field.isTruth || field.distinctTexts <= 10
    case "cost", "latency", "in_tokens", "out_tokens", "cached_tokens": field.isNumeric
    case "time": field.isNumeric || field.times == field.filled
    case "query", "candidate": !field.isNumeric && !field.isTruth
    default: true
    }
  }

  /// The first of `names` that a field is called: its last part or its whole path as it is, else a word of its last part.
  /// Of several the least nested one.
  static func find(_ names: [String], in fields: [FieldSummary]) -> FieldSummary? {
    func depth(_ field: FieldSummary) -> Int { field.path.split(separator: ".").count }
    func best(_ fits: (FieldSummary) -> Bool) -> FieldSummary? {
      fields.filter(fits).min { depth($0) < depth($1) }
    }
    for name in names {
      if let found = best({
        words(last($0.path)).joined(separator: "_") == name
          || words($0.path).joined(separator: "_") == name
      }) {
        return found
      }
    }
    for name in names where !name.contains("_") {
      if let found = best({ words(last($0.path)).contains(name) }) { return found }
    }
    return nil
  }

  private static func last(_ path: String) -> String {
    path.split(separator: ".").last.map(String.init) ?? path
  }

  /// The words of a name in lower case: `Cost (cents)` is cost, cents; `startTime` is start, time.
  private static func words(_ name: String) -> [String] {
    var words: [String] = []
    var word = ""
    var wasLower = false
    for scalar in name.unicodeScalars {
      let isUpper = (0x41...0x5a).contains(scalar.value)
      let isPart =
        isUpper || (0x61...0x7a).contains(scalar.value) || scalar.value >= 0x80
        || (0x30...0x39).contains(scalar.value)
      if !isPart || (isUpper && wasLower) {
        if !word.isEmpty { words.append(word.lowercased()) }
        word = ""
      }
      if isPart { word.unicodeScalars.append(scalar) }
      wasLower = isPart && !isUpper
    }
    if !word.isEmpty { words.append(word.lowercased()) }
    return words
  }

  /// Candidates told by names such as `small_ok` and `small_cost`, in the fields' order.
  private static func wideCandidates(_ fields: [FieldSummary])
    -> [(name: String, fields: [(String, String)])]
  {
    let paths = fields.map(\.path)
    var found: [(name: String, fields: [(String, String)])] = []
    for path in paths {
      for separator in ["_", ".", "|", ":"] {
        for ending in qualityEndings where path.lowercased().hasSuffix(separator + ending) {
          let name = String(path.dropLast(separator.count + ending.count))
          guard !name.isEmpty, !found.contains(where: { $0.name == name }) else { continue }
          var columns = [("quality", path)]
          for (key, endings) in [("cost", costEndings), ("latency", latencyEndings)] {
            if let sibling = endings.map({ name + separator + $0 }).first(where: paths.contains) {
              columns.append((key, sibling))
            }
          }
          found.append((name, columns))
        }
      }
    }
    return found
  }

  private static func range(_ field: FieldSummary) -> String? {
    guard field.isNumeric, let low = field.numbers.min(), let high = field.numbers.max() else {
      return nil
    }
    if low >= 0 && high <= 1 { return nil }
    if low >= -1 && high <= 1 { return "-1, 1" }
    if low >= 1 && high <= 5 { return "1, 5" }
    if low >= 0 && high <= 10 { return low >= 1 ? "1, 10" : "0, 10" }
    if low >= 0 && high <= 100 { return "0, 100" }
    return "\(low), \(high)"
  }

  private static func costUnit(_ field: FieldSummary) -> String {
    let name = field.path.lowercased()
    if name.contains("cent") { return "cents" }
    if name.contains("nano") { return "nanousd" }
    if name.contains("per_token") { return "usd_per_token" }
    if name.contains("per_1k") || name.contains("per_thousand") { return "usd_per_1k_tokens" }
    if name.contains("per_m") { return "usd_per_million_tokens" }
    return "usd"
  }

  private static func latencyUnit(_ field: FieldSummary) -> String {
    let name = field.path.lowercased()
    if name.hasSuffix("_ms") || name.hasSuffix("millis") || name.hasSuffix("milliseconds") {
      return "ms"
    }
    if name.hasSuffix("_us") || name.hasSuffix("micros") { return "us" }
    if name.hasSuffix("_ns") || name.hasSuffix("nanos") { return "ns" }
    if name.hasSuffix("_s") || name.hasSuffix("seconds") || name.hasSuffix("_sec") { return "s" }
    // An answer takes from a tenth of a second to a minute or two.
    return field.median < 100 ? "s" : "ms"
  }

  // MARK: text

  private static func line(_ key: String, _ field: String, _ why: String) -> String {
    let start = "\(key): \(quoted(field))"
    let gap = String(repeating: " ", count: max(1, 25 - start.count))
    return "\(start)\(gap)# \(comment(why))\n"
  }

  /// A name as YAML: plain where it is plain, else in quotes.
  private static func quoted(_ name: String) -> String {
    let isPlain =
      !name.isEmpty
      && name.utf8.allSatisfy {
        (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
          || [0x5f, 0x2e, 0x2d].contains($0)
      } && name.utf8.first.map { $0 > 0x40 } == true
      && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(name.lowercased())
    return isPlain ? name : JSONText.quoted(name)
  }

  /// Text that cannot end a comment.
  private static func comment(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.prefix(120).map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
  }
}
