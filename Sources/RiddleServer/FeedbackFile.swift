import Foundation
import RiddleStore

/// A file of feedback that lines are appended to, one whole line a call.
actor FeedbackFile {
  private let descriptor: Int32

  /// Opens the file at `path`, or makes it.
  init(path: String) throws {
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    if descriptor < 0 {
      throw LoadError(
        "\(path): feedback cannot be appended: \(String(cString: strerror(errno))); check the folder and its permissions"
      )
    }
  }

  /// Appends `line`; false when it could not be written whole.
  func append(_ line: [UInt8]) -> Bool {
    line.withUnsafeBytes { bytes in
      while true {
        let count = write(descriptor, bytes.baseAddress, bytes.count)
        if count < 0 && errno == EINTR { continue }
        // Half a line must not be glued to the next one.
        if count > 0 && count < bytes.count { _ = write(descriptor, "\n", 1) }
        return count == bytes.count
      }
    }
  }
}
