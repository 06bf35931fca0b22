import GRDB
import RiddleData

/// What one job against an endpoint has cost so far, over all runs.
public struct JobSpending: Equatable, Sendable, Codable {
  /// Calls that were settled.
  public var calls = 0
  /// Tokens they read.
  public var inputTokens: Int64 = 0
  /// Tokens they wrote.
  public var outputTokens: Int64 = 0
  /// Nano-dollars they cost.
  public var costNanoDollars: Int64 = 0
  /// Calls that a run started and never settled: it was killed while they were under way.
  public var openCalls = 0
  /// The most that those can have cost, in nano-dollars.
  public var openNanoDollars: Int64 = 0

  /// Nothing yet.
  public init() {}

  /// The most that everything so far can have cost.
  public var mostNanoDollars: Int64 {
    let (sum, overflow) = costNanoDollars.addingReportingOverflow(openNanoDollars)
    return overflow ? .max : sum
  }
}

/// A call that was written down before it was made.
public struct OpenCall: Equatable, Sendable {
  /// Its row.
  public let id: Int64
  /// The job it belongs to.
  public let job: String
}

/// What a call came to.
public struct SettledCall: Equatable, Sendable {
  /// The call.
  public var call: OpenCall
  /// Tokens read, 0 when unknown.
  public var inputTokens: Int64
  /// Tokens written, 0 when unknown.
  public var outputTokens: Int64
  /// Nano-dollars: as the endpoint's usage says, or the reservation when it may have been billed unseen.
  public var cost: NanoDollars

  /// A settled call.
  public init(_ call: OpenCall, inputTokens: Int64, outputTokens: Int64, cost: NanoDollars) {
    self.call = call
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.cost = cost
  }
}

extension Store {
  /// What `job` has cost so far, over all runs.
  public func spending(of job: String) throws(StoreError) -> JobSpending {
    try read { db in
      var spending = JobSpending()
      guard
        let row = try Row.fetchOne(
          db,
          sql: """
            SELECT j.calls, j.in_tokens, j.out_tokens, j.cost_nanousd, count(o.id),
              coalesce(sum(o.reserved_nanousd), 0)
            FROM remote_jobs j LEFT JOIN open_calls o ON o.job = j.id WHERE j.name = ? GROUP BY j.id
            """, arguments: [job])
      else { return spending }
      spending.calls = row[0]
      spending.inputTokens = row[1]
      spending.outputTokens = row[2]
      spending.costNanoDollars = row[3]
      spending.openCalls = row[4]
      spending.openNanoDollars = row[5]
      return spending
    }
  }

  /// Writes down that a call of `job` is about to be made and what it can cost at most.
  ///
  /// Until it is settled it counts as spent: a budget holds even when the process is killed.
  public func openCall(job: String, reserving: NanoDollars, time: Microseconds)
    throws(StoreError) -> OpenCall
  {
    try write { db in
      try db.cachedStatement(
        sql: "INSERT INTO remote_jobs (name) VALUES (?) ON CONFLICT DO NOTHING"
      )
      .execute(arguments: [job])
      try db.cachedStatement(
        sql: """
          INSERT INTO open_calls (job, reserved_nanousd, started_us)
          SELECT id, ?, ? FROM remote_jobs WHERE name = ?
          """
      ).execute(arguments: [reserving.count, time.count, job])
      return OpenCall(id: db.lastInsertedRowID, job: job)
    }
  }

  /// Settles a call that brought nothing to keep.
  public func settle(_ call: SettledCall) throws(StoreError) {
    try write { db in try Self.settle(db, call) }
  }

  /// Forgets the open calls of `job`, because somebody looked at the provider's bill.
  ///
  /// - Returns: how many there were.
  @discardableResult
  public func forgetOpenCalls(of job: String) throws(StoreError) -> Int {
    try write { db in
      try db.execute(
        sql: "DELETE FROM open_calls WHERE job = (SELECT id FROM remote_jobs WHERE name = ?)",
        arguments: [job])
      return db.changesCount
    }
  }

  static func settle(_ db: Database, _ settled: SettledCall) throws {
    try db.cachedStatement(sql: "DELETE FROM open_calls WHERE id = ?")
      .execute(arguments: [settled.call.id])
    try db.cachedStatement(
      sql: """
        UPDATE remote_jobs SET calls = calls + 1, in_tokens = in_tokens + ?,
          out_tokens = out_tokens + ?, cost_nanousd = cost_nanousd + ? WHERE name = ?
        """
    ).execute(arguments: [
      settled.inputTokens, settled.outputTokens, settled.cost.count, settled.call.job,
    ])
  }
}
