import RiddleData

/// Joins rows that ask the same in the same words and were answered by different candidates: one query with the
/// outcomes of all of them.
///
/// Words are compared with white space trimmed and runs of it as one blank, case kept. A row joins the first query of
/// its prompt that lacks all of its candidates, so the second answer of a candidate begins a second query. Rows behind
/// the first turn of a conversation are left alone: what was said before is no part of their text. The joined query has
/// the id and the context of its first row; a tier or group that only a later row states is taken over.
///
/// All rows are held in memory, at most ``QueryMerger/maximumQueries``.
final class EqualPrompts: RowProducer {
  private let rows: any RowProducer
  private let path: String
  private var kept: [(query: LoggedQuery, file: String, line: Int)] = []
  /// Where the queries of one prompt are.
  private struct Places {
    /// Positions in `kept`.
    var all: [Int] = []
    /// By the candidates of a row: where in `all` the first query may be that lacks all of them. Queries only gain candidates.
    var firstOpen: [[String]: Int] = [:]
  }
  private var positions: [String: Places] = [:]
  private var joined = 0
  private var emitted: Int?
  private var storedBytesRead = 0

  private static let rowsPerBatch = 2_000

  init(_ rows: any RowProducer, path: String) {
    self.rows = rows
    self.path = path
  }

  func next() throws(StoreError) -> RowBatch? {
    if let start = emitted { return rest(from: start) }
    guard var batch = try rows.next() else {
      emitted = 0
      var note = RowBatch()
      note.storedBytesRead = storedBytesRead
      note.notes = [
        "\(joined) rows joined to others with an equal prompt: \(kept.count) queries are left"
      ]
      positions = [:]
      return note
    }
    storedBytesRead = batch.storedBytesRead
    var items: [RowItem] = []
    for item in batch.items {
      guard case .row(let row) = item else {
        items.append(item)
        continue
      }
      if take(row) { joined += 1 }
      batch.recordsWithoutItem += 1
    }
    batch.items = items
    if kept.count > QueryMerger.maximumQueries {
      throw .badFormat(
        path: path,
        reason: "--join-equal-prompts holds queries in memory, at most "
          + "\(QueryMerger.maximumQueries) of them; import the log in parts")
    }
    return batch
  }

  /// Whether the row joined another.
  private func take(_ row: ParsedRow) -> Bool {
    guard let text = row.query.text, (row.query.context.turn ?? 1) == 1 else {
      kept.append((row.query, row.file, row.line))
      return false
    }
    let key = Self.normalised(text)
    let names = row.query.outcomes.map(\.candidate)
    let count = positions[key]?.all.count ?? 0
    for place in (positions[key]?.firstOpen[names] ?? 0)..<count {
      guard let at = positions[key]?.all[place],
        names.allSatisfy({ kept[at].query.outcome(of: $0) == nil })
      else { continue }
      let query = kept[at].query
      kept[at].query = LoggedQuery(
        id: query.id, text: query.text, context: query.context,
        outcomes: query.outcomes + row.query.outcomes, tier: query.tier ?? row.query.tier,
        embedding: query.embedding ?? row.query.embedding)
      if query.context.group == nil { kept[at].query.context.group = row.query.context.group }
      if !names.isEmpty { positions[key]?.firstOpen[names] = place + 1 }
      return true
    }
    positions[key, default: Places()].all.append(kept.count)
    if !names.isEmpty { positions[key]?.firstOpen[names] = count + 1 }
    kept.append((row.query, row.file, row.line))
    return false
  }

  /// Rows were counted when they were read; they are items now, so the count is taken back.
  private func rest(from start: Int) -> RowBatch? {
    guard start < kept.count else { return nil }
    var batch = RowBatch()
    let end = min(kept.count, start + Self.rowsPerBatch)
    batch.items = kept[start..<end].map {
      .row(ParsedRow(file: $0.file, line: $0.line, query: $0.query))
    }
    batch.recordsWithoutItem = start - end
    batch.storedBytesRead = storedBytesRead
    emitted = end
    return batch
  }

  /// The prompt with white space trimmed, and runs of it as one blank.
  static func normalised(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
