/// Why bytes are not JSON, or not the JSON expected, and where.
struct JSONError: Error, Equatable {
  /// Byte position in the text, from 1.
  var column: Int
  /// What was wrong, without the text itself.
  var reason: String
}
