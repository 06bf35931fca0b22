import Foundation
import GRDB
import RiddleData

extension Store {
  /// The candidates of a span of time.
  public struct DecidedCandidates: Equatable, Sendable {
    /// Every candidate that the store knows, in order of their numbers.
    public var names: [String]
    /// Decisions by candidate, in the order of `names`.
    public var decisions: [Int]
    /// Mean cost in nano-dollars where it is known.
    public var meanCost: [Double?]
    /// What the last decision of the span could have chosen, in its policy's order: cheapest first.
    public var lastAlternatives: [String]?
  }

  /// Who decided how much, from `start` to before `end`.
  public func decidedCandidates(from start: Microseconds, until end: Microseconds)
    throws(StoreError) -> DecidedCandidates
  {
    try read { db in
      let rows = try Row.fetchAll(
        db,
        sql: """
          SELECT c.name, coalesce(d.count, 0), d.cost
          FROM candidates c LEFT JOIN (
            SELECT candidate, count(*) AS count, avg(cost_nanousd) AS cost FROM decisions
            WHERE time_us >= ? AND time_us < ? GROUP BY candidate) d ON d.candidate = c.id
          ORDER BY c.id
          """, arguments: [start.count, end.count])
      let last = try String.fetchOne(
        db,
        sql: """
          SELECT alternatives FROM decisions
          WHERE time_us >= ? AND time_us < ? AND alternatives IS NOT NULL
          ORDER BY time_us DESC, id DESC LIMIT 1
          """, arguments: [start.count, end.count])
      return DecidedCandidates(
        names: rows.map { $0[0] }, decisions: rows.map { $0[1] }, meanCost: rows.map { $0[2] },
        lastAlternatives: try last.map {
          try JSONDecoder().decode([String].self, from: Data($0.utf8))
        })
    }
  }

  /// Hands every decision of a span, with its feedback and label, to `body`: units one after the other.
  ///
  /// Several sources on one request count as their mean; the last of them that names a best candidate counts. Without one, the
  /// latest labelling's label of the query with the same id does (of a replay: of its `query_id`). Positions of candidates are those in
  /// ``DecidedCandidates/names``.
  ///
  /// Memory is constant; SQLite sorts by unit, in temporary files where need be.
  public func forEachJudgedDecision(
    from start: Microseconds, until end: Microseconds, _ body: (JudgedDecision) throws -> Void
  ) throws(StoreError) {
    try read { db in
      let ids = try Int64.fetchAll(db, sql: "SELECT id FROM candidates ORDER BY id")
      let places = Dictionary(uniqueKeysWithValues: ids.enumerated().map { ($1, $0) })
      let names = try String.fetchAll(db, sql: "SELECT name FROM candidates ORDER BY id")
      let labelling = try Row.fetchOne(
        db, sql: "SELECT id, candidates FROM labellings ORDER BY id DESC LIMIT 1")
      let rungs: [Int?] =
        try labelling.map { row in
          let ladder = try JSONDecoder().decode(
            [String].self, from: Data((row[1] as String).utf8))
          return ladder.map { names.firstIndex(of: $0) }
        } ?? []
      let label =
        labelling == nil
        ? ("NULL", "")
        : (
          "l.verdict",
          """
          LEFT JOIN queries q ON q.id = coalesce(json_extract(d.extras, '$.query_id'), d.request_id)
          LEFT JOIN labels l ON l.query = q.row AND l.labelling = \(labelling?[0] as Int64? ?? 0)
          """
        )
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT d.id, d.conversation, d.candidate, d.quality, d.cost_nanousd, d.saved_nanousd,
            d.was_escalated, d.latency_us, d.task_type, f.satisfaction, f.quality,
            f.best_candidate, \(label.0), \(Self.isCostExpected)
          FROM decisions d LEFT JOIN feedback f ON f.request_id = d.request_id \(label.1)
          WHERE d.time_us >= ? AND d.time_us < ?
          ORDER BY d.conversation, d.id, coalesce(f.time_us, 0), f.id
          """, arguments: [start.count, end.count])
      var current: JudgedRow?
      var unit = -1
      var conversation: String?
      while let row = try rows.next() {
        let id: Int64 = row[0]
        if current?.id != id {
          if let done = current { try body(done.decision) }
          let own: String? = row[1]
          if own == nil || own != conversation { unit += 1 }
          conversation = own
          guard let place = places[row[2]] else {
            throw StoreError.defect("a decision's candidate is none")
          }
          var decision = JudgedDecision(unit: unit, candidate: place)
          decision.quality = row[3]
          decision.cost = row[4]
          decision.saved = row[5]
          decision.isCostExpected = row[13]
          decision.wasEscalated = row[6]
          decision.latency = row[7]
          decision.taskType = row[8]
          decision.needed = (row[12] as Int?).flatMap { $0 < rungs.count ? rungs[$0] : nil }
          current = JudgedRow(id: id, decision: decision)
        }
        current?.add(
          satisfaction: row[9], quality: row[10], best: (row[11] as Int64?).flatMap { places[$0] })
      }
      if let done = current { try body(done.decision) }
    }
  }
}

extension Store {
  /// Whether a decision `d` says that its costs are prices (`cost_basis`, ``DecisionRecord/extras``).
  static let isCostExpected = #"coalesce(instr(d.extras, '"cost_basis":"expected"') > 0, 0)"#
}

/// A decision while the feedback of its sources is gathered.
private struct JudgedRow {
  let id: Int64
  var decision: JudgedDecision
  private var satisfactions = 0
  private var qualities = 0

  init(id: Int64, decision: JudgedDecision) {
    self.id = id
    self.decision = decision
  }

  mutating func add(satisfaction: Double?, quality: Double?, best: Int?) {
    if let satisfaction {
      satisfactions += 1
      let mean = decision.satisfaction ?? 0
      decision.satisfaction = mean + (satisfaction - mean) / Double(satisfactions)
    }
    if let quality {
      qualities += 1
      let mean = qualities == 1 ? 0 : decision.quality ?? 0
      decision.quality = mean + (quality - mean) / Double(qualities)
    }
    if let best { decision.needed = best }
  }
}
