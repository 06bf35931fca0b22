/// Opens any source of records that a mapping file names the fields of.
struct MappedSource {
  var records: any RecordSource
  var compression = ByteSource.Compression.none
  var storedSize: Int?

  /// Opens `path` as the kind of source that `mapping` says, or that its content shows.
  init(path: String, mapping: FieldMapping, limits: ReadingLimits) throws(StoreError) {
    try self.init(
      path: path, source: mapping.source, table: mapping.table, rows: mapping.rows,
      delimiter: mapping.delimiter, limits: limits)
  }

  /// As above; nil for what the content shall show.
  init(
    path: String, source kind: FieldMapping.Source?, table: String?, rows: String?,
    delimiter: UInt8?, limits: ReadingLimits
  ) throws(StoreError) {
    let source = try ByteSource(path: path)
    compression = source.compression
    storedSize = source.storedSize
    let head = try source.peek(Sniffer.headBytes)
    let isDatabase = head.starts(with: Array("SQLite format 3\0".utf8))
    if isDatabase || kind == .sqlite {
      guard isDatabase else {
        throw .badFormat(path: path, reason: "is no SQLite database, which the mapping says it is")
      }
      guard path != "-", compression == .none else {
        throw .badFormat(path: path, reason: "a database is read from a plain file, not a stream")
      }
      records = try SQLiteRecords(path: path, table: table)
      return
    }
    if let (kind, remedy) = Sniffer.foreignFormat(head, path: path) {
      throw .unsupportedInput(path: path, looksLike: kind, remedy: remedy)
    }
    guard let start = Sniffer.firstByte(head) else { throw .emptyInput(path: path) }
    let shape: RecordShape
    switch kind {
    case .csv: shape = .csv(delimiter: delimiter ?? Sniffer.delimiter(head, from: start))
    case .tsv: shape = .csv(delimiter: 0x09)
    case .jsonl: shape = .lines
    case .json:
      let seen = RecordShape(head: head, format: .mapped)
      shape = rows != nil || seen == .document ? .document : .objects
    case .sqlite, nil:
      if rows != nil {
        shape = .document
      } else if head[start] == 0x7b || head[start] == 0x5b {
        shape = RecordShape(head: head, format: .mapped)
      } else {
        shape = .csv(delimiter: delimiter ?? Sniffer.delimiter(head, from: start))
      }
    }
    let targets =
      rows.map {
        [
          JSONElementScanner.Target(
            path: $0.split(separator: ".").map(String.init), isList: true)
        ]
      } ?? RecordShape.usualTargets
    records = try shape.records(of: source, targets: targets, limits: limits)
  }
}
