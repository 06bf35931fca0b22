/// Records of a file that is one JSON document: elements of its arrays, and values beside them.
///
/// Memory: the longest element, not the document. A record's `part` is the path of its target, keys joined by dots.
final class JSONDocumentRecords: RecordSource {
  let path: String
  private let source: ByteSource
  private let limits: ReadingLimits
  private let parts: [String]
  private var scanner: JSONElementScanner
  private var isAtEnd = false
  private var isFirst = true
  /// Elements cut out so far, and bytes of a byte order mark before them.
  private var elements = 0
  private var markBytes = 0

  var storedBytesRead: Int { source.storedBytesRead }

  init(source: ByteSource, targets: [JSONElementScanner.Target], limits: ReadingLimits) {
    path = source.path
    self.source = source
    self.limits = limits
    parts = targets.map { $0.path.joined(separator: ".") }
    scanner = JSONElementScanner(targets, maximumBytes: limits.recordBytes)
  }

  func next() throws(StoreError) -> (records: [LogRecord], bytes: Int)? {
    if isAtEnd { return nil }
    var input: [UInt8] = []
    var cuts: [JSONElementScanner.Cut] = []
    while input.count < limits.blockBytes && !isAtEnd {
      isAtEnd = try !source.read(appendingTo: &input)
    }
    if isFirst && input.starts(with: [0xef, 0xbb, 0xbf]) {
      input.removeFirst(3)
      markBytes = 3
    }
    isFirst = false
    scanner.scan(input, into: &cuts)
    if let problem = isAtEnd ? scanner.problemAtEnd : scanner.problem {
      // What was cut out before the break is kept: a torn last line costs its own row elsewhere, too.
      isAtEnd = true
      var records = cuts.map(record)
      records.append(
        LogRecord(line: 1, content: .failure(RowError(reason: "not whole JSON: \(problem)"))))
      return (records, input.count)
    }
    return (cuts.map(record), input.count)
  }

  private func record(_ cut: JSONElementScanner.Cut) -> LogRecord {
    elements += 1
    let content: Result<LogValue, RowError>
    if let bytes = cut.bytes {
      do throws(JSONError) {
        content = .success(try LogValue(json: bytes))
      } catch {
        content = .failure(RowError(error))
      }
    } else {
      content = .failure(RowError(reason: "longer than \(limits.recordBytes) bytes"))
    }
    return LogRecord(
      line: cut.line, part: parts[cut.target], element: elements, offset: cut.offset + markBytes,
      content: content)
  }
}
