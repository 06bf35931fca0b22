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
        isGzip: source.isGzip))
  }

  /// The source being read.
  private var last: Int { report.sources.count - 1 }

  mutating func add(_ batch: RowBatch) {
    report.sources[last].rowsRead += batch.items.count + batch.recordsWithoutItem
    report.sources[last].removed += batch.removed
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
    for tally in sorted {
      if let cost = tally.costs.medianLowerBound, cost >= 1_000_000_000 {
        report.warnings.append(
          "\(tally.counts.name): the median cost is above 1 US dollar an answer; "
            + "is it in cents, or a price per million tokens?")
      }
      if let latency = tally.latencies.medianLowerBound, latency < 8_000 {
        report.warnings.append(
          "\(tally.counts.name): the median latency is below 16 ms; "
            + "latency_ms is in milliseconds, is this in seconds?")
      }
    }
    let known = sorted.filter { $0.latencies.medianLowerBound != nil }
    let low = known.min { $0.latencies.medianBits < $1.latencies.medianBits }
    let high = known.max { $0.latencies.medianBits < $1.latencies.medianBits }
    if let low, let high, (9...11).contains(high.latencies.medianBits - low.latencies.medianBits) {
      report.warnings.append(
        "the median latencies of \(low.counts.name) and \(high.counts.name) differ about a "
          + "thousandfold; are both in milliseconds?")
    }
    return report
  }
}

/// Counts of a candidate, and magnitudes of its costs and latencies for the guards of units.
private struct Tally {
  var counts: ImportReport.Candidate
  var costs = Magnitudes()
  var latencies = Magnitudes()

  init(name: String) { counts = ImportReport.Candidate(name: name) }

  mutating func add(_ outcome: Outcome) {
    counts.answered += 1
    if outcome.quality != nil { counts.judged += 1 }
    if let cost = outcome.cost {
      counts.priced += 1
      costs.add(cost.count)
    }
    if let latency = outcome.latency {
      counts.timed += 1
      latencies.add(latency.count)
    }
  }
}

/// A histogram by powers of two: a median to within a factor of two in constant memory.
struct Magnitudes {
  private var bins = [Int](repeating: 0, count: 65)
  private var count = 0

  mutating func add(_ value: Int64) {
    bins[64 - value.magnitude.leadingZeroBitCount] += 1
    count += 1
  }

  /// Number of bits of the median; 0 when it is 0.
  var medianBits: Int {
    var below = 0
    for (bits, inBin) in bins.enumerated() {
      below += inBin
      if 2 * below >= count { return bits }
    }
    return 0
  }

  /// The largest power of two not above the median, 0 for a median of 0; nil without values.
  var medianLowerBound: Int64? {
    guard count > 0 else { return nil }
    return medianBits == 0 ? 0 : 1 << Int64(medianBits - 1)
  }
}
