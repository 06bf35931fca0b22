import RiddleData

/// Reads Riddle's own JSON lines: `id`, `query`, `outcomes`, optional context and metadata, one object a line.
///
/// A key given twice in an object that is read is an error, because which value was meant cannot be told;
/// unknown keys are checked for syntax and ignored. Blank lines are skipped. `cost_usd` may also be a string
/// that holds a plain decimal, as exporters of decimal columns write it.
final class RiddleJSONLRows: RowProducer {
  private let blocks: RecordBlockReader
  private let file: String
  private let limits: ReadingLimits

  init(source: ByteSource, limits: ReadingLimits) {
    blocks = RecordBlockReader(source: source, boundary: .newline, limits: limits)
    file = source.path
    self.limits = limits
  }

  func next() throws(StoreError) -> RowBatch? {
    guard let block = try blocks.next() else { return nil }
    var batch = RowBatch()
    batch.storedBytesRead = block.storedBytesRead
    batch.recordBytes = block.bytes.count
    if block.isOverlong {
      batch.items.append(.rejected(overlong(block.firstLine)))
      return batch
    }
    var start = 0
    var line = block.firstLine
    while start < block.bytes.count {
      let newline = block.bytes.firstNewline(from: start, to: block.bytes.count)
      let end = newline ?? block.bytes.count
      if end - start > limits.recordBytes {
        batch.items.append(.rejected(overlong(line)))
      } else if !isBlank(block.bytes, start, end) {
        var parser = RiddleJSONLRow(block.bytes, from: start, to: end)
        do throws(RowError) {
          let query = try parser.parse()
          batch.items.append(.row(ParsedRow(file: file, line: line, query: query)))
        } catch {
          batch.items.append(.rejected(error.at(file: file, line: line)))
        }
      }
      start = end + 1
      line += 1
    }
    return batch
  }

  private func overlong(_ line: Int) -> RejectedRow {
    RejectedRow(file: file, line: line, reason: "longer than \(limits.recordBytes) bytes")
  }

  private func isBlank(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
    for i in start..<end where bytes[i] != 0x20 && bytes[i] != 0x09 && bytes[i] != 0x0d {
      return false
    }
    return true
  }
}

/// Parses one line. Remembers which field it is in, so that an error can name it.
struct RiddleJSONLRow {
  private var reader: JSONReader
  private var field: String?
  private var candidate: String?

  init(_ bytes: [UInt8], from: Int, to: Int) {
    reader = JSONReader(bytes, from: from, to: to)
  }

  mutating func parse() throws(RowError) -> LoggedQuery {
    do throws(JSONError) {
      return try row()
    } catch {
      let path = candidate.map { name in
        field.map { "outcomes.\(name).\($0)" } ?? "outcomes.\(name)"
      }
      throw RowError(field: path ?? field, column: error.column, reason: error.reason)
    }
  }

  private mutating func row() throws(JSONError) -> LoggedQuery {
    var id: String?
    var text: String?
    var context = QueryContext()
    var outcomes: [CandidateOutcome]?
    var tier: String?
    var vector: [Float]?
    var vectorModel: String?
    var judge: String?
    var seen = SeenKeys()
    var decisionKeys = 0
    try reader.beginObject()
    while true {
      field = nil
      guard let key = try reader.nextKey() else { break }
      field = key
      switch key {
      case "id":
        if seen.had(0) { throw repeated() }
        id = try checked(try reader.string(), FieldRules.name)
      case "query":
        if seen.had(1) { throw repeated() }
        text = try optionalText()
      case "outcomes":
        if seen.had(2) { throw repeated() }
        outcomes = try readOutcomes()
      case "group":
        if seen.had(3) { throw repeated() }
        context.group = try optionalText()
      case "conversation":
        if seen.had(4) { throw repeated() }
        context.conversation = try optionalText()
      case "turn":
        if seen.had(5) { throw repeated() }
        context.turn = try optionalNumber(FieldRules.turn)
      case "user_tier":
        if seen.had(6) { throw repeated() }
        context.userTier = try optionalText()
      case "task_type":
        if seen.had(7) { throw repeated() }
        context.taskType = try optionalText()
      case "domain":
        if seen.had(8) { throw repeated() }
        context.domain = try optionalText()
      case "time":
        if seen.had(9) { throw repeated() }
        context.time = try time()
      case "tier":
        if seen.had(10) { throw repeated() }
        if try !reader.takeNull() { tier = try checked(try reader.string(), FieldRules.name) }
      case "embedding":
        if seen.had(11) { throw repeated() }
        vector = try readVector()
      case "embedding_model":
        if seen.had(12) { throw repeated() }
        if try !reader.takeNull() {
          vectorModel = try checked(try reader.string(), FieldRules.name)
        }
      case "judge":
        if seen.had(13) { throw repeated() }
        if try !reader.takeNull() { judge = try checked(try reader.string(), FieldRules.name) }
      case "metadata":
        if seen.had(14) { throw repeated() }
        context.metadata = try Metadata.read(&reader, field: &field)
      case "candidate", "model", "reward", "propensity", "policy":
        decisionKeys += 1
        try reader.skipValue()
      default:
        try reader.skipValue()
      }
    }
    field = nil
    try reader.finish()
    field = "id"
    guard let id else { throw reader.error("is missing: every row needs an id, a string") }
    field = "outcomes"
    // A query whose tier was given by hand needs no outcome.
    guard let outcomes = outcomes ?? (tier == nil ? nil : []) else {
      throw reader.error(
        decisionKeys >= 2
          ? "is missing: this looks like a decision log, one candidate and its reward a row; "
            + "outcomes of every candidate are needed"
          : "is missing: expected {\"candidate\": {\"quality\": 0.5, \"cost_usd\": 0.001}}")
    }
    if outcomes.isEmpty && tier == nil { throw reader.error("names no candidate") }
    field = "embedding"
    if vector != nil && text == nil {
      throw reader.error("needs the text in \"query\": vectors are kept by text")
    }
    var query = LoggedQuery(
      id: id, text: text, context: context, outcomes: outcomes, tier: tier,
      embedding: vector.map {
        LoggedEmbedding(model: vectorModel ?? LoggedEmbedding.unnamedModel, values: $0)
      })
    query.judge = judge
    return query
  }

  private mutating func readVector() throws(JSONError) -> [Float]? {
    if try reader.takeNull() { return nil }
    var values: [Float] = []
    try reader.beginArray()
    while try reader.nextElement() {
      if values.count == FieldRules.maximumDimension {
        throw reader.error("has more than \(FieldRules.maximumDimension) values")
      }
      values.append(try checked(try reader.number(), FieldRules.coordinate))
    }
    if values.isEmpty { throw reader.error("is empty: expected an array of numbers") }
    return values
  }

  private mutating func readOutcomes() throws(JSONError) -> [CandidateOutcome] {
    var outcomes: [CandidateOutcome] = []
    if try reader.takeNull() { return [] }
    try reader.beginObject()
    while true {
      candidate = nil
      guard let key = try reader.nextKey() else { break }
      let name = try checked(key, FieldRules.name)
      candidate = name
      field = nil
      if outcomes.contains(where: { $0.candidate == name }) {
        throw reader.error("is given twice")
      }
      if outcomes.count == FieldRules.maximumCandidates {
        throw reader.error("is one of more than \(FieldRules.maximumCandidates) candidates")
      }
      // A null outcome: the candidate did not answer.
      if try reader.takeNull() { continue }
      outcomes.append(CandidateOutcome(candidate: name, outcome: try readOutcome()))
      field = "outcomes"
    }
    return outcomes
  }

  private mutating func readOutcome() throws(JSONError) -> Outcome {
    var outcome = Outcome(quality: nil)
    var nanoDollars: NanoDollars?
    var seen = SeenKeys()
    try reader.beginObject()
    while true {
      field = nil
      guard let key = try reader.nextKey() else { break }
      field = key
      switch key {
      case "quality":
        if seen.had(0) { throw repeated() }
        outcome.quality = try quality()
      case "cost_usd":
        if seen.had(1) { throw repeated() }
        outcome.cost = try dollars()
      case "cost_nanousd":
        if seen.had(2) { throw repeated() }
        nanoDollars = try optionalNumber(FieldRules.nanoDollars)
      case "latency_ms":
        if seen.had(3) { throw repeated() }
        outcome.latency = try optionalNumber(FieldRules.milliseconds)
      case "in_tokens":
        if seen.had(4) { throw repeated() }
        outcome.inputTokens = try optionalNumber(FieldRules.tokens)
      case "out_tokens":
        if seen.had(5) { throw repeated() }
        outcome.outputTokens = try optionalNumber(FieldRules.tokens)
      case "confidence":
        if seen.had(6) { throw repeated() }
        outcome.confidence = try optionalNumber(FieldRules.unitInterval)
      case "gate_score":
        if seen.had(7) { throw repeated() }
        outcome.gateScore = try optionalNumber(FieldRules.unitInterval)
      case "answer":
        if seen.had(8) { throw repeated() }
        outcome.answer = try optionalText()
      default:
        try reader.skipValue()
      }
    }
    if let nanoDollars {
      field = "cost_nanousd"
      if let cost = outcome.cost, cost != nanoDollars {
        throw reader.error("differs from cost_usd; give one of the two")
      }
      outcome.cost = nanoDollars
    }
    return outcome
  }

  private func repeated() -> JSONError { reader.error("is given twice") }

  // MARK: values

  private mutating func quality() throws(JSONError) -> Double? {
    switch try reader.peekKind() {
    case .bool: return try reader.bool() ? 1 : 0
    case .string: throw reader.error("expected a number from 0 to 1, or true or false")
    default: return try optionalNumber(FieldRules.unitInterval)
    }
  }

  private mutating func dollars() throws(JSONError) -> NanoDollars? {
    guard try reader.peekKind() == .string else {
      return try optionalNumber(FieldRules.dollars)
    }
    let bytes = Array(try reader.string().utf8)
    guard let number = ExactDecimal(bytes, from: 0, to: bytes.count) else {
      throw reader.error("expected a plain decimal number of US dollars")
    }
    return try checked(number, FieldRules.dollars)
  }

  private mutating func time() throws(JSONError) -> Microseconds? {
    switch try reader.peekKind() {
    case .null:
      _ = try reader.takeNull()
      return nil
    case .number: return try checked(try reader.number(), Timestamp.parse)
    default: return try checked(try reader.string(), Timestamp.parse)
    }
  }

  private mutating func optionalText() throws(JSONError) -> String? {
    if try reader.takeNull() { return nil }
    return try checked(try reader.string(), FieldRules.text)
  }

  private mutating func optionalNumber<T>(
    _ rule: (ExactDecimal) throws(FieldRules.Fault) -> T
  ) throws(JSONError) -> T? {
    if try reader.takeNull() { return nil }
    return try checked(try reader.number(), rule)
  }

  private func checked<V, T>(_ value: V, _ rule: (V) throws(FieldRules.Fault) -> T)
    throws(JSONError) -> T
  {
    do throws(FieldRules.Fault) {
      return try rule(value)
    } catch {
      throw reader.error(error.reason)
    }
  }
}

/// Which known keys an object has had: one bit each.
private struct SeenKeys {
  private var bits: UInt32 = 0

  /// Whether the object has had `key` before. No parameter for the reader: passing it on copies its arrays' references.
  mutating func had(_ key: Int) -> Bool {
    let bit: UInt32 = 1 << UInt32(key)
    defer { bits |= bit }
    return bits & bit != 0
  }
}
