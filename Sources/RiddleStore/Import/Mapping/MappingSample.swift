/// The first records of a source, and how it was opened.
struct MappingSample {
  var records: [LogValue] = []
  var source = FieldMapping.Source.jsonl
  var table: String?
  var rows: String?
  var delimiter: UInt8?

  init(path: String) throws(StoreError) {
    let limits = ReadingLimits()
    let head = try ByteSource(path: path).peek(Sniffer.headBytes)
    if head.starts(with: Array("SQLite format 3\0".utf8)) {
      source = .sqlite
      try readTables(path)
      return
    }
    let opened = try MappedSource(
      path: path, source: nil, table: nil, rows: nil, delimiter: nil, limits: limits)
    switch opened.records {
    case is CSVTableRecords:
      delimiter = Sniffer.delimiter(head, from: Sniffer.firstByte(head) ?? 0)
      source = delimiter == 0x09 ? .tsv : .csv
    case is JSONDocumentRecords: source = .json
    default: source = .jsonl
    }
    records = try Self.take(opened.records)
    // A document that holds a list looks like one record.
    let isAlone =
      records.count == 1 && MappingSuggestion.wholePrompt(records) == nil
      && records[0].members.contains { $0.value.elements.contains { !$0.members.isEmpty } }
    if isAlone {
      records = []
      source = .json
    }
    if records.isEmpty, source == .json {
      for key in JSONKeyScan(head).levels[0].sorted() {
        let inner = try MappedSource(
          path: path, source: .json, table: nil, rows: key, delimiter: nil, limits: limits)
        let found = try Self.take(inner.records)
        if found.count > records.count { (records, rows) = (found, key) }
      }
    }
    if records.isEmpty {
      throw .badFormat(path: path, reason: "holds no record from which to suggest a mapping")
    }
  }

  private mutating func readTables(_ path: String) throws(StoreError) {
    var best = -1
    for name in try SQLiteRecords.tables(path: path) {
      let found = try Self.take(SQLiteRecords(path: path, table: name))
      let fields = FieldSummary.fields(of: found)
      let known = MappingSuggestion.aliases.count {
        MappingSuggestion.find($0.names, in: fields) != nil
      }
      if !found.isEmpty, known > best { (best, records, table) = (known, found, name) }
    }
    if records.isEmpty { throw .badFormat(path: path, reason: "has no table with a row") }
  }

  private static func take(_ source: any RecordSource) throws(StoreError) -> [LogValue] {
    var records: [LogValue] = []
    while records.count < MappingSuggestion.sampleSize, let (block, _) = try source.next() {
      for record in block where records.count < MappingSuggestion.sampleSize {
        if case .success(let value) = record.content, case .object = value {
          records.append(value)
        }
      }
    }
    return records
  }
}
