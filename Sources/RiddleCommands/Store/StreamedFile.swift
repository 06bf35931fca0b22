import Foundation
import RiddleStore

/// A file that is written piece by piece under a temporary name, and takes its own when it is complete; or standard output.
///
/// Plain bytes, or gzip when the name ends in `.gz`.
final class StreamedFile {
  private let path: String?
  private let temporary: String
  private var descriptor: Int32 = -1
  private let gzip: GzipStream?
  /// Bytes written, as stored.
  private(set) var bytes = 0

  /// - Parameter path: nil or `-` for standard output.
  init(_ path: String?) throws {
    self.path = path == "-" ? nil : path
    gzip = path?.hasSuffix(".gz") == true ? try GzipStream() : nil
    guard let path = self.path else {
      temporary = ""
      return
    }
    try Files.refuseStore(path)
    let url = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    // Devices and pipes are written to, not replaced.
    if Files.exists(url.path) && !Files.isRegularFile(url.path) {
      temporary = ""
      descriptor = open(url.path, O_WRONLY | O_CLOEXEC)
    } else {
      temporary =
        url.deletingLastPathComponent().appendingPathComponent(
          ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).tmp"
        ).path
      let name = temporary
      descriptor = Interruption.updatingTemporaries { files in
        files.insert(name)
        return open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      }
    }
    if descriptor < 0 { throw failure() }
  }

  deinit {
    // Whoever did not finish does not want the file.
    if descriptor >= 0 {
      close(descriptor)
      if !temporary.isEmpty { Files.discard(temporary) }
    }
  }

  /// Writes the next bytes.
  func write(_ next: [UInt8]) throws {
    try put(try gzip?.add(next) ?? next)
  }

  /// Completes the file and gives it its name.
  func finish() throws {
    if let gzip { try put(try gzip.add([], isLast: true)) }
    guard let path, descriptor >= 0 else { return }
    let isWritten = temporary.isEmpty || fsync(descriptor) == 0
    let written = isWritten ? nil : failure()
    close(descriptor)
    descriptor = -1
    if temporary.isEmpty { return }
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    if let written {
      Files.discard(temporary)
      throw written
    }
    let isNamed = Interruption.updatingTemporaries { files in
      guard rename(temporary, target) == 0 else { return false }
      files.remove(temporary)
      return true
    }
    if !isNamed {
      let fault = failure()
      Files.discard(temporary)
      throw fault
    }
  }

  private func put(_ next: [UInt8]) throws {
    bytes += next.count
    if path == nil { return Console.write(next) }
    var rest = next[...]
    while !rest.isEmpty {
      // `write` reads at most `count` bytes of the slice's own storage, during the call.
      let written = rest.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        throw failure()
      }
    }
  }

  private func failure() -> CommandFailure {
    CommandFailure(
      .inputOutput,
      "\(path ?? "-"): cannot be written (\(String(cString: strerror(errno)))); what stood there before is untouched; check the folder, space and permissions"
    )
  }
}
