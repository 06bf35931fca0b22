import GRDB
import RiddleData

/// What a judge said of one answer, or of one query's tier.
public struct JudgeVerdict: Equatable, Sendable {
  /// What came of asking.
  public enum Result: Equatable, Sendable {
    /// The answer's quality, in [0, 1].
    case quality(Double)
    /// The query's tier.
    case tier(String)
    /// No usable reply, and why. Never holds the reply.
    case failed(String)
  }

  /// The query's id.
  public var queryID: String
  /// The candidate whose answer was judged; nil when the query was.
  public var candidate: String?
  /// What came of it.
  public var result: Result
  /// Calls it took.
  public var calls: Int
  /// Tokens the judge read, over all calls.
  public var inputTokens: Int64
  /// Tokens the judge wrote, over all calls.
  public var outputTokens: Int64
  /// What the calls cost.
  public var cost: NanoDollars
  /// When it was settled.
  public var time: Microseconds

  /// A verdict.
  public init(
    queryID: String, candidate: String?, result: Result, calls: Int, inputTokens: Int64,
    outputTokens: Int64, cost: NanoDollars, time: Microseconds
  ) {
    self.queryID = queryID
    self.candidate = candidate
    self.result = result
    self.calls = calls
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.cost = cost
    self.time = time
  }
}

/// The wording that a judge is asked with.
public struct JudgePromptRecord: Equatable, Sendable {
  /// SHA-256 of the template in hexadecimal: 64 digits.
  public var hash: String
  /// Name and version.
  public var name: String
  /// The whole wording, placeholders in place of the query and the answer.
  public var template: String

  /// A prompt.
  public init(hash: String, name: String, template: String) {
    self.hash = hash
    self.name = name
    self.template = template
  }
}

/// Something that a judge can be asked about, without its texts.
public struct JudgeSubject: Equatable, Sendable {
  /// The query's id.
  public var queryID: String
  /// The candidate whose answer it is; nil for the query itself.
  public var candidate: String?
  /// Bytes of the query's text and, for an answer, of that.
  public var byteCount: Int
  /// What the log, not a judge, says: the answer's quality.
  public var loggedQuality: Double?
  /// What the log, not a judge, says: the query's tier.
  public var loggedTier: String?
  /// Whether a verdict gave the quality or tier that is there.
  public var isApplied: Bool
  /// What this judge said when asked with this prompt; nil when it has not been asked.
  public var verdict: JudgeVerdict.Result?
}

extension Store {
  /// The judges whose verdicts gave qualities that stand in the store, by name.
  public func appliedJudges() throws(StoreError) -> [String] {
    try read { db in
      try String.fetchAll(
        db,
        sql: """
          SELECT DISTINCT judge FROM verdicts
          WHERE id IN (SELECT quality_verdict FROM outcomes WHERE quality_verdict IS NOT NULL)
          ORDER BY judge
          """)
    }
  }

  /// Every answer with a text, of every query with one, in the order of import and of candidates.
  ///
  /// - Parameter candidates: whose answers; nil for all.
  /// - Throws: `.unknownCandidate`.
  public func answersToJudge(candidates: [String]?, prompt: String, judge: String)
    throws(StoreError) -> [JudgeSubject]
  {
    try read { db in
      if let candidates {
        let known = try String.fetchAll(db, sql: "SELECT name FROM candidates ORDER BY name")
        for name in candidates where !known.contains(name) {
          throw StoreError.unknownCandidate(name: name, available: known)
        }
      }
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT q.id, c.name, length(CAST(q.text AS BLOB)) + length(CAST(o.answer AS BLOB)),
            o.quality, o.quality_verdict IS NOT NULL, v.id IS NOT NULL, v.quality, v.tier, v.failure
          FROM queries q JOIN outcomes o ON o.query = q.row JOIN candidates c ON c.id = o.candidate
          LEFT JOIN verdicts v ON v.prompt_hash = ? AND v.judge = ? AND v.query = q.row
            AND ifnull(v.candidate, 0) = o.candidate
          WHERE q.text IS NOT NULL AND o.answer IS NOT NULL ORDER BY q.row, c.name
          """, arguments: [prompt, judge])
      var subjects: [JudgeSubject] = []
      while let row = try rows.next() {
        let name: String = row[1]
        if let candidates, !candidates.contains(name) { continue }
        let isApplied: Bool = row[4]
        subjects.append(
          JudgeSubject(
            queryID: row[0], candidate: name, byteCount: row[2],
            loggedQuality: isApplied ? nil : row[3], loggedTier: nil, isApplied: isApplied,
            verdict: Self.result(row, from: 5)))
      }
      return subjects
    }
  }

  /// Every query with a text, in the order of import.
  public func queriesToRate(prompt: String, judge: String) throws(StoreError) -> [JudgeSubject] {
    try read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT q.id, length(CAST(q.text AS BLOB)), q.tier, q.tier_verdict IS NOT NULL,
            v.id IS NOT NULL, v.quality, v.tier, v.failure
          FROM queries q LEFT JOIN verdicts v ON v.prompt_hash = ? AND v.judge = ?
            AND v.query = q.row AND ifnull(v.candidate, 0) = 0
          WHERE q.text IS NOT NULL ORDER BY q.row
          """, arguments: [prompt, judge])
      var subjects: [JudgeSubject] = []
      while let row = try rows.next() {
        let isApplied: Bool = row[3]
        subjects.append(
          JudgeSubject(
            queryID: row[0], candidate: nil, byteCount: row[1], loggedQuality: nil,
            loggedTier: isApplied ? nil : row[2], isApplied: isApplied,
            verdict: Self.result(row, from: 4)))
      }
      return subjects
    }
  }

  private static func result(_ row: Row, from column: Int) -> JudgeVerdict.Result? {
    guard row[column] as Bool else { return nil }
    if let quality: Double = row[column + 1] { return .quality(quality) }
    if let tier: String = row[column + 2] { return .tier(tier) }
    return .failed(row[column + 3] ?? "")
  }

  /// The text of a query and, for a candidate, its answer.
  ///
  /// - Throws: `.unknownQuery` when either is not there.
  public func texts(of subject: JudgeSubject) throws(StoreError) -> (query: String, answer: String?)
  {
    try read { db in
      guard let candidate = subject.candidate else {
        guard
          let text = try String.fetchOne(
            db, sql: "SELECT text FROM queries WHERE id = ?", arguments: [subject.queryID])
        else { throw StoreError.unknownQuery(id: subject.queryID) }
        return (text, nil)
      }
      guard
        let row = try Row.fetchOne(
          db,
          sql: """
            SELECT q.text, o.answer FROM queries q JOIN outcomes o ON o.query = q.row
            JOIN candidates c ON c.id = o.candidate
            WHERE q.id = ? AND c.name = ? AND q.text IS NOT NULL AND o.answer IS NOT NULL
            """, arguments: [subject.queryID, candidate])
      else { throw StoreError.unknownQuery(id: subject.queryID) }
      return (row[0], row[1])
    }
  }

  /// Keeps the wording of a prompt, once.
  public func savePrompt(_ prompt: JudgePromptRecord) throws(StoreError) {
    try write { db in
      try db.execute(
        sql: """
          INSERT INTO judge_prompts (hash, name, template) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
          """, arguments: [prompt.hash, prompt.name, prompt.template])
    }
  }

  /// Keeps a verdict and settles the call that brought it, in one transaction.
  ///
  /// - Throws: `.unknownQuery`; `.invalidValue` when this judge was asked this already.
  public func saveVerdict(
    _ verdict: JudgeVerdict, prompt: String, judge: String, settling call: SettledCall?
  ) throws(StoreError) {
    try write { db in
      var (quality, tier, failure): (Double?, String?, String?) = (nil, nil, nil)
      switch verdict.result {
      case .quality(let value): quality = value
      case .tier(let name): tier = name
      case .failed(let reason): failure = reason
      }
      do {
        try db.cachedStatement(
          sql: """
            INSERT INTO verdicts (query, candidate, prompt_hash, judge, quality, tier, failure, calls,
              in_tokens, out_tokens, cost_nanousd, time_us)
            SELECT row, (SELECT id FROM candidates WHERE name = ?), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?
            FROM queries WHERE id = ?
            """
        ).execute(arguments: [
          verdict.candidate, prompt, judge, quality, tier, failure, verdict.calls,
          verdict.inputTokens, verdict.outputTokens, verdict.cost.count, verdict.time.count,
          verdict.queryID,
        ])
      } catch let error as DatabaseError
        where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE
      {
        throw StoreError.invalidValue(
          field: "verdict of \(verdict.queryID)",
          reason: "is there already; is another run under way on this store?")
      }
      if db.changesCount == 0 { throw StoreError.unknownQuery(id: verdict.queryID) }
      if let call { try Self.settle(db, call) }
    }
  }

  /// Forgets failed verdicts, so that they are asked for again.
  ///
  /// - Returns: how many there were.
  @discardableResult
  public func forgetFailedVerdicts(prompt: String, judge: String) throws(StoreError) -> Int {
    try write { db in
      try db.execute(
        sql: "DELETE FROM verdicts WHERE prompt_hash = ? AND judge = ? AND failure IS NOT NULL",
        arguments: [prompt, judge])
      return db.changesCount
    }
  }

  /// Writes verdicts into the log where it says nothing: qualities of answers without one, tiers of queries
  /// without one. What a person or the log said is never touched. Each value keeps the number of its verdict.
  ///
  /// - Returns: how many values were written.
  @discardableResult
  public func applyVerdicts(prompt: String, judge: String) throws(StoreError) -> Int {
    try write { db in
      let grades = try Row.fetchAll(
        db,
        sql: """
          SELECT v.id, v.query, v.candidate, v.quality, q.id FROM verdicts v
          JOIN outcomes o ON o.query = v.query AND o.candidate = v.candidate
          JOIN queries q ON q.row = v.query
          WHERE v.prompt_hash = ? AND v.judge = ? AND v.quality IS NOT NULL AND o.quality IS NULL
          ORDER BY v.query, v.candidate
          """, arguments: [prompt, judge])
      for row in grades {
        try db.cachedStatement(
          sql: """
            UPDATE outcomes SET quality = ?, quality_verdict = ? WHERE query = ? AND candidate = ?
            """
        ).execute(arguments: [
          row[3] as Double, row[0] as Int64, row[1] as Int64, row[2] as Int64,
        ])
      }
      let tiers = try Row.fetchAll(
        db,
        sql: """
          SELECT v.id, v.query, v.tier, q.id FROM verdicts v JOIN queries q ON q.row = v.query
          WHERE v.prompt_hash = ? AND v.judge = ? AND v.tier IS NOT NULL AND q.tier IS NULL
          ORDER BY v.query
          """, arguments: [prompt, judge])
      for row in tiers {
        try db.cachedStatement(sql: "UPDATE queries SET tier = ?, tier_verdict = ? WHERE row = ?")
          .execute(arguments: [row[2] as String, row[0] as Int64, row[1] as Int64])
      }
      var changed: [String] = grades.map { $0[4] } + tiers.map { $0[3] }
      if !changed.isEmpty { changed = Set(changed).sorted() }
      for id in changed { try Self.updateAppliedHash(db, ofQueryWithID: id) }
      return grades.count + tiers.count
    }
  }
}
