import RiddleData

/// Writes logged queries as Riddle JSON lines: what `RiddleJSONLRow` reads, in one fixed order of keys, without what is absent.
///
/// Numbers are exact: qualities as the shortest decimal that reads back to the same double, costs in nano-dollars, latencies
/// in milliseconds with up to three decimals, times in ISO 8601 with up to six.
enum RiddleJSONLWriter {
  /// Appends one line with its newline.
  static func append(_ query: LoggedQuery, to bytes: inout [UInt8]) {
    var line = Line(bytes: bytes)
    bytes = []  // So that the buffer has one owner and is not copied.
    let context = query.context
    line.text("id", query.id)
    line.text("query", query.text)
    line.text("group", context.group)
    line.text("conversation", context.conversation)
    line.number("turn", context.turn)
    line.text("user_tier", context.userTier)
    line.text("task_type", context.taskType)
    line.text("domain", context.domain)
    line.text("time", context.time.map(Timestamp.text))
    line.text("tier", query.tier)
    if !context.metadata.isEmpty {
      line.key("metadata")
      line.bytes.append(contentsOf: (Metadata.json(context.metadata) ?? "{}").utf8)
    }
    if let vector = query.embedding {
      line.text("embedding_model", vector.model)
      line.key("embedding")
      line.bytes.append(
        contentsOf: "[\(vector.values.map { "\($0)" }.joined(separator: ","))]".utf8)
    }
    line.key("outcomes")
    line.begin()
    for entry in query.outcomes {
      line.key(entry.candidate)
      line.begin()
      let outcome = entry.outcome
      line.number("quality", outcome.quality)
      line.number("cost_nanousd", outcome.cost?.count)
      line.number("latency_ms", outcome.latency.map(milliseconds))
      line.number("confidence", outcome.confidence)
      line.number("gate_score", outcome.gateScore)
      line.number("in_tokens", outcome.inputTokens)
      line.number("out_tokens", outcome.outputTokens)
      line.text("answer", outcome.answer)
      line.end()
    }
    line.end()
    line.end()
    line.bytes.append(0x0a)
    bytes = line.bytes
  }

  private static func milliseconds(_ time: Microseconds) -> String {
    let (whole, rest) = time.count.quotientAndRemainder(dividingBy: 1000)
    if rest == 0 { return "\(whole)" }
    var digits = "\(rest)"
    digits = String(repeating: "0", count: 3 - digits.utf8.count) + digits
    while digits.hasSuffix("0") { digits.removeLast() }
    return "\(whole).\(digits)"
  }

  /// A line being written: commas where they belong.
  private struct Line {
    var bytes: [UInt8]
    private var needsComma = false

    init(bytes: [UInt8]) {
      self.bytes = bytes
      begin()
    }

    mutating func begin() {
      bytes.append(0x7b)
      needsComma = false
    }

    mutating func end() {
      bytes.append(0x7d)
      needsComma = true
    }

    mutating func key(_ name: String) {
      if needsComma { bytes.append(0x2c) }
      needsComma = true
      JSONText.append(name, to: &bytes)
      bytes.append(0x3a)
    }

    mutating func text(_ name: String, _ value: String?) {
      guard let value else { return }
      key(name)
      JSONText.append(value, to: &bytes)
    }

    mutating func number(_ name: String, _ value: (some CustomStringConvertible)?) {
      guard let value else { return }
      key(name)
      bytes.append(contentsOf: value.description.utf8)
    }
  }
}
