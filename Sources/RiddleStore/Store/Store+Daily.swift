import GRDB
import RiddleData
import RiddleRuntime

extension Store {
  /// One decision of ``forEachDecisionInTime(_:)``.
  public struct TimedDecision: Sendable {
    /// Its unit is a hash of the conversation, 0 or more, or −1 for none.
    public var judged: JudgedDecision
    /// When, since 1970.
    public var time: Microseconds
    /// The router's probability.
    public var probability: Double?
    /// For example billing, medical, legal.
    public var domain: String?
  }

  /// Hands every decision with its feedback to `body`, in order of time; memory is constant.
  ///
  /// Positions of candidates are those in ``DecidedCandidates/names``. Labels are not looked up: a dashboard shows none.
  public func forEachDecisionInTime(_ body: (TimedDecision) throws -> Void) throws(StoreError) {
    try read { db in
      let ids = try Int64.fetchAll(db, sql: "SELECT id FROM candidates ORDER BY id")
      let places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
      let hasFeedback =
        try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM feedback)") ?? false
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT d.id, d.time_us, d.conversation, d.candidate, d.quality, d.cost_nanousd,
            d.saved_nanousd, d.was_escalated, d.latency_us, d.task_type, d.domain, d.probability,
            \(hasFeedback ? "f.satisfaction, f.quality" : "NULL, NULL"), \(Self.isCostExpected)
          FROM decisions d \(hasFeedback ? "LEFT JOIN feedback f ON f.request_id = d.request_id" : "")
          ORDER BY d.time_us, d.id
          """)
      var current: TimedRow?
      while let row = try rows.next() {
        let id: Int64 = row[0]
        if current?.id != id {
          if let done = current { try body(done.decision) }
          guard let place = places[row[3]] else {
            throw StoreError.defect("a decision's candidate is none")
          }
          let conversation: String? = row[2]
          // 63 bits of a hash: two of a day's conversations share one with probability below 10⁻⁸.
          let unit = conversation.map { Int(StableHash.hash($0.utf8) >> 1) } ?? -1
          var judged = JudgedDecision(unit: unit, candidate: place)
          judged.quality = row[4]
          judged.cost = row[5]
          judged.saved = row[6]
          judged.isCostExpected = row[14]
          judged.wasEscalated = row[7]
          judged.latency = row[8]
          judged.taskType = row[9]
          current = TimedRow(
            id: id,
            decision: TimedDecision(
              judged: judged, time: Microseconds(row[1]), probability: row[11], domain: row[10]))
        }
        if hasFeedback { current?.add(satisfaction: row[12], quality: row[13]) }
      }
      if let done = current { try body(done.decision) }
    }
  }

  /// What happened to routers: every promotion and rollback, and the first decision of each router.
  ///
  /// - Returns: times and words, in order of time.
  public func routerMarks() throws(StoreError) -> [(time: Microseconds, what: String)] {
    try read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT d.time_us AS time, d.kind || ' in ' || d.environment || ': '
            || coalesce(r.name || ', ', '') || substr(r.sha256, 1, 12) AS what
          FROM deployments d JOIN routers r ON r.id = d.router
          UNION ALL
          SELECT f.time, 'first decision of ' || coalesce(r.name || ', ', '') || substr(r.sha256, 1, 12)
          FROM (SELECT router, min(time_us) AS time FROM decisions WHERE router IS NOT NULL
            GROUP BY router) f JOIN routers r ON r.id = f.router
          ORDER BY 1, 2
          """)
      return rows.map { (Microseconds($0[0]), $0[1]) }
    }
  }
}

private struct TimedRow {
  let id: Int64
  var decision: Store.TimedDecision
  private var satisfactions = 0
  private var qualities = 0

  init(id: Int64, decision: Store.TimedDecision) {
    self.id = id
    self.decision = decision
  }

  mutating func add(satisfaction: Double?, quality: Double?) {
    if let satisfaction {
      satisfactions += 1
      let mean = decision.judged.satisfaction ?? 0
      decision.judged.satisfaction = mean + (satisfaction - mean) / Double(satisfactions)
    }
    if let quality {
      qualities += 1
      let mean = qualities == 1 ? 0 : decision.judged.quality ?? 0
      decision.judged.quality = mean + (quality - mean) / Double(qualities)
    }
  }
}
