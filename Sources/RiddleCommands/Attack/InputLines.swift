import Foundation
import RiddleStore

/// The lines of a file that hold something, plain or gzip, with their numbers.
struct InputLines {
  /// Bytes of each line without its end, and where it stands, from 1.
  let lines: [(number: Int, bytes: [UInt8])]

  /// Reads a file; a byte-order mark at its start is no part of the first line.
  ///
  /// - Parameter what: what the file holds, for messages.
  /// - Throws: `CommandFailure` for a path that is no file; `StoreError` for damaged gzip.
  init(_ path: String, what: String) throws {
    // Says what is wrong with the path in the words of the other commands.
    _ = try Files.read(path, what: what, atMost: 0)
    let file = try InputFile(path: path)
    var bytes: [UInt8] = []
    while try file.read(appendingTo: &bytes) {}
    let mark: [UInt8] = [0xef, 0xbb, 0xbf]
    let text = bytes.starts(with: mark) ? bytes.dropFirst(mark.count) : bytes[...]
    lines = text.split(separator: 10, omittingEmptySubsequences: false).enumerated()
      .compactMap { number, raw in
        let line = raw.last == 13 ? raw.dropLast() : raw
        return line.allSatisfy { $0 == 32 || $0 == 9 } ? nil : (number + 1, Array(line))
      }
  }
}
