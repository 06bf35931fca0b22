import GRDB
import RiddleData

/// What was erased and must not be imported again: SHA-256 of users and of request ids.
///
/// The hash is over `riddle erasure 1`, the kind, the field and the value, with a newline after each of the first three. It
/// is no secret: whoever has the store and guesses an id can tell whether that id was erased. Without it a log that is
/// imported again would bring the erased back.
struct Tombstones {
  enum Kind: String { case user, request }

  /// Why a row was left out.
  static let reason = "erased from this store earlier (riddle store redact --erase-user)"

  private let db: Database
  private let select: Statement
  /// Fields other than the usual ones by which users were erased.
  private let fields: [String]

  /// nil when nothing was erased, so that imports pay nothing.
  init?(_ db: Database) throws {
    guard try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM tombstones)") ?? false else {
      return nil
    }
    self.db = db
    select = try db.cachedStatement(
      sql: "SELECT 1 FROM tombstones WHERE kind = ? AND field = ? AND sha256 = ?")
    fields = try String.fetchAll(
      db,
      sql: """
        SELECT DISTINCT field FROM tombstones WHERE kind = 'user' AND field <> '' ORDER BY field
        """)
  }

  /// Whether the query's id, or its user, was erased.
  func forbids(_ query: LoggedQuery) throws -> Bool {
    if try holds(.request, "", query.id) { return true }
    for user in UserField.users(of: query.context.metadata) {
      if try holds(.user, "", user) { return true }
    }
    for field in fields {
      if let value = query.context.value(of: field), try holds(.user, field, value) { return true }
    }
    return false
  }

  /// Whether a decision's or feedback's request, or its user, was erased.
  func forbids(requestID: String, userID: String?) throws -> Bool {
    if try holds(.request, "", requestID) { return true }
    guard let userID else { return false }
    return try holds(.user, "", userID)
  }

  private func holds(_ kind: Kind, _ field: String, _ value: String) throws -> Bool {
    try Int.fetchOne(
      select, arguments: [kind.rawValue, field, Self.hash(kind, field: field, value)]) != nil
  }

  /// The hash that stands for a value.
  static func hash(_ kind: Kind, field: String, _ value: String) -> String {
    SHA256Text.of("riddle erasure 1\n\(kind.rawValue)\n\(field)\n\(value)")
  }
}

/// Where a log keeps the user of a query: in `queries.metadata`, under the name its format gives it.
///
/// | format | name |
/// |---|---|
/// | LiteLLM | `end_user`, `user` |
/// | Langfuse | `user_id` |
/// | OpenTelemetry | `user.id`, and resource attributes `user.*` |
/// | Riddle JSONL, CSV, mappings | as the log or mapping names it; these names are known |
///
/// Compared without case, `_`, `-` and `.`: `userId`, `user_id` and `user.id` are one name.
enum UserField {
  static let names: Set<String> = [
    "user", "userid", "username", "useremail", "enduser", "enduserid", "customerid",
  ]

  static func isUser(_ name: String) -> Bool {
    names.contains(name.lowercased().filter { $0 != "_" && $0 != "-" && $0 != "." })
  }

  /// The users in a query's metadata, by name.
  static func users(of metadata: [String: String]) -> [String] {
    metadata.filter { isUser($0.key) }.sorted { $0.key < $1.key }.map(\.value)
  }
}
