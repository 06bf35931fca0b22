import GRDB

/// The store's schema; `RiddleStore.docc/Schema.md` draws it.
///
/// | table | one row is |
/// |---|---|
/// | `imports` | one run over one source that added something, with its counts |
/// | `queries` | one logged query: text, context, hashes; `row` is the order of import |
/// | `candidates` | one candidate's name |
/// | `outcomes` | what one candidate's answer to one query was worth and cost |
/// | `labellings` | one labelling: ladder, oracle, target, threshold, and the log it was made from |
/// | `labels` | the oracle's pick for one query, as a position in the ladder |
///
/// Tables are STRICT and carry the bounds of `FieldRules` as CHECK constraints, so that no other program can
/// put in what Riddle would refuse. Money is nano-dollars, time microseconds, hashes the bits of a `UInt64`.
enum Schema {
  /// "Rddl", in SQLite's header: tells a store from any other database.
  static let applicationID: Int32 = 0x5264_646c
  /// The newest schema this code knows; also SQLite's `user_version`.
  static let version = 1

  /// The migrations, oldest first. One that has been released is never edited.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 log, labellings") { db in
      try db.execute(sql: version1)
      try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = 1")
    }
    return migrator
  }

  private static let version1 = """
    CREATE TABLE imports (
      id INTEGER PRIMARY KEY,
      source TEXT NOT NULL,
      format TEXT NOT NULL,
      bytes INTEGER NOT NULL CHECK (bytes >= 0),
      rows_read INTEGER NOT NULL CHECK (rows_read >= 0),
      inserted INTEGER NOT NULL CHECK (inserted >= 0),
      unchanged INTEGER NOT NULL CHECK (unchanged >= 0),
      conflicts INTEGER NOT NULL CHECK (conflicts >= 0),
      rejected INTEGER NOT NULL CHECK (rejected >= 0),
      removed INTEGER NOT NULL CHECK (removed >= 0),
      is_complete INTEGER NOT NULL CHECK (is_complete IN (0, 1))
    ) STRICT;

    CREATE TABLE queries (
      row INTEGER PRIMARY KEY,
      id TEXT NOT NULL UNIQUE CHECK (length(id) > 0),
      text TEXT,
      text_hash INTEGER,
      group_name TEXT,
      conversation TEXT,
      turn INTEGER CHECK (turn >= 1),
      user_tier TEXT,
      task_type TEXT,
      domain TEXT,
      time_us INTEGER,
      content_hash INTEGER NOT NULL,
      import INTEGER NOT NULL REFERENCES imports (id),
      CHECK ((text IS NULL) = (text_hash IS NULL))
    ) STRICT;

    CREATE TABLE candidates (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE CHECK (length(name) > 0)
    ) STRICT;

    CREATE TABLE outcomes (
      query INTEGER NOT NULL REFERENCES queries (row),
      candidate INTEGER NOT NULL REFERENCES candidates (id),
      quality REAL CHECK (quality BETWEEN 0 AND 1),
      cost_nanousd INTEGER CHECK (cost_nanousd >= 0),
      latency_us INTEGER CHECK (latency_us >= 0),
      confidence REAL CHECK (confidence BETWEEN 0 AND 1),
      gate_score REAL CHECK (gate_score BETWEEN 0 AND 1),
      in_tokens INTEGER CHECK (in_tokens >= 0),
      out_tokens INTEGER CHECK (out_tokens >= 0),
      answer TEXT,
      PRIMARY KEY (query, candidate)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE labellings (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
      candidates TEXT NOT NULL CHECK (json_valid(candidates)),
      oracle TEXT NOT NULL,
      target TEXT NOT NULL,
      quality_threshold REAL NOT NULL CHECK (quality_threshold BETWEEN 0 AND 1),
      log_hash TEXT NOT NULL,
      last_import INTEGER REFERENCES imports (id)
    ) STRICT;

    CREATE TABLE labels (
      labelling INTEGER NOT NULL REFERENCES labellings (id) ON DELETE CASCADE,
      query INTEGER NOT NULL REFERENCES queries (row),
      verdict INTEGER NOT NULL CHECK (verdict >= 0),
      PRIMARY KEY (labelling, query)
    ) STRICT, WITHOUT ROWID;
    """
}
