import RiddleData

/// What a file of JSON lines says about candidates, by identifier: choices, probabilities or predictions.
///
/// | line | meaning |
/// |---|---|
/// | `{"id":"1","candidate":"small"}` | the choice: lines of `riddle score` are such lines |
/// | `{"id":"1","probabilities":{"small":0.9,"large":0.1}}` | a choice by chance |
/// | `{"id":"1","q":{"small":0.7,"large":0.8}}` | predicted rewards |
/// | `{"id":"1","ref_scores":{"router":0.3}}` | scores of routers, in a log of outcomes |
///
/// Other fields are ignored. A whole line may also be an object from identifiers to such values:
/// `{"1":"small","2":"large"}`, `{"1":{"small":0.7,"large":0.8}}`.
public enum CandidateNumbers {
  /// What is expected of the numbers.
  public enum Kind: Sendable {
    /// Probabilities: in [0, 1], summing to 1; or a choice.
    case choices
    /// Predictions: any finite number.
    case predictions
    /// Scores that a log carries beside its outcomes, by the name of who scored: any finite number.
    case referenceScores

    var key: String {
      switch self {
      case .choices: "probabilities"
      case .predictions: "q"
      case .referenceScores: "ref_scores"
      }
    }
  }

  /// Reads a file. A line that is wrong is an error: half a policy is another policy.
  ///
  /// - Throws: ``StoreError``; `.badFormat` names the line.
  public static func read(path: String, kind: Kind) throws(StoreError)
    -> [String: [String: Double]]
  {
    var values: [String: [String: Double]] = [:]
    let source = try ByteSource(path: path)
    _ = try JSONObjectLines.read(source: source, limits: ReadingLimits(recordBytes: 64 << 20)) {
      reader, _ throws(RowError) in
      for (id, numbers) in try Row(reader).parse(kind) {
        if let known = values[id], known != numbers {
          throw RowError(field: "id", reason: "an earlier line says otherwise about \"\(id)\"")
        }
        values[id] = numbers
      }
    } rejected: { row throws(StoreError) in
      throw .badFormat(path: path, reason: "\(row)")
    }
    if values.isEmpty { throw .emptyInput(path: path) }
    return values
  }

  /// One line.
  private struct Row {
    private var reader: JSONReader
    private var field: String?

    init(_ reader: JSONReader) { self.reader = reader }

    consuming func parse(_ kind: Kind) throws(RowError) -> [(String, [String: Double])] {
      do throws(JSONError) {
        return try rows(kind)
      } catch {
        throw RowError(field: field, column: error.column, reason: error.reason)
      }
    }

    private mutating func rows(_ kind: Kind) throws(JSONError) -> [(String, [String: Double])] {
      var id: String?
      var own: [String: Double]?
      var byKey: [(String, [String: Double])] = []
      var hasOther = false
      let hasID = try Self.hasID(reader)
      try reader.beginObject()
      while true {
        field = nil
        guard let key = try reader.nextKey() else { break }
        field = key
        let value = try reader.peekKind()
        if key == "id", value == .string || value == .number {
          if value == .string {
            id = try reader.string()
          } else {
            id = try reader.number().integer.map { String($0) }
          }
        } else if key == kind.key, value == .object {
          own = try numbers(kind)
        } else if key == "candidate", kind == .choices, value == .string {
          let name = try reader.checked(try reader.string(), FieldRules.name)
          own = own ?? [name: 1]
        } else if !hasID, value == .string, kind == .choices {
          byKey.append((key, [try reader.checked(try reader.string(), FieldRules.name): 1]))
        } else if !hasID, value == .object {
          byKey.append((key, try numbers(kind)))
        } else {
          hasOther = true
          try reader.skipValue()
        }
      }
      field = nil
      try reader.finish()
      if let id {
        guard let own else {
          throw reader.error(
            "expected \"\(kind.key)\" with a number per candidate"
              + (kind == .choices ? ", or \"candidate\"" : ""))
        }
        return [(id, own)]
      }
      guard own == nil, !hasOther, !byKey.isEmpty else {
        throw reader.error("expected \"id\"")
      }
      return byKey
    }

    /// Whether the object has a key `id`: then it is one row, whatever stands before that key.
    private static func hasID(_ reader: JSONReader) throws(JSONError) -> Bool {
      var probe = reader
      var found = false
      try probe.beginObject()
      while let key = try probe.nextKey() {
        found = found || key == "id"
        try probe.skipValue()
      }
      return found
    }

    private mutating func numbers(_ kind: Kind) throws(JSONError) -> [String: Double] {
      var numbers: [String: Double] = [:]
      var sum = 0.0
      let own = field
      try reader.beginObject()
      while let key = try reader.nextKey() {
        field = "\(own ?? "").\(key)"
        let number = try reader.number().double
        guard number.isFinite, kind != .choices || (number >= 0 && number <= 1) else {
          throw reader.error(
            kind == .choices ? "expected a probability from 0 to 1" : "expected a finite number")
        }
        guard numbers.updateValue(number, forKey: key) == nil else {
          throw reader.error("is given twice")
        }
        sum += number
      }
      field = own
      if numbers.isEmpty { throw reader.error("names no candidate") }
      if kind == .choices, abs(sum - 1) > 1e-6 {
        throw reader.error("sum to \(sum), expected 1")
      }
      return numbers
    }
  }
}
