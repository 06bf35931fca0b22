import RiddleData

/// One span of an OTLP-JSON export: its attributes and the resource's by name, its times, its events.
struct OpenTelemetrySpan {
  let id: String
  let name: String
  let attributes: [String: LogValue]
  let resource: [String: LogValue]
  let start: LogValue
  let end: LogValue
  let events: [LogValue]
  let hasFailed: Bool

  init(_ span: LogValue, resource: [String: LogValue]) {
    let trace = span[anyOf: "traceId", "trace_id"].text ?? ""
    let own = span[anyOf: "spanId", "span_id"].text ?? ""
    id = trace.isEmpty || own.isEmpty ? "" : "\(trace)/\(own)"
    name = span["name"].text ?? ""
    attributes = Self.attributes(span["attributes"])
    self.resource = resource
    start = span[anyOf: "startTimeUnixNano", "start_time_unix_nano"]
    end = span[anyOf: "endTimeUnixNano", "end_time_unix_nano"]
    events = span["events"].elements
    let code = span["status"]["code"]
    hasFailed = code.decimal?.integer == 2 || code.text == "STATUS_CODE_ERROR"
  }

  /// The first of several attributes that is there.
  subscript(_ names: String...) -> LogValue {
    for name in names {
      if let value = attributes[name], !value.isBlank { return value }
    }
    return .null
  }

  /// A list of attributes `{key, value: {stringValue: …}}` by key.
  static func attributes(_ list: LogValue) -> [String: LogValue] {
    var values: [String: LogValue] = [:]
    for entry in list.elements {
      if let key = entry["key"].text { values[key] = plain(entry["value"]) }
    }
    return values
  }

  /// A value of OTLP without its type: `{intValue: "7"}` is 7.
  private static func plain(_ value: LogValue) -> LogValue {
    guard let member = value.members.first else { return value }
    switch member.key {
    case "stringValue", "boolValue", "doubleValue", "bytesValue": return member.value
    case "intValue": return member.value.text.map { .number($0) } ?? .null
    case "arrayValue": return .array(member.value["values"].elements.map(plain))
    case "kvlistValue":
      return .object(
        attributes(member.value["values"]).sorted { $0.key < $1.key }
          .map { LogValue.Member(key: $0.key, value: $0.value) })
    default: return value
    }
  }

  /// Messages that are spread over attributes `prefix.N.role` and `prefix.N.content`, in order of N; also under
  /// `prefix.N.message.…` as OpenInference has them, whose parts are `contents.M.message_content.text`.
  func messages(under prefix: String) -> LogValue {
    var roles: [Int: LogValue] = [:]
    var contents: [Int: LogValue] = [:]
    var parts: [Int: [Int: LogValue]] = [:]
    for (key, value) in attributes where key.hasPrefix(prefix + ".") {
      let words = key.dropFirst(prefix.count + 1).split(separator: ".")
      guard let first = words.first, let index = Int(first) else { continue }
      switch words.dropFirst().drop(while: { $0 == "message" }).joined(separator: ".") {
      case "role": roles[index] = value
      case "content": contents[index] = value
      case let rest where rest.hasPrefix("contents.") && rest.hasSuffix(".message_content.text"):
        if let part = rest.split(separator: ".").dropFirst().first.flatMap({ Int($0) }) {
          parts[index, default: [:]][part] = value
        }
      default: continue
      }
    }
    return .array(
      roles.keys.sorted().map { index in
        let content =
          contents[index]
          ?? .array(
            (parts[index] ?? [:]).sorted { $0.key < $1.key }.map { part in
              .object([
                LogValue.Member(key: "type", value: .string("text")),
                LogValue.Member(key: "text", value: part.value),
              ])
            })
        return .object([
          LogValue.Member(key: "role", value: roles[index] ?? .null),
          LogValue.Member(key: "content", value: content),
        ])
      })
  }

  /// Nanoseconds since 1970 as a time; nil for none and for 0.
  static func time(_ value: LogValue, _ field: String) throws(RowError) -> Microseconds? {
    try value.number(field) { number throws(FieldRules.Fault) in
      guard let nanoseconds = number.integer, nanoseconds >= 0 else {
        throw FieldRules.Fault("expected nanoseconds since 1970")
      }
      return nanoseconds
    }.flatMap { $0 == 0 ? nil : Microseconds($0 / 1000) }
  }
}
