import RiddleData

/// A CSV file of measurements, read strictly: the first line that is not what it should be ends the reading. Logs keep
/// their good rows; a trace with bad ones would give wrong latencies without a word.
final class TraceTable {
  let path: String
  /// Column names, trimmed, lower case.
  let columns: [String]
  private let file: CSVFile

  /// Opens `path`, plain or gzip.
  ///
  /// - Throws: ``StoreError`` when it cannot be read, or is no CSV.
  init(path: String) throws(StoreError) {
    self.path = path
    let source = try ByteSource(path: path)
    let head = try source.peek(Sniffer.headBytes)
    guard case .csv(let delimiter) = try Sniffer.sniff(head, path: path) else {
      throw .badFormat(
        path: path, reason: "looks like JSON lines; a trace is CSV with a header, plain or gzip")
    }
    file = try CSVFile(
      source: source, delimiter: delimiter, limits: ReadingLimits(recordBytes: 1 << 20))
    var columns: [String] = []
    for name in file.header { columns.append(Self.normalized(name)) }
    for name in columns where columns.count(where: { $0 == name }) > 1 && !name.isEmpty {
      throw .badHeader(path: path, line: 1, reason: "two columns are called \"\(name)\"")
    }
    self.columns = columns
  }

  /// Position of the first of `names` that is a column.
  func index(of names: String...) -> Int? {
    names.lazy.compactMap { self.columns.firstIndex(of: $0) }.first
  }

  /// Calls `body` with each record; returns their number.
  ///
  /// - Throws: what `body` throws first, with file and line.
  func forEach(_ body: (TraceRecord) throws(RowError) -> Void) throws(StoreError) -> Int {
    var count = 0
    var fault: RejectedRow?
    var isMore = true
    while isMore {
      isMore = try file.forEachRecord(
        { record, records in
          if fault != nil || record.isBlank { return }
          count += 1
          do throws(RowError) {
            if let problem = record.problem { throw RowError(reason: problem) }
            guard record.fields.count == columns.count else {
              throw RowError(
                reason: "\(record.fields.count) fields, the header has \(columns.count)")
            }
            try body(TraceRecord(record: record, records: records, columns: columns))
          } catch {
            fault = error.at(file: path, line: record.line)
          }
        }, overlong: { fault = fault ?? $0 })
      if let fault {
        throw .badFormat(
          path: path,
          reason: "line \(fault.line)\(fault.field.map { ", field \($0)" } ?? ""): \(fault.reason)")
      }
    }
    return count
  }

  private static func normalized(_ name: String) -> String {
    var name = name.lowercased()[...]
    while let first = name.first, first == " " || first == "\t" { name.removeFirst() }
    while let last = name.last, last == " " || last == "\t" { name.removeLast() }
    return String(name)
  }
}

/// One record of a ``TraceTable``.
struct TraceRecord {
  fileprivate let record: CSVRecords.Record
  fileprivate let records: CSVRecords
  fileprivate let columns: [String]

  /// The text at `column`; nil when it is blank.
  func text(_ column: Int) throws(RowError) -> String? {
    if records.isBlank(record.fields[column]) { return nil }
    guard let text = records.text(record.fields[column]) else {
      throw RowError(field: columns[column], reason: "is not valid UTF-8")
    }
    return text
  }

  /// A name at `column`, by the rules of candidates' names.
  func name(_ column: Int) throws(RowError) -> String {
    let text = try text(column) ?? ""
    do throws(FieldRules.Fault) {
      return try FieldRules.name(text)
    } catch {
      throw RowError(field: columns[column], reason: error.reason)
    }
  }

  /// The whole number at `column`; nil when it is blank or something else.
  func integer(_ column: Int) -> Int64? { records.number(record.fields[column])?.integer }

  /// The duration at `column` in µs, of a number whose last whole digit counts 10^`places` µs; nil when it is blank.
  func microseconds(_ column: Int, places: Int, most: Int64, mostText: String) throws(RowError)
    -> Int64?
  {
    let field = record.fields[column]
    if records.isBlank(field) { return nil }
    let unit = places == 6 ? "seconds" : "milliseconds"
    guard let number = records.number(field) else {
      throw RowError(field: columns[column], reason: "expected \(unit) as a plain decimal number")
    }
    if number.isNegative && !number.isZero {
      throw RowError(field: columns[column], reason: "expected \(unit), 0 or more")
    }
    guard let count = number.scaled(places: places), count <= most else {
      throw RowError(
        field: columns[column], reason: "longer than \(mostText); the unit is \(unit)")
    }
    return count
  }
}
