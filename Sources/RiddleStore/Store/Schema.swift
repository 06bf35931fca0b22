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
/// | `embedding_models` | one embedding model and the length of its vectors |
/// | `embeddings` | the vector of one text by one model |
/// | `judge_prompts` | the wording that judges were asked with, by its SHA-256 |
/// | `verdicts` | what one judge said of one answer, or of one query's tier |
/// | `remote_jobs` | calls, tokens and money of one job against an endpoint |
/// | `open_calls` | calls that were started and not settled, with the most they can cost |
/// | `runs` | one training run: its folder and manifest |
/// | `splits` | one part of a run's data: the rule, and which queries it came to |
/// | `routers` | one weight file, by its SHA-256 |
/// | `thresholds` | one threshold of a router, and what is guaranteed of it |
/// | `policies` | one policy, by its document's SHA-256 or by name |
/// | `deployments` | one promotion or rollback: the latest of an environment decides there |
/// | `decisions` | one decision of production |
/// | `feedback` | what one source said of one request, later or sooner |
/// | `redactions` | one redaction or erasure: when, of which kind, how much |
/// | `tombstones` | the hash of a user or request that was erased and must not be imported again |
/// | `query_search` | the full-text index of the queries' texts |
/// | `search_state` | the row up to which the index reaches |
///
/// Tables are STRICT and carry the bounds of `FieldRules` as CHECK constraints, so that no other program can
/// put in what Riddle would refuse. Money is nano-dollars, time microseconds, hashes the bits of a `UInt64`.
enum Schema {
  /// "Rddl", in SQLite's header: tells a store from any other database.
  static let applicationID: Int32 = 0x5264_646c
  /// The newest schema this code knows; also SQLite's `user_version`.
  static let version = 4

  /// The migrations, oldest first. One that has been released is never edited.
  static var migrator: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1 log, labellings") { db in
      try db.execute(sql: version1)
      try db.execute(sql: "PRAGMA application_id = \(applicationID); PRAGMA user_version = 1")
    }
    // Immediate checks: the whole log need not be gone through for columns that start out empty.
    migrator.registerMigration(
      "2 tiers, embeddings, verdicts, calls", foreignKeyChecks: .immediate
    ) { db in
      try db.execute(sql: version2)
      try db.execute(sql: "PRAGMA user_version = 2")
    }
    migrator.registerMigration("3 metadata", foreignKeyChecks: .immediate) { db in
      try db.execute(sql: version3)
      try db.execute(sql: "PRAGMA user_version = 3")
    }
    migrator.registerMigration(
      "4 runs, routers, decisions, feedback", foreignKeyChecks: .immediate
    ) { db in
      try db.execute(sql: version4)
      try allowHashWithoutText(db)
      try db.execute(sql: redaction)
      try db.execute(sql: search)
      try db.execute(sql: "PRAGMA user_version = 4")
    }
    return migrator
  }

  private static let version3 = """
    ALTER TABLE queries ADD COLUMN metadata TEXT CHECK (metadata IS NULL OR json_valid(metadata));
    """

  // A rowid table for vectors: its pages hold 8 KB in the row, those of a WITHOUT ROWID table 2 KB.
  private static let version2 = """
    CREATE TABLE embedding_models (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
      dimension INTEGER NOT NULL CHECK (dimension BETWEEN 1 AND 65536)
    ) STRICT;

    CREATE TABLE embeddings (
      id INTEGER PRIMARY KEY,
      model INTEGER NOT NULL REFERENCES embedding_models (id),
      text_hash INTEGER NOT NULL,
      vector BLOB NOT NULL CHECK (length(vector) > 0 AND length(vector) % 4 = 0),
      UNIQUE (model, text_hash)
    ) STRICT;

    CREATE TABLE judge_prompts (
      hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
      name TEXT NOT NULL,
      template TEXT NOT NULL
    ) STRICT;

    CREATE TABLE verdicts (
      id INTEGER PRIMARY KEY,
      query INTEGER NOT NULL REFERENCES queries (row),
      candidate INTEGER REFERENCES candidates (id),
      prompt_hash TEXT NOT NULL REFERENCES judge_prompts (hash),
      judge TEXT NOT NULL CHECK (length(judge) > 0),
      quality REAL CHECK (quality BETWEEN 0 AND 1),
      tier TEXT CHECK (length(tier) > 0),
      failure TEXT,
      calls INTEGER NOT NULL CHECK (calls >= 1),
      in_tokens INTEGER NOT NULL CHECK (in_tokens >= 0),
      out_tokens INTEGER NOT NULL CHECK (out_tokens >= 0),
      cost_nanousd INTEGER NOT NULL CHECK (cost_nanousd >= 0),
      time_us INTEGER NOT NULL,
      CHECK ((quality IS NOT NULL) + (tier IS NOT NULL) + (failure IS NOT NULL) = 1),
      CHECK (quality IS NULL OR candidate IS NOT NULL),
      CHECK (tier IS NULL OR candidate IS NULL)
    ) STRICT;
    CREATE UNIQUE INDEX verdicts_once
      ON verdicts (prompt_hash, judge, query, ifnull(candidate, 0));

    CREATE TABLE remote_jobs (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE CHECK (length(name) > 0),
      calls INTEGER NOT NULL DEFAULT 0 CHECK (calls >= 0),
      in_tokens INTEGER NOT NULL DEFAULT 0 CHECK (in_tokens >= 0),
      out_tokens INTEGER NOT NULL DEFAULT 0 CHECK (out_tokens >= 0),
      cost_nanousd INTEGER NOT NULL DEFAULT 0 CHECK (cost_nanousd >= 0)
    ) STRICT;

    CREATE TABLE open_calls (
      id INTEGER PRIMARY KEY,
      job INTEGER NOT NULL REFERENCES remote_jobs (id),
      reserved_nanousd INTEGER NOT NULL CHECK (reserved_nanousd >= 0),
      started_us INTEGER NOT NULL
    ) STRICT;

    ALTER TABLE queries ADD COLUMN tier TEXT CHECK (length(tier) > 0);
    ALTER TABLE queries ADD COLUMN tier_verdict INTEGER REFERENCES verdicts (id);
    ALTER TABLE queries ADD COLUMN applied_hash INTEGER;
    ALTER TABLE outcomes ADD COLUMN quality_verdict INTEGER REFERENCES verdicts (id);
    ALTER TABLE imports ADD COLUMN updated INTEGER NOT NULL DEFAULT 0 CHECK (updated >= 0);
    """

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
