import RiddleData

/// Gathers an import's report row by row.
struct ReportBuilder {
  /// What became of a row.
  enum Fate: Equatable {
    case inserted, unchanged, conflict
    /// Known, but for a tier that it did not have.
    case updated
    /// Not taken, because `field` does not fit what is there.
    case refused(field: String, reason: String)

    var isRefused: Bool {
      if case .refused = self { return true }
      return false
    }
  }

  private(set) var report = ImportReport()
  private var tallies: [String: Tally] = [:]
  private let rejects: RejectsWriter?

  private static let shownRejects = 20

  init(rejects: RejectsWriter?) { self.rejects = rejects }

  mutating func begin(_ source: LogSource) {
    report.sources.append(
      ImportReport.Source(
        path: source.path, format: source.format, recognisedBy: source.recognisedBy,
        isGzip: source.compression == .gzip, compression: source.compression.rawValue,
        mapping: source.mapping))
  }

  /// The source being read.
  private var last: Int { report.sources.count - 1 }

  mutating func add(_ batch: RowBatch) {
    report.sources[last].rowsRead += batch.items.count + batch.recordsWithoutItem
    report.sources[last].removed += batch.removed
    report.sources[last].leftOut.merge(batch.leftOut, uniquingKeysWith: +)
    for note in batch.notes where !report.notes.contains(note) { report.notes.append(note) }
    report.sources[last].bytes = batch.storedBytesRead
  }

  mutating func reject(_ row: RejectedRow) throws(StoreError) {
    report.sources[last].rejected += 1
    try list(row)
  }

  mutating func accept(_ row: ParsedRow, _ fate: Fate) throws(StoreError) {
    switch fate {
    case .inserted: report.sources[last].inserted += 1
    case .unchanged: report.sources[last].unchanged += 1
    case .updated: report.sources[last].updated += 1
    case .refused(let field, let reason):
      return try reject(RejectedRow(file: row.file, line: row.line, field: field, reason: reason))
    case .conflict:
      report.sources[last].conflicts += 1
      return try list(
        RejectedRow(
          file: row.file, line: row.line, field: "id",
          reason: "another row has the id \"\(row.query.id)\" and other content; that one stays"))
    }
    if row.query.text == nil { report.withoutText += 1 }
    if row.query.tier != nil { report.withTier += 1 }
    if row.query.embedding != nil { report.withEmbedding += 1 }
    for entry in row.query.outcomes {
      tallies[entry.candidate, default: Tally(name: entry.candidate)]
        .add(entry.outcome)
    }
  }

  private mutating func list(_ row: RejectedRow) throws(StoreError) {
    if report.firstRejects.count < Self.shownRejects { report.firstRejects.append(row) }
    try rejects?.write(row)
  }

  /// The finished report.
  mutating func finish() throws(StoreError) -> ImportReport {
    try rejects?.close()
    let sorted = tallies.values.sorted { $0.counts.name < $1.counts.name }
    report.candidates = sorted.map(\.counts)
    report.warnings += UnitGuards.warnings(sorted)
    return report
  }
}
