import GRDB
import RiddleData

/// What became of feedback that was imported.
public struct FeedbackCounts: Equatable, Sendable, Codable {
  /// The first word of a source on a request.
  public var inserted = 0
  /// What the source said before is replaced.
  public var replaced = 0
  /// Said before in the same words.
  public var unchanged = 0
  /// Older than what the source has said since.
  public var outdated = 0
  /// Left out, because its request was erased from the store.
  public var erased = 0
  /// Feedback in the whole store whose request has no decision there, or not yet.
  public var withoutDecision = 0

  /// Nothing yet.
  public init() {}
}

extension Store {
  /// Keeps feedback, in one transaction; the last word of a source on a request counts.
  ///
  /// Of two words of one source on one request the one with the later time counts, or, where a time is missing or both are the
  /// same, the one that comes later in `feedback`. So the same feedback again changes nothing.
  ///
  /// - Throws: ``StoreError`` when the store cannot be written.
  public func importFeedback(_ feedback: [FeedbackRecord]) throws(StoreError) -> FeedbackCounts {
    // One word per source and request first: what is overtaken within the file is no change of the store.
    var last: [Key: Int] = [:]
    for (index, record) in feedback.enumerated() {
      let key = Key(requestID: record.requestID, source: record.source)
      if let known = last[key], let old = feedback[known].time, let new = record.time, new < old {
        continue
      }
      last[key] = index
    }
    let kept = last.values.sorted()
    return try write { db in
      var counts = FeedbackCounts()
      counts.outdated = feedback.count - kept.count
      let find = try db.cachedStatement(
        sql: """
          SELECT f.time_us, f.satisfaction, f.quality, c.name, f.comment, f.redaction IS NOT NULL
          FROM feedback f LEFT JOIN candidates c ON c.id = f.best_candidate
          WHERE f.request_id = ? AND f.source = ?
          """)
      let insert = try db.cachedStatement(
        sql: """
          INSERT INTO feedback (request_id, source, time_us, satisfaction, quality, best_candidate,
            comment) VALUES (?, ?, ?, ?, ?, ?, ?)
          ON CONFLICT (request_id, source) DO UPDATE SET time_us = excluded.time_us,
            satisfaction = excluded.satisfaction, quality = excluded.quality,
            best_candidate = excluded.best_candidate, comment = excluded.comment, redaction = NULL
          """)
      var candidates: [String: Int64] = [:]
      let tombstones = try Tombstones(db)
      for index in kept {
        let record = feedback[index]
        if try tombstones?.forbids(requestID: record.requestID, userID: nil) ?? false {
          counts.erased += 1
          continue
        }
        if let row = try Row.fetchOne(find, arguments: [record.requestID, record.source]) {
          var known = FeedbackRecord(requestID: record.requestID, source: record.source)
          known.time = (row[0] as Int64?).map { Microseconds($0) }
          known.satisfaction = row[1]
          known.quality = row[2]
          known.bestCandidate = row[3]
          // A comment that was redacted is not brought back by the words it was redacted from.
          known.comment = row[5] ? record.comment : row[4]
          if known == record {
            counts.unchanged += 1
            continue
          }
          if let old = known.time, let new = record.time, new < old {
            counts.outdated += 1
            continue
          }
          counts.replaced += 1
        } else {
          counts.inserted += 1
        }
        var best: Int64?
        if let name = record.bestCandidate {
          best = try candidates[name] ?? Self.candidate(db, named: name)
          candidates[name] = best
        }
        try insert.execute(arguments: [
          record.requestID, record.source, record.time?.count, record.satisfaction, record.quality,
          best, record.comment,
        ])
      }
      counts.withoutDecision =
        try Int.fetchOne(
          db,
          sql: """
            SELECT count(*) FROM feedback f WHERE NOT EXISTS
              (SELECT 1 FROM decisions d WHERE d.request_id = f.request_id)
            """) ?? 0
      return counts
    }
  }

  private struct Key: Hashable {
    var requestID: String
    var source: String
  }
}
