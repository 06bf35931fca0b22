import RiddleData
import RiddleRuntime
import RiddleStore

/// The queries of a store that fit into memory: all of a short log; of a longer one those whose texts have the lowest
/// hashes, so that equal texts stay together and the same log gives the same sample.
///
/// The hash is another one than that of the split, so that every side of a split is sampled alike. The number kept is
/// binomial where no text comes twice: mean `most`, standard deviation at most √`most`.
struct StoreSample {
  /// The queries kept, in the order of import, without answers unless they are asked for.
  let log: [LoggedQuery]
  /// Hash of the queries kept, answers included: see ``ContentHash``.
  let content: String
  /// What a reader of any figure must know; nil when every query is here.
  private(set) var sentence: String?

  /// - Parameters:
  ///   - most: queries kept on average when the store has more.
  ///   - keepsAnswers: whether answers are read; they are most of a log's bytes.
  ///   - end: queries that arrived then or later are left out.
  init(_ store: Store, most: Int, keepsAnswers: Bool, before end: Microseconds?) throws {
    let count = try Self.count(store, before: end)
    let share = Double(most) / Double(max(1, count))
    let highest = share < 1 ? UInt64(share * 0x1p64) : .max
    var log: [LoggedQuery] = []
    if share >= 1 { log.reserveCapacity(count) }
    var hash = ContentHash()
    try store.forEachQuery { query in
      guard query.arrived(before: end) else { return }
      guard share >= 1 || Self.key(query) < highest else { return }
      hash.add(query)
      var query = query
      if !keepsAnswers {
        for k in query.outcomes.indices { query.outcomes[k].outcome.answer = nil }
      }
      log.append(query)
    }
    self.log = log
    content = hash.text
    if share < 1 {
      sentence =
        "\(log.count) of \(count) queries were read, those whose texts have the lowest hashes; --most-rows \(count) reads all of them"
    }
  }

  private static func count(_ store: Store, before end: Microseconds?) throws -> Int {
    guard let end else { return try store.counts().queries }
    var count = 0
    let sql = "SELECT count(*) FROM queries WHERE time_us IS NULL OR time_us < \(end.count)"
    try store.select(sql, header: { _ in }) { row in
      if case .integer(let found) = row[0] { count = Int(found) }
    }
    return count
  }

  private static func key(_ query: LoggedQuery) -> UInt64 {
    // Any constant makes another hash of the same text.
    StableHash.mixed(RowFingerprint.text(query.text ?? query.id) ^ 0x73_61_6d_70_6c_65)
  }
}

extension LoggedQuery {
  /// Whether it arrived before `end`; a query without a time did.
  func arrived(before end: Microseconds?) -> Bool {
    guard let end, let time = context.time else { return true }
    return time < end
  }
}
