import RiddleData

/// Logs read straight from files, without a store.
public enum LogFile {
  /// Reads logs into memory, with the rules of an import: the same rows are accepted, unchanged,
  /// conflicting or rejected as if `paths` went into an empty store, in the same order.
  ///
  /// - Parameters:
  ///   - paths: files, `-` for standard input, or folders in RouteLLM's layout.
  ///   - rejects: where rejected rows are listed; nil keeps only the report's first twenty.
  ///   - progress: called after every block; an error it throws ends the reading.
  /// - Returns: the queries in the order read, and the report.
  /// - Throws: ``StoreError`` when a source as a whole cannot be read.
  public static func read(
    paths: [String], options: ImportOptions = ImportOptions(), rejects: RejectsWriter? = nil,
    progress: (ImportProgress) throws(StoreError) -> Void = { _ in }
  ) throws(StoreError) -> (queries: [LoggedQuery], report: ImportReport) {
    var queries: [LoggedQuery] = []
    let report = try scan(paths: paths, options: options, rejects: rejects, progress: progress) {
      query, index in
      if index < queries.count {
        queries[index].tier = query.tier
      } else {
        queries.append(query)
      }
    }
    return (queries, report)
  }

  /// What an import of logs into an empty store would come to. Keeps an identifier and a hash of each row, no row.
  ///
  /// - Throws: ``StoreError`` when a source as a whole cannot be read.
  public static func survey(
    paths: [String], options: ImportOptions = ImportOptions(),
    progress: (ImportProgress) throws(StoreError) -> Void = { _ in }
  ) throws(StoreError) -> ImportReport {
    try scan(paths: paths, options: options, rejects: nil, progress: progress) { _, _ in }
  }

  /// What is known of an accepted row.
  private struct Known {
    var hash: UInt64
    var index: Int
    var hasTier: Bool
  }

  /// Reads logs; `keep` takes each new row with its number, and each row that only gives a known one its tier.
  private static func scan(
    paths: [String], options: ImportOptions, rejects: RejectsWriter?,
    progress: (ImportProgress) throws(StoreError) -> Void, keep: (LoggedQuery, Int) -> Void
  ) throws(StoreError) -> ImportReport {
    var known: [String: Known] = [:]
    var dimensions: [String: Int] = [:]
    var builder = ReportBuilder(rejects: rejects)
    let sides = try SideTables(paths: paths, options: options)
    try ScoreNames.check(paths: paths, options: options, sides: sides)
    for path in paths {
      let source = try LogSource(path: path, options: options, sides: sides)
      builder.begin(source)
      let pump = BatchPump(source.rows)
      defer { pump.cancel() }
      while let batch = try pump.next() {
        builder.add(batch)
        for item in batch.items {
          switch item {
          case .rejected(let row): try builder.reject(row)
          case .row(let row):
            if let vector = row.query.embedding {
              let dimension = dimensions[vector.model] ?? vector.values.count
              if let refusal = EmbeddingWriter.refusal(of: vector, dimension: dimension) {
                try builder.accept(row, refusal)
                continue
              }
              dimensions[vector.model] = dimension
            }
            try builder.accept(row, fate(of: row, &known, keep))
          }
        }
        try progress(builder.progress(of: source))
      }
    }
    return try builder.finish()
  }

  private static func fate(
    of row: ParsedRow, _ known: inout [String: Known], _ keep: (LoggedQuery, Int) -> Void
  ) -> ReportBuilder.Fate {
    let id = row.query.id
    guard let old = known[id] else {
      let index = known.count
      known[id] = Known(hash: row.contentHash, index: index, hasTier: row.query.tier != nil)
      keep(row.query, index)
      return .inserted
    }
    if old.hash == row.contentHash { return .unchanged }
    guard !old.hasTier, row.hashWithoutTier == old.hash else { return .conflict }
    known[id] = Known(hash: row.contentHash, index: old.index, hasTier: true)
    keep(row.query, old.index)
    return .updated
  }

  /// Reads a mapping file: JSON for CSV alone, or YAML for any table or JSON.
  ///
  /// - Throws: ``StoreError`` when it is missing, larger than 1 MB, or not a mapping.
  public static func readMapping(path: String, into options: inout ImportOptions) throws(StoreError)
  {
    let source = try ByteSource(path: path)
    var bytes: [UInt8] = []
    while try source.read(appendingTo: &bytes) {
      if bytes.count > 1 << 20 {
        throw .badMapping(path: path, field: "the document", reason: "is larger than 1 MB")
      }
    }
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
    if bytes.first(where: { $0 > 0x20 }) == 0x7b {
      options.mapping = try CSVMapping(parsing: bytes, path: path)
    } else {
      options.fields = try FieldMapping(yaml: bytes, path: path)
    }
  }
}

extension ReportBuilder {
  /// How far the import is, within `source`.
  func progress(of source: LogSource) -> ImportProgress {
    ImportProgress(
      path: source.path, rowsRead: report.rowsRead, rejected: report.rejected + report.conflicts,
      bytesRead: report.sources.last?.bytes ?? 0, totalBytes: source.storedSize)
  }
}
