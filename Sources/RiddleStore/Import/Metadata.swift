import RiddleData

/// A query's metadata as JSON: one object of names and values, in logs and in the store's column `queries.metadata`.
///
/// In a log a value is a string, a number or a boolean; numbers and booleans are kept as they are written. `null` is as
/// if the name were not there. Arrays and objects are refused, because no condition could be put on them.
enum Metadata {
  /// Most names of one query.
  static let maximumCount = 64
  /// Longest name, in bytes.
  static let maximumNameBytes = 128
  /// Longest value, in bytes.
  static let maximumValueBytes = 4096

  /// A name: not empty, short, without NUL.
  static func name(_ text: String) throws(FieldRules.Fault) -> String {
    if text.isEmpty { throw FieldRules.Fault("a name of metadata is empty") }
    if text.utf8.count > maximumNameBytes {
      throw FieldRules.Fault("a name of metadata is longer than \(maximumNameBytes) bytes")
    }
    return try FieldRules.text(text)
  }

  /// A value: short, without NUL; empty is a value.
  static func value(_ text: String) throws(FieldRules.Fault) -> String {
    if text.utf8.count > maximumValueBytes {
      throw FieldRules.Fault("is longer than \(maximumValueBytes) bytes")
    }
    return try FieldRules.text(text)
  }

  /// The JSON object with names in ascending order of their UTF-8; nil when there is none.
  static func json(_ metadata: [String: String]) -> String? {
    if metadata.isEmpty { return nil }
    let members = metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
      JSONText.quoted($0.key) + ":" + JSONText.quoted($0.value)
    }
    return "{" + members.joined(separator: ",") + "}"
  }

  /// Reads the object that is next in `reader`, or null.
  ///
  /// - Parameter field: set to the name being read, `metadata.NAME`, so that an error can say where it is.
  static func read(_ reader: inout JSONReader, field: inout String?) throws(JSONError)
    -> [String: String]
  {
    var metadata: [String: String] = [:]
    if try reader.takeNull() { return metadata }
    var names: Set<String> = []
    try reader.beginObject()
    while true {
      field = "metadata"
      guard let key = try reader.nextKey() else { break }
      let name = try checked(key, reader, Self.name)
      field = "metadata.\(name)"
      if !names.insert(name).inserted { throw reader.error("is given twice") }
      if names.count > maximumCount {
        field = "metadata"
        throw reader.error("has more than \(maximumCount) names")
      }
      let text: String
      switch try reader.peekKind() {
      case .string: text = try reader.string()
      case .number: text = try reader.numberText()
      case .bool: text = try reader.bool() ? "true" : "false"
      case .null:
        _ = try reader.takeNull()
        continue
      case .object, .array:
        throw reader.error(
          "expected a string, a number, true or false; objects and arrays are not read")
      }
      metadata[name] = try checked(text, reader, Self.value)
    }
    return metadata
  }

  /// The metadata that ``json(_:)`` wrote; nil for a text that is none.
  static func parse(_ json: String?) -> [String: String]? {
    guard let json else { return [:] }
    var reader = JSONReader(Array(json.utf8))
    var field: String?
    do throws(JSONError) {
      let metadata = try read(&reader, field: &field)
      try reader.finish()
      return metadata
    } catch {
      return nil
    }
  }

  private static func checked(
    _ text: String, _ reader: JSONReader, _ rule: (String) throws(FieldRules.Fault) -> String
  ) throws(JSONError) -> String {
    do throws(FieldRules.Fault) {
      return try rule(text)
    } catch {
      throw reader.error(error.reason)
    }
  }
}
