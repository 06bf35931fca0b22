/// Which field of any table or JSON means what: the content of a mapping file in YAML.
///
///     id: request_id
///     query: messages            # a text, chat messages, or a request's body
///     candidate: model           # one answer a record …
///     quality: rating
///     quality_range: [1, 5]
///     cost: price
///     cost_unit: cents
///     latency: seconds
///     latency_unit: s
///     time: created_at
///     metadata: {workflow: app.workflow}
///
///     candidates:                # … or several answers side by side
///       small: {quality: small_ok, cost: small_cost}
///       large: {quality: large_ok, cost: large_cost}
///
/// A field is the name of a column or key, or a path into nested values: `usage.input`, `choices[0].text`. The keys are in
/// ``queryKeys``, ``outcomeKeys`` and ``settings``.
public struct FieldMapping: Equatable, Sendable {
  /// Where it was read from, for errors.
  public internal(set) var path: String
  /// The kind of source; nil looks at its content.
  var source: Source?
  /// The table of a database.
  var table: String?
  /// Where the list of records is in a JSON document, keys joined by dots.
  var rows: String?
  var delimiter: UInt8?
  /// Fields of the query and its context, by key.
  var query: [String: FieldPath] = [:]
  /// Names of metadata and their fields, by name ascending.
  var metadata: [(name: String, field: FieldPath)] = []
  /// The field that names who answered.
  var candidate: FieldPath?
  /// Fields of its outcome, by key.
  var outcome: [String: FieldPath] = [:]
  /// Candidates side by side, in the file's order.
  var candidates: [(name: String, outcome: [String: FieldPath])] = []
  /// Values that a record must have to count; others are left out.
  var keep: [(field: FieldPath, value: String)] = []
  /// The scale of `quality`.
  var qualityRange = ScoreRule()
  var costUnit = CostUnit.usd
  /// The currency of costs, and its price in dollars.
  var currency: String?
  var usdPerCurrency: ExactDecimal?
  var latencyUnit = TimeUnit.milliseconds
  /// Offset of times without a zone, in seconds east of Greenwich; nil refuses such times.
  var zoneOffset: Int?
  /// Whether records with the same id are one query.
  var joins = false

  /// Kinds of sources.
  enum Source: String, CaseIterable, Sendable { case csv, tsv, jsonl, json, sqlite }

  /// Units of a cost.
  enum CostUnit: String, CaseIterable, Sendable {
    case usd, cents, nanousd
    case perToken = "usd_per_token"
    case perThousand = "usd_per_1k_tokens"
    case perMillion = "usd_per_million_tokens"
  }

  /// Units of a latency.
  enum TimeUnit: String, CaseIterable, Sendable {
    case milliseconds = "ms"
    case seconds = "s"
    case microseconds = "us"
    case nanoseconds = "ns"
  }

  /// Keys of the query and its context.
  static let queryKeys = [
    "id", "query", "group", "conversation", "turn", "user_tier", "task_type", "domain", "time",
    "tier",
  ]
  /// Keys of an outcome.
  static let outcomeKeys = [
    "quality", "cost", "latency", "in_tokens", "out_tokens", "cached_tokens", "confidence",
    "gate_score", "answer",
  ]
  /// Keys that are no fields.
  static let settings = [
    "source", "table", "rows", "delimiter", "candidate", "candidates", "metadata", "keep",
    "quality_range", "cost_unit", "currency", "usd_per_currency", "latency_unit", "time_zone",
    "join",
  ]

  /// Which field becomes which, for people.
  var lines: [String] {
    var lines = Self.queryKeys.compactMap { key in query[key].map { "\(key) ← \($0.text)" } }
    if let candidate { lines.append("candidate ← \(candidate.text)") }
    lines += Self.describe(outcome)
    for entry in candidates {
      lines.append("\(entry.name): " + Self.describe(entry.outcome).joined(separator: ", "))
    }
    lines += metadata.map { "metadata.\($0.name) ← \($0.field.text)" }
    lines += keep.map { "kept when \($0.field.text) is \($0.value)" }
    return lines
  }

  private static func describe(_ outcome: [String: FieldPath]) -> [String] {
    outcomeKeys.compactMap { key in outcome[key].map { "\(key) ← \($0.text)" } }
  }

  /// Whether the mappings say the same.
  public static func == (a: FieldMapping, b: FieldMapping) -> Bool {
    a.path == b.path && a.lines == b.lines && a.costUnit == b.costUnit
      && a.latencyUnit == b.latencyUnit && a.qualityRange == b.qualityRange
  }

  init(path: String) { self.path = path }
}

/// A field of a record: a name, or a path into nested values.
struct FieldPath: Equatable, Sendable {
  /// As it was written.
  let text: String
  private let steps: [Step]

  private enum Step: Equatable, Sendable {
    case key(String)
    case index(Int)
  }

  /// Reads `a.b[0].c`.
  init(_ text: String) {
    self.text = text
    var steps: [Step] = []
    for part in text.split(separator: ".") {
      let pieces = part.split(separator: "[")
      if let name = pieces.first, !part.hasPrefix("[") { steps.append(.key(String(name))) }
      for piece in part.hasPrefix("[") ? pieces[...] : pieces.dropFirst() {
        if piece.hasSuffix("]"), let index = Int(piece.dropLast()) { steps.append(.index(index)) }
      }
    }
    self.steps = steps
  }

  /// The value in `record`; null when it is not there. A column whose whole name is written with dots comes first.
  func value(in record: LogValue) -> LogValue {
    let whole = record[text]
    if whole != .null { return whole }
    var value = record
    for (position, step) in steps.enumerated() {
      if position > 0 { value = value.opened }
      switch step {
      case .key(let key): value = value[key]
      case .index(let index):
        let elements = value.opened.elements
        // Negative counts from the end: `messages[-1]`.
        let at = index < 0 ? elements.count + index : index
        value = elements.indices.contains(at) ? elements[at] : .null
      }
      if value == .null { return .null }
    }
    return value
  }
}
