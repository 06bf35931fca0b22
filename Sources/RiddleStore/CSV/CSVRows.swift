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
/// Records of one id must agree in query and context where they state them, and may name a candidate once.
final class CSVLongRows: RowProducer {
  private let file: CSVFile
  private let reader: CSVRowReader
  private var index: [String: Int] = [:]
  private var merged: [(query: LoggedQuery, line: Int)] = []
  private var row = 0
  private var emitted = 0
  private var isRead = false

  private static let rowsPerBatch = 2_000

  init(file: CSVFile, reader: CSVRowReader) {
    self.file = file
    self.reader = reader
  }

  func next() throws(StoreError) -> RowBatch? {
    var batch = RowBatch()
    if !isRead {
      let path = file.path
      isRead = try !file.forEachRecord(
        { record, records in
          defer { row += 1 }
          do throws(RowError) {
            let query = try reader.long(record, in: records, row: row)
            if try merge(query, line: record.line) { batch.recordsWithoutItem += 1 }
          } catch {
            batch.items.append(.rejected(error.at(file: path, line: record.line)))
          }
        },
        overlong: { rejected in
          row += 1
          batch.items.append(.rejected(rejected))
        })
      batch.storedBytesRead = file.storedBytesRead
      return batch
    }
    guard emitted < merged.count else { return nil }
    let end = min(merged.count, emitted + Self.rowsPerBatch)
    for (query, line) in merged[emitted..<end] {
      // Sorts the outcomes by candidate.
      let sorted = LoggedQuery(
        id: query.id, text: query.text, context: query.context, outcomes: query.outcomes,
        tier: query.tier)
      batch.items.append(.row(ParsedRow(file: file.path, line: line, query: sorted)))
    }
    emitted = end
    batch.storedBytesRead = file.storedBytesRead
    return batch
  }

  /// Adds one record; true when it joined an earlier one.
  private func merge(_ query: LoggedQuery, line: Int) throws(RowError) -> Bool {
    guard let at = index[query.id] else {
      index[query.id] = merged.count
      merged.append((query, line))
      return false
    }
    let firstLine = merged[at].line
    func join<T: Equatable>(_ old: inout T?, _ new: T?, _ field: String) throws(RowError) {
      guard let new else { return }
      if let old, old != new {
        throw RowError(
          field: field, reason: "differs from line \(firstLine), which has the same id")
      }
      old = new
    }
    var text = merged[at].query.text
    var context = merged[at].query.context
    var tier = merged[at].query.tier
    try join(&tier, query.tier, "tier")
    try join(&text, query.text, "query")
    try join(&context.group, query.context.group, "group")
    try join(&context.conversation, query.context.conversation, "conversation")
    try join(&context.turn, query.context.turn, "turn")
    try join(&context.userTier, query.context.userTier, "user_tier")
    try join(&context.taskType, query.context.taskType, "task_type")
    try join(&context.domain, query.context.domain, "domain")
    try join(&context.time, query.context.time, "time")
    for (name, value) in query.context.metadata.sorted(by: { $0.key < $1.key }) {
      try join(&context.metadata[name], value, "metadata.\(name)")
    }
    if merged[at].query.outcomes.count >= FieldRules.maximumCandidates {
      throw RowError(
        field: "candidate", reason: "more than \(FieldRules.maximumCandidates) for one id")
    }
    for entry in query.outcomes where merged[at].query.outcome(of: entry.candidate) != nil {
      throw RowError(
        field: "candidate", reason: "this id already has an outcome of \(entry.candidate)")
    }
    merged[at].query.text = text
    merged[at].query.context = context
    merged[at].query.tier = tier
    merged[at].query.outcomes.append(contentsOf: query.outcomes)
    return true
  }
}
