/// Version 4: what was trained, what was deployed, what it decided, and what came of it.
///
/// A decision may name a router or a policy whose bytes this store does not have: then they are known by their
/// SHA-256 alone. Feedback is kept by request id and not by decision, because it may come first.
extension Schema {
  static let version4 = """
    CREATE TABLE runs (
      id INTEGER PRIMARY KEY,
      folder TEXT NOT NULL CHECK (length(folder) > 0),
      time_us INTEGER NOT NULL,
      manifest_sha256 TEXT NOT NULL UNIQUE CHECK (length(manifest_sha256) = 64),
      manifest TEXT NOT NULL CHECK (json_valid(manifest)),
      labelling INTEGER REFERENCES labellings (id) ON DELETE SET NULL
    ) STRICT;

    CREATE TABLE splits (
      run INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      part TEXT NOT NULL CHECK (part IN ('train', 'calibrate', 'test')),
      rule TEXT NOT NULL CHECK (json_valid(rule)),
      query_count INTEGER NOT NULL CHECK (query_count >= 0),
      ids_sha256 TEXT NOT NULL CHECK (length(ids_sha256) = 64),
      PRIMARY KEY (run, part)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE routers (
      id INTEGER PRIMARY KEY,
      sha256 TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64),
      name TEXT CHECK (length(name) > 0),
      bytes BLOB CHECK (length(bytes) > 0),
      run INTEGER REFERENCES runs (id) ON DELETE SET NULL,
      time_us INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE thresholds (
      router INTEGER NOT NULL REFERENCES routers (id) ON DELETE CASCADE,
      name TEXT NOT NULL CHECK (length(name) > 0),
      head INTEGER NOT NULL CHECK (head >= 0),
      margin REAL NOT NULL,
      guarantee TEXT CHECK (guarantee IS NULL OR json_valid(guarantee)),
      PRIMARY KEY (router, name, head)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE policies (
      id INTEGER PRIMARY KEY,
      sha256 TEXT UNIQUE CHECK (length(sha256) = 64),
      name TEXT NOT NULL CHECK (length(name) > 0),
      document TEXT,
      CHECK (document IS NULL OR sha256 IS NOT NULL)
    ) STRICT;
    CREATE UNIQUE INDEX policies_by_name ON policies (name) WHERE sha256 IS NULL;

    CREATE TABLE deployments (
      id INTEGER PRIMARY KEY,
      environment TEXT NOT NULL CHECK (length(environment) > 0),
      router INTEGER NOT NULL REFERENCES routers (id),
      policy INTEGER REFERENCES policies (id),
      kind TEXT NOT NULL CHECK (kind IN ('promote', 'rollback')),
      pointer TEXT CHECK (length(pointer) > 0),
      time_us INTEGER NOT NULL,
      reason TEXT,
      UNIQUE (environment, id)
    ) STRICT;
    CREATE TRIGGER deployments_never_change BEFORE UPDATE ON deployments BEGIN
      SELECT raise(ABORT, 'a deployment is never changed: promote or roll back instead');
    END;
    CREATE TRIGGER deployments_never_go BEFORE DELETE ON deployments BEGIN
      SELECT raise(ABORT, 'a deployment is never removed: promote or roll back instead');
    END;

    CREATE TABLE decisions (
      id INTEGER PRIMARY KEY,
      request_id TEXT NOT NULL UNIQUE CHECK (length(request_id) > 0),
      time_us INTEGER NOT NULL,
      router INTEGER REFERENCES routers (id),
      policy INTEGER REFERENCES policies (id),
      candidate INTEGER NOT NULL REFERENCES candidates (id),
      stage TEXT,
      reason TEXT,
      score REAL,
      probability REAL CHECK (probability BETWEEN 0 AND 1),
      threshold REAL,
      propensity REAL CHECK (propensity > 0 AND propensity <= 1),
      alternatives TEXT CHECK (alternatives IS NULL OR json_valid(alternatives)),
      propensities TEXT CHECK (propensities IS NULL OR json_valid(propensities)),
      confidence REAL CHECK (confidence BETWEEN 0 AND 1),
      quality REAL CHECK (quality BETWEEN 0 AND 1),
      cost_nanousd INTEGER CHECK (cost_nanousd >= 0),
      saved_nanousd INTEGER,
      was_escalated INTEGER NOT NULL DEFAULT 0 CHECK (was_escalated IN (0, 1)),
      latency_us INTEGER CHECK (latency_us >= 0),
      decided_in_ns INTEGER CHECK (decided_in_ns >= 0),
      text TEXT,
      text_hash INTEGER,
      features BLOB,
      conversation TEXT,
      turn INTEGER CHECK (turn >= 1),
      user_id TEXT,
      user_tier TEXT,
      task_type TEXT,
      domain TEXT,
      sample_rate REAL CHECK (sample_rate > 0 AND sample_rate <= 1),
      extras TEXT CHECK (extras IS NULL OR json_valid(extras)),
      CHECK (text IS NULL OR text_hash IS NOT NULL)
    ) STRICT;
    CREATE INDEX decisions_by_time ON decisions (time_us);

    CREATE TABLE feedback (
      id INTEGER PRIMARY KEY,
      request_id TEXT NOT NULL CHECK (length(request_id) > 0),
      source TEXT NOT NULL CHECK (length(source) > 0),
      time_us INTEGER,
      satisfaction REAL CHECK (satisfaction BETWEEN 0 AND 1),
      quality REAL CHECK (quality BETWEEN 0 AND 1),
      best_candidate INTEGER REFERENCES candidates (id),
      comment TEXT,
      UNIQUE (request_id, source),
      CHECK (satisfaction IS NOT NULL OR quality IS NOT NULL OR best_candidate IS NOT NULL)
    ) STRICT;
    """
}
