import Foundation
import GRDB
import RiddleData

/// How texts are redacted.
public struct RedactionPlan {
  /// Kinds of personal data that are looked for.
  public var kinds = PersonalData.allCases
  /// Patterns beside them.
  public var own: OwnPatterns?
  /// Whether texts and answers are removed altogether and only the texts' hashes stay.
  public var hashesText = false

  /// Every kind of personal data.
  public init() {}
}

extension Store {
  /// Replaces personal data in everything that is text: queries, metadata, answers, decisions, comments; or, with
  /// ``RedactionPlan/hashesText``, removes texts and answers.
  ///
  /// Works in transactions of 5 000 rows; one that is cut short is completed by doing the same again. What was there before
  /// is not in the file afterwards: pages are overwritten, the file is rebuilt, the write-ahead log emptied.
  ///
  /// `content_hash` stays that of the import, so that the same log imported again changes nothing; `applied_hash`, which
  /// the log's hash counts, is that of the row as it stands. Vectors of changed texts are removed.
  ///
  /// - Parameters:
  ///   - isDryRun: only count.
  ///   - progress: rows gone through, and all.
  /// - Throws: `.io` when there is no room to rebuild the file, before anything is changed.
  public func redact(
    _ plan: RedactionPlan, isDryRun: Bool = false, time: Microseconds,
    progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) throws(StoreError) -> RedactionReport {
    var report = try beginReport()
    if !isDryRun, let lack = try vacuumSpace().lack {
      throw .io(path: path, operation: "redact", reason: lack)
    }
    let number = isDryRun ? 0 : try beginRedaction(plan.hashesText ? "hash-text" : "patterns", time)
    var pass = RedactionPass(plan, number: number, isDryRun: isDryRun)
    let tables = ["queries", "decisions", "feedback"]
    let total = try read { db in
      try tables.reduce(0) { try $0 + (Int.fetchOne(db, sql: "SELECT count(*) FROM \($1)") ?? 0) }
    }
    var done = 0
    for table in tables {
      var last: Int64 = 0
      while true {
        let step = { (db: Database) in try pass.batch(db, of: table, after: last) }
        guard let (row, count) = try isDryRun ? read(step) : write(step) else { break }
        last = row
        done += count
        progress(done, total)
      }
    }
    report.found = pass.redactor.counts
    report.changed = pass.changed
    report.queries = pass.queries
    report.idsWithMatches = pass.idsWithMatches
    if isDryRun { return try finishReport(report) }
    let vectors = try write { db in
      try db.execute(sql: "DELETE FROM embeddings WHERE \(Self.isOrphanVector)")
      return db.changesCount
    }
    if vectors > 0 { report.changed["embeddings"] = vectors }
    return try finishRedaction(number, report)
  }

  func beginReport() throws(StoreError) -> RedactionReport {
    var report = RedactionReport()
    report.bytesBefore = Self.bytes(of: path) + Self.bytes(of: path + "-wal")
    report.contentHashBefore = try contentHash()
    return report
  }

  func finishReport(_ report: RedactionReport) throws(StoreError) -> RedactionReport {
    var report = report
    report.contentHashAfter = try contentHash()
    report.bytesAfter = Self.bytes(of: path) + Self.bytes(of: path + "-wal")
    if report.queries > 0 {
      report.staleLabellings = try read {
        try String.fetchAll($0, sql: "SELECT name FROM labellings ORDER BY id")
      }
    }
    return report
  }

  /// Writes down that a redaction is under way; the index of texts that are about to change is gone with it.
  private func beginRedaction(_ kind: String, _ time: Microseconds) throws(StoreError) -> Int64 {
    try withoutTransaction { try $0.execute(sql: "PRAGMA secure_delete = ON") }
    return try write { try Self.record($0, kind, time) }
  }

  static func record(_ db: Database, _ kind: String, _ time: Microseconds) throws -> Int64 {
    try clearSearchIndex(db)
    try db.execute(
      sql: "INSERT INTO redactions (kind, time_us, counts, is_complete) VALUES (?, ?, '{}', 0)",
      arguments: [kind, time.count])
    return db.lastInsertedRowID
  }

  /// Rebuilds the file and writes down what the redaction came to.
  func finishRedaction(_ number: Int64, _ report: RedactionReport) throws(StoreError)
    -> RedactionReport
  {
    // Somebody may have searched, and so indexed, meanwhile.
    try write { db in
      try Self.clearSearchIndex(db)
      try db.execute(
        sql: "UPDATE redactions SET counts = ? WHERE id = ?", arguments: [report.json, number])
    }
    try compact()
    // Complete now that nothing of it can be left, and with it those that were cut short before: they did a part of this one.
    try write { db in
      try db.execute(
        sql: """
          UPDATE redactions SET is_complete = 1 WHERE kind = (SELECT kind FROM redactions WHERE id = ?)
          """, arguments: [number])
    }
    try compactLog()
    return try finishReport(report)
  }
}

/// One pass of a redaction over the store, batch by batch.
private struct RedactionPass {
  var redactor: TextRedactor
  let hashesText: Bool
  let number: Int64
  let isDryRun: Bool
  private(set) var changed: [String: Int] = [:]
  private(set) var queries = 0
  private(set) var idsWithMatches = 0

  private static let rows = 5_000

  init(_ plan: RedactionPlan, number: Int64, isDryRun: Bool) {
    redactor = TextRedactor(plan.kinds, own: plan.own)
    hashesText = plan.hashesText
    self.number = number
    self.isDryRun = isDryRun
  }

  /// Redacts the next rows; gives the last of them and how many, or nil at the end.
  mutating func batch(_ db: Database, of table: String, after last: Int64) throws -> (Int64, Int)? {
    switch table {
    case "queries": try queries(db, after: last)
    case "decisions": try decisions(db, after: last)
    default: try feedback(db, after: last)
    }
  }

  private mutating func queries(_ db: Database, after first: Int64) throws -> (Int64, Int)? {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT row, id, text, metadata, group_name, conversation FROM queries
        WHERE row > ? ORDER BY row LIMIT \(Self.rows)
        """, arguments: [first])
    guard let last: Int64 = rows.last?[0] else { return nil }
    var touched: [Int64: String] = [:]
    for row in rows {
      let id: String = row[1]
      if redactor.finds(in: id) { idsWithMatches += 1 }
      var set = Assignments()
      try add("queries.text", text: row[2], hash: "text_hash", to: &set)
      if let metadata = Metadata.parse(row[3]) {
        var copy = metadata
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }) {
          if let clean = redactor.redacted(value) {
            copy[name] = String(clean.utf8.prefix(Metadata.maximumValueBytes)) ?? ""
          }
        }
        if copy != metadata { set.add("metadata", Metadata.json(copy)); count("queries.metadata") }
      }
      addPseudonym("queries.group_name", row[4], to: &set)
      addPseudonym("queries.conversation", row[5], to: &set)
      if set.isEmpty { continue }
      touched[row[0]] = id
      set.add("redaction", number)
      if !isDryRun { try set.update(db, "queries", where: "row = ?", [row[0] as Int64]) }
    }
    let answers = try Row.fetchAll(
      db,
      sql: """
        SELECT o.query, o.candidate, o.answer, q.id FROM outcomes o JOIN queries q ON q.row = o.query
        WHERE o.query > ? AND o.query <= ? AND o.answer IS NOT NULL ORDER BY o.query, o.candidate
        """, arguments: [first, last])
    for row in answers {
      var set = Assignments()
      try add("outcomes.answer", text: row[2], hash: nil, to: &set)
      if set.isEmpty { continue }
      if !isDryRun {
        try set.update(
          db, "outcomes", where: "query = ? AND candidate = ?", [row[0] as Int64, row[1] as Int64])
        try db.cachedStatement(sql: "UPDATE queries SET redaction = ? WHERE row = ?")
          .execute(arguments: [number, row[0] as Int64])
      }
      touched[row[0]] = row[3]
    }
    queries += touched.count
    if !isDryRun {
      for (_, id) in touched.sorted(by: { $0.key < $1.key }) {
        try Store.updateAppliedHash(db, ofQueryWithID: id)
      }
    }
    return (last, rows.count)
  }

  private mutating func decisions(_ db: Database, after first: Int64) throws -> (Int64, Int)? {
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT id, request_id, text, conversation, user_id, extras FROM decisions
        WHERE id > ? ORDER BY id LIMIT \(Self.rows)
        """, arguments: [first])
    guard let last: Int64 = rows.last?[0] else { return nil }
    for row in rows {
      if redactor.finds(in: row[1]) { idsWithMatches += 1 }
      var set = Assignments()
      try add("decisions.text", text: row[2], hash: "text_hash", to: &set)
      addPseudonym("decisions.conversation", row[3], to: &set)
      addPseudonym("decisions.user_id", row[4], to: &set)
      try addExtras(row[5], to: &set)
      if set.isEmpty || isDryRun { continue }
      try set.update(db, "decisions", where: "id = ?", [row[0] as Int64])
    }
    return (last, rows.count)
  }

  private mutating func feedback(_ db: Database, after first: Int64) throws -> (Int64, Int)? {
    let rows = try Row.fetchAll(
      db,
      sql: "SELECT id, comment FROM feedback WHERE id > ? ORDER BY id LIMIT \(Self.rows)",
      arguments: [first])
    guard let last: Int64 = rows.last?[0] else { return nil }
    for row in rows {
      var set = Assignments()
      try add("feedback.comment", text: row[1], hash: nil, to: &set)
      if set.isEmpty || isDryRun { continue }
      set.add("redaction", number)
      try set.update(db, "feedback", where: "id = ?", [row[0] as Int64])
    }
    return (last, rows.count)
  }

  private mutating func count(_ name: String) { changed[name, default: 0] += 1 }

  /// Redacts a text: replaced by one with placeholders, whose hash it then has, or removed while the hash stays.
  private mutating func add(
    _ name: String, text: String?, hash: String?, to set: inout Assignments
  ) throws {
    guard let text else { return }
    let column = String(name.drop { $0 != "." }.dropFirst())
    if hashesText {
      set.add(column, nil)
      if let hash { set.add(hash, Int64(bitPattern: ContentHash.text(bytesOf: text))) }
      count(name)
    } else if let clean = redactor.redacted(text) {
      set.add(column, clean)
      if let hash { set.add(hash, Int64(bitPattern: ContentHash.text(bytesOf: clean))) }
      count(name)
    }
  }

  /// Redacts the values in a JSON object; what is no JSON is another program's and left alone.
  private mutating func addExtras(_ json: String?, to set: inout Assignments) throws {
    guard let json else { return }
    var reader = JSONReader(Array(json.utf8))
    let value: LogValue
    do throws(JSONError) { value = try LogValue(&reader) } catch { return }
    let clean = redacted(value)
    if clean == value { return }
    set.add("extras", clean.json)
    count("decisions.extras")
  }

  /// The value with placeholders; a number that is one of a card or telephone becomes a text.
  private mutating func redacted(_ value: LogValue) -> LogValue {
    switch value {
    case .string(let text): .string(redactor.redacted(text) ?? text)
    case .number(let text): redactor.redacted(text).map { .string($0) } ?? value
    case .array(let elements): .array(elements.map { redacted($0) })
    case .object(let members):
      .object(members.map { LogValue.Member(key: $0.key, value: redacted($0.value)) })
    case .bool, .null: value
    }
  }

  private mutating func addPseudonym(_ name: String, _ value: String?, to set: inout Assignments) {
    guard let value, let clean = redactor.pseudonym(value) else { return }
    set.add(String(name.drop { $0 != "." }.dropFirst()), clean)
    count(name)
  }
}

/// The SET part of an UPDATE: names from this file, values bound.
private struct Assignments {
  private var columns: [String] = []
  private var values: StatementArguments = []

  var isEmpty: Bool { columns.isEmpty }

  mutating func add(_ column: String, _ value: (any DatabaseValueConvertible)?) {
    columns.append("\(column) = ?")
    values += [value]
  }

  func update(_ db: Database, _ table: String, where condition: String, _ key: [Int64]) throws {
    try db.cachedStatement(
      sql: "UPDATE \(table) SET \(columns.joined(separator: ", ")) WHERE \(condition)"
    ).execute(arguments: values + StatementArguments(key))
  }
}
