/// The records of one block of CSV (RFC 4180): quoted fields may hold delimiters, newlines and doubled quotes.
struct CSVRecords {
  /// One record: where its fields are, not yet text.
  struct Record {
    /// Line where it begins, from 1.
    var line: Int
    /// Why it cannot be read; its fields are meaningless then.
    var problem: String?
    fileprivate(set) var fields: [Field] = []

    /// A line with nothing on it.
    var isBlank: Bool { problem == nil && fields.count == 1 && fields[0].isEmpty }
  }

  /// The bytes of a field without its outer quotes.
  struct Field {
    var start: Int
    var end: Int
    var isQuoted: Bool
    var hasDoubledQuotes: Bool
    fileprivate var isEmpty: Bool { start == end && !isQuoted }
  }

  private let bytes: [UInt8]
  private let delimiter: UInt8
  private var position = 0
  private var line: Int

  init(_ block: RecordBlock, delimiter: UInt8) {
    bytes = block.bytes
    line = block.firstLine
    self.delimiter = delimiter
  }

  /// The next record, or nil at the end of the block.
  mutating func next() -> Record? {
    guard position < bytes.count else { return nil }
    var record = Record(line: line)
    var state = CSVScanState.fieldStart
    var field = Field(start: position, end: position, isQuoted: false, hasDoubledQuotes: false)
    while position < bytes.count {
      let byte = bytes[position]
      let before = state
      let isEnd = state.advance(byte, delimiter: delimiter)
      if byte == 0x0a { line += 1 }
      switch (before, state) {
      case (.fieldStart, .quoted):
        field.isQuoted = true
        field.start = position + 1
      case (.quoteInQuoted, .quoted):
        field.hasDoubledQuotes = true
      case (.quoted, .quoteInQuoted):
        field.end = position
      case (.quoteInQuoted, .unquoted)
      where !(byte == 0x0d && (position + 1 == bytes.count || bytes[position + 1] == 0x0a)):
        record.problem = "text after the closing quote of field \(record.fields.count + 1)"
      default: break
      }
      if isEnd || (state == .fieldStart && byte == delimiter && before != .quoted) {
        close(&field, at: position, isEnd: isEnd)
        record.fields.append(field)
        field = Field(
          start: position + 1, end: position + 1, isQuoted: false, hasDoubledQuotes: false)
      }
      position += 1
      if isEnd { return record }
    }
    // The file ends without a newline.
    if state == .quoted {
      record.problem = "the quote of field \(record.fields.count + 1) is never closed"
    }
    close(&field, at: position, isEnd: true)
    record.fields.append(field)
    return record
  }

  /// Ends an unquoted field before `end`, without the carriage return of a CRLF.
  private func close(_ field: inout Field, at end: Int, isEnd: Bool) {
    guard !field.isQuoted else { return }
    field.end = end
    if isEnd && field.end > field.start && bytes[field.end - 1] == 0x0d { field.end -= 1 }
  }

  /// A field's text, or nil when it is not UTF-8.
  func text(_ field: Field) -> String? {
    guard field.hasDoubledQuotes else {
      return String(validating: bytes[field.start..<field.end], as: UTF8.self)
    }
    var plain: [UInt8] = []
    plain.reserveCapacity(field.end - field.start)
    var i = field.start
    while i < field.end {
      plain.append(bytes[i])
      i += bytes[i] == 0x22 ? 2 : 1
    }
    return String(validating: plain, as: UTF8.self)
  }

  /// A field's number without surrounding spaces, or nil when it is not one.
  func number(_ field: Field) -> ExactDecimal? {
    let (start, end) = trimmed(field)
    return ExactDecimal(bytes, from: start, to: end)
  }

  /// Whether the field holds nothing but spaces.
  func isBlank(_ field: Field) -> Bool {
    let (start, end) = trimmed(field)
    return start == end
  }

  /// Whether the field is `word`, in any case, without surrounding spaces. `word` is lower-case ASCII.
  func equals(_ field: Field, _ word: StaticString) -> Bool {
    let (start, end) = trimmed(field)
    guard end - start == word.utf8CodeUnitCount else { return false }
    for i in start..<end where bytes[i] | 0x20 != word.utf8Start[i - start] { return false }
    return true
  }

  private func trimmed(_ field: Field) -> (Int, Int) {
    var (start, end) = (field.start, field.end)
    while start < end && (bytes[start] == 0x20 || bytes[start] == 0x09) { start += 1 }
    while start < end && (bytes[end - 1] == 0x20 || bytes[end - 1] == 0x09) { end -= 1 }
    return (start, end)
  }
}
