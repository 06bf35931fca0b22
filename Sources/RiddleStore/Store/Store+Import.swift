import GRDB
import RiddleData

extension Store {
  /// Imports logs, in transactions of ``ImportOptions/rowsPerTransaction`` rows.
  ///
  /// Idempotent: a row whose id and content are already there changes nothing, so importing the same file
  /// again changes nothing, and importing it after a crash adds what was missing, in the same order.
  /// A row whose content is there but for a tier gives its tier to the stored row, in place of a judge's if
  /// there is one. A row's vector is kept by text and model, once; a later one of the same text is not looked at.
  /// A row whose id is there with other content is a conflict: it is listed among the rejects and the
  /// stored row stays.
  ///
  /// - Parameters:
  ///   - paths: files, `-` for standard input, or folders in RouteLLM's layout.
  ///   - rejects: where rejected rows are listed; nil keeps only the report's first twenty.
  ///   - progress: called after every transaction. An error it throws ends the import; what was committed
  ///     stays.
  /// - Throws: ``StoreError`` when a source as a whole cannot be read or the store not written.
  public func `import`(
    _ paths: [String], options: ImportOptions = ImportOptions(), rejects: RejectsWriter? = nil,
    progress: (ImportProgress) throws(StoreError) -> Void = { _ in }
  ) throws(StoreError) -> ImportReport {
    var builder = ReportBuilder(rejects: rejects)
    var candidates: [String: Int64] = [:]
    let sides = try SideTables(paths: paths, options: options)
    for path in paths {
      let source = try LogSource(path: path, options: options, sides: sides)
      builder.begin(source)
      let pump = BatchPump(source.rows)
      defer { pump.cancel() }
      var record: Int64?
      var pending: [RowItem] = []
      while let batch = try pump.next() {
        builder.add(batch)
        pending.append(contentsOf: batch.items)
        var start = 0
        while pending.count - start >= options.rowsPerTransaction {
          let end = start + options.rowsPerTransaction
          try commit(pending[start..<end], &builder, &candidates, &record, isComplete: false)
          try progress(builder.progress(of: source))
          start = end
        }
        pending.removeFirst(start)
      }
      try commit(pending[...], &builder, &candidates, &record, isComplete: true)
      try progress(builder.progress(of: source))
    }
    return try builder.finish()
  }

  /// Writes `items` and the running counts of their source in one transaction.
  ///
  /// `record` is the source's row in `imports`, made with the first query that is new: a run that adds
  /// nothing leaves no trace.
  private func commit(
    _ items: ArraySlice<RowItem>, _ builder: inout ReportBuilder,
    _ candidates: inout [String: Int64], _ record: inout Int64?, isComplete: Bool
  ) throws(StoreError) {
    // Fates are applied to the report only after the transaction is committed.
    let (fates, id): ([ReportBuilder.Fate], Int64?) = try write { db in
      // The source's row in `imports` follows its first new query, so the check of that reference waits
      // for the commit; and an import that adds nothing writes nothing.
      try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
      let id = try record ?? nextImport(db)
      let writer = try RowWriter(db, importID: id)
      var fates: [ReportBuilder.Fate] = []
      for case .row(let row) in items {
        fates.append(try writer.write(row, candidates: &candidates))
      }
      let isNew = fates.contains(.inserted) || fates.contains(.updated)
      // Vectors of known texts are written either way; they are no rows of the log.
      if record == nil && !isNew { return (fates, nil) }
      try save(db, id, builder, fates, items, isComplete: isComplete)
      return (fates, id)
    }
    record = id
    var next = fates.makeIterator()
    for item in items {
      switch item {
      case .rejected(let row): try builder.reject(row)
      case .row(let row):
        guard let fate = next.next() else { throw .defect("a written row has no fate") }
        try builder.accept(row, fate)
      }
    }
  }

  private func nextImport(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) + 1 FROM imports") ?? 1
  }

  private func save(
    _ db: Database, _ id: Int64, _ builder: ReportBuilder, _ fates: [ReportBuilder.Fate],
    _ items: ArraySlice<RowItem>, isComplete: Bool
  ) throws {
    guard let source = builder.report.sources.last else {
      throw StoreError.defect("an import without a source")
    }
    func count(_ fate: ReportBuilder.Fate) -> Int { fates.count { $0 == fate } }
    try db.execute(
      sql: """
        INSERT OR REPLACE INTO imports (id, source, format, bytes, rows_read, inserted, unchanged,
          conflicts, rejected, removed, is_complete, updated)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        id, source.path, source.format.rawValue, source.bytes, source.rowsRead,
        source.inserted + count(.inserted), source.unchanged + count(.unchanged),
        source.conflicts + count(.conflict),
        source.rejected + items.count - fates.count + fates.count { $0.isRefused },
        source.removed + source.leftOut.values.reduce(0, +), isComplete,
        source.updated + count(.updated),
      ])
  }
}
