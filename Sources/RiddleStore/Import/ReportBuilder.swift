import RiddleData

/// Gathers an import's report row by row.
struct ReportBuilder {
  /// What became of a row.
  enum Fate: Equatable {
    case inserted, unchanged, conflict
    /// Known, but for a tier that it did not have.
    case updated
    /// Not taken, because its user or request was erased from the store.
    case erased
    /// Not taken, because `field` does not fit what is there.
    case refused(field: String, reason: String)

    var isRefused: Bool {
      if case .refused = self { return true }
      return false
    }
  }

  private(set) var report = ImportReport()
  private var tallies: [Tally] = []
  /// Positions in `tallies` by name, and by the numbers of the source being read.
  private var positions: [String: Int] = [:]
  private var numbered: [Int] = []
  private let rejects: RejectsWriter?

  private static let shownRejects = 20

  init(rejects: RejectsWriter?) { self.rejects = rejects }

  mutating func begin(_ source: LogSource) {
    report.sources.append(
      ImportReport.Source(
        path: source.path, format: source.format, recognisedBy: source.recognisedBy,
        isGzip: source.compression == .gzip, compression: source.compression.rawValue,
        mapping: source.mapping))
    numbered = []
  }

  /// The source being read.
  private var last: Int { report.sources.count - 1 }

  mutating func add(_ batch: RowBatch) { add(batch, itemCount: batch.items.count) }

  /// Adds what is known of a batch beside its items, of which there are `itemCount`.
  mutating func add(_ batch: RowBatch, itemCount: Int) {
    report.sources[last].rowsRead += itemCount + batch.recordsWithoutItem
    report.sources[last].removed += batch.removed
    report.sources[last].leftOut.merge(batch.leftOut, uniquingKeysWith: +)
    for note in batch.notes where !report.notes.contains(note) { report.notes.append(note) }
    report.sources[last].bytes = batch.storedBytesRead
  }

  mutating func reject(_ row: RejectedRow) throws(StoreError) {
    report.sources[last].rejected += 1
    try list(row)
  }

  /// Counts a row read without a store.
  mutating func accept(_ row: ParsedRow, _ fate: Fate) throws(StoreError) {
    guard try count(fate, row.file, row.line, id: row.query.id) else { return }
    if row.query.text == nil { report.withoutText += 1 }
    if row.query.tier != nil { report.withTier += 1 }
    if row.query.embedding != nil { report.withEmbedding += 1 }
    for entry in row.query.outcomes {
      tallies[position(of: entry.candidate)].add(entry.outcome)
    }
    compare(
      answers: row.query.outcomes.count,
      judged: row.query.outcomes.count { $0.outcome.quality != nil })
  }

  /// Counts the item at `index`, whatever it is; a row's fate comes from `fate`.
  mutating func accept(
    _ batch: EncodedRows, _ index: Int, fate: () throws(StoreError) -> Fate
  ) throws(StoreError) {
    let first: Int
    let outcomes: Int
    switch batch.items[index] {
    case .rejected(let position): return try reject(batch.rejects[position])
    case .row(let start, let count): (first, outcomes) = (start, count)
    }
    let place = batch.places[index]
    let fate = try fate()
    // The id is made a string only where it is shown.
    let id = fate == .conflict ? batch.text(batch.values[first]) ?? "" : ""
    guard try count(fate, batch.files[place.file], place.line, id: id) else { return }
    if batch.values[first + 1].kind == .null { report.withoutText += 1 }
    if let special = batch.special.isEmpty ? nil : batch.special[index] {
      if special.query.tier != nil { report.withTier += 1 }
      if special.query.embedding != nil { report.withEmbedding += 1 }
    }
    for number in numbered.count..<max(numbered.count, batch.candidates.count) {
      numbered.append(position(of: batch.candidates[number]))
    }
    var start = first + EncodedRows.queryWidth
    var judged = 0
    for _ in 0..<outcomes {
      let (candidate, outcome) = batch.outcome(at: start)
      tallies[numbered[candidate]].add(outcome)
      if outcome.quality != nil { judged += 1 }
      start += EncodedRows.outcomeWidth
    }
    compare(answers: outcomes, judged: judged)
  }

  /// Counts what became of a row; false when it was not taken.
  private mutating func count(_ fate: Fate, _ file: String, _ line: Int, id: String)
    throws(StoreError) -> Bool
  {
    switch fate {
    case .inserted: report.sources[last].inserted += 1
    case .unchanged: report.sources[last].unchanged += 1
    case .updated: report.sources[last].updated += 1
    case .erased:
      report.sources[last].leftOut[Tombstones.reason, default: 0] += 1
      return false
    case .refused(let field, let reason):
      try reject(RejectedRow(file: file, line: line, field: field, reason: reason))
      return false
    case .conflict:
      report.sources[last].conflicts += 1
      try list(
        RejectedRow(
          file: file, line: line, field: "id",
          reason: "another row has the id \"\(id)\" and other content; that one stays"))
      return false
    }
    return true
  }

  private mutating func compare(answers: Int, judged: Int) {
    if answers >= 2 { report.severalAnswers += 1 }
    if judged >= 2 { report.comparable += 1 }
  }

  private mutating func position(of candidate: String) -> Int {
    if let known = positions[candidate] { return known }
    positions[candidate] = tallies.count
    tallies.append(Tally(name: candidate))
    return tallies.count - 1
  }

  private mutating func list(_ row: RejectedRow) throws(StoreError) {
    if report.firstRejects.count < Self.shownRejects { report.firstRejects.append(row) }
    try rejects?.write(row)
  }

  /// The finished report.
  mutating func finish() throws(StoreError) -> ImportReport {
    try rejects?.close()
    let sorted = tallies.sorted { $0.counts.name < $1.counts.name }
    report.candidates = sorted.map(\.counts)
    report.warnings += UnitGuards.warnings(sorted)
    return report
  }
}
