/// The states of an RFC 4180 reader. One machine both finds record ends and splits fields, so they agree.
///
/// A quote opens a quoted field only as the field's first byte; elsewhere in an unquoted field it is an
/// ordinary byte. After a closing quote only a delimiter or a newline may follow; anything else is taken
/// into the field here and reported as an error by ``CSVRecordParser``.
enum CSVScanState: Sendable {
  case fieldStart, unquoted, quoted, quoteInQuoted

  /// Takes one byte; true when it ends the record.
  @inline(__always)
  mutating func advance(_ byte: UInt8, delimiter: UInt8) -> Bool {
    switch self {
    case .quoted:
      if byte == 0x22 { self = .quoteInQuoted }
      return false
    case .quoteInQuoted:
      if byte == 0x22 {
        self = .quoted
        return false
      }
    case .fieldStart:
      if byte == 0x22 {
        self = .quoted
        return false
      }
    case .unquoted:
      break
    }
    if byte == 0x0a {
      self = .fieldStart
      return true
    }
    self = byte == delimiter ? .fieldStart : .unquoted
    return false
  }
}
