/// Records of a file of JSON lines. Blank lines are passed over; a line that is no JSON is a record that cannot be read.
final class JSONLineRecords: RecordSource {
  let path: String
  private let blocks: RecordBlockReader
  private let limits: ReadingLimits
  private(set) var storedBytesRead = 0
  /// Whether the last block read ended a line: at the end of a file, whether its last line is whole.
  private(set) var endsWithNewline = true

  init(source: ByteSource, limits: ReadingLimits) {
    path = source.path
    blocks = RecordBlockReader(source: source, boundary: .newline, limits: limits)
    self.limits = limits
  }

  func next() throws(StoreError) -> (records: [LogRecord], bytes: Int)? {
    guard let block = try blocks.next() else { return nil }
    storedBytesRead = block.storedBytesRead
    endsWithNewline = block.bytes.last == 0x0a
    let overlong = RowError(reason: "longer than \(limits.recordBytes) bytes")
    if block.isOverlong {
      return ([LogRecord(line: block.firstLine, content: .failure(overlong))], 0)
    }
    var records: [LogRecord] = []
    var start = 0
    var line = block.firstLine
    while start < block.bytes.count {
      let end = block.bytes.firstNewline(from: start, to: block.bytes.count) ?? block.bytes.count
      if end - start > limits.recordBytes {
        records.append(LogRecord(line: line, content: .failure(overlong)))
      } else if !Self.isBlank(block.bytes, start, end) {
        do throws(JSONError) {
          let value = try LogValue(json: block.bytes, from: start, to: end)
          records.append(LogRecord(line: line, content: .success(value)))
        } catch {
          records.append(LogRecord(line: line, content: .failure(RowError(error))))
        }
      }
      start = end + 1
      line += 1
    }
    return (records, block.bytes.count)
  }

  private static func isBlank(_ bytes: [UInt8], _ start: Int, _ end: Int) -> Bool {
    for i in start..<end where bytes[i] != 0x20 && bytes[i] != 0x09 && bytes[i] != 0x0d {
      return false
    }
    return true
  }
}
