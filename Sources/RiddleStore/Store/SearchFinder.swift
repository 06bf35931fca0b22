import GRDB

/// Finds rows of `queries` by words, by the index or by reading every text: the same words match in both.
struct SearchFinder {
  let db: Database
  /// An FTS5 expression.
  let match: String
  /// Whether a person wrote the expression.
  let isTyped: Bool
  /// On `queries q`.
  let condition: String
  let arguments: StatementArguments
  let limit: Int

  typealias Found = (method: SearchResult.Method, total: Int, rows: [(Int64, String?)])

  private static let snippet = "snippet(%, 0, char(2), char(3), '…', 20)"
  /// Texts that are indexed in memory at a time.
  private static let batch = 2_000

  /// Best match first, ties in the order of import.
  func indexed() throws -> Found {
    try explaining {
      let from = """
        FROM query_search s JOIN queries q ON q.row = s.rowid
        WHERE query_search MATCH ? AND \(condition)
        """
      let total =
        try Int.fetchOne(db, sql: "SELECT count(*) \(from)", arguments: [match] + arguments) ?? 0
      let rows = try Int64.fetchAll(
        db, sql: "SELECT q.row \(from) ORDER BY s.rank, q.row LIMIT ?",
        arguments: [match] + arguments + [limit])
      // One snippet a row that is shown, instead of one for every match.
      let one = try db.makeStatement(
        sql: """
          SELECT \(Self.snippet.replacing("%", with: "query_search")) FROM query_search
          WHERE query_search MATCH ? AND rowid = ?
          """)
      return (
        .index, total,
        try rows.map { ($0, try String.fetchOne(one, arguments: [match, $0])) }
      )
    }
  }

  /// In the order of import. Texts go through an index in memory, a few at a time.
  func scanned() throws -> Found {
    try explaining {
      let memory = try DatabaseQueue()
      try memory.write {
        try $0.execute(
          sql: """
            CREATE VIRTUAL TABLE scan USING fts5 (text, tokenize = 'unicode61 remove_diacritics 2')
            """)
      }
      var found: Found = (.scan, 0, [])
      var texts: [(Int64, String)] = []
      func search() throws {
        try memory.write { index in
          let insert = try index.cachedStatement(
            sql: "INSERT INTO scan (rowid, text) VALUES (?, ?)")
          for (row, text) in texts { try insert.execute(arguments: [row, text]) }
          let rows = try Row.fetchAll(
            index.cachedStatement(
              sql: """
                SELECT rowid, \(Self.snippet.replacing("%", with: "scan")) FROM scan
                WHERE scan MATCH ? ORDER BY rowid
                """), arguments: [match])
          found.total += rows.count
          for row in rows.prefix(limit - found.rows.count) { found.rows.append((row[0], row[1])) }
          try index.execute(sql: "DELETE FROM scan")
        }
        texts.removeAll(keepingCapacity: true)
      }
      let rows = try Row.fetchCursor(
        db,
        sql: "SELECT row, text FROM queries q WHERE text IS NOT NULL AND \(condition) ORDER BY row",
        arguments: arguments)
      while let row = try rows.next() {
        texts.append((row[0], row[1]))
        if texts.count == Self.batch { try search() }
      }
      // Also without any text: a wrong expression is wrong in an empty store, too.
      try search()
      return found
    }
  }

  /// In the order of import, with the beginning of each text.
  func filtered() throws -> Found {
    let total =
      try Int.fetchOne(
        db, sql: "SELECT count(*) FROM queries q WHERE \(condition)", arguments: arguments) ?? 0
    let rows = try Row.fetchAll(
      db,
      sql: """
        SELECT row, substr(text, 1, 120) || iif(length(text) > 120, '…', '') FROM queries q
        WHERE \(condition) ORDER BY row LIMIT ?
        """, arguments: arguments + [limit])
    return (.filter, total, rows.map { ($0[0], $0[1]) })
  }

  /// FTS5 reports wrong syntax as an error of the statement: then it is the person's, not ours.
  private func explaining(_ body: () throws -> Found) throws -> Found {
    do {
      return try body()
    } catch let error as DatabaseError where isTyped && error.resultCode == .SQLITE_ERROR {
      let reason = error.message ?? "no reason given"
      throw StoreError.badExpression(
        reason: "the expression cannot be read: \(reason)",
        remedy:
          "Quote words that hold other characters than letters and digits (\"e-mail\"), or leave "
          + "--expression away: plain words need no quotes.")
    }
  }
}
