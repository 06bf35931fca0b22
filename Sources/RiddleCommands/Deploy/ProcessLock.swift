import Foundation

/// A file that only one process holds at a time, so that two runs of cron cannot meet.
///
/// `flock` on a file that holds the holder's number: the kernel lets go of it when the process ends, however it ends,
/// so that a killed run leaves no lock behind. The file itself stays, empty; removing it would let two processes lock
/// two files of one name.
final class ProcessLock {
  private let descriptor: Int32

  /// Takes the lock at `path`.
  ///
  /// - Parameter work: what the lock is for, in messages.
  /// - Throws: `CommandFailure` with status 74 when another process holds it, naming the process, or the file cannot be
  ///   made.
  init(path: String, work: String) throws {
    descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else {
      throw CommandFailure(
        .inputOutput,
        "\(path): the lock cannot be made (\(String(cString: strerror(errno)))); check the folder's permissions"
      )
    }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let reason = errno
      var digits = [UInt8](repeating: 0, count: 20)
      // `pread` writes at most `count` bytes into the array's own storage, during the call.
      let count = digits.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
      let holder = String(decoding: digits.prefix(max(0, count)), as: UTF8.self)
        .trimmingCharacters(in: .whitespacesAndNewlines)
      close(descriptor)
      guard reason == EWOULDBLOCK else {
        throw CommandFailure(
          .inputOutput, "\(path): cannot be locked (\(String(cString: strerror(reason))))")
      }
      throw CommandFailure(
        .inputOutput,
        "locked: another \(work) is under way\(holder.isEmpty ? "" : " (process \(holder))"), which holds \(path); nothing was done, try again when it has ended"
      )
    }
    let own = Array("\(ProcessInfo.processInfo.processIdentifier)\n".utf8)
    // The number is for readers; the lock holds without it.
    _ = ftruncate(descriptor, 0)
    _ = own.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Lets go.
  func release() {
    _ = ftruncate(descriptor, 0)
    close(descriptor)
  }

  /// Runs `body` while holding the lock of `work` beside the store.
  static func holding<Result>(_ work: String, store: String, _ body: () throws -> Result) throws
    -> Result
  {
    let lock = try ProcessLock(path: "\(store).\(work).lock", work: "riddle \(work)")
    defer { lock.release() }
    return try body()
  }
}
