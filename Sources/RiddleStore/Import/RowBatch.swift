import RiddleData

/// One row as a format's reader understood it. A class, because rows change hands several times and a
/// struct of twenty strings would retain each of them every time.
final class ParsedRow: Sendable {
  /// The file and line where it began, for conflicts.
  let file: String
  let line: Int
  let query: LoggedQuery
  /// ``ContentHash/row(_:)``, computed where the row is parsed, away from the writing thread.
  let contentHash: UInt64
  /// Hash of the text alone.
  let textHash: UInt64?

  init(file: String, line: Int, query: LoggedQuery) {
    self.file = file
    self.line = line
    self.query = query
    textHash = query.text.map { ContentHash.text(bytesOf: $0) }
    contentHash = ContentHash.row(query, textHash: textHash)
  }

  /// The hash that the row would have without its tier; nil when it has none.
  var hashWithoutTier: UInt64? {
    guard query.tier != nil else { return nil }
    var bare = query
    bare.tier = nil
    return ContentHash.row(bare, textHash: textHash)
  }
}

/// A row, or why there is none; in file order.
enum RowItem: Sendable {
  case row(ParsedRow)
  case rejected(RejectedRow)
}

/// What one block of a file came to.
struct RowBatch: Sendable {
  var items: [RowItem] = []
  /// Records seen, including rejected and removed ones, beyond those in `items`.
  var recordsWithoutItem = 0
  /// Records left out because the source says so (contaminated prompts).
  var removed = 0
  /// Records that are no answered call of a model, by why they were left out; they are in `recordsWithoutItem`, too.
  var leftOut: [String: Int] = [:]
  /// What people should know about how values were read.
  var notes: [String] = []
  /// Bytes of the source read so far, as stored.
  var storedBytesRead = 0
  /// Bytes of the records in this batch, roughly: what it holds in memory.
  var recordBytes = 1 << 20
}

/// Reads one source batch by batch. Used by one thread at a time.
protocol RowProducer: AnyObject {
  /// The next batch, or nil at the end.
  func next() throws(StoreError) -> RowBatch?
}
