/// Fields that several line formats share.
extension JSONReader {
  /// A number by `rule`, or a boolean as 1 or 0; nil for null.
  mutating func worth(_ rule: (ExactDecimal) throws(FieldRules.Fault) -> Double)
    throws(JSONError) -> Double?
  {
    switch try peekKind() {
    case .bool: return try bool() ? 1 : 0
    case .string: throw error("expected a number, or true or false")
    default: return try optionalNumber(rule)
    }
  }

  /// A name, given as text or as a whole number; nil for null.
  mutating func identifier() throws(JSONError) -> String? {
    if try takeNull() { return nil }
    if try peekKind() == .number {
      guard let number = try number().integer else {
        throw error("expected a string or a whole number")
      }
      return String(number)
    }
    return try checked(try string(), FieldRules.name)
  }
}
