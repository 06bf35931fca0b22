/// What a check of a store found.
public struct StoreCheck: Equatable, Sendable, Codable {
  /// What is to be said about one thing that was looked at.
  public struct Finding: Equatable, Sendable, Codable {
    /// How bad it is.
    public enum Kind: String, Sendable, Codable {
      /// The store is not what was written into it.
      case damage
      /// Something a person should look at.
      case finding
    }

    /// How bad it is.
    public var kind: Kind
    /// What was looked at: `integrity`, `foreign-keys`, `content-hashes`, `labels`, `vectors`, `open-calls`, `imports`…
    public var subject: String
    /// How many rows it concerns.
    public var count: Int
    /// What was found and what to do next.
    public var message: String

    /// Something found.
    public init(kind: Kind, subject: String, count: Int, message: String) {
      self.kind = kind
      self.subject = subject
      self.count = count
      self.message = message
    }
  }

  /// One table with its indexes.
  public struct Table: Equatable, Sendable, Codable {
    /// Its name.
    public var name: String
    /// Its rows.
    public var rows: Int
    /// Bytes of its pages and those of its indexes; nil where SQLite was built without `dbstat`.
    public var bytes: Int?
  }

  /// Schema version.
  public var schemaVersion: Int
  /// Bytes of the file.
  public var bytes: Int
  /// Bytes of the write-ahead log beside it.
  public var walBytes: Int
  /// Bytes of the file that hold nothing: what `VACUUM` gives back at least.
  public var freeBytes: Int
  /// Content hash of the log as it stands; nil in a file that SQLite cannot follow.
  public var contentHash: String?
  /// Tables by name; none in such a file.
  public var tables: [Table]
  /// What is wrong, the worst first.
  public var findings: [Finding]
  /// What is worth knowing and not wrong.
  public var notes: [String]

  /// Whether anything is damaged.
  public var isDamaged: Bool { findings.contains { $0.kind == .damage } }

  private enum CodingKeys: String, CodingKey {
    case bytes, tables, findings, notes
    case schemaVersion = "schema_version"
    case walBytes = "wal_bytes"
    case freeBytes = "free_bytes"
    case contentHash = "content_hash"
  }
}
