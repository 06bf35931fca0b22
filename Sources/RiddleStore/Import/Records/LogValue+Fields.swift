import RiddleData

/// Fields read by the rules that hold for every format; errors name the field as the log calls it.
extension LogValue {
  /// The number by `rule`; nil when nothing is said. A text may hold a number.
  func number<T>(_ field: String, _ rule: (ExactDecimal) throws(FieldRules.Fault) -> T)
    throws(RowError) -> T?
  {
    if isBlank { return nil }
    guard let decimal else {
      throw RowError(field: field, reason: "expected a plain decimal number")
    }
    return try Self.checked(decimal, field, rule)
  }

  /// A text by `rule`; nil when nothing is said. Numbers and truth values are taken as they are written.
  func text(
    _ field: String, _ rule: (String) throws(FieldRules.Fault) -> String = FieldRules.text
  ) throws(RowError) -> String? {
    if isBlank { return nil }
    guard let text else { throw RowError(field: field, reason: "expected a text") }
    return try Self.checked(text, field, rule)
  }

  /// An identifier or a name; nil when nothing is said.
  func name(_ field: String) throws(RowError) -> String? {
    try text(field, FieldRules.name)
  }

  /// A time; nil when nothing is said. A time without a zone is UTC, as the formats that write such times say.
  func time(_ field: String) throws(RowError) -> Microseconds? {
    if isBlank { return nil }
    if let decimal { return try Self.checked(decimal, field, Timestamp.parse) }
    guard let text else { throw RowError(field: field, reason: "expected a time") }
    return try Self.checked(text, field) { text throws(FieldRules.Fault) in
      try Timestamp.parse(text, isUTCWithoutZone: true)
    }
  }

  /// Applies `rule`; its complaint names the field.
  static func checked<V, T>(
    _ value: V, _ field: String, _ rule: (V) throws(FieldRules.Fault) -> T
  ) throws(RowError) -> T {
    do throws(FieldRules.Fault) {
      return try rule(value)
    } catch {
      throw RowError(field: field, reason: error.reason)
    }
  }
}

extension FieldRules {
  /// Seconds as a latency.
  static func seconds(_ number: ExactDecimal) throws(Fault) -> Microseconds {
    if number.isNegative && !number.isZero { throw Fault("a latency cannot be negative") }
    guard let count = number.scaled(places: 6), count <= maximumLatency else {
      throw Fault("longer than 30 days; the unit is seconds")
    }
    return Microseconds(count)
  }

  /// The time from `start` to `end`; nil when one of them is not known.
  static func span(_ start: Microseconds?, _ end: Microseconds?, _ field: String)
    throws(RowError) -> Microseconds?
  {
    guard let start, let end else { return nil }
    guard end >= start else { throw RowError(field: field, reason: "lies before the start") }
    guard end.count - start.count <= maximumLatency else {
      throw RowError(field: field, reason: "lies more than 30 days after the start")
    }
    return Microseconds(end.count - start.count)
  }
}
