import Foundation
import Synchronization

/// Standard output carries results, standard error everything said to a person.
enum Console {
  /// Writes a result.
  static func print(_ text: String) { write(text + "\n", to: .standardOutput) }

  /// Writes a message to standard error.
  static func error(_ text: String) {
    // Names out of files must not steer the terminal.
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { TextTable.harmless(String($0)) }
    write(lines.joined(separator: "\n") + "\n", to: .standardError)
  }

  /// Writes all of `text`.
  ///
  /// A result that cannot be written ends the program with status 74: a full disk must not look like success. A
  /// reader that closed the pipe has seen enough, and a message that nobody can read is no reason to stop working.
  static func write(_ text: String, to handle: FileHandle) { write(Array(text.utf8), to: handle) }

  /// The same for bytes. Without `closedPipeEnds` a closed pipe takes no more, and the work goes on: it has another result.
  static func write(
    _ all: [UInt8], to handle: FileHandle = .standardOutput, closedPipeEnds: Bool = true
  ) {
    var bytes = all[...]
    while !bytes.isEmpty {
      // `write` reads at most `bytes.count` bytes of the slice's own storage, during the call.
      let written = bytes.withUnsafeBytes {
        Foundation.write(handle.fileDescriptor, $0.baseAddress, $0.count)
      }
      if written >= 0 {
        bytes = bytes.dropFirst(written)
        continue
      }
      if errno == EINTR { continue }
      if handle.fileDescriptor == STDERR_FILENO { return }
      if errno == EPIPE {
        if closedPipeEnds { exit(0) }
        return
      }
      let reason = String(cString: strerror(errno))
      error("error: standard output cannot be written (\(reason)); check space and permissions")
      exit(ExitStatus.inputOutput.rawValue)
    }
  }

  /// Whether a person watches standard error.
  static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// Columns of the terminal, or 100.
  static var width: Int {
    var size = winsize()
    guard isatty(STDOUT_FILENO) == 1, ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0,
      size.ws_col >= 60
    else { return 100 }
    return Int(size.ws_col)
  }
}

/// One line of progress with rate and ETA, rewritten in place; silent unless a person watches.
///
/// It is erased by blanks and a carriage return: this program prints no escape sequence anywhere, no colour either, so
/// that NO_COLOR and dumb terminals need no exception.
final class Progress: Sendable {
  private let label: String
  private let unit: String
  private let isShown: Bool
  private let start = Date()
  private let last = Mutex(Date.distantPast)
  /// Letters of the line that stands there.
  private let shown = Mutex(0)

  init(_ label: String, unit: String = "rows", quiet: Bool) {
    self.label = label
    self.unit = unit
    isShown = !quiet && Console.isTerminal
  }

  /// Reports `count` units, and the share of the work done when it is known.
  func update(_ count: Int, fraction: Double? = nil) {
    let now = Date()
    let isDue = last.withLock { last in
      guard isShown, now.timeIntervalSince(last) > 0.1 else { return false }
      last = now
      return true
    }
    guard isDue else { return }
    let seconds = max(1e-3, now.timeIntervalSince(start))
    var line = "\r\(label): \(count) \(unit), \(Int(Double(count) / seconds)) \(unit)/s"
    if let fraction, fraction > 0.01 {
      line += ", ETA \(Int((seconds / fraction * (1 - fraction)).rounded(.up))) s"
    }
    let length = line.count - 1
    let before = shown.withLock { value in
      let old = value
      value = length
      return old
    }
    Console.write(
      line + String(repeating: " ", count: max(0, before - length)), to: .standardError)
  }

  /// Clears the line.
  func finish() {
    let length = shown.withLock { $0 }
    guard isShown, length > 0 else { return }
    Console.write("\r" + String(repeating: " ", count: length) + "\r", to: .standardError)
  }
}
