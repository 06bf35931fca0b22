/// Feedback as a server takes it: checked, and written as a line that `riddle feedback import` reads.
public struct FeedbackLine: Equatable, Sendable {
  /// The line, with its newline.
  public var line: [UInt8]

  /// Longest comment, in bytes.
  static let longestText = 8192

  /// Fields that say something of the answer.
  private static let statements: [StaticString] = [
    "satisfaction", "thumbs", "rating", "quality", "best_candidate",
  ]
  /// Fields that are kept beside them.
  private static let others: [StaticString] = [
    "request_id", "id", "rating_min", "rating_max", "source", "comment",
  ]

  /// Reads `{"request_id": …, "thumbs": "up"}` and the like.
  ///
  /// - Parameter time: when it came, ISO 8601.
  public init(reading bytes: Span<UInt8>, time: String) throws(BadRequest) {
    guard (try? UTF8Span(validating: bytes)) != nil else {
      throw BadRequest("the body is not UTF-8", next: "encode the body as UTF-8")
    }
    var walker = JSONWalker()
    var id: String?
    var says = false
    var out: [UInt8] = [0x7b]
    var unknown: String?
    var wrong: StaticString?
    do throws(JSONWalker.Fault) {
      try walker.openObject(bytes)
      var isFirst = true
      while let key = try walker.nextKey(bytes, isFirst: &isFirst) {
        if walker.takesNull(bytes) { continue }
        let statement = Self.statements.first { walker.matches(key, $0, of: bytes) }
        guard
          let name = statement ?? Self.others.first(where: { walker.matches(key, $0, of: bytes) })
        else {
          unknown = walker.text(key, of: bytes)
          try walker.skipValue(bytes)
          continue
        }
        let value = try Self.value(&walker, bytes)
        guard let value, Self.isGood(value, name) else {
          wrong = name
          continue
        }
        if statement != nil { says = true }
        if "\(name)" == "request_id" || "\(name)" == "id" {
          id = value.text
          continue
        }
        JSONText.append(quoted: "\(name)", to: &out)
        out.append(0x3a)
        value.append(to: &out)
        out.append(0x2c)
      }
      try walker.end(bytes)
    } catch {
      throw BadRequest(
        "byte \(error.offset): expected \(error.expected)",
        next: #"send {"request_id": "…", "thumbs": "up"}"#)
    }
    if let wrong {
      throw BadRequest(
        "field \(wrong) has no value that can be understood",
        next: "satisfaction and quality are 0 to 1, thumbs is up or down, rating a number")
    }
    if let unknown {
      throw BadRequest(
        "unknown field '\(unknown.prefix(40))'",
        next:
          "known: request_id, satisfaction, thumbs, rating, rating_min, rating_max, quality, best_candidate, source, comment"
      )
    }
    guard let id, !id.isEmpty, id.utf8.count <= 1024 else {
      throw BadRequest(
        "field request_id is missing", next: "name the request_id of the decision it is about")
    }
    guard says else {
      throw BadRequest(
        "the feedback says nothing",
        next: "give one of satisfaction, thumbs, rating, quality, best_candidate")
    }
    JSONText.append(#""request_id":"#, to: &out)
    JSONText.append(quoted: id, to: &out)
    JSONText.append(#","time":"#, to: &out)
    JSONText.append(quoted: time, to: &out)
    out.append(0x7d)
    out.append(0x0a)
    line = out
  }

  private enum Value {
    case text(String)
    case number(String)
    case boolean(Bool)

    var text: String {
      switch self {
      case .text(let text), .number(let text): text
      case .boolean(let flag): flag ? "true" : "false"
      }
    }

    func append(to out: inout [UInt8]) {
      if case .text(let text) = self {
        JSONText.append(quoted: text, to: &out)
      } else {
        out.append(contentsOf: text.utf8)
      }
    }
  }

  private static func value(_ walker: inout JSONWalker, _ bytes: Span<UInt8>)
    throws(JSONWalker.Fault) -> Value?
  {
    switch try walker.kind(bytes) {
    case .string:
      let text = walker.text(try walker.string(bytes), of: bytes)
      return text.utf8.count <= longestText ? .text(text) : nil
    case .number: return .number(try walker.numberText(bytes))
    case .boolean: return .boolean(try walker.boolean(bytes))
    default:
      try walker.skipValue(bytes)
      return nil
    }
  }

  private static func isGood(_ value: Value, _ name: StaticString) -> Bool {
    switch ("\(name)", value) {
    case ("satisfaction", .boolean), ("quality", .boolean), ("thumbs", .boolean): return true
    case ("satisfaction", .number(let text)), ("quality", .number(let text)):
      return Double(text).map { $0 >= 0 && $0 <= 1 } ?? false
    case ("thumbs", .number(let text)): return text == "1" || text == "-1"
    case ("thumbs", .text(let text)):
      return ["up", "down", "👍", "👎"].contains(text.lowercased())
    case ("rating", .number(let text)), ("rating_min", .number(let text)),
      ("rating_max", .number(let text)):
      return Double(text)?.isFinite ?? false
    case ("best_candidate", .text(let text)), ("source", .text(let text)): return !text.isEmpty
    case ("comment", .text): return true
    case ("request_id", .text), ("id", .text), ("request_id", .number), ("id", .number):
      return true
    default: return false
    }
  }
}
