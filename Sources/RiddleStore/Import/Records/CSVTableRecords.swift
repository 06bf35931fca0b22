/// Records of a CSV file: one object a record, from the header's names to the cells' texts. A blank cell without quotes
/// is null; so is `\N`, as PostgreSQL writes it.
final class CSVTableRecords: RecordSource {
  private let file: CSVFile

  var path: String { file.path }
  var storedBytesRead: Int { file.storedBytesRead }

  init(file: CSVFile) throws(StoreError) {
    self.file = file
    if Set(file.header).count < file.header.count {
      var known: Set<String> = []
      let repeated = file.header.first { !known.insert($0).inserted } ?? ""
      throw .badHeader(path: file.path, line: 1, reason: "two columns are called \"\(repeated)\"")
    }
  }

  func next() throws(StoreError) -> (records: [LogRecord], bytes: Int)? {
    var batch: [LogRecord] = []
    var bytes = 0
    let header = file.header
    let isMore = try file.forEachRecord(
      { record, records in
        do throws(RowError) {
          let value = try Self.object(record, records, header, &bytes)
          batch.append(LogRecord(line: record.line, content: .success(value)))
        } catch {
          batch.append(LogRecord(line: record.line, content: .failure(error)))
        }
      },
      overlong: { rejected in
        batch.append(
          LogRecord(
            line: rejected.line, content: .failure(RowError(reason: rejected.reason))))
      })
    return isMore ? (batch, bytes) : nil
  }

  private static func object(
    _ record: CSVRecords.Record, _ records: CSVRecords, _ header: [String], _ bytes: inout Int
  ) throws(RowError) -> LogValue {
    if let problem = record.problem { throw RowError(reason: problem) }
    guard record.fields.count == header.count else {
      throw RowError(reason: "has \(record.fields.count) fields; the header has \(header.count)")
    }
    var members: [LogValue.Member] = []
    members.reserveCapacity(header.count)
    for (name, field) in zip(header, record.fields) {
      guard let text = records.text(field) else {
        throw RowError(field: name, reason: "is not valid UTF-8")
      }
      bytes += text.utf8.count
      let isNull = !field.isQuoted && (records.isBlank(field) || text == "\\N")
      members.append(LogValue.Member(key: name, value: isNull ? .null : .string(text)))
    }
    return .object(members)
  }
}
