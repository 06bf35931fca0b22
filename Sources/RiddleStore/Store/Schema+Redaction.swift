import GRDB

/// Version 4, what was taken out of the log, and what must not come back.
extension Schema {
  /// A redaction leaves no trace of what it removed but counts. An erasure leaves SHA-256 of what must not be imported
  /// again: `Tombstone` says over which bytes.
  static let redaction = """
    CREATE TABLE redactions (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL CHECK (kind IN ('patterns', 'hash-text', 'erase')),
      time_us INTEGER NOT NULL,
      counts TEXT NOT NULL CHECK (json_valid(counts)),
      is_complete INTEGER NOT NULL CHECK (is_complete IN (0, 1))
    ) STRICT;

    CREATE TABLE tombstones (
      kind TEXT NOT NULL CHECK (kind IN ('user', 'request')),
      field TEXT NOT NULL,
      sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
      redaction INTEGER NOT NULL REFERENCES redactions (id),
      PRIMARY KEY (kind, field, sha256)
    ) STRICT, WITHOUT ROWID;

    ALTER TABLE queries ADD COLUMN redaction INTEGER REFERENCES redactions (id);
    ALTER TABLE feedback ADD COLUMN redaction INTEGER REFERENCES redactions (id);
    """

  /// Lets a query keep the hash of a text that was removed.
  ///
  /// Version 1 demanded that both are there or neither. SQLite has no statement that loosens a constraint; copying a
  /// table of ten million rows would. So the text of the constraint is edited, by the procedure that SQLite documents for
  /// this case (lang_altertable.html, "Making Other Kinds Of Table Schema Changes"): the rows on the disk are the same
  /// under both constraints. The `ALTER TABLE` that follows makes SQLite read the definition again.
  static func allowHashWithoutText(_ db: Database) throws {
    let strict = "CHECK ((text IS NULL) = (text_hash IS NULL))"
    let loose = "CHECK (text IS NULL OR text_hash IS NOT NULL)"
    try db.execute(sql: "PRAGMA writable_schema = ON")
    try db.execute(
      sql: """
        UPDATE sqlite_schema SET sql = replace(sql, ?, ?)
        WHERE type = 'table' AND name = 'queries' AND instr(sql, ?) > 0
        """, arguments: [strict, loose, strict])
    let changed = db.changesCount
    try db.execute(sql: "PRAGMA writable_schema = OFF")
    guard changed == 1 else {
      throw StoreError.defect("the constraint on texts and hashes is not where version 1 put it")
    }
  }
}
