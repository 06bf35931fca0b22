import RiddleData

/// Logs of A/B tests read from files: JSON lines, one request each, plain or gzip.
///
/// | field | type | meaning |
/// |---|---|---|
/// | `arm` | string, required | the arm that answered |
/// | `id` | string or integer | identifier of the request; in a paired test both arms have it |
/// | `quality` | 0 to 1, or true or false | what the answer was worth |
/// | `reward` | any number, or true or false | another measure, where there is no quality |
/// | `cost_usd`, `latency_ms` | number ≥ 0 | what the answer cost and took |
/// | `user`, `conversation` | string or integer | what was dealt to an arm as a whole |
/// | `time` | | as in Riddle JSONL |
///
/// Other fields are checked for syntax and ignored. A line that cannot be read is an error, not a reject: requests that
/// drop out of one arm more than out of the other bias every figure.
public enum ExperimentLogFile {
  /// Reads logs in order; `-` is standard input.
  ///
  /// - Throws: ``StoreError``; a bad line names file, line, field and what was expected.
  public static func read(paths: [String], maximumRowBytes: Int = 16 << 20)
    throws(StoreError) -> [ExperimentRow]
  {
    var rows: [ExperimentRow] = []
    for path in paths {
      let source = try ByteSource(path: path)
      guard case .riddleJSONL = try Sniffer.sniff(try source.peek(Sniffer.headBytes), path: path)
      else {
        throw .badFormat(
          path: path,
          reason: "the log of an A/B test is JSON lines, for example "
            + #"{"id":"1","arm":"control","quality":1,"cost_usd":0.002,"user":"u7"}"#)
      }
      _ = try JSONObjectLines.read(
        source: source, limits: ReadingLimits(recordBytes: maximumRowBytes)
      ) { reader, _ throws(RowError) in
        var parser = ExperimentLine(reader)
        rows.append(try parser.parse())
      } rejected: { row throws(StoreError) in
        throw .badFormat(
          path: path,
          reason:
            "\(row); correct the line: leaving it out could bias the arms against each other")
      }
    }
    return rows
  }
}

/// Parses one line. Remembers which field it is in, so that an error can name it.
private struct ExperimentLine {
  private var reader: JSONReader
  private var field: String?

  init(_ reader: JSONReader) { self.reader = reader }

  mutating func parse() throws(RowError) -> ExperimentRow {
    do throws(JSONError) {
      return try row()
    } catch {
      throw RowError(field: field, column: error.column, reason: error.reason)
    }
  }

  private static let fields: Set<String> = [
    "id", "arm", "quality", "reward", "cost_usd", "latency_ms", "conversation", "user", "time",
  ]

  private mutating func row() throws(JSONError) -> ExperimentRow {
    var row = ExperimentRow(arm: "")
    var seen: Set<String> = []
    try reader.beginObject()
    while true {
      field = nil
      guard let key = try reader.nextKey() else { break }
      field = key
      if Self.fields.contains(key), !seen.insert(key).inserted {
        throw reader.error("is given twice")
      }
      switch key {
      case "id": row.id = try reader.identifier()
      case "arm": row.arm = try reader.identifier() ?? ""
      case "conversation": row.conversation = try reader.identifier()
      case "user": row.user = try reader.identifier()
      case "quality": row.quality = try reader.worth(FieldRules.unitInterval)
      case "reward": row.reward = try reader.worth(Self.reward)
      case "cost_usd": row.cost = try reader.optionalNumber(FieldRules.dollars)
      case "latency_ms": row.latency = try reader.optionalNumber(FieldRules.milliseconds)
      case "time":
        switch try reader.peekKind() {
        case .null: _ = try reader.takeNull()
        case .number: row.time = try reader.checked(try reader.number(), Timestamp.parse)
        default: row.time = try reader.checked(try reader.string(), Timestamp.parse)
        }
      default: try reader.skipValue()
      }
    }
    field = nil
    try reader.finish()
    field = "arm"
    if row.arm.isEmpty {
      throw reader.error("is missing: every request needs the name of the arm that answered it")
    }
    return row
  }

  /// Rewards beyond this size are mistakes, and would cost the sums their digits.
  private static let mostReward = 1e9

  private static func reward(_ number: ExactDecimal) throws(FieldRules.Fault) -> Double {
    guard abs(number.double) <= mostReward else {
      throw FieldRules.Fault("expected a number between -10^9 and 10^9")
    }
    return number.double
  }
}
