import Glibc

/// A run of whole records (lines, or CSV records) as bytes, and where it stands in its file.
struct RecordBlock: Sendable {
  /// Whole records, each ended by a newline except perhaps the last of the file.
  var bytes: [UInt8]
  /// Line number of the first byte, from 1.
  var firstLine: Int
  /// Set when the record at `firstLine` was longer than the limit and has been skipped; `bytes` is empty then.
  var isOverlong = false
  /// Bytes of the file read so far, as stored.
  var storedBytesRead = 0
}

/// Where records end.
enum RecordBoundary: Sendable {
  /// At every newline.
  case newline
  /// At newlines outside quotes (RFC 4180), for fields separated by `delimiter`.
  case csv(delimiter: UInt8)
}

/// Limits of reading; the same for every format.
struct ReadingLimits: Sendable {
  /// Longest record in bytes; a longer one is rejected and skipped without being kept.
  var recordBytes = 16 << 20
  /// Bytes per block, at least: one unit of parsing.
  var blockBytes = 1 << 20
}

/// Cuts a byte source into blocks of whole records. Memory: one block plus the longest record allowed.
final class RecordBlockReader {
  private let source: ByteSource
  private let boundary: RecordBoundary
  private let limits: ReadingLimits
  private var buffer: [UInt8] = []
  /// Bytes of `buffer` searched for record ends, and the state of the search there.
  private var scanned = 0
  private var csvState = CSVScanState.fieldStart
  /// End of the last whole record in `buffer`; 0 when there is none.
  private var lastEnd = 0
  /// Line number of `buffer[0]`.
  private var line = 1
  private var isFirst = true
  private var isAtEnd = false
  /// Why the source cannot be read further: thrown when every whole record before that place was handed out.
  private var failure: StoreError?
  /// Whether the buffer is inside a record that is being skipped, and the line where that began.
  private var isSkipping = false
  private var overlongLine: Int?

  init(source: ByteSource, boundary: RecordBoundary, limits: ReadingLimits) {
    self.source = source
    self.boundary = boundary
    self.limits = limits
  }

  /// The next block, or nil at the end. The last record of a file needs no newline.
  func next() throws(StoreError) -> RecordBlock? {
    while true {
      if let line = overlongLine, !isSkipping || isAtEnd {
        overlongLine = nil
        isSkipping = false
        return RecordBlock(
          bytes: [], firstLine: line, isOverlong: true, storedBytesRead: source.storedBytesRead)
      }
      let open = buffer.count - lastEnd
      if lastEnd >= limits.blockBytes
        || (lastEnd > 0 && open > min(limits.blockBytes, limits.recordBytes))
      {
        return cut(at: lastEnd)
      }
      if open > limits.recordBytes && !isSkipping {
        isSkipping = true
        overlongLine = line
        drop(buffer.count)
      }
      if isAtEnd { return buffer.isEmpty ? nil : cut(at: buffer.count) }
      if let failure {
        if lastEnd > 0 { return cut(at: lastEnd) }
        throw failure
      }
      do throws(StoreError) {
        isAtEnd = try !source.read(appendingTo: &buffer)
      } catch {
        failure = error
        continue
      }
      if isFirst && (buffer.count >= 3 || isAtEnd) {
        isFirst = false
        if buffer.starts(with: [0xef, 0xbb, 0xbf]) { buffer.removeFirst(3) }
      }
      if !isFirst { scan() }
    }
  }

  /// Moves `lastEnd` to the end of the last whole record, after the rest of a record being skipped.
  private func scan() {
    if isSkipping {
      guard let end = firstEnd() else {
        drop(buffer.count)
        return
      }
      drop(end)
      isSkipping = false
    }
    switch boundary {
    case .newline:
      if let newline = buffer.lastNewline(from: scanned) { lastEnd = newline + 1 }
    case .csv(let delimiter):
      var state = csvState
      var end = lastEnd
      // Inside the closure's scope only; indices run to the buffer's own count.
      buffer.withUnsafeBufferPointer { bytes in
        for i in scanned..<bytes.count where state.advance(bytes[i], delimiter: delimiter) {
          end = i + 1
        }
      }
      csvState = state
      lastEnd = end
    }
    scanned = buffer.count
  }

  /// End of the first record that ends in the unsearched part of the buffer.
  private func firstEnd() -> Int? {
    switch boundary {
    case .newline:
      guard let newline = buffer.firstNewline(from: scanned, to: buffer.count) else { return nil }
      scanned = newline + 1
      return scanned
    case .csv(let delimiter):
      while scanned < buffer.count {
        scanned += 1
        if csvState.advance(buffer[scanned - 1], delimiter: delimiter) { return scanned }
      }
      return nil
    }
  }

  private func cut(at end: Int) -> RecordBlock {
    let block = RecordBlock(
      bytes: Array(buffer[0..<end]), firstLine: line, storedBytesRead: source.storedBytesRead)
    drop(end)
    return block
  }

  private func drop(_ count: Int) {
    line += buffer.newlineCount(upTo: count)
    buffer.removeFirst(count)
    scanned = max(0, scanned - count)
    lastEnd = max(0, lastEnd - count)
  }
}
