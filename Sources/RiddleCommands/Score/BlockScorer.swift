import Foundation
import RiddleData
import RiddleRuntime
import Synchronization

/// Decides many lines on several threads and keeps their order.
///
/// A block is cut into pieces of whole lines whose sizes depend on the input alone. Threads take the next piece that nobody
/// has; outputs are put behind each other as the pieces were. So the bytes are the same with any number of threads.
final class BlockScorer {
  private let workers: [PieceScorer]
  private var outputs: [[UInt8]]
  /// Records of the pieces, where decisions are logged.
  private var logged: [[DecisionRecord]]
  private let logger: DecisionLogger?

  /// Bytes and lines of a piece, whichever is reached first: short lines make more output than they have bytes.
  private static let pieceBytes = 64 << 10
  private static let pieceLines = 1024
  /// Pieces at once; with ``pieceLines`` the limit of what waits to be written.
  private static let maximumPieces = 16

  init(_ opened: OpenedRouter, isJSON: Bool, threads: Int, logger: DecisionLogger? = nil) throws {
    let writer = try DecisionWriter(opened)
    workers = (0..<threads).map { _ in
      PieceScorer(opened, writer: writer, isJSON: isJSON, logger: logger)
    }
    outputs = Array(repeating: [], count: Self.maximumPieces)
    logged = Array(repeating: [], count: Self.maximumPieces)
    self.logger = logger
  }

  /// What became of a block.
  struct Result {
    var bytes = 0
    var lines = 0
    var badLines = 0
    /// Lines that the JSON decoder had to read.
    var decodedLines = 0
  }

  /// Decides whole lines from the start of `block`, as many as are taken at once, and hands their output to `write` in order.
  /// With `isLast` the end of the block ends a line as well.
  func score(
    _ block: [UInt8], firstLine: Int, isLast: Bool, write: ([UInt8]) -> Void
  ) throws -> Result {
    let pieces = Self.cut(block, firstLine: firstLine, isLast: isLast)
    guard let end = pieces.last else { return Result() }
    let next = Atomic<Int>(0)
    let failures = Mutex<[Int: any Error]>([:])
    let badLines = Atomic<Int>(0)
    let decodedBefore = workers.reduce(0) { $0 + $1.decodedLines }
    block.withUnsafeBufferPointer { bytes in
      outputs.withUnsafeMutableBufferPointer { outputs in
        logged.withUnsafeMutableBufferPointer { logged in
          // A worker is used by one iteration, an output by the iteration that took its piece.
          nonisolated(unsafe) let bytes = bytes
          nonisolated(unsafe) let outputs = outputs
          nonisolated(unsafe) let logged = logged
          nonisolated(unsafe) let workers = workers
          DispatchQueue.concurrentPerform(iterations: min(workers.count, pieces.count)) { worker in
            while case let index = next.add(1, ordering: .relaxed).oldValue, index < pieces.count {
              outputs[index].removeAll(keepingCapacity: true)
              do {
                let bad = try workers[worker].score(
                  UnsafeBufferPointer(rebasing: bytes[pieces[index].range]),
                  firstLine: pieces[index].firstLine, into: &outputs[index])
                badLines.add(bad, ordering: .relaxed)
                logged[index] = workers[worker].logged
                workers[worker].logged = []
              } catch {
                failures.withLock { $0[index] = error }
              }
            }
          }
        }
      }
    }
    if let failure = failures.withLock({ $0.min { $0.key < $1.key }?.value }) { throw failure }
    for index in pieces.indices {
      // First the log: a decision that was given out is one that was offered to it.
      logger?.keep(logged[index])
      logged[index] = []
      write(outputs[index])
    }
    return Result(
      bytes: end.range.upperBound, lines: end.firstLine + end.lines - firstLine,
      badLines: badLines.load(ordering: .relaxed),
      decodedLines: workers.reduce(0) { $0 + $1.decodedLines } - decodedBefore)
  }

  private struct Piece {
    var range: Range<Int>
    var firstLine: Int
    var lines: Int
  }

  private static func cut(_ block: [UInt8], firstLine: Int, isLast: Bool) -> [Piece] {
    var pieces: [Piece] = []
    var start = 0
    var line = firstLine
    block.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      while start < bytes.count && pieces.count < maximumPieces {
        var end = start
        var lines = 0
        while end < bytes.count && end - start < pieceBytes && lines < pieceLines {
          if let newline = memchr(base + end, 0x0a, bytes.count - end) {
            end = UnsafeRawPointer(newline) - UnsafeRawPointer(base) + 1
          } else if isLast {
            end = bytes.count
          } else {
            break
          }
          lines += 1
        }
        if lines == 0 { return }
        pieces.append(Piece(range: start..<end, firstLine: line, lines: lines))
        start = end
        line += lines
      }
    }
    return pieces
  }
}
