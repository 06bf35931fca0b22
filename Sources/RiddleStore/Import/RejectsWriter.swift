import Foundation
import Glibc

/// Writes rejected rows to a file of JSON lines, one ``RejectedRow/jsonLine`` each.
///
/// The file is made at the first reject, replacing an earlier one; with nothing rejected, an earlier one
/// is removed when the writer closes, so that the file always speaks of the last import.
public final class RejectsWriter {
  /// Where the rejects go.
  public let path: String
  /// Rejects written.
  public private(set) var count = 0
  private var descriptor: Int32 = -1
  private var buffer: [UInt8] = []

  /// A writer to `path`; nothing is touched yet.
  public init(path: String) { self.path = path }

  deinit { if descriptor >= 0 { Glibc.close(descriptor) } }

  /// What stands at ``path``.
  private enum Place {
    /// Nothing, an empty file, or the rejects of an earlier import.
    case ours
    /// A device or a pipe: written to, never removed.
    case stream
    /// A file that was named by mistake.
    case foreign
  }

  private var place: Place {
    var status = stat()
    guard stat(path, &status) == 0 else { return .ours }
    guard status.st_mode & S_IFMT == S_IFREG else {
      return status.st_mode & S_IFMT == S_IFDIR ? .foreign : .stream
    }
    guard let head = try? ByteSource.rawHead(path: path, count: 8) else { return .foreign }
    return head.isEmpty || head == Array("{\"file\":".utf8) ? .ours : .foreign
  }

  /// Adds a row.
  ///
  /// - Throws: ``StoreError/io(path:operation:reason:)``.
  public func write(_ row: RejectedRow) throws(StoreError) {
    if descriptor < 0 {
      if case .foreign = place {
        throw .io(
          path: path, operation: "write rejects to",
          reason: "it is no file of rejects; name another one with --rejects")
      }
      descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
      if descriptor < 0 {
        throw .io(path: path, operation: "write", reason: ByteSource.lastError())
      }
    }
    buffer.append(contentsOf: row.jsonLine.utf8)
    buffer.append(0x0a)
    count += 1
    if buffer.count >= 64 << 10 { try flush() }
  }

  /// Writes what is left and closes the file.
  ///
  /// - Throws: ``StoreError/io(path:operation:reason:)``.
  public func close() throws(StoreError) {
    guard descriptor >= 0 else {
      guard count == 0, case .ours = place else { return }
      if unlink(path) != 0 && errno != ENOENT {
        throw .io(path: path, operation: "remove", reason: ByteSource.lastError())
      }
      return
    }
    try flush()
    let status = Glibc.close(descriptor)
    descriptor = -1
    if status != 0 { throw .io(path: path, operation: "write", reason: ByteSource.lastError()) }
  }

  private func flush() throws(StoreError) {
    var written = 0
    while written < buffer.count {
      // `write` reads at most `count - written` bytes of the array's own storage, during the call.
      let status = buffer.withUnsafeBytes { bytes in
        Glibc.write(descriptor, bytes.baseAddress.map { $0 + written }, bytes.count - written)
      }
      if status < 0 {
        if errno == EINTR { continue }
        throw .io(path: path, operation: "write", reason: ByteSource.lastError())
      }
      written += status
    }
    buffer.removeAll(keepingCapacity: true)
  }
}
