import GRDB
import RiddleData

/// One labelling of a log: which candidates, by which rule, from which state of the log.
public struct Labelling: Equatable, Sendable {
  /// Its name; saving another under the same name replaces it.
  public var name: String
  /// The ladder from cheapest to dearest.
  public var candidates: [String]
  /// The rule that picked.
  public var oracle: Oracle
  /// The training target.
  public var target: LabelTarget
  /// Quality from which an answer is adequate, in [0, 1].
  public var qualityThreshold: Double
  /// ``Store/contentHash()`` of the log it was made from. Set by ``Store/saveLabelling(_:verdicts:)``.
  public internal(set) var logHash = ""
  /// The last import that the log then held; nil when there was none. Set on saving.
  public internal(set) var lastImport: Int64?

  /// A labelling that is not saved yet.
  public init(
    name: String, candidates: [String], oracle: Oracle, target: LabelTarget,
    qualityThreshold: Double
  ) {
    self.name = name
    self.candidates = candidates
    self.oracle = oracle
    self.target = target
    self.qualityThreshold = qualityThreshold
  }
}

/// The oracle's pick for one query.
public struct LabelVerdict: Equatable, Sendable {
  /// The query's id.
  public var queryID: String
  /// Position in the ladder, 0 = cheapest.
  public var verdict: Int

  /// Pairs an id with a pick.
  public init(queryID: String, verdict: Int) {
    self.queryID = queryID
    self.verdict = verdict
  }
}

extension Store {
  /// Saves a labelling with its verdicts in one transaction, replacing one of the same name.
  ///
  /// - Returns: the labelling with `logHash` and `lastImport` filled in.
  /// - Throws: `.unknownQuery`; `.invalidValue` for a verdict outside the ladder or a threshold outside
  ///   [0, 1]; `.unknownCandidate`.
  @discardableResult
  public func saveLabelling(_ labelling: Labelling, verdicts: [LabelVerdict])
    throws(StoreError) -> Labelling
  {
    try checked(labelling)
    for verdict in verdicts where !labelling.candidates.indices.contains(verdict.verdict) {
      throw .invalidValue(
        field: "verdict of \(verdict.queryID)",
        reason: "\(verdict.verdict) is outside a ladder of \(labelling.candidates.count)")
    }
    return try write { db in
      let (id, result) = try insertRow(db, labelling)
      let insert = try db.makeStatement(
        sql: """
          INSERT INTO labels (labelling, query, verdict)
          SELECT ?, row, ? FROM queries WHERE id = ?
          """)
      for verdict in verdicts {
        insert.setUncheckedArguments([id, verdict.verdict, verdict.queryID])
        do {
          try insert.execute()
        } catch let error as DatabaseError
          where error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY
        {
          throw StoreError.invalidValue(
            field: "verdict of \(verdict.queryID)", reason: "is given twice")
        }
        if db.changesCount == 0 { throw StoreError.unknownQuery(id: verdict.queryID) }
      }
      return result
    }
  }

  /// Labels every query as it is read, in constant memory and one transaction, replacing a labelling of the same name.
  ///
  /// Other writers wait until it is done.
  ///
  /// - Parameters:
  ///   - picks: takes some thousand queries in the order of import, with the outcomes of the ladder's candidates, and gives a
  ///     position in the ladder for each, or nil for one that is not labelled.
  ///   - atEnd: called before anything is kept; what it throws, like what `picks` throws, leaves the store as it was.
  /// - Returns: the labelling with `logHash` and `lastImport` filled in.
  /// - Throws: as ``saveLabelling(_:verdicts:)``; what the closures throw.
  @discardableResult
  public func saveLabelling(
    _ labelling: Labelling, picks: ([LoggedQuery]) throws -> [Int?], atEnd: () throws -> Void
  ) throws -> Labelling {
    try checked(labelling)
    var failure: (any Error)?
    do {
      return try write { db in
        let (id, result) = try insertRow(db, labelling)
        let label = try BulkStatement(
          db, "INSERT INTO labels (labelling, query, verdict) VALUES (?, ?, ?)")
        var rows: [Int64] = []
        var chunk: [LoggedQuery] = []
        func flush() throws {
          let verdicts: [Int?]
          do { verdicts = try picks(chunk) } catch {
            failure = error
            throw error
          }
          for (row, verdict) in zip(rows, verdicts) {
            guard let verdict else { continue }
            label.bind(1, id)
            label.bind(2, row)
            label.bind(3, Int64(verdict))
            _ = try label.run()
          }
          rows.removeAll(keepingCapacity: true)
          chunk.removeAll(keepingCapacity: true)
        }
        try Self.forEachRow(db, candidates: labelling.candidates) { stored, query in
          rows.append(stored.row)
          chunk.append(query)
          if chunk.count == 4096 { try flush() }
        }
        try flush()
        do { try atEnd() } catch {
          failure = error
          throw error
        }
        return result
      }
    } catch {
      throw failure ?? error
    }
  }

  private func checked(_ labelling: Labelling) throws(StoreError) {
    if labelling.name.isEmpty { throw .invalidValue(field: "name", reason: "is empty") }
    guard labelling.qualityThreshold >= 0 && labelling.qualityThreshold <= 1 else {
      throw .invalidValue(
        field: "quality threshold",
        reason: "expected a number from 0 to 1, got \(labelling.qualityThreshold)")
    }
    if case .cheapestAdequate(let threshold) = labelling.oracle,
      threshold != labelling.qualityThreshold
    {
      throw .invalidValue(
        field: "quality threshold",
        reason: "the oracle's is \(threshold), the labelling's \(labelling.qualityThreshold)")
    }
  }

  /// Writes the row of a labelling, in place of one of the same name.
  private func insertRow(_ db: Database, _ labelling: Labelling) throws -> (Int64, Labelling) {
    var result = labelling
    result.logHash = try Self.contentHash(db)
    let known = try String.fetchAll(db, sql: "SELECT name FROM candidates ORDER BY name")
    for name in result.candidates where !known.contains(name) {
      throw StoreError.unknownCandidate(name: name, available: known)
    }
    result.lastImport = try Int64.fetchOne(db, sql: "SELECT max(id) FROM imports")
    // One that a run was trained on stays, under a name of its own: it says which data trained a router.
    try db.execute(
      sql: """
        UPDATE labellings SET name = name || ' #' || id
        WHERE name = ? AND id IN (SELECT labelling FROM runs)
        """, arguments: [result.name])
    try db.execute(sql: "DELETE FROM labellings WHERE name = ?", arguments: [result.name])
    try db.execute(
      sql: """
        INSERT INTO labellings (id, name, candidates, oracle, target, quality_threshold, log_hash,
          last_import)
        VALUES ((SELECT coalesce(max(id), 0) + 1 FROM labellings), ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        result.name, JSONText.array(result.candidates), result.oracle.name,
        result.target.rawValue, result.qualityThreshold, result.logHash, result.lastImport,
      ])
    return (db.lastInsertedRowID, result)
  }

  /// The labelling saved last, or nil.
  public func latestLabelling() throws(StoreError) -> Labelling? {
    try labelling(where: "id = (SELECT max(id) FROM labellings)", [])
  }

  /// The labelling called `name`, or nil.
  public func labelling(named name: String) throws(StoreError) -> Labelling? {
    try labelling(where: "name = ?", [name])
  }

  /// The verdicts of a saved labelling, in the order of import; empty when it is not in the store.
  public func verdicts(of labelling: Labelling) throws(StoreError) -> [LabelVerdict] {
    try read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT q.id, l.verdict FROM labels l JOIN queries q ON q.row = l.query
          WHERE l.labelling = (SELECT id FROM labellings WHERE name = ?) ORDER BY l.query
          """, arguments: [labelling.name])
      var verdicts: [LabelVerdict] = []
      while let row = try rows.next() {
        verdicts.append(LabelVerdict(queryID: row[0], verdict: row[1]))
      }
      return verdicts
    }
  }

  private func labelling(where condition: String, _ arguments: StatementArguments)
    throws(StoreError) -> Labelling?
  {
    try read { db in
      guard
        let row = try Row.fetchOne(
          db,
          sql: """
            SELECT name, candidates, oracle, target, quality_threshold, log_hash, last_import
            FROM labellings WHERE \(condition)
            """, arguments: arguments)
      else { return nil }
      let name: String = row[0]
      let threshold: Double = row[4]
      let oracle: Oracle
      switch row[2] as String {
      case Oracle.bestQuality.name: oracle = .bestQuality
      case Oracle.cheapestAdequate(qualityThreshold: threshold).name:
        oracle = .cheapestAdequate(qualityThreshold: threshold)
      case let other:
        throw StoreError.storeDamaged(
          path: path, detail: "labelling \"\(name)\" has the unknown oracle \"\(other)\"")
      }
      guard let target = LabelTarget(rawValue: row[3]) else {
        throw StoreError.storeDamaged(
          path: path, detail: "labelling \"\(name)\" has an unknown target")
      }
      let list: String = row[1]
      var candidates: [String]?
      do throws(JSONError) {
        candidates = try JSONValue(parsing: Array(list.utf8)).strings
      } catch {
        candidates = nil
      }
      guard let candidates else {
        throw StoreError.storeDamaged(
          path: path, detail: "labelling \"\(name)\" has no list of candidates")
      }
      var labelling = Labelling(
        name: name, candidates: candidates, oracle: oracle, target: target,
        qualityThreshold: threshold)
      labelling.logHash = row[5]
      labelling.lastImport = row[6]
      return labelling
    }
  }
}
