import RiddleData

/// The records of one CSV file behind its header.
final class CSVFile {
  let path: String
  let header: [String]
  let delimiter: UInt8
  private let blocks: RecordBlockReader
  private let limits: ReadingLimits
  private var pending: RecordBlock?
  private var records: CSVRecords?
  private(set) var storedBytesRead = 0

  /// Most columns a file may have.
  static let maximumColumns = 10_000

  /// Reads the header, which is the first record that is not blank.
  init(source: ByteSource, delimiter: UInt8, limits: ReadingLimits) throws(StoreError) {
    path = source.path
    self.delimiter = delimiter
    self.limits = limits
    blocks = RecordBlockReader(
      source: source, boundary: .csv(delimiter: delimiter), limits: limits)
    var header: [String]?
    while header == nil {
      guard let block = try blocks.next() else { throw .emptyInput(path: path) }
      if block.isOverlong {
        throw .badHeader(
          path: path, line: block.firstLine,
          reason: "the header is longer than \(limits.recordBytes) bytes")
      }
      var records = CSVRecords(block, delimiter: delimiter)
      while let record = records.next() {
        if record.isBlank { continue }
        if let problem = record.problem {
          throw .badHeader(path: path, line: record.line, reason: "header: \(problem)")
        }
        if record.fields.count > Self.maximumColumns {
          throw .badHeader(
            path: path, line: record.line,
            reason: "\(record.fields.count) columns; at most \(Self.maximumColumns) are read")
        }
        var names: [String] = []
        for field in record.fields {
          guard let name = records.text(field) else {
            throw .badHeader(
              path: path, line: record.line,
              reason: "column \(names.count + 1)'s name is not valid UTF-8")
          }
          names.append(name)
        }
        header = names
        break
      }
      self.records = records
      storedBytesRead = block.storedBytesRead
    }
    self.header = header ?? []
  }

  /// Calls `body` with each record of the next block; false at the end. Overlong records go to `overlong`.
  func forEachRecord(
    _ body: (CSVRecords.Record, CSVRecords) -> Void, overlong: (RejectedRow) -> Void
  ) throws(StoreError) -> Bool {
    if records == nil {
      guard let block = try blocks.next() else { return false }
      storedBytesRead = block.storedBytesRead
      if block.isOverlong {
        overlong(
          RejectedRow(
            file: path, line: block.firstLine,
            reason: "a record longer than \(limits.recordBytes) bytes; is a quote left open?"))
        return true
      }
      records = CSVRecords(block, delimiter: delimiter)
    }
    guard var current = records else { return false }
    records = nil
    while let record = current.next() {
      if !record.isBlank || header.count == 1 { body(record, current) }
    }
    return true
  }
}

/// Reads a wide CSV file: one query a record.
final class CSVWideRows: RowProducer {
  private let file: CSVFile
  private let reader: CSVRowReader
  /// Texts to leave out.
  private let removedTexts: Set<String>
  private var row = 0

  init(file: CSVFile, reader: CSVRowReader, removing: Set<String> = []) {
    self.file = file
    self.reader = reader
    removedTexts = removing
  }

  func next() throws(StoreError) -> RowBatch? {
    var batch = RowBatch()
    let path = file.path
    let isMore = try file.forEachRecord(
      { record, records in
        defer { row += 1 }
        do throws(RowError) {
          let query = try reader.wide(record, in: records, row: row)
          if let text = query.text, removedTexts.contains(text) {
            batch.removed += 1
            batch.recordsWithoutItem += 1
          } else {
            batch.items.append(.row(ParsedRow(file: path, line: record.line, query: query)))
          }
        } catch {
          batch.items.append(.rejected(error.at(file: path, line: record.line)))
        }
      },
      overlong: { rejected in
        row += 1
        batch.items.append(.rejected(rejected))
      })
    batch.storedBytesRead = file.storedBytesRead
    return isMore ? batch : nil
  }
}

/// Reads a long CSV file: one outcome a record. Records of one id are merged wherever they stand, so the
/// whole file is held in memory; queries come out in the order of their first records.
///
/// ``QueryMerger`` says what records of one id must agree in.
final class CSVLongRows: RowProducer {
  private let file: CSVFile
  private let reader: CSVRowReader
  private var merger = QueryMerger()
  private var row = 0
  private var isRead = false

  init(file: CSVFile, reader: CSVRowReader) {
    self.file = file
    self.reader = reader
  }

  func next() throws(StoreError) -> RowBatch? {
    if isRead {
      guard var batch = merger.next(file: file.path) else { return nil }
      batch.storedBytesRead = file.storedBytesRead
      return batch
    }
    var batch = RowBatch()
    let path = file.path
    isRead = try !file.forEachRecord(
      { record, records in
        defer { row += 1 }
        do throws(RowError) {
          let query = try reader.long(record, in: records, row: row)
          if try merger.add(query, line: record.line) { batch.recordsWithoutItem += 1 }
        } catch {
          batch.items.append(.rejected(error.at(file: path, line: record.line)))
        }
      },
      overlong: { rejected in
        row += 1
        batch.items.append(.rejected(rejected))
      })
    try merger.checkSize(path: path)
    batch.storedBytesRead = file.storedBytesRead
    return batch
  }
}
