/// One record of another tool's log as a small tree, whatever it was written in: a line of JSON, an element of a JSON
/// document, a record of CSV, a row of a table.
///
/// Numbers stay as they were written, so that 0.1 dollars are exactly 100 000 000 nano-dollars.
indirect enum LogValue: Equatable {
  /// Members in the record's order; keys are distinct.
  case object([Member])
  case array([LogValue])
  case string(String)
  case number(String)
  case bool(Bool)
  case null

  /// A name and its value.
  struct Member: Equatable {
    var key: String
    var value: LogValue
  }

  /// Reads the value that is next. A key given twice is an error: which value was meant cannot be told.
  init(_ reader: inout JSONReader) throws(JSONError) {
    switch try reader.peekKind() {
    case .object:
      var members: [Member] = []
      var known: Set<String> = []
      try reader.beginObject()
      while let key = try reader.nextKey() {
        if !known.insert(key).inserted { throw reader.error("a key is given twice") }
        members.append(Member(key: key, value: try LogValue(&reader)))
      }
      self = .object(members)
    case .array:
      var elements: [LogValue] = []
      try reader.beginArray()
      while try reader.nextElement() { elements.append(try LogValue(&reader)) }
      self = .array(elements)
    case .string: self = .string(try reader.string())
    case .number: self = .number(try reader.numberText())
    case .bool: self = .bool(try reader.bool())
    case .null:
      _ = try reader.takeNull()
      self = .null
    }
  }

  /// Parses `bytes[from ..< to]` as one complete value.
  init(json bytes: [UInt8], from: Int = 0, to: Int? = nil) throws(JSONError) {
    var reader = JSONReader(bytes, from: from, to: to)
    self = try LogValue(&reader)
    try reader.finish()
  }

  // MARK: parts

  /// The member called `key`; null when there is none.
  subscript(_ key: String) -> LogValue {
    guard case .object(let members) = self else { return .null }
    return members.first { $0.key == key }?.value ?? .null
  }

  /// The first of several members that is there and not null: other spellings of one field.
  subscript(anyOf keys: String...) -> LogValue {
    for key in keys {
      let value = self[key]
      if value != .null { return value }
    }
    return .null
  }

  /// The members of an object; empty for anything else.
  var members: [Member] {
    guard case .object(let members) = self else { return [] }
    return members
  }

  /// The elements of an array; empty for anything else.
  var elements: [LogValue] {
    guard case .array(let elements) = self else { return [] }
    return elements
  }

  /// Whether nothing is said: null, an empty text, object or array.
  var isBlank: Bool {
    switch self {
    case .null: true
    case .string(let text): text.utf8.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    case .array(let elements): elements.isEmpty
    case .object(let members): members.isEmpty
    case .number, .bool: false
    }
  }

  /// A text that holds a JSON object or array, as cells of CSV and attributes do, parsed; anything else as it is.
  var opened: LogValue {
    guard case .string(let text) = self else { return self }
    guard let first = text.utf8.first(where: { $0 > 0x20 }), first == 0x7b || first == 0x5b else {
      return self
    }
    do throws(JSONError) {
      return try LogValue(json: Array(text.utf8))
    } catch {
      return self
    }
  }

  // MARK: scalars

  /// A text, or a number or truth value as it is written; nil for anything else.
  var text: String? {
    switch self {
    case .string(let text): text
    case .number(let text): text
    case .bool(let value): value ? "true" : "false"
    case .object, .array, .null: nil
    }
  }

  /// The exact number, also one in a text; nil for anything else.
  var decimal: ExactDecimal? {
    let text: String
    switch self {
    case .number(let written): text = written
    case .string(let written): text = written
    default: return nil
    }
    let bytes = text.utf8.filter { $0 != 0x20 && $0 != 0x09 }
    return ExactDecimal(bytes, from: 0, to: bytes.count)
  }

  /// A truth value, also one in a text of any case; nil for anything else.
  var truth: Bool? {
    switch self {
    case .bool(let value): return value
    case .string(let text):
      switch text.lowercased() {
      case "true", "t": return true
      case "false", "f": return false
      default: return nil
      }
    default: return nil
    }
  }

  /// The value as compact JSON, members in their order.
  var json: String {
    switch self {
    case .null: "null"
    case .bool(let value): value ? "true" : "false"
    case .number(let text): text
    case .string(let text): JSONText.quoted(text)
    case .array(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { JSONText.quoted($0.key) + ":" + $0.value.json }.joined(separator: ",")
        + "}"
    }
  }
}
