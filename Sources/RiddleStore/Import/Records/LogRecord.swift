/// One record of a source: where it stands, and what it says or why it cannot be read.
struct LogRecord {
  /// Line where it begins, from 1; the row's number in a table.
  var line: Int
  /// Which part of a document it comes from, for example `results.results`; empty in files of lines.
  var part = ""
  /// Number of the element in a document, from 1, and the byte where it begins; nil in files of lines and tables.
  var element: Int?
  var offset: Int?
  var content: Result<LogValue, RowError>
}

/// Records of one source, a batch at a time. Used by one thread at a time.
protocol RecordSource: AnyObject {
  /// The source as it was named.
  var path: String { get }
  /// Bytes read so far, as stored.
  var storedBytesRead: Int { get }
  /// The next records, in order; nil at the end. A batch may be empty.
  func next() throws(StoreError) -> (records: [LogRecord], bytes: Int)?
}

extension RowError {
  /// What is wrong with a record's JSON.
  init(_ error: JSONError) { self.init(column: error.column, reason: error.reason) }
}
