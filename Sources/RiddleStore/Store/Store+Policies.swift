import GRDB

/// A policy as the store remembers it.
public struct PolicyRecord: Equatable, Sendable, Codable {
  /// Its name.
  public var name: String
  /// SHA-256 of its document; nil for one that is known by name alone.
  public var sha256: String?
  /// The policy file.
  public var document: String?

  /// A policy.
  public init(name: String, sha256: String? = nil, document: String? = nil) {
    self.name = name
    self.sha256 = sha256
    self.document = document
  }
}

extension Store {
  /// Remembers a policy: by its document where there is one, else by its name.
  ///
  /// - Throws: `.invalidValue` for an empty name, a hash that is none, or a document without a hash.
  public func registerPolicy(_ policy: PolicyRecord) throws(StoreError) {
    try Self.check(policy)
    try write { db in _ = try Self.register(db, policy) }
  }

  /// Every policy, oldest first.
  public func policies() throws(StoreError) -> [PolicyRecord] {
    try read { db in
      try Row.fetchAll(db, sql: "SELECT name, sha256, document FROM policies ORDER BY id")
        .map { PolicyRecord(name: $0[0], sha256: $0[1], document: $0[2]) }
    }
  }

  static func check(_ policy: PolicyRecord) throws(StoreError) {
    if policy.name.isEmpty { throw .invalidValue(field: "policy", reason: "its name is empty") }
    if let sha256 = policy.sha256 {
      try check(sha256: sha256, field: "policy's SHA-256")
    } else if policy.document != nil {
      throw .invalidValue(field: "policy \(policy.name)", reason: "its document has no SHA-256")
    }
  }

  /// The policy's row, made if need be.
  static func register(_ db: Database, _ policy: PolicyRecord) throws -> Int64 {
    let known =
      try policy.sha256.map {
        try Int64.fetchOne(db, sql: "SELECT id FROM policies WHERE sha256 = ?", arguments: [$0])
      }
      ?? Int64.fetchOne(
        db, sql: "SELECT id FROM policies WHERE sha256 IS NULL AND name = ?",
        arguments: [policy.name])
    if let known {
      try db.execute(
        sql: "UPDATE policies SET document = coalesce(document, ?) WHERE id = ?",
        arguments: [policy.document, known])
      return known
    }
    try db.execute(
      sql: "INSERT INTO policies (sha256, name, document) VALUES (?, ?, ?)",
      arguments: [policy.sha256, policy.name, policy.document])
    return db.lastInsertedRowID
  }
}
