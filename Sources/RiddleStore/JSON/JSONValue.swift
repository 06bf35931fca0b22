/// A small JSON document in memory: mapping files and lists, never logs.
enum JSONValue {
  /// Members in file order; keys are distinct.
  case object([(key: String, value: JSONValue)])
  case array([JSONValue])
  case string(String)
  case number(ExactDecimal)
  case bool(Bool)
  case null

  /// Parses one complete document. A key given twice is an error.
  init(parsing bytes: [UInt8]) throws(JSONError) {
    var reader = JSONReader(bytes)
    self = try Self.read(&reader)
    try reader.finish()
  }

  private static func read(_ reader: inout JSONReader) throws(JSONError) -> JSONValue {
    switch try reader.peekKind() {
    case .object:
      var members: [(key: String, value: JSONValue)] = []
      try reader.beginObject()
      while let key = try reader.nextKey() {
        if members.contains(where: { $0.key == key }) {
          throw reader.error("key \"\(key)\" is given twice")
        }
        members.append((key, try read(&reader)))
      }
      return .object(members)
    case .array:
      var elements: [JSONValue] = []
      try reader.beginArray()
      while try reader.nextElement() { elements.append(try read(&reader)) }
      return .array(elements)
    case .string: return .string(try reader.string())
    case .number: return .number(try reader.number())
    case .bool: return .bool(try reader.bool())
    case .null:
      _ = try reader.takeNull()
      return .null
    }
  }

  /// The elements when they are all strings.
  var strings: [String]? {
    guard case .array(let elements) = self else { return nil }
    var out: [String] = []
    for element in elements {
      guard case .string(let text) = element else { return nil }
      out.append(text)
    }
    return out
  }
}
