/// Which column of a CSV file means what: the content of a mapping file.
///
/// A mapping file is one JSON object. Keys of every mapping: `format` (`csv-wide` or `csv-long`), `id`,
/// `query`, `group`, `conversation`, `turn`, `user_tier`, `task_type`, `domain`, `time`, `tier` (each the name
/// of a column), `metadata.NAME` (the column of one name of the query's metadata) and `delimiter` (one character;
/// comma when absent). Wide: `candidates`, an object from candidate
/// to ``OutcomeColumns``. Long: `candidate`, and the keys of ``OutcomeColumns`` beside it.
///
/// Without `id`, a wide file's rows are called `<file name>/<row number from 0>`.
public struct CSVMapping: Equatable, Sendable {
  /// Wide or long.
  public var format: LogFormat
  /// The byte between fields.
  public var delimiter: UInt8 = 0x2c
  /// Columns of the query and its context, by key: `id`, `query`, `group`, …, `metadata.NAME`.
  public var columns: [String: String] = [:]
  /// Wide: the candidates, in the mapping's order.
  public var candidates: [CandidateColumns] = []
  /// Long: the column that names the candidate.
  public var candidate: String?
  /// Long: the columns of the outcome.
  public var outcome = OutcomeColumns()

  /// A candidate and its columns.
  public struct CandidateColumns: Equatable, Sendable {
    /// The candidate's name in the store.
    public var name: String
    /// Its columns.
    public var columns: OutcomeColumns
  }

  /// The columns of one outcome, by key: `quality`, `cost_usd`, `cost_nanousd`, `latency_ms`, `in_tokens`,
  /// `out_tokens`, `confidence`, `gate_score`, `answer`.
  public struct OutcomeColumns: Equatable, Sendable {
    /// Column names by key.
    public var columns: [String: String] = [:]
    /// No columns.
    public init(_ columns: [String: String] = [:]) { self.columns = columns }
  }

  /// Whether the query's cell may be a list of texts as Python writes it, as in RouterBench.
  var isPythonList = false

  /// Which column becomes which field, for people.
  var lines: [String] {
    var lines = columns.sorted { $0.key < $1.key }.map { "\($0.key) ← \($0.value)" }
    if let candidate { lines.append("candidate ← \(candidate)") }
    lines += outcome.columns.sorted { $0.key < $1.key }.map { "\($0.key) ← \($0.value)" }
    for entry in candidates {
      let fields = entry.columns.columns.sorted { $0.key < $1.key }
      lines.append(
        "\(entry.name): " + fields.map { "\($0.key) ← \($0.value)" }.joined(separator: ", "))
    }
    return lines
  }

  /// Keys of the query and its context.
  static let queryKeys = [
    "id", "query", "group", "conversation", "turn", "user_tier", "task_type", "domain", "time",
    "tier",
  ]
  /// What the keys of metadata begin with.
  static let metadataPrefix = "metadata."
  /// Keys of an outcome.
  static let outcomeKeys = [
    "quality", "cost_usd", "cost_nanousd", "latency_ms", "in_tokens", "out_tokens", "confidence",
    "gate_score", "answer",
  ]

  /// The names of metadata that have a column, ascending.
  var metadataNames: [String] {
    columns.keys.filter { $0.hasPrefix(Self.metadataPrefix) }
      .map { String($0.dropFirst(Self.metadataPrefix.count)) }.sorted()
  }

  /// An empty mapping.
  init(format: LogFormat) { self.format = format }

  /// Parses a mapping file's bytes; `path` names it in errors.
  ///
  /// - Throws: ``StoreError/badMapping(path:field:reason:)``: not JSON, an unknown key, a missing one.
  public init(parsing bytes: [UInt8], path: String) throws(StoreError) {
    let document: JSONValue
    do throws(JSONError) {
      document = try JSONValue(parsing: bytes)
    } catch {
      throw .badMapping(path: path, field: "byte \(error.column)", reason: error.reason)
    }
    guard case .object(let members) = document else {
      throw .badMapping(path: path, field: "the document", reason: "expected a JSON object")
    }
    guard case .string(let name)? = members.first(where: { $0.key == "format" })?.value,
      let format = LogFormat(rawValue: name), format == .csvWide || format == .csvLong
    else {
      throw .badMapping(
        path: path, field: "format", reason: "expected \"csv-wide\" or \"csv-long\"")
    }
    self.format = format
    for (key, value) in members where key != "format" {
      try read(key, value, path: path)
    }
    if format == .csvWide && candidates.isEmpty {
      throw .badMapping(
        path: path, field: "candidates",
        reason: "expected {\"candidate\": {\"quality\": \"column\"}} with at least one candidate")
    }
    if format == .csvLong {
      for (key, value) in [("id", columns["id"]), ("candidate", candidate)] where value == nil {
        throw .badMapping(path: path, field: key, reason: "is missing: expected a column's name")
      }
    }
  }

  private mutating func read(_ key: String, _ value: JSONValue, path: String) throws(StoreError) {
    if key == "candidates" && format == .csvWide {
      guard case .object(let members) = value else {
        throw .badMapping(path: path, field: key, reason: "expected an object")
      }
      for (name, columns) in members {
        guard case .object(let fields) = columns, !name.isEmpty else {
          throw .badMapping(
            path: path, field: "candidates.\(name)", reason: "expected {\"quality\": \"column\"}")
        }
        var outcome = OutcomeColumns()
        for (field, column) in fields {
          try outcome.set(field, column, path: path, in: "candidates.\(name).")
        }
        candidates.append(CandidateColumns(name: name, columns: outcome))
      }
      return
    }
    if format == .csvLong && Self.outcomeKeys.contains(key) {
      return try outcome.set(key, value, path: path, in: "")
    }
    guard case .string(let text) = value, !text.isEmpty else {
      throw .badMapping(path: path, field: key, reason: "expected the name of a column")
    }
    switch key {
    case "delimiter":
      guard text.utf8.count == 1, let byte = text.utf8.first, byte < 0x80, byte != 0x22,
        byte != 0x0a, byte != 0x0d
      else { throw .badMapping(path: path, field: key, reason: "expected one ASCII character") }
      delimiter = byte
    case "candidate" where format == .csvLong: candidate = text
    case _ where Self.queryKeys.contains(key): columns[key] = text
    case _ where key.hasPrefix(Self.metadataPrefix):
      do throws(FieldRules.Fault) {
        _ = try Metadata.name(String(key.dropFirst(Self.metadataPrefix.count)))
      } catch {
        throw .badMapping(path: path, field: key, reason: error.reason)
      }
      columns[key] = text
      guard metadataNames.count <= Metadata.maximumCount else {
        throw .badMapping(
          path: path, field: key,
          reason: "is one of more than \(Metadata.maximumCount) names of metadata")
      }
    default:
      let keys =
        format == .csvWide
        ? Self.queryKeys + ["metadata.NAME", "delimiter", "candidates"]
        : Self.queryKeys + ["metadata.NAME", "delimiter", "candidate"] + Self.outcomeKeys
      throw .badMapping(
        path: path, field: key, reason: "is no key; keys are \(keys.joined(separator: ", "))")
    }
  }
}

extension CSVMapping.OutcomeColumns {
  fileprivate mutating func set(
    _ key: String, _ value: JSONValue, path: String, in place: String
  ) throws(StoreError) {
    guard CSVMapping.outcomeKeys.contains(key) else {
      throw .badMapping(
        path: path, field: place + key,
        reason: "is no key; keys are \(CSVMapping.outcomeKeys.joined(separator: ", "))")
    }
    guard case .string(let column) = value, !column.isEmpty else {
      throw .badMapping(path: path, field: place + key, reason: "expected the name of a column")
    }
    columns[key] = column
  }
}
