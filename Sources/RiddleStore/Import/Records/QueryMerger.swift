import RiddleData

/// Joins records of one id, at most ``maximumQueries`` of them, to one query with several outcomes, wherever they stand. Queries come out in the order of
/// their first records; all of them are held in memory.
///
/// Records of one id must agree in query and context where they state them, and may name a candidate once.
struct QueryMerger {
  private var index: [String: Int] = [:]
  private var merged: [(query: LoggedQuery, line: Int)] = []
  private var emitted = 0

  private static let rowsPerBatch = 2_000
  /// Most queries that are held: about 1 KB each and their texts.
  static let maximumQueries = 2_000_000

  /// - Throws: `.badFormat` when more queries are held than may be.
  func checkSize(path: String, limit: Int = maximumQueries) throws(StoreError) {
    guard merged.count > limit else { return }
    throw .badFormat(
      path: path,
      reason:
        "spreads a query over several rows, which are joined in memory, and has more than \(limit) queries\n"
        + "  Sort it by id and import it in parts, or write one row a query (riddle-jsonl).")
  }

  /// Adds one record; true when it joined an earlier one.
  mutating func add(_ query: LoggedQuery, line: Int) throws(RowError) -> Bool {
    guard let at = index[query.id] else {
      index[query.id] = merged.count
      merged.append((query, line))
      return false
    }
    let firstLine = merged[at].line
    func join<T: Equatable>(_ old: inout T?, _ new: T?, _ field: String) throws(RowError) {
      guard let new else { return }
      if let old, old != new {
        throw RowError(
          field: field, reason: "differs from line \(firstLine), which has the same id")
      }
      old = new
    }
    var text = merged[at].query.text
    var context = merged[at].query.context
    var tier = merged[at].query.tier
    try join(&tier, query.tier, "tier")
    try join(&text, query.text, "query")
    try join(&context.group, query.context.group, "group")
    try join(&context.conversation, query.context.conversation, "conversation")
    try join(&context.turn, query.context.turn, "turn")
    try join(&context.userTier, query.context.userTier, "user_tier")
    try join(&context.taskType, query.context.taskType, "task_type")
    try join(&context.domain, query.context.domain, "domain")
    try join(&context.time, query.context.time, "time")
    for (name, value) in query.context.metadata.sorted(by: { $0.key < $1.key }) {
      try join(&context.metadata[name], value, "metadata.\(name)")
    }
    if merged[at].query.outcomes.count >= FieldRules.maximumCandidates {
      throw RowError(
        field: "candidate", reason: "more than \(FieldRules.maximumCandidates) for one id")
    }
    for entry in query.outcomes where merged[at].query.outcome(of: entry.candidate) != nil {
      throw RowError(
        field: "candidate", reason: "this id already has an outcome of \(entry.candidate)")
    }
    merged[at].query.text = text
    merged[at].query.context = context
    merged[at].query.tier = tier
    merged[at].query.outcomes.append(contentsOf: query.outcomes)
    return true
  }

  /// Some of the merged queries as rows of `file`; nil when all are out.
  mutating func next(file: String) -> RowBatch? {
    guard emitted < merged.count else { return nil }
    var batch = RowBatch()
    let end = min(merged.count, emitted + Self.rowsPerBatch)
    for (query, line) in merged[emitted..<end] {
      // Sorts the outcomes by candidate.
      let sorted = LoggedQuery(
        id: query.id, text: query.text, context: query.context, outcomes: query.outcomes,
        tier: query.tier)
      batch.items.append(.row(ParsedRow(file: file, line: line, query: sorted)))
    }
    emitted = end
    return batch
  }
}
