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
    let sides = try SideTables(paths: paths, options: options)
    try ScoreNames.check(paths: paths, options: options, sides: sides)
    for path in paths {
      let source = try LogSource(path: path, options: options, sides: sides)
      builder.begin(source)
      let encoder = RowEncoder()
      let pump = BatchPump(source.rows) { encoder.encode($0) }
      defer { pump.cancel() }
      var target = Target()
      var pending = PendingItems()
      while true {
        let next: EncodedRows?
        do throws(StoreError) {
          next = try pump.next()
        } catch {
          // What stands before a damaged place is good, and kept. A log that is refused as a whole leaves nothing more.
          switch error {
          case .damagedGzip, .damagedZstd, .io:
            try commit(pending.takeRest(), &builder, &target, isComplete: false)
          default: break
          }
          throw error
        }
        guard let batch = next else { break }
        builder.add(batch.rest, itemCount: batch.items.count)
        pending.append(batch)
        while let part = pending.take(options.rowsPerTransaction) {
          try commit(part, &builder, &target, isComplete: false)
          try progress(builder.progress(of: source))
        }
      }
      try commit(pending.takeRest(), &builder, &target, isComplete: true)
      try progress(builder.progress(of: source))
    }
    return try builder.finish()
  }

  /// Where the rows of one source go.
  private struct Target {
    /// The source's row in `imports`, made with the first query that is new: a run that adds nothing leaves no trace.
    var record: Int64?
    /// Ids of candidates by the source's numbers; 0 for one not looked up yet.
    var candidates: [Int64] = []
  }

  /// Writes `parts` and the running counts of their source in one transaction.
  private func commit(
    _ parts: [PendingItems.Part], _ builder: inout ReportBuilder, _ target: inout Target,
    isComplete: Bool
  ) throws(StoreError) {
    // Fates and numbers are kept only after the transaction is committed.
    let (fates, id, candidates): ([ReportBuilder.Fate], Int64?, [Int64]) = try write { db in
      // The source's row in `imports` follows its first new query, so the check of that reference waits
      // for the commit; and an import that adds nothing writes nothing.
      try db.execute(sql: "PRAGMA defer_foreign_keys = ON")
      let id = try target.record ?? nextImport(db)
      let writer = try RowWriter(db, importID: id)
      var fates: [ReportBuilder.Fate] = []
      var candidates = target.candidates
      for part in parts {
        try writer.write(part.batch, part.range, candidates: &candidates, fates: &fates)
      }
      let isNew = fates.contains(.inserted) || fates.contains(.updated)
      // Vectors of known texts are written either way; they are no rows of the log.
      if target.record == nil && !isNew {
        if isComplete { try completeEarlier(db, builder) }
        return (fates, nil, candidates)
      }
      let count = parts.reduce(0) { $0 + $1.range.count }
      try save(db, id, builder, fates, itemCount: count, isComplete: isComplete)
      return (fates, id, candidates)
    }
    target.record = id
    target.candidates = candidates
    var next = fates.makeIterator()
    for part in parts {
      for index in part.range {
        try builder.accept(part.batch, index) { () throws(StoreError) in
          guard let fate = next.next() else { throw .defect("a written row has no fate") }
          return fate
        }
      }
    }
  }

  /// Nothing of the source was missing: what was cut short before had committed all of it.
  private func completeEarlier(_ db: Database, _ builder: ReportBuilder) throws {
    guard let source = builder.report.sources.last else { return }
    try db.execute(
      sql: "UPDATE imports SET is_complete = 1 WHERE source = ? AND is_complete = 0",
      arguments: [source.path])
  }

  private func nextImport(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db, sql: "SELECT coalesce(max(id), 0) + 1 FROM imports") ?? 1
  }

  private func save(
    _ db: Database, _ id: Int64, _ builder: ReportBuilder, _ fates: [ReportBuilder.Fate],
    itemCount: Int, isComplete: Bool
  ) throws {
    guard let source = builder.report.sources.last else {
      throw StoreError.defect("an import without a source")
    }
    func count(_ fate: ReportBuilder.Fate) -> Int { fates.count { $0 == fate } }
    // Not INSERT OR REPLACE: replacing deletes, and a deleted import makes SQLite look through all queries for one that
    // refers to it, once per transaction.
    try db.execute(
      sql: """
        INSERT INTO imports (id, source, format, bytes, rows_read, inserted, unchanged,
          conflicts, rejected, removed, is_complete, updated)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes, rows_read = excluded.rows_read,
          inserted = excluded.inserted, unchanged = excluded.unchanged,
          conflicts = excluded.conflicts, rejected = excluded.rejected,
          removed = excluded.removed, is_complete = excluded.is_complete,
          updated = excluded.updated
        """,
      arguments: [
        id, source.path, source.format.rawValue, source.bytes, source.rowsRead,
        source.inserted + count(.inserted), source.unchanged + count(.unchanged),
        source.conflicts + count(.conflict),
        source.rejected + itemCount - fates.count + fates.count { $0.isRefused },
        source.removed + source.leftOut.values.reduce(0, +) + count(.erased), isComplete,
        source.updated + count(.updated),
      ])
  }
}
