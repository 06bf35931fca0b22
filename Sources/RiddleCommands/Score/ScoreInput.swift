import Foundation
import RiddleStore

/// Bytes of standard input or of a file, handed out in blocks that grow only for a line that is longer than one.
final class ScoreInput {
  /// Bytes that were read and not used.
  private(set) var buffer: [UInt8] = []
  /// Whether everything was read.
  private(set) var isAtEnd = false
  private let file: InputFile?
  private var chunk: [UInt8] = []
  private var hasRead = false
  private static let blockBytes = 1 << 20

  /// - Parameter path: a file, plain or gzip; nil reads standard input.
  /// - Throws: `StoreError` for a file that is not there.
  init(path: String?) throws {
    file = try path.map { try InputFile(path: $0) }
  }

  /// Reads until a block is full or nothing more is there for now; with `wholeLine`, at least until a newline. False at the
  /// end of the input with nothing left.
  ///
  /// Someone who types gets an answer to every line: a pipe that has nothing to read for the moment ends the block.
  func fill(wholeLine: Bool = true) throws -> Bool {
    var searched = 0
    var hasLine = false
    while !isAtEnd, buffer.count < Self.blockBytes || !hasLine {
      if !hasLine {
        hasLine = !wholeLine && !buffer.isEmpty || buffer[searched...].contains(0x0a)
        searched = buffer.count
      }
      if hasLine && (buffer.count >= Self.blockBytes || !isReady) { break }
      try readSome()
    }
    return !buffer.isEmpty
  }

  /// Forgets the first bytes.
  func drop(_ count: Int) { buffer.removeFirst(count) }

  /// Whether reading would not wait.
  private var isReady: Bool {
    guard file == nil else { return true }
    var one = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&one, 1, 0) > 0
  }

  /// A compressed stream has no lines: its bytes would be decided as if somebody had typed them.
  private func refuseCompressed() throws {
    let isGzip = buffer.starts(with: [0x1f, 0x8b])
    guard isGzip || buffer.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) else { return }
    throw CommandFailure(
      .malformedData,
      "standard input is \(isGzip ? "gzip" : "zstd"), expected lines of text; name the file behind the router, or unpack first: \(isGzip ? "gzip" : "zstd") -dc FILE | riddle score ROUTER"
    )
  }

  private func readSome() throws {
    if let file {
      isAtEnd = try !file.read(appendingTo: &buffer)
      return
    }
    if chunk.isEmpty { chunk = [UInt8](repeating: 0, count: 256 << 10) }
    while true {
      // The kernel writes at most `count` bytes, during the call only.
      let got = chunk.withUnsafeMutableBytes {
        Foundation.read(STDIN_FILENO, $0.baseAddress, $0.count)
      }
      if got < 0 && errno == EINTR { continue }
      if got < 0 {
        let reason = String(cString: strerror(errno))
        throw CommandFailure(.inputOutput, "standard input cannot be read (\(reason))")
      }
      let isFirst = buffer.isEmpty && !hasRead
      hasRead = true
      buffer.append(contentsOf: chunk[..<got])
      isAtEnd = got == 0
      if isFirst { try refuseCompressed() }
      return
    }
  }
}
