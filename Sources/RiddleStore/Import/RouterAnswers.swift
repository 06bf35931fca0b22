import RiddleData

/// Reads what another router says, one JSON object a line: a scores file, or the replies of a program.
///
/// | field | meaning |
/// | --- | --- |
/// | `id` | identifier of the query in the log; required |
/// | `score` | a number: higher goes to the dearer candidate. `scores`: one per step of a ladder |
/// | `candidate` | the chosen candidate; this or a score is required |
/// | `probability` | calibrated probability in [0, 1] that the cheapest candidate does not do |
/// | `asked` | names of all candidates paid for, when more than the chosen one |
/// | `cost_usd` | dollars paid in all, when not the log's costs of `asked` |
/// | `router_cost_usd` | dollars of the decision itself |
///
/// Other fields are ignored. A line that is not understood stops the reading: a router judged on a part of its answers
/// would be another router.
public enum RouterAnswers {
  /// All answers of a file (`-` is standard input, gzip is recognised), in order; identifiers are distinct.
  public static func read(path: String) throws(StoreError) -> [RouterAnswer] {
    let blocks = RecordBlockReader(
      source: try ByteSource(path: path), boundary: .newline, limits: ReadingLimits())
    var answers: [RouterAnswer] = []
    var lines: [String: Int] = [:]
    while let block = try blocks.next() {
      if block.isOverlong {
        throw .badFormat(path: path, reason: "line \(block.firstLine) is longer than 16 MB")
      }
      var start = 0
      var line = block.firstLine
      while start < block.bytes.count {
        let end =
          block.bytes.firstNewline(from: start, to: block.bytes.count) ?? block.bytes.count
        if block.bytes[start..<end].contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0d }) {
          let answer = try parse(Array(block.bytes[start..<end]), place: "\(path), line \(line)")
          if let first = lines.updateValue(line, forKey: answer.id) {
            throw .badFormat(
              path: path,
              reason:
                "line \(line), field id: \"\(answer.id)\" was answered on line \(first) already; keep one answer a query"
            )
          }
          answers.append(answer)
        }
        start = end + 1
        line += 1
      }
    }
    if answers.isEmpty { throw .emptyInput(path: path) }
    return answers
  }

  /// One line; `place` names it in errors.
  public static func parse(_ line: [UInt8], place: String) throws(StoreError) -> RouterAnswer {
    var parser = Parser(reader: JSONReader(line))
    do throws(JSONError) {
      return try parser.answer()
    } catch {
      let field = parser.field.map { ", field \($0)" } ?? ""
      throw .badFormat(path: place, reason: "column \(error.column)\(field): \(error.reason)")
    }
  }

  private struct Parser {
    var reader: JSONReader
    var field: String?

    mutating func answer() throws(JSONError) -> RouterAnswer {
      var result = RouterAnswer(id: "")
      var hasID = false
      try reader.beginObject()
      while let key = try reader.nextKey() {
        field = key
        switch key {
        case "id":
          // Identifiers are often numbers in other people's files; the log has them as text.
          result.id =
            try reader.peekKind() == .number
            ? "\(try integer())" : try reader.string()
          hasID = true
        case "score": if try !reader.takeNull() { result.scores = [try number()] }
        case "scores": if try !reader.takeNull() { result.scores = try numbers() }
        case "candidate": if try !reader.takeNull() { result.candidate = try reader.string() }
        case "probability":
          if try !reader.takeNull() {
            let value = try number()
            guard value >= 0 && value <= 1 else {
              throw reader.error("expected a number from 0 to 1")
            }
            result.probability = value
          }
        case "asked": if try !reader.takeNull() { result.asked = try names() }
        case "cost_usd": if try !reader.takeNull() { result.cost = try dollars() }
        case "router_cost_usd": if try !reader.takeNull() { result.routerCost = try dollars() }
        default: try reader.skipValue()
        }
      }
      try reader.finish()
      field = "id"
      guard hasID, !result.id.isEmpty else {
        throw reader.error("missing; every line names the query it answers")
      }
      field = "score"
      guard !result.scores.isEmpty || result.candidate != nil else {
        throw reader.error("missing; give \"score\" or \"candidate\"")
      }
      return result
    }

    private mutating func integer() throws(JSONError) -> Int64 {
      guard let value = try reader.number().integer else {
        throw reader.error("expected text or a whole number")
      }
      return value
    }

    private mutating func number() throws(JSONError) -> Double {
      let value = try reader.number().double
      guard value.isFinite else { throw reader.error("expected a finite number") }
      return value
    }

    private mutating func numbers() throws(JSONError) -> [Double] {
      var values: [Double] = []
      try reader.beginArray()
      while try reader.nextElement() { values.append(try number()) }
      return values
    }

    private mutating func names() throws(JSONError) -> [String] {
      var values: [String] = []
      try reader.beginArray()
      while try reader.nextElement() { values.append(try reader.string()) }
      return values
    }

    private mutating func dollars() throws(JSONError) -> NanoDollars {
      let number = try reader.number()
      do throws(FieldRules.Fault) {
        return try FieldRules.dollars(number)
      } catch {
        throw reader.error(error.reason)
      }
    }
  }
}
