import GRDB
import RiddleData

extension Store {
  /// Removes everything of one user: queries, outcomes and answers, labels, verdicts, decisions, feedback, and vectors of
  /// texts that nobody else asked. What stays is a hash by which an import knows what must not come back, and counts.
  ///
  /// A query is the user's when its metadata say so (see `UserField`), or `field` does; a decision when its `user_id` does.
  /// A decision and a query of one request id are one request. Afterwards no byte of what was removed is in the file or its
  /// write-ahead log. Weights that were fitted on the removed rows are not changed: train again.
  ///
  /// - Parameters:
  ///   - field: the name of metadata that holds the user, or `conversation` or `group`; nil for the usual names.
  ///   - isDryRun: only count.
  /// - Throws: `.io` when there is no room to rebuild the file, before anything is changed.
  public func erase(user: String, field: String? = nil, isDryRun: Bool = false, time: Microseconds)
    throws(StoreError) -> RedactionReport
  {
    var report = try beginReport()
    if isDryRun {
      report.changed = try withoutTransaction { db in
        var counts: [String: Int] = [:]
        try db.inTransaction {
          let erasure = try Erasure(db, user: user, field: field)
          counts = try erasure.counts()
          return .rollback
        }
        return counts
      }
      report.queries = report.changed["queries"] ?? 0
      return try finishReport(report)
    }
    if let lack = try vacuumSpace().lack {
      throw .io(path: path, operation: "erase", reason: lack)
    }
    var number: Int64 = 0
    report.changed = try withoutTransaction { db in
      var counts: [String: Int] = [:]
      try db.execute(sql: "PRAGMA secure_delete = ON")
      // Off while rows go: no index leads from a query to its labels and verdicts, and each deleted query would go through
      // all of them. Everything that refers to a removed row is removed in the same transaction.
      try db.execute(sql: "PRAGMA foreign_keys = OFF")
      // A setting that SQLite knows: turning it on again cannot fail.
      defer { try? db.execute(sql: "PRAGMA foreign_keys = ON") }
      try db.inTransaction(.immediate) {
        let erasure = try Erasure(db, user: user, field: field)
        counts = try erasure.counts()
        number = try Self.record(db, "erase", time)
        try erasure.remove(redaction: number)
        return .commit
      }
      return counts
    }
    report.queries = report.changed["queries"] ?? 0
    return try finishRedaction(number, report)
  }
}

/// The rows of one user, in temporary tables of one connection.
private struct Erasure {
  private let db: Database
  private let user: String
  private let field: String

  /// Where a row belongs to the user.
  private static let conditions: [(table: String, condition: String)] = [
    ("queries", "row IN (SELECT row FROM temp.erased_rows)"),
    ("outcomes", "query IN (SELECT row FROM temp.erased_rows)"),
    ("labels", "query IN (SELECT row FROM temp.erased_rows)"),
    ("verdicts", "query IN (SELECT row FROM temp.erased_rows)"),
    ("decisions", "request_id IN (SELECT id FROM temp.erased_requests)"),
    ("feedback", "request_id IN (SELECT id FROM temp.erased_requests)"),
    (
      "embeddings",
      "text_hash IN (SELECT hash FROM temp.erased_texts) AND text_hash NOT IN (SELECT hash FROM temp.kept_texts)"
    ),
  ]

  init(_ db: Database, user: String, field: String?) throws {
    self.db = db
    self.user = user
    self.field = field ?? ""
    for name in ["erased_rows", "erased_requests", "erased_texts", "kept_texts"] {
      try db.execute(sql: "DROP TABLE IF EXISTS temp.\(name)")
    }
    try db.execute(
      sql: """
        CREATE TEMP TABLE erased_rows (row INTEGER PRIMARY KEY);
        CREATE TEMP TABLE erased_requests (id TEXT PRIMARY KEY) WITHOUT ROWID;
        CREATE TEMP TABLE erased_texts (hash INTEGER PRIMARY KEY);
        CREATE TEMP TABLE kept_texts (hash INTEGER PRIMARY KEY);
        """)
    try collect()
  }

  private func collect() throws {
    try collectQueries()
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO temp.erased_requests
          SELECT id FROM queries WHERE row IN (SELECT row FROM temp.erased_rows);
        """)
    try db.execute(
      sql:
        "INSERT OR IGNORE INTO temp.erased_requests SELECT request_id FROM decisions WHERE user_id = ?",
      arguments: [user])
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO temp.erased_rows
          SELECT row FROM queries WHERE id IN (SELECT id FROM temp.erased_requests);
        INSERT OR IGNORE INTO temp.erased_texts
          SELECT text_hash FROM queries
          WHERE text_hash IS NOT NULL AND row IN (SELECT row FROM temp.erased_rows);
        INSERT OR IGNORE INTO temp.erased_texts
          SELECT text_hash FROM decisions
          WHERE text_hash IS NOT NULL AND request_id IN (SELECT id FROM temp.erased_requests);
        INSERT OR IGNORE INTO temp.kept_texts
          SELECT text_hash FROM queries
          WHERE text_hash IN (SELECT hash FROM temp.erased_texts)
            AND row NOT IN (SELECT row FROM temp.erased_rows);
        INSERT OR IGNORE INTO temp.kept_texts
          SELECT text_hash FROM decisions
          WHERE text_hash IN (SELECT hash FROM temp.erased_texts)
            AND request_id NOT IN (SELECT id FROM temp.erased_requests);
        """)
  }

  private func collectQueries() throws {
    let insert = try db.makeStatement(sql: "INSERT OR IGNORE INTO temp.erased_rows VALUES (?)")
    if field == "group" || field == "conversation" {
      let column = field == "group" ? "group_name" : "conversation"
      try db.execute(
        sql: "INSERT INTO temp.erased_rows SELECT row FROM queries WHERE \(column) = ?",
        arguments: [user])
      return
    }
    // The user's name as JSON has it: rows without it need not be parsed.
    let rows = try Row.fetchCursor(
      db, sql: "SELECT row, metadata FROM queries WHERE instr(metadata, ?) > 0",
      arguments: [":" + JSONText.quoted(user)])
    while let row = try rows.next() {
      guard let metadata = Metadata.parse(row[1]) else { continue }
      let isUsers =
        field.isEmpty ? UserField.users(of: metadata).contains(user) : metadata[field] == user
      if isUsers { try insert.execute(arguments: [row[0] as Int64]) }
    }
  }

  /// Rows of the user by table; tables without any are left out.
  func counts() throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for (table, condition) in Self.conditions {
      let count =
        try Int.fetchOne(db, sql: "SELECT count(*) FROM \(table) WHERE \(condition)") ?? 0
      if count > 0 { counts[table] = count }
    }
    return counts
  }

  /// Removes the rows and writes down what must not come back.
  func remove(redaction: Int64) throws {
    let bury = try db.makeStatement(
      sql: "INSERT OR IGNORE INTO tombstones (kind, field, sha256, redaction) VALUES (?, ?, ?, ?)")
    try bury.execute(arguments: [
      "user", field, Tombstones.hash(.user, field: field, user), redaction,
    ])
    let requests = try String.fetchCursor(db, sql: "SELECT id FROM temp.erased_requests")
    while let id = try requests.next() {
      try bury.execute(arguments: [
        "request", "", Tombstones.hash(.request, field: "", id), redaction,
      ])
    }
    for (table, condition) in Self.conditions.reversed() {
      try db.execute(sql: "DELETE FROM \(table) WHERE \(condition)")
    }
    for name in ["erased_rows", "erased_requests", "erased_texts", "kept_texts"] {
      try db.execute(sql: "DROP TABLE temp.\(name)")
    }
  }
}
