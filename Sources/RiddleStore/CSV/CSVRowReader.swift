import RiddleData

/// A mapping resolved against a header: column numbers instead of names, and how to read each cell.
struct CSVRowReader {
  /// Where a row's id comes from.
  enum Identity {
    case column(Int)
    /// The prefix and the row's number in the file, from 0.
    case rowNumber(prefix: String)
  }

  let columnCount: Int
  var identity: Identity
  private var query: [String: Int] = [:]
  /// Columns of metadata, by name ascending.
  private var metadata: [(name: String, column: Int)] = []
  private(set) var candidates: [(name: String, columns: [String: Int])] = []
  private var candidate: Int?
  private var outcome: [String: Int] = [:]
  private let isPythonList: Bool
  /// Group of every row, when the file is the group.
  var constantGroup: String?

  /// Resolves `mapping` against `header`.
  init(mapping: CSVMapping, header: [String], path: String) throws(StoreError) {
    columnCount = header.count
    isPythonList = mapping.isPythonList
    var indices: [String: Int] = [:]
    var repeated: Set<String> = []
    for (index, name) in header.enumerated() {
      if indices.updateValue(index, forKey: name) != nil { repeated.insert(name) }
    }
    func resolve(_ column: String, _ field: String) throws(StoreError) -> Int {
      guard let index = indices[column] else {
        throw .missingColumn(path: path, field: field, column: column, available: header)
      }
      if repeated.contains(column) {
        throw .badHeader(path: path, line: 1, reason: "two columns are called \"\(column)\"")
      }
      return index
    }
    for key in CSVMapping.queryKeys {
      if let column = mapping.columns[key] { query[key] = try resolve(column, key) }
    }
    for name in mapping.metadataNames {
      let key = CSVMapping.metadataPrefix + name
      guard let column = mapping.columns[key] else { continue }
      metadata.append((name, try resolve(column, key)))
    }
    for entry in mapping.candidates {
      var columns: [String: Int] = [:]
      for key in CSVMapping.outcomeKeys {
        if let column = entry.columns.columns[key] {
          columns[key] = try resolve(column, "\(entry.name).\(key)")
        }
      }
      candidates.append((entry.name, columns))
    }
    if let column = mapping.candidate { candidate = try resolve(column, "candidate") }
    for key in CSVMapping.outcomeKeys {
      if let column = mapping.outcome.columns[key] { outcome[key] = try resolve(column, key) }
    }
    if let id = query["id"] {
      identity = .column(id)
    } else {
      identity = .rowNumber(prefix: CSVRowReader.stem(path) + "/")
    }
  }

  /// The file's name without folders and extensions; `stdin` for `-`.
  static func stem(_ path: String) -> String {
    let name = path.split(separator: "/").last.map(String.init) ?? path
    if path == "-" { return "stdin" }
    return name.split(separator: ".").first.map(String.init) ?? name
  }

  /// The query of a wide record. Candidates whose cells are all empty did not answer.
  func wide(_ record: CSVRecords.Record, in records: CSVRecords, row: Int) throws(RowError)
    -> LoggedQuery
  {
    var result = try base(record, in: records, row: row)
    var outcomes: [CandidateOutcome] = []
    for (name, columns) in candidates {
      var isPresent = false
      for index in columns.values where !records.isBlank(record.fields[index]) {
        isPresent = true
      }
      guard isPresent else { continue }
      let outcome = try outcome(columns, record, in: records, place: "\(name).")
      outcomes.append(CandidateOutcome(candidate: name, outcome: outcome))
    }
    if outcomes.isEmpty {
      throw RowError(reason: "no candidate has an outcome on this row")
    }
    result = LoggedQuery(
      id: result.id, text: result.text, context: result.context, outcomes: outcomes,
      tier: result.tier)
    return result
  }

  /// The query of a long record, with its one outcome.
  func long(_ record: CSVRecords.Record, in records: CSVRecords, row: Int) throws(RowError)
    -> LoggedQuery
  {
    let result = try base(record, in: records, row: row)
    guard let candidate else { return result }
    let name = try rule("candidate", try cell(record, candidate, records, "candidate") ?? "") {
      value throws(FieldRules.Fault) in try FieldRules.name(value)
    }
    let outcome = try outcome(outcome, record, in: records, place: "")
    return LoggedQuery(
      id: result.id, text: result.text, context: result.context,
      outcomes: [CandidateOutcome(candidate: name, outcome: outcome)], tier: result.tier)
  }

  private func base(_ record: CSVRecords.Record, in records: CSVRecords, row: Int)
    throws(RowError) -> LoggedQuery
  {
    if let problem = record.problem { throw RowError(reason: problem) }
    guard record.fields.count == columnCount else {
      throw RowError(
        reason: "has \(record.fields.count) fields; the header has \(columnCount)")
    }
    let id: String
    switch identity {
    case .column(let index):
      id = try rule("id", try cell(record, index, records, "id") ?? "", FieldRules.name)
    case .rowNumber(let prefix): id = "\(prefix)\(row)"
    }
    var context = QueryContext()
    context.group = try text("group", record, records) ?? constantGroup
    context.conversation = try text("conversation", record, records)
    context.userTier = try text("user_tier", record, records)
    context.taskType = try text("task_type", record, records)
    context.domain = try text("domain", record, records)
    if let index = query["turn"] {
      context.turn = try number("turn", record.fields[index], records, FieldRules.turn)
    }
    if let index = query["time"], !records.isBlank(record.fields[index]) {
      if let number = records.number(record.fields[index]) {
        context.time = try rule("time", number, Timestamp.parse)
      } else {
        let text = try cell(record, index, records, "time") ?? ""
        context.time = try rule("time", text, Timestamp.parse)
      }
    }
    for (name, index) in metadata {
      let field = CSVMapping.metadataPrefix + name
      if let text = try cell(record, index, records, field) {
        context.metadata[name] = try rule(field, text, Metadata.value)
      }
    }
    // A query may be any text, also an empty one in quotes; an empty cell without quotes is none.
    var queryText: String?
    if let index = query["query"] {
      let field = record.fields[index]
      if field.isQuoted || field.start < field.end {
        let text = try textCell(field, records, "query")
        queryText = try rule(
          "query", isPythonList ? RouterBench.plain(text) : text, FieldRules.text)
      }
    }
    var tier: String?
    if let index = query["tier"], let text = try cell(record, index, records, "tier") {
      tier = try rule("tier", text, FieldRules.name)
    }
    return LoggedQuery(id: id, text: queryText, context: context, outcomes: [], tier: tier)
  }

  private func outcome(
    _ columns: [String: Int], _ record: CSVRecords.Record, in records: CSVRecords, place: String
  ) throws(RowError) -> Outcome {
    var outcome = Outcome(quality: nil)
    func field(_ key: String) -> CSVRecords.Field? { columns[key].map { record.fields[$0] } }
    if let quality = field("quality") {
      if records.equals(quality, "true") {
        outcome.quality = 1
      } else if records.equals(quality, "false") {
        outcome.quality = 0
      } else {
        outcome.quality = try number(
          place + "quality", quality, records, FieldRules.unitInterval)
      }
    }
    if let cost = field("cost_usd") {
      outcome.cost = try number(place + "cost_usd", cost, records, FieldRules.dollars)
    }
    if let cost = field("cost_nanousd"),
      let exact = try number(place + "cost_nanousd", cost, records, FieldRules.nanoDollars)
    {
      if let other = outcome.cost, other != exact {
        throw RowError(
          field: place + "cost_nanousd", reason: "differs from cost_usd; map one of the two")
      }
      outcome.cost = exact
    }
    if let latency = field("latency_ms") {
      outcome.latency = try number(
        place + "latency_ms", latency, records, FieldRules.milliseconds)
    }
    if let tokens = field("in_tokens") {
      outcome.inputTokens = try number(place + "in_tokens", tokens, records, FieldRules.tokens)
    }
    if let tokens = field("out_tokens") {
      outcome.outputTokens = try number(place + "out_tokens", tokens, records, FieldRules.tokens)
    }
    if let score = field("confidence") {
      outcome.confidence = try number(
        place + "confidence", score, records, FieldRules.unitInterval)
    }
    if let score = field("gate_score") {
      outcome.gateScore = try number(place + "gate_score", score, records, FieldRules.unitInterval)
    }
    if let answer = field("answer"), answer.isQuoted || answer.start < answer.end {
      outcome.answer = try rule(
        place + "answer", try textCell(answer, records, place + "answer"), FieldRules.text)
    }
    return outcome
  }

  // MARK: cells

  private func text(_ key: String, _ record: CSVRecords.Record, _ records: CSVRecords)
    throws(RowError) -> String?
  {
    guard let index = query[key] else { return nil }
    guard let text = try cell(record, index, records, key) else { return nil }
    return try rule(key, text, FieldRules.text)
  }

  /// A cell's text, nil when it is blank.
  private func cell(
    _ record: CSVRecords.Record, _ index: Int, _ records: CSVRecords, _ field: String
  ) throws(RowError) -> String? {
    if records.isBlank(record.fields[index]) { return nil }
    return try textCell(record.fields[index], records, field)
  }

  private func textCell(_ field: CSVRecords.Field, _ records: CSVRecords, _ name: String)
    throws(RowError) -> String
  {
    guard let text = records.text(field) else {
      throw RowError(field: name, reason: "is not valid UTF-8")
    }
    return text
  }

  private func number<T>(
    _ name: String, _ field: CSVRecords.Field, _ records: CSVRecords,
    _ check: (ExactDecimal) throws(FieldRules.Fault) -> T
  ) throws(RowError) -> T? {
    if records.isBlank(field) { return nil }
    guard let number = records.number(field) else {
      throw RowError(field: name, reason: "expected a plain decimal number")
    }
    return try rule(name, number, check)
  }

  private func rule<V, T>(
    _ name: String, _ value: V, _ check: (V) throws(FieldRules.Fault) -> T
  ) throws(RowError) -> T {
    do throws(FieldRules.Fault) {
      return try check(value)
    } catch {
      throw RowError(field: name, reason: error.reason)
    }
  }
}
