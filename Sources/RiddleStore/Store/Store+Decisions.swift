import Foundation
import GRDB
import RiddleData

/// What became of decisions that were appended.
public struct DecisionCounts: Equatable, Sendable, Codable {
  /// New ones.
  public var inserted = 0
  /// Known, with the same content.
  public var unchanged = 0
  /// Known by request id with other content: the first stays.
  public var conflicts = 0
  /// Out of bounds: see ``DecisionRecord/fault``.
  public var refused = 0
  /// Left out, because their user or request was erased from the store.
  public var erased = 0

  /// Nothing yet.
  public init() {}

  /// Adds what became of others.
  public mutating func add(_ others: DecisionCounts) { self += others }

  static func += (a: inout DecisionCounts, b: DecisionCounts) {
    a.inserted += b.inserted
    a.unchanged += b.unchanged
    a.conflicts += b.conflicts
    a.refused += b.refused
    a.erased += b.erased
  }
}

extension Store {
  /// Appends decisions in one transaction: all of them are kept, or none.
  ///
  /// A request is decided once: a second decision under its id changes nothing. Routers and policies that the store does not
  /// have are entered by their checksum or name, without bytes.
  ///
  /// - Parameter conflict: called for each one whose id is known with other content.
  /// - Throws: ``StoreError`` when the store cannot be written.
  @discardableResult
  public func append(
    _ decisions: [DecisionRecord], conflict: (DecisionRecord) -> Void = { _ in }
  ) throws(StoreError) -> DecisionCounts {
    var clashing: [DecisionRecord] = []
    let counts = try write { db in
      var counts = DecisionCounts()
      clashing = []
      var writer = try DecisionWriter(db)
      let tombstones = try Tombstones(db)
      for decision in decisions {
        if decision.fault != nil {
          counts.refused += 1
        } else if try tombstones?.forbids(requestID: decision.requestID, userID: decision.userID)
          ?? false
        {
          counts.erased += 1
        } else if try writer.insert(decision) {
          counts.inserted += 1
        } else {
          var again = decision.redacted(decision.text == nil ? .hash : .keep)
          let known = try Self.decision(db, requestID: decision.requestID)
          // A policy with a checksum goes by the name under which the store met it first.
          if let known, again.policyChecksum != nil, known.policyChecksum == again.policyChecksum {
            again.policy = known.policy
          }
          if known == again {
            counts.unchanged += 1
          } else {
            counts.conflicts += 1
            clashing.append(decision)
          }
        }
      }
      return counts
    }
    clashing.forEach(conflict)
    return counts
  }

  /// How many decisions there are, and from when to when.
  public func decisionSpan() throws(StoreError) -> (
    count: Int, first: Microseconds?, last: Microseconds?
  ) {
    try read { db in
      guard
        let row = try Row.fetchOne(
          db,
          sql:
            "SELECT (SELECT count(*) FROM decisions), (SELECT min(time_us) FROM decisions), (SELECT max(time_us) FROM decisions)"
        )
      else { return (0, nil, nil) }
      return (
        row[0], (row[1] as Int64?).map { Microseconds($0) },
        (row[2] as Int64?).map { Microseconds($0) }
      )
    }
  }

  /// Hands every decision of a span of time to `body`, in order of time and, at one time, of arrival.
  ///
  /// - Parameters:
  ///   - start: the first time that counts; nil from the beginning.
  ///   - end: the first time that no longer counts; nil to the end.
  public func forEachDecision(
    from start: Microseconds? = nil, until end: Microseconds? = nil,
    _ body: (DecisionRecord) throws -> Void
  ) throws(StoreError) {
    try read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: Self.selectDecision
          + " WHERE d.time_us >= ? AND d.time_us < ? ORDER BY d.time_us, d.id",
        arguments: [start?.count ?? .min, end?.count ?? .max])
      while let row = try rows.next() { try body(DecisionRecord(row)) }
    }
  }

  static func decision(_ db: Database, requestID: String) throws -> DecisionRecord? {
    let statement = try db.cachedStatement(sql: selectDecision + " WHERE d.request_id = ?")
    return try Row.fetchOne(statement, arguments: [requestID]).map { try DecisionRecord($0) }
  }

  private static let selectDecision = """
    SELECT d.request_id, d.time_us, c.name, d.alternatives, d.propensity, d.propensities, p.name,
      p.sha256, r.sha256, d.stage, d.reason, d.score, d.probability, d.threshold, d.confidence,
      d.quality, d.cost_nanousd, d.saved_nanousd, d.was_escalated, d.latency_us, d.decided_in_ns,
      d.text, d.text_hash, d.features, d.conversation, d.turn, d.user_id, d.user_tier, d.task_type,
      d.domain, d.sample_rate, d.extras
    FROM decisions d JOIN candidates c ON c.id = d.candidate
      LEFT JOIN routers r ON r.id = d.router LEFT JOIN policies p ON p.id = d.policy
    """
}

extension DecisionRecord {
  /// The record in a row of ``Store/selectDecision``.
  fileprivate init(_ row: Row) throws {
    self.init(requestID: row[0], time: Microseconds(row[1]), candidate: row[2])
    alternatives = try (row[3] as String?).map { text in
      try JSONDecoder().decode([String].self, from: Data(text.utf8))
    }
    propensity = row[4]
    propensities = try (row[5] as String?).map { text in
      try LogValue(json: Array(text.utf8)).members.map { member in
        CandidatePropensity(
          candidate: member.key, probability: member.value.decimal?.double ?? 0)
      }
    }
    policy = row[6]
    policyChecksum = row[7]
    routerChecksum = row[8]
    stage = row[9]
    reason = row[10]
    score = row[11]
    probability = row[12]
    threshold = row[13]
    confidence = row[14]
    quality = row[15]
    cost = (row[16] as Int64?).map { NanoDollars($0) }
    saved = (row[17] as Int64?).map { NanoDollars($0) }
    wasEscalated = row[18]
    latency = (row[19] as Int64?).map { Microseconds($0) }
    decidedIn = row[20]
    text = row[21]
    textHash = (row[22] as Int64?).map { UInt64(bitPattern: $0) }
    if let bytes = row[23] as Data? {
      var values = [Float](repeating: 0, count: bytes.count / 4)
      guard
        VectorBlob.decode(bytes, dimension: bytes.count / 4, into: &values, at: 0)
      else { throw StoreError.defect("the features of a decision are damaged") }
      features = values
    }
    conversation = row[24]
    turn = row[25]
    userID = row[26]
    userTier = row[27]
    taskType = row[28]
    domain = row[29]
    sampleRate = row[30]
    extras = row[31]
  }
}

/// Inserts decisions inside one transaction, with the numbers of the names it has met.
private struct DecisionWriter {
  private let db: Database
  private let statement: BulkStatement
  private var candidates: [String: Int64] = [:]
  private var routers: [String: Int64] = [:]
  private var policies: [String: Int64] = [:]

  init(_ db: Database) throws {
    self.db = db
    statement = try BulkStatement(
      db,
      """
      INSERT INTO decisions (request_id, time_us, router, policy, candidate, stage, reason, score,
        probability, threshold, propensity, alternatives, propensities, confidence, quality,
        cost_nanousd, saved_nanousd, was_escalated, latency_us, decided_in_ns, text, text_hash,
        features, conversation, turn, user_id, user_tier, task_type, domain, sample_rate, extras)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
        ?, ?) ON CONFLICT (request_id) DO NOTHING
      """)
  }

  /// Whether the decision is new.
  mutating func insert(_ record: DecisionRecord) throws -> Bool {
    statement.bind(1, record.requestID)
    statement.bind(2, record.time.count)
    statement.bind(3, try router(record))
    statement.bind(4, try policy(record))
    statement.bind(5, try candidate(record.candidate))
    statement.bind(6, record.stage)
    statement.bind(7, record.reason)
    statement.bind(8, record.score)
    statement.bind(9, record.probability)
    statement.bind(10, record.threshold)
    statement.bind(11, record.propensity)
    statement.bind(12, record.alternatives.map(JSONText.array))
    statement.bind(
      13,
      record.propensities.map { all in
        "{"
          + all.map { "\(JSONText.quoted($0.candidate)):\($0.probability)" }.joined(separator: ",")
          + "}"
      })
    statement.bind(14, record.confidence)
    statement.bind(15, record.quality)
    statement.bind(16, record.cost?.count)
    statement.bind(17, record.saved?.count)
    statement.bind(18, record.wasEscalated ? Int64(1) : 0)
    statement.bind(19, record.latency?.count)
    statement.bind(20, record.decidedIn)
    statement.bind(21, record.text)
    let hash = record.text.map { DecisionRecord.hash(ofText: $0) } ?? record.textHash
    statement.bind(22, hash.map { Int64(bitPattern: $0) })
    statement.bind(23, blob: record.features.map { [UInt8](VectorBlob.encode($0)) })
    statement.bind(24, record.conversation)
    statement.bind(25, record.turn.map(Int64.init))
    statement.bind(26, record.userID)
    statement.bind(27, record.userTier)
    statement.bind(28, record.taskType)
    statement.bind(29, record.domain)
    statement.bind(30, record.sampleRate)
    statement.bind(31, record.extras)
    return try statement.run() == 1
  }

  private mutating func candidate(_ name: String) throws -> Int64 {
    if let id = candidates[name] { return id }
    let id = try Store.candidate(db, named: name)
    candidates[name] = id
    return id
  }

  private mutating func router(_ record: DecisionRecord) throws -> Int64? {
    guard let checksum = record.routerChecksum else { return nil }
    if let id = routers[checksum] { return id }
    try db.execute(
      sql: "INSERT INTO routers (sha256, time_us) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING",
      arguments: [checksum, record.time.count])
    let id = try Int64.fetchOne(
      db, sql: "SELECT id FROM routers WHERE sha256 = ?", arguments: [checksum])
    routers[checksum] = id
    return id
  }

  private mutating func policy(_ record: DecisionRecord) throws -> Int64? {
    guard record.policy != nil || record.policyChecksum != nil else { return nil }
    let key = record.policyChecksum ?? "name " + (record.policy ?? "")
    if let id = policies[key] { return id }
    let id: Int64?
    if let checksum = record.policyChecksum {
      try db.execute(
        sql: "INSERT INTO policies (sha256, name) VALUES (?, ?) ON CONFLICT (sha256) DO NOTHING",
        arguments: [checksum, record.policy ?? String(checksum.prefix(12))])
      id = try Int64.fetchOne(
        db, sql: "SELECT id FROM policies WHERE sha256 = ?", arguments: [checksum])
    } else {
      let find = "SELECT id FROM policies WHERE name = ? AND sha256 IS NULL"
      if let known = try Int64.fetchOne(db, sql: find, arguments: [record.policy]) {
        id = known
      } else {
        try db.execute(sql: "INSERT INTO policies (name) VALUES (?)", arguments: [record.policy])
        id = db.lastInsertedRowID
      }
    }
    policies[key] = id
    return id
  }
}

extension Store {
  /// The number of the candidate called `name`, made when it is new.
  static func candidate(_ db: Database, named name: String) throws -> Int64 {
    try db.execute(
      sql: "INSERT INTO candidates (name) VALUES (?) ON CONFLICT (name) DO NOTHING",
      arguments: [name])
    guard
      let id = try Int64.fetchOne(
        db, sql: "SELECT id FROM candidates WHERE name = ?", arguments: [name])
    else { throw StoreError.defect("a candidate vanished while it was inserted") }
    return id
  }
}
