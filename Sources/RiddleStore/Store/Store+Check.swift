import Foundation
import GRDB
import RiddleData

extension Store {
  /// Looks at everything in the store: SQLite's own structures, references, hashes recomputed from what is stored, and what
  /// interrupted or outdated work left behind. Changes nothing; reads every page.
  ///
  /// - Parameter progress: queries whose hash was recomputed, and all.
  public func check(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in })
    throws(StoreError) -> StoreCheck
  {
    try read { db in
      var findings = try Self.structure(db)
      let isReadable = findings.isEmpty
      var notes: [String] = []
      // Pages that SQLite cannot follow would make every further finding a guess.
      if isReadable {
        findings += try Self.hashes(db, progress: progress)
        findings += try Self.vectors(db)
        findings += try Self.checksums(db)
        findings += try Self.searchIndex(db)
        findings += try Self.leftBehind(db)
        let labels = try Self.labels(db)
        findings += labels.findings
        notes += labels.notes
      }
      let pageSize = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
      return StoreCheck(
        schemaVersion: try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0,
        bytes: Self.bytes(of: path), walBytes: Self.bytes(of: path + "-wal"),
        freeBytes: pageSize * (try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0),
        contentHash: isReadable ? try Self.contentHash(db) : nil,
        tables: isReadable ? try Self.tables(db) : [],
        findings: findings.filter { $0.kind == .damage } + findings.filter { $0.kind == .finding },
        notes: notes)
    }
  }

  static func bytes(of path: String) -> Int {
    var status = stat()
    return stat(path, &status) == 0 ? Int(status.st_size) : 0
  }

  private static func damage(_ subject: String, _ count: Int, _ message: String)
    -> StoreCheck.Finding
  {
    StoreCheck.Finding(kind: .damage, subject: subject, count: count, message: message)
  }

  private static func found(_ subject: String, _ count: Int, _ message: String)
    -> StoreCheck.Finding
  {
    StoreCheck.Finding(kind: .finding, subject: subject, count: count, message: message)
  }

  /// Pages, indexes, constraints and references.
  private static func structure(_ db: Database) throws -> [StoreCheck.Finding] {
    var findings: [StoreCheck.Finding] = []
    let lines = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
    if let first = lines.first {
      findings.append(
        damage(
          "integrity", lines.count,
          "SQLite's integrity check: \(first); restore a copy, or import the logs into a new store")
      )
    }
    let keys = try Row.fetchAll(
      db, sql: "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check GROUP BY 1, 2")
    for row in keys {
      let count: Int = row[2]
      findings.append(
        damage(
          "foreign-keys", count,
          "\(count) rows of \(row[0] as String) refer to rows of \(row[1] as String) that are not there; "
            + "restore a copy"))
    }
    return findings
  }

  /// Hashes of texts and rows against what is stored.
  private static func hashes(_ db: Database, progress: (Int, Int) -> Void) throws
    -> [StoreCheck.Finding]
  {
    let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM queries") ?? 0
    var done = 0
    var (texts, rows): ([String], [String]) = ([], [])
    var (wrongTexts, wrongRows) = (0, 0)
    try forEachRow(db) { stored, query in
      if let text = query.text,
        ContentHash.text(bytesOf: text) != stored.text.map(UInt64.init(bitPattern:))
      {
        wrongTexts += 1
        if texts.count < 3 { texts.append(query.id) }
      } else if hash(query, textHash: stored.text)
        != UInt64(bitPattern: stored.applied ?? stored.content)
      {
        wrongRows += 1
        if rows.count < 3 { rows.append(query.id) }
      }
      done += 1
      if done % 4096 == 0 { progress(done, total) }
    }
    var findings: [StoreCheck.Finding] = []
    if wrongTexts > 0 {
      findings.append(
        damage(
          "text-hashes", wrongTexts,
          "\(wrongTexts) texts are not those their hashes were made of (\(list(texts))): another program "
            + "changed them; restore a copy"))
    }
    if wrongRows > 0 {
      findings.append(
        damage(
          "content-hashes", wrongRows,
          "\(wrongRows) queries are not what their content hashes say (\(list(rows))): another program "
            + "changed the query or its outcomes; restore a copy"))
    }
    return findings
  }

  private static func list(_ ids: [String]) -> String {
    "first: " + ids.map { "\"\($0)\"" }.joined(separator: ", ")
  }

  /// Vectors of the wrong length, and of texts that nobody asked.
  private static func vectors(_ db: Database) throws -> [StoreCheck.Finding] {
    guard try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM embeddings)") ?? false else {
      return []
    }
    var findings: [StoreCheck.Finding] = []
    let wrong =
      try Int.fetchOne(
        db,
        sql: """
          SELECT count(*) FROM embeddings e JOIN embedding_models m ON m.id = e.model
          WHERE length(e.vector) <> 4 * m.dimension
          """) ?? 0
    if wrong > 0 {
      findings.append(
        damage("vectors", wrong, "\(wrong) vectors are not as long as their model's"))
    }
    let orphans = try orphanVectors(db)
    if orphans > 0 {
      findings.append(
        found(
          "vectors", orphans,
          "\(orphans) vectors belong to texts that no query or decision has; `riddle store vacuum` "
            + "removes them"))
    }
    return findings
  }

  static let isOrphanVector = """
    text_hash NOT IN (SELECT text_hash FROM queries WHERE text_hash IS NOT NULL)
      AND text_hash NOT IN (SELECT text_hash FROM decisions WHERE text_hash IS NOT NULL)
    """

  static func orphanVectors(_ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "SELECT count(*) FROM embeddings WHERE \(isOrphanVector)") ?? 0
  }

  /// Weight files and policies against their checksums; qualities against the verdicts that gave them.
  private static func checksums(_ db: Database) throws -> [StoreCheck.Finding] {
    var findings: [StoreCheck.Finding] = []
    for (subject, sql) in [
      ("routers", "SELECT sha256, bytes FROM routers WHERE bytes IS NOT NULL"),
      ("policies", "SELECT sha256, document FROM policies WHERE document IS NOT NULL"),
    ] {
      let rows = try Row.fetchCursor(db, sql: sql)
      var wrong = 0
      while let row = try rows.next() {
        if SHA256Text.of(row[1] as Data) != row[0] as String { wrong += 1 }
      }
      if wrong > 0 {
        findings.append(
          damage(subject, wrong, "\(wrong) of the \(subject) are not the bytes of their SHA-256"))
      }
    }
    let verdicts =
      try Int.fetchOne(
        db,
        sql: """
          SELECT count(*) FROM outcomes o JOIN verdicts v ON v.id = o.quality_verdict
          WHERE v.query <> o.query OR v.candidate IS NOT o.candidate OR v.quality IS NOT o.quality
          """) ?? 0
    if verdicts > 0 {
      findings.append(
        damage(
          "verdicts", verdicts,
          "\(verdicts) qualities are not those of the verdicts they are said to come from"))
    }
    let rungs =
      try Int.fetchOne(
        db,
        sql: """
          SELECT count(*) FROM labels l JOIN labellings g ON g.id = l.labelling
          WHERE l.verdict >= json_array_length(g.candidates)
          """) ?? 0
    if rungs > 0 {
      findings.append(damage("labels", rungs, "\(rungs) labels are no position of their ladder"))
    }
    return findings
  }

  /// The full-text index against the queries up to where it says it reaches.
  private static func searchIndex(_ db: Database) throws -> [StoreCheck.Finding] {
    let row = try Row.fetchOne(
      db,
      sql: """
        SELECT (SELECT count(*) FROM query_search_docsize),
          (SELECT count(*) FROM queries WHERE text IS NOT NULL AND row <= s.indexed_row),
          s.indexed_row > coalesce((SELECT max(row) FROM queries), 0) FROM search_state s
        """)
    guard let row else { return [damage("search", 1, "the state of the search index is missing")] }
    if (row[0] as Int) == (row[1] as Int), !(row[2] as Bool) { return [] }
    return [
      found(
        "search", row[0],
        "the search index holds \(row[0] as Int) texts where \(row[1] as Int) are expected; build it anew "
          + "with `riddle query STORE --index --rebuild`")
    ]
  }

  /// What killed or cut-short work left.
  private static func leftBehind(_ db: Database) throws -> [StoreCheck.Finding] {
    var findings: [StoreCheck.Finding] = []
    // A source that was imported again and came to its end has completed the one before.
    let imports = try Row.fetchAll(
      db,
      sql: """
        SELECT id, source FROM imports i WHERE is_complete = 0
          AND NOT EXISTS (SELECT 1 FROM imports j
            WHERE j.source = i.source AND j.id > i.id AND j.is_complete = 1)
        ORDER BY id
        """)
    if let first = imports.first {
      findings.append(
        found(
          "imports", imports.count,
          "\(imports.count) imports were cut short (first: \(first[1] as String)); import the same source "
            + "again: what is missing is added"))
    }
    let calls = try Row.fetchAll(
      db,
      sql: """
        SELECT j.name, count(*) FROM open_calls o JOIN remote_jobs j ON j.id = o.job GROUP BY j.id
        """)
    for row in calls {
      let count: Int = row[1]
      findings.append(
        found(
          "open-calls", count,
          "\(count) calls of job '\(row[0] as String)' were started and never settled: they count as spent at "
            + "the most they can cost; compare with the provider's bill"))
    }
    let redactions =
      try Int.fetchOne(db, sql: "SELECT count(*) FROM redactions WHERE is_complete = 0") ?? 0
    if redactions > 0 {
      findings.append(
        found(
          "redactions", redactions,
          "\(redactions) redactions were cut short: what they were to remove may still be in the file; run the "
            + "same `riddle store redact` again"))
    }
    return findings
  }

  /// Labellings whose log is another one now.
  private static func labels(_ db: Database) throws
    -> (findings: [StoreCheck.Finding], notes: [String])
  {
    var findings: [StoreCheck.Finding] = []
    var notes: [String] = []
    let labellings = try Row.fetchAll(
      db, sql: "SELECT id, name, log_hash, last_import FROM labellings ORDER BY id")
    for labelling in labellings {
      let name: String = labelling[1]
      let last: Int64 = labelling[3] ?? 0
      var hash = ContentHash()
      let rows = try Int64.fetchCursor(
        db,
        sql: """
          SELECT coalesce(applied_hash, content_hash) FROM queries WHERE import <= ? ORDER BY row
          """, arguments: [last])
      while let row = try rows.next() { hash.add(UInt64(bitPattern: row)) }
      if hash.text != labelling[2] as String {
        let count =
          try Int.fetchOne(
            db, sql: "SELECT count(*) FROM labels WHERE labelling = ?",
            arguments: [labelling[0] as Int64]) ?? 0
        findings.append(
          found(
            "labels", count,
            "labelling '\(name)' was made of another state of its queries: verdicts, tiers, redactions or "
              + "a resumed import changed the log since; label again"))
        continue
      }
      let newer =
        try Int.fetchOne(
          db, sql: "SELECT count(*) FROM queries WHERE import > ?", arguments: [last]) ?? 0
      if newer > 0 {
        notes.append("labelling '\(name)' is older than \(newer) queries that were imported since")
      }
    }
    return (findings, notes)
  }

  /// Rows and bytes of every table, FTS5's own tables under the name of the index.
  private static func tables(_ db: Database) throws -> [StoreCheck.Table] {
    let names = try String.fetchAll(
      db,
      sql: """
        SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
          AND name NOT LIKE 'query\\_search\\_%' ESCAPE '\\' ORDER BY name
        """)
    var sizes: [String: Int]?
    do {
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT iif(m.tbl_name LIKE 'query\\_search%' ESCAPE '\\', 'query_search', m.tbl_name), sum(s.pgsize)
          FROM dbstat s JOIN sqlite_schema m ON m.name = s.name WHERE s.aggregate = TRUE GROUP BY 1
          """)
      sizes = Dictionary(uniqueKeysWithValues: rows.map { ($0[0] as String, $0[1] as Int) })
    } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
      sizes = nil  // SQLite without dbstat: rows alone.
    }
    return try names.map { name in
      // Counting rows of the index itself would read every text.
      let counted = name == "query_search" ? "query_search_docsize" : name
      return StoreCheck.Table(
        name: name, rows: try Int.fetchOne(db, sql: "SELECT count(*) FROM \"\(counted)\"") ?? 0,
        bytes: sizes.map { $0[name] ?? 0 })
    }
  }
}
