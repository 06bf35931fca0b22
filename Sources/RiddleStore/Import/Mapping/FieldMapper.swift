import RiddleData

/// Reads records of any source by a ``FieldMapping``.
struct FieldMapper: RecordMapper {
  private let mapping: FieldMapping
  private let stem: String
  private var number = 0

  init(_ mapping: FieldMapping, path: String) {
    self.mapping = mapping
    stem = CSVRowReader.stem(path)
  }

  var joinsRows: Bool { mapping.joins }
  var missingPrompts: (log: String, remedy: String) {
    (
      "a log",
      "The field \"\(mapping.query["query"]?.text ?? "query")\" of the mapping's `query` is empty or not there; name another."
    )
  }

  mutating func items(of record: LogValue, part: String) -> [MappedItem] {
    defer { number += 1 }
    for (field, value) in mapping.keep where field.value(in: record).text != value {
      return [.leftOut(reason: "records whose \(field.text) is not \(value)")]
    }
    return item { () throws(RowError) in
      guard case .object = record else { throw RowError(reason: "expected an object") }
      guard let prompt = ChatPrompt(field("query", record)) else { return .withoutPrompt }
      return try row(record, prompt)
    }
  }

  private func field(_ key: String, _ record: LogValue) -> LogValue {
    mapping.query[key]?.value(in: record) ?? .null
  }

  private func row(_ record: LogValue, _ prompt: ChatPrompt) throws(RowError) -> MappedItem {
    func name(_ key: String) -> String { mapping.query[key]?.text ?? key }
    let id = try field("id", record).name(name("id")) ?? "\(stem)/\(number)"
    if mapping.query["id"] != nil, field("id", record).isBlank {
      throw RowError(field: name("id"), reason: "is empty")
    }
    var context = QueryContext(
      group: try field("group", record).text(name("group")),
      conversation: try field("conversation", record).text(name("conversation")),
      turn: try field("turn", record).number(name("turn"), FieldRules.turn) ?? prompt.turn,
      userTier: try field("user_tier", record).text(name("user_tier")),
      taskType: try field("task_type", record).text(name("task_type")),
      domain: try field("domain", record).text(name("domain")),
      time: try time(field("time", record), name("time")))
    var kept = LogMetadata()
    for (name, field) in mapping.metadata { kept.add(name, field.value(in: record)) }
    if let currency = mapping.currency, currency.uppercased() != "USD" {
      kept.put("currency", currency)
    }
    context.metadata = kept.values

    var outcomes: [CandidateOutcome] = []
    var cached: Int64 = 0
    if let candidate = mapping.candidate {
      guard let who = try candidate.value(in: record).name(candidate.text) else {
        throw RowError(field: candidate.text, reason: "is empty: which candidate answered?")
      }
      outcomes.append(
        CandidateOutcome(
          candidate: who, outcome: try outcome(mapping.outcome, record, &cached)))
    }
    for (who, fields) in mapping.candidates
    where fields.values.contains(where: { !$0.value(in: record).isBlank }) {
      outcomes.append(
        CandidateOutcome(candidate: who, outcome: try outcome(fields, record, &cached)))
    }
    let tier = try field("tier", record).name(name("tier"))
    if outcomes.isEmpty && tier == nil {
      throw RowError(reason: "no candidate has an outcome on this row")
    }
    return .row(
      LoggedQuery(
        id: id, text: try LogValue.checked(prompt.text, name("query"), FieldRules.text),
        context: context, outcomes: outcomes, tier: tier), cachedTokens: cached)
  }

  private func outcome(
    _ fields: [String: FieldPath], _ record: LogValue, _ cached: inout Int64
  ) throws(RowError) -> Outcome {
    func number<T>(_ key: String, _ rule: (ExactDecimal) throws(FieldRules.Fault) -> T)
      throws(RowError) -> T?
    {
      guard let field = fields[key] else { return nil }
      return try field.value(in: record).number(field.text, rule)
    }
    var outcome = Outcome(quality: nil)
    if let field = fields["quality"] {
      let value = field.value(in: record)
      if !value.isBlank {
        guard let quality = mapping.qualityRange.quality(value: value, label: .null) else {
          throw RowError(
            field: field.text,
            reason:
              "expected a number from \(mapping.qualityRange.low) to \(mapping.qualityRange.high), or pass or fail"
          )
        }
        outcome.quality = quality
      }
    }
    outcome.inputTokens = try number("in_tokens", FieldRules.tokens)
    outcome.outputTokens = try number("out_tokens", FieldRules.tokens)
    cached += try number("cached_tokens", FieldRules.tokens) ?? 0
    let tokens = outcome.inputTokens.flatMap { input in outcome.outputTokens.map { input + $0 } }
    outcome.cost = try number("cost") { value throws(FieldRules.Fault) in
      try cost(value, tokens: tokens)
    }
    outcome.latency = try number("latency", latency)
    outcome.confidence = try number("confidence", FieldRules.unitInterval)
    outcome.gateScore = try number("gate_score", FieldRules.unitInterval)
    if let field = fields["answer"] {
      outcome.answer = try field.value(in: record).text(field.text)
    }
    return outcome
  }

  /// A cost in the mapping's unit and currency, to the nanodollar. A price per token is multiplied by the tokens.
  private func cost(_ value: ExactDecimal, tokens: Int64?) throws(FieldRules.Fault) -> NanoDollars {
    if value.isNegative && !value.isZero { throw FieldRules.Fault("a cost cannot be negative") }
    let tooMuch = FieldRules.Fault("more than 10000 dollars for one answer; is the unit right?")
    // In units of 10⁻¹⁵ dollars, which hold a price per token exactly.
    func scaled(_ places: Int, times factor: Int128) throws(FieldRules.Fault) -> Int128 {
      guard let count = value.scaled(places: places) else { throw tooMuch }
      return Int128(count) * factor
    }
    var amount: Int128
    switch mapping.costUnit {
    case .usd: amount = try scaled(12, times: 1000)
    case .cents: amount = try scaled(10, times: 1000)
    case .nanousd: amount = try scaled(3, times: 1000)
    case .perToken, .perThousand, .perMillion:
      guard let tokens else {
        throw FieldRules.Fault("is a price of tokens, and the row does not count its tokens")
      }
      amount = try scaled(15, times: Int128(tokens))
      if mapping.costUnit == .perThousand { amount /= 1000 }
      if mapping.costUnit == .perMillion { amount /= 1_000_000 }
    }
    if let rate = mapping.usdPerCurrency?.scaled(places: 9) {
      amount = amount * Int128(rate) / 1_000_000_000
    }
    let nano = (amount + 500_000) / 1_000_000
    guard nano <= Int128(FieldRules.maximumCost) else { throw tooMuch }
    return NanoDollars(Int64(nano))
  }

  private func latency(_ value: ExactDecimal) throws(FieldRules.Fault) -> Microseconds {
    switch mapping.latencyUnit {
    case .milliseconds: return try FieldRules.milliseconds(value)
    case .seconds: return try FieldRules.seconds(value)
    case .microseconds, .nanoseconds:
      let places = mapping.latencyUnit == .microseconds ? 0 : -3
      if value.isNegative && !value.isZero {
        throw FieldRules.Fault("a latency cannot be negative")
      }
      guard let count = value.scaled(places: places), count <= FieldRules.maximumLatency else {
        throw FieldRules.Fault("longer than 30 days; is the unit right?")
      }
      return Microseconds(count)
    }
  }

  private func time(_ value: LogValue, _ field: String) throws(RowError) -> Microseconds? {
    if value.isBlank { return nil }
    if value.decimal != nil { return try value.time(field) }
    guard let text = value.text else { throw RowError(field: field, reason: "expected a time") }
    guard let offset = mapping.zoneOffset else {
      do throws(FieldRules.Fault) {
        return try Timestamp.parse(text)
      } catch {
        throw RowError(
          field: field,
          reason: error.reason.contains("no time zone")
            ? "\(error.reason), or say time_zone in the mapping" : error.reason)
      }
    }
    do throws(FieldRules.Fault) {
      return try Timestamp.parse(text)
    } catch {
      let local = try value.time(field)
      return local.map { Microseconds($0.count - Int64(offset) * 1_000_000) }
    }
  }
}
