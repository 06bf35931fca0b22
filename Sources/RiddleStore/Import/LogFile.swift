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
    var known: [String: (hash: UInt64, index: Int)] = [:]
    var dimensions: [String: Int] = [:]
    var builder = ReportBuilder(rejects: rejects)
    let sides = try SideTables(paths: paths, options: options)
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
            if let (hash, index) = known[row.query.id] {
              if hash == row.contentHash {
                try builder.accept(row, .unchanged)
              } else if queries[index].tier == nil, row.hashWithoutTier == hash {
                queries[index].tier = row.query.tier
                known[row.query.id] = (row.contentHash, index)
                try builder.accept(row, .updated)
              } else {
                try builder.accept(row, .conflict)
              }
            } else {
              known[row.query.id] = (row.contentHash, queries.count)
              queries.append(row.query)
              try builder.accept(row, .inserted)
            }
          }
        }
        try progress(builder.progress(of: source))
      }
    }
    return (queries, try builder.finish())
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
