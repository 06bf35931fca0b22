import GRDB
import RiddleData

/// What to look for among the logged queries.
public struct SearchRequest: Equatable, Sendable {
  /// How the words are meant.
  public enum Words: Equatable, Sendable {
    /// No words: the filters alone.
    case none
    /// Every word must occur; nothing in them is syntax.
    case plain(String)
    /// FTS5's own syntax: phrases in quotes, AND, OR, NOT, NEAR, `word*`.
    case expression(String)
  }

  /// The words.
  public var words: Words = .none
  /// Conditions on the query.
  public var filter = QueryFilter()
  /// The candidate that a labelling picked for the query.
  public var label: String?
  /// The labelling's name; nil for the latest.
  public var labelling: String?
  /// Most queries listed.
  public var limit = 20

  /// Everything.
  public init() {}
}

/// A query that was found.
public struct SearchHit: Equatable, Sendable {
  /// The query's id.
  public var id: String
  /// When it arrived.
  public var time: Microseconds?
  /// Its domain.
  public var domain: String?
  /// Its task type.
  public var taskType: String?
  /// The candidate that the labelling picked.
  public var label: String?
  /// The quality of each candidate that answered, by name; nil where nobody judged.
  public var qualities: [(candidate: String, quality: Double?)] = []
  /// The part of the text around the words; words found stand between U+0002 and U+0003. nil when the log keeps no text.
  public var snippet: String?

  /// Compares everything.
  public static func == (a: SearchHit, b: SearchHit) -> Bool {
    a.id == b.id && a.time == b.time && a.domain == b.domain && a.taskType == b.taskType
      && a.label == b.label && a.snippet == b.snippet
      && a.qualities.elementsEqual(b.qualities) { $0 == $1 }
  }
}

/// What a search came to.
public struct SearchResult: Equatable, Sendable {
  /// How the queries were found.
  public enum Method: String, Sendable, Codable {
    /// By the full-text index, best match first.
    case index
    /// By reading every text, in the order of import.
    case scan
    /// Without words, in the order of import.
    case filter
  }

  /// How they were found.
  public var method: Method
  /// All that match.
  public var total: Int
  /// The first of them.
  public var hits: [SearchHit]
}

extension Store {
  /// Queries that the full-text index does not know yet.
  public func unindexedQueries() throws(StoreError) -> Int {
    try read { db in
      try Int.fetchOne(
        db,
        sql: """
          SELECT count(*) FROM queries WHERE row > (SELECT indexed_row FROM search_state)
          """) ?? 0
    }
  }

  /// Brings the full-text index up to date, in transactions of 50 000 queries.
  ///
  /// - Parameter progress: queries done and to be done, after every transaction.
  /// - Returns: queries that are new in the index, those without a text included.
  @discardableResult
  public func updateSearchIndex(
    progress: (_ done: Int, _ total: Int) throws(StoreError) -> Void = { _, _ in }
  ) throws(StoreError) -> Int {
    let total = try unindexedQueries()
    var done = 0
    while done < total {
      let count = try write { db in
        let from =
          try Int64.fetchOne(db, sql: "SELECT indexed_row FROM search_state") ?? 0
        guard
          let row = try Row.fetchOne(
            db,
            sql: """
              SELECT max(row), count(*) FROM
                (SELECT row FROM queries WHERE row > ? ORDER BY row LIMIT 50000)
              """, arguments: [from]), let last: Int64 = row[0]
        else { return 0 }
        try db.execute(
          sql: """
            INSERT INTO query_search (rowid, text)
            SELECT row, text FROM queries WHERE row > ? AND row <= ? AND text IS NOT NULL
            """, arguments: [from, last])
        try db.execute(sql: "UPDATE search_state SET indexed_row = ?", arguments: [last])
        return row[1] as Int
      }
      // Another process indexed the rest.
      if count == 0 { break }
      done += count
      try progress(min(done, total), total)
    }
    return done
  }

  /// Forgets the full-text index; the next search builds it anew.
  public func clearSearchIndex() throws(StoreError) { try write(Self.clearSearchIndex) }

  /// Forgets the full-text index, inside a transaction that changes or removes texts.
  static func clearSearchIndex(_ db: Database) throws {
    try db.execute(sql: "INSERT INTO query_search (query_search) VALUES ('delete-all')")
    try db.execute(sql: "UPDATE search_state SET indexed_row = 0")
  }

  /// Looks for queries: by the index when it is up to date, else by reading every text.
  ///
  /// - Throws: `.badExpression` for words that hold none or an expression that FTS5 cannot read; `.unknownCandidate`;
  ///   `.invalidValue` for a labelling that is not there.
  public func search(_ request: SearchRequest) throws(StoreError) -> SearchResult {
    let match: String?
    switch request.words {
    case .none: match = nil
    case .plain(let text):
      guard text.unicodeScalars.contains(where: { $0.properties.isAlphabetic || isDigit($0) })
      else {
        throw .badExpression(
          reason: "no word to look for: expected letters or digits",
          remedy: "Give words, or only filters such as --domain.")
      }
      match = Self.quotedWords(text)
    case .expression(let text): match = text
    }
    return try read { db in
      let labels = try LabelColumn(db, request)
      var (condition, arguments) = try request.filter.condition(db)
      if let verdict = labels.wanted {
        condition += " AND EXISTS (SELECT 1 FROM labels f WHERE f.labelling = ? AND f.query = q.row"
        condition += " AND f.verdict = ?)"
        arguments += [labels.labelling, verdict]
      }
      let found: (method: SearchResult.Method, total: Int, rows: [(Int64, String?)])
      let isTyped = if case .expression = request.words { true } else { false }
      let finder = SearchFinder(
        db: db, match: match ?? "", isTyped: isTyped, condition: condition, arguments: arguments,
        limit: request.limit)
      if match == nil {
        found = try finder.filtered()
      } else {
        let isFresh =
          try Bool.fetchOne(
            db,
            sql: """
              SELECT indexed_row >= coalesce((SELECT max(row) FROM queries), 0) FROM search_state
              """) ?? false
        found = try isFresh ? finder.indexed() : finder.scanned()
      }
      return SearchResult(
        method: found.method, total: found.total,
        hits: try found.rows.map { try Self.hit(db, row: $0.0, snippet: $0.1, labels: labels) })
    }
  }

  /// Plain words as an FTS5 expression: each is a string of its own, and all must occur.
  static func quotedWords(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).map { word in
      "\"" + word.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"")
        + "\""
    }.joined(separator: " ")
  }

  private func isDigit(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.numericType != nil }

  private static func hit(_ db: Database, row: Int64, snippet: String?, labels: LabelColumn) throws
    -> SearchHit
  {
    guard
      let query = try Row.fetchOne(
        db.cachedStatement(
          sql: """
            SELECT id, time_us, domain, task_type,
              (SELECT verdict FROM labels l WHERE l.labelling = ? AND l.query = q.row)
            FROM queries q WHERE row = ?
            """), arguments: [labels.labelling, row])
    else { throw StoreError.defect("a query was found and is not there") }
    let verdict: Int? = query[4]
    var hit = SearchHit(
      id: query[0], time: (query[1] as Int64?).map { Microseconds($0) }, domain: query[2],
      taskType: query[3],
      label: verdict.flatMap {
        labels.candidates.indices.contains($0) ? labels.candidates[$0] : nil
      },
      snippet: snippet)
    hit.qualities = try Row.fetchAll(
      db.cachedStatement(
        sql: """
          SELECT c.name, o.quality FROM outcomes o JOIN candidates c ON c.id = o.candidate
          WHERE o.query = ? ORDER BY c.name
          """), arguments: [row]
    ).map { (candidate: $0[0], quality: $0[1]) }
    return hit
  }
}

/// Which labelling is shown, and which of its picks is wanted.
private struct LabelColumn {
  var labelling: Int64?
  var candidates: [String] = []
  var wanted: Int?

  init(_ db: Database, _ request: SearchRequest) throws {
    let row =
      if let name = request.labelling {
        try Row.fetchOne(
          db, sql: "SELECT id, candidates FROM labellings WHERE name = ?", arguments: [name])
      } else {
        try Row.fetchOne(
          db, sql: "SELECT id, candidates FROM labellings ORDER BY id DESC LIMIT 1")
      }
    guard let row else {
      if request.label != nil || request.labelling != nil {
        throw StoreError.invalidValue(
          field: "labelling \(request.labelling ?? "")",
          reason: "is not in the store; make one with `riddle label`")
      }
      return
    }
    labelling = row[0]
    candidates = try String.fetchAll(
      db, sql: "SELECT value FROM json_each(?) ORDER BY key", arguments: [row[1] as String])
    if let label = request.label {
      guard let position = candidates.firstIndex(of: label) else {
        throw StoreError.unknownCandidate(name: label, available: candidates)
      }
      wanted = position
    }
  }
}
