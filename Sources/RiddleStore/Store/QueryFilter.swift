import GRDB
import RiddleData

/// Which logged queries are wanted; every condition that is given must hold.
public struct QueryFilter: Equatable, Sendable {
  /// The domain.
  public var domain: String?
  /// The task type.
  public var taskType: String?
  /// A candidate that answered the query.
  public var candidate: String?
  /// The import that added the query.
  public var importID: Int64?
  /// The earliest time, included.
  public var since: Microseconds?
  /// The end of the time, not included. Queries without a time are in no window.
  public var until: Microseconds?

  /// All queries.
  public init() {}

  /// Whether all queries are wanted.
  public var isEmpty: Bool { self == QueryFilter() }

  /// The condition on `queries q` and its values; no value is part of the SQL.
  ///
  /// - Throws: `.unknownCandidate`.
  func condition(_ db: Database) throws -> (sql: String, arguments: StatementArguments) {
    var parts: [String] = []
    var arguments: StatementArguments = []
    func add(_ sql: String, _ value: (any DatabaseValueConvertible)?) {
      guard let value else { return }
      parts.append(sql)
      arguments += [value]
    }
    add("q.domain = ?", domain)
    add("q.task_type = ?", taskType)
    add("q.import = ?", importID)
    add("q.time_us >= ?", since?.count)
    add("q.time_us < ?", until?.count)
    if let candidate {
      guard
        let id = try Int64.fetchOne(
          db, sql: "SELECT id FROM candidates WHERE name = ?", arguments: [candidate])
      else {
        throw StoreError.unknownCandidate(
          name: candidate,
          available: try String.fetchAll(db, sql: "SELECT name FROM candidates ORDER BY name"))
      }
      add("EXISTS (SELECT 1 FROM outcomes f WHERE f.query = q.row AND f.candidate = ?)", id)
    }
    return (parts.isEmpty ? "TRUE" : parts.joined(separator: " AND "), arguments)
  }
}
