import RiddleData

/// What an import came to: counts by source and candidate, the first rejected rows, and warnings.
public struct ImportReport: Equatable, Sendable, Codable {
  /// One input file or folder.
  public struct Source: Equatable, Sendable, Codable {
    /// The path as given.
    public var path: String
    /// The format it was read as.
    public var format: LogFormat
    /// What told the format, for people.
    public var recognisedBy: String
    /// Whether the bytes were gzip.
    public var isGzip: Bool
    /// How the bytes were packed: `none`, `gzip` or `zstd`.
    public var compression: String
    /// Which field of the source became which field of the row, a line each, for people.
    public var mapping: [String]
    /// Bytes read, as stored.
    public var bytes = 0
    /// Records read: every one is in exactly one of the counts below, except those merged into another.
    public var rowsRead = 0
    /// Queries that are new.
    public var inserted = 0
    /// Queries that were there already, with the same content.
    public var unchanged = 0
    /// Queries that were there already, with the same content but for a tier that they now have.
    public var updated = 0
    /// Queries whose id was there already with other content. Not overwritten; listed as rejects.
    public var conflicts = 0
    /// Rows that could not be read.
    public var rejected = 0
    /// Rows left out because the source lists their prompts as contaminated.
    public var removed = 0
    /// Records that are no answered call of a model (spans of other kinds, failed calls), by why they were left out.
    public var leftOut: [String: Int] = [:]
  }

  /// What the accepted rows say about one candidate.
  public struct Candidate: Equatable, Sendable, Codable {
    /// The candidate's name.
    public var name: String
    /// Queries it answered.
    public var answered = 0
    /// Answers with a quality.
    public var judged = 0
    /// Answers with a cost.
    public var priced = 0
    /// Answers with a latency.
    public var timed = 0
  }

  /// The sources, in the order given.
  public internal(set) var sources: [Source] = []
  /// The candidates of inserted and unchanged rows, by name.
  public internal(set) var candidates: [Candidate] = []
  /// Inserted, unchanged and updated rows with the qualities of two or more candidates: what `riddle label` needs.
  public internal(set) var comparable = 0
  /// Inserted, unchanged and updated rows with the answers of two or more candidates.
  public internal(set) var severalAnswers = 0
  /// Inserted and unchanged rows without a text.
  public internal(set) var withoutText = 0
  /// Inserted, unchanged and updated rows with a tier.
  public internal(set) var withTier = 0
  /// Inserted, unchanged and updated rows with an embedding.
  public internal(set) var withEmbedding = 0
  /// The first twenty rejected rows.
  public internal(set) var firstRejects: [RejectedRow] = []
  /// How values were read where a format leaves a choice, for people.
  public internal(set) var notes: [String] = []
  /// Suspicions about units, for people.
  public internal(set) var warnings: [String] = []

  /// Records read, of all sources.
  public var rowsRead: Int { sources.reduce(0) { $0 + $1.rowsRead } }
  /// New queries, of all sources.
  public var inserted: Int { sources.reduce(0) { $0 + $1.inserted } }
  /// Known queries with the same content, of all sources.
  public var unchanged: Int { sources.reduce(0) { $0 + $1.unchanged } }
  /// Known queries that now have a tier, of all sources.
  public var updated: Int { sources.reduce(0) { $0 + $1.updated } }
  /// Known ids with other content, of all sources.
  public var conflicts: Int { sources.reduce(0) { $0 + $1.conflicts } }
  /// Unreadable rows, of all sources.
  public var rejected: Int { sources.reduce(0) { $0 + $1.rejected } }
  /// Rows left out as contaminated, of all sources.
  public var removed: Int { sources.reduce(0) { $0 + $1.removed } }
  /// Records that are no answered call of a model, of all sources.
  public var leftOut: Int { sources.reduce(0) { $0 + $1.leftOut.values.reduce(0, +) } }
  /// Records that were merged into a query that others began, of all sources.
  public var merged: Int {
    sources.reduce(0) { sum, source in
      let listed =
        source.inserted + source.unchanged + source.updated + source.conflicts + source.rejected
        + source.removed + source.leftOut.values.reduce(0, +)
      return sum + max(0, source.rowsRead - listed)
    }
  }
  /// Bytes read as stored, of all sources.
  public var bytes: Int { sources.reduce(0) { $0 + $1.bytes } }
}
