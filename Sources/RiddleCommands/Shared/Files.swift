import Crypto
import Foundation

/// Files as bytes: read whole, written under a temporary name and renamed.
enum Files {
  /// Whether a regular file is at `path`, or at the end of the links there.
  static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// Whether two names lead to one file that is there.
  static func isSame(_ a: String, _ b: String) -> Bool {
    var (first, second) = (stat(), stat())
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev
      && first.st_ino == second.st_ino
  }

  /// Whether the file begins as SQLite databases do.
  static func isSQLite(_ path: String) -> Bool {
    guard let handle = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? handle.close() }
    return (try? handle.read(upToCount: 15)) == Data("SQLite format 3".utf8)
  }

  /// Refuses to put something else in a store's place.
  static func refuseStore(_ path: String) throws {
    guard isRegularFile(path), isSQLite(path) else { return }
    throw CommandFailure(
      .usage, "\(path) is a SQLite database and is not written over; name another file")
  }

  /// Whether anything has the name `path`, a broken link included.
  static func exists(_ path: String) -> Bool {
    var status = stat()
    return lstat(path, &status) == 0
  }

  /// The bytes of a regular file; of one longer than `limit`, the first `limit + 1`, so that the caller can refuse it
  /// without having read it all.
  static func read(_ path: String, what: String, atMost limit: Int = .max) throws -> [UInt8] {
    var isDirectory: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
      throw CommandFailure(.inputMissing, "\(what) \(path): no such file; check the path")
    }
    guard !isDirectory.boolValue else {
      throw CommandFailure(.inputMissing, "\(what) \(path): a folder, expected a file")
    }
    guard isRegularFile(path) else {
      throw CommandFailure(.inputMissing, "\(what) \(path): not a regular file")
    }
    do {
      if limit == .max { return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      return [UInt8](try handle.read(upToCount: limit + 1) ?? Data())
    } catch {
      throw CommandFailure(
        .inputOutput, "\(what) \(path): cannot be read (\(error.localizedDescription))")
    }
  }

  /// Writes `bytes` so that a reader sees the old file or the new one, never a part.
  static func write(_ bytes: [UInt8], to path: String) throws { try write([(path, bytes)]) }

  /// Writes several files: all of them are complete on the disk before the first takes its name, so that a full disk
  /// leaves what stood there.
  ///
  /// A symbolic link is followed. Devices and pipes are written to, not replaced.
  static func write(_ files: [(path: String, bytes: [UInt8])]) throws {
    var regular: [(path: String, bytes: [UInt8])] = []
    for file in files {
      var status = stat()
      guard stat(file.path, &status) == 0 else {
        regular.append(file)
        continue
      }
      switch status.st_mode & S_IFMT {
      case S_IFREG, S_IFDIR:
        try refuseStore(file.path)
        let target = URL(fileURLWithPath: file.path).resolvingSymlinksInPath().path
        regular.append((target, file.bytes))
      default: try writeThrough(file.bytes, to: file.path)
      }
    }
    try replace(regular)
  }

  /// Writes a file that must not exist yet, with the permissions `mode` from its first byte on.
  static func create(_ bytes: [UInt8], at path: String, mode: mode_t) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw uncreatable(path, lastError()) }
    do {
      try writeAll(bytes[...], to: descriptor)
      guard fsync(descriptor) == 0 else { throw lastError() }
      close(descriptor)
    } catch {
      close(descriptor)
      unlink(path)
      throw uncreatable(path, error)
    }
  }

  private static func uncreatable(_ path: String, _ error: any Error) -> CommandFailure {
    let reason = (error as? CommandFailure)?.message ?? error.localizedDescription
    return CommandFailure(
      .inputOutput,
      "\(path): cannot be made (\(reason)); check that nothing stands there, space and permissions")
  }

  /// Writes to a device or a pipe.
  private static func writeThrough(_ bytes: [UInt8], to path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw unwritable(path, lastError()) }
    defer { close(descriptor) }
    do {
      try writeAll(bytes[...], to: descriptor)
    } catch {
      throw unwritable(path, error)
    }
  }

  private static func replace(_ files: [(path: String, bytes: [UInt8])]) throws {
    var temporaries: [String] = []
    do {
      for file in files {
        do {
          temporaries.append(try temporaryFile(file.bytes, beside: file.path))
        } catch {
          throw unwritable(file.path, error)
        }
      }
      try Interruption.updatingTemporaries { open in
        for (file, temporary) in zip(files, temporaries) {
          if rename(temporary, file.path) != 0 { throw unwritable(file.path, lastError()) }
          open.remove(temporary)
        }
      }
    } catch {
      // Temporary files are ours and useless now; the failure that led here is the one to report.
      for temporary in temporaries { discard(temporary) }
      throw error
    }
  }

  /// A complete, synchronised file in the folder of `path`, which is made if need be.
  private static func temporaryFile(_ bytes: [UInt8], beside path: String) throws -> String {
    let url = URL(fileURLWithPath: path)
    let folder = url.deletingLastPathComponent()
    let temporary = folder.appendingPathComponent(
      ".\(url.lastPathComponent).\(ProcessInfo.processInfo.processIdentifier).tmp"
    ).path
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      // `open` fails for the same reason, and its error number says which.
    }
    removeLeftovers(of: url.lastPathComponent, in: folder.path)
    let descriptor = try Interruption.updatingTemporaries { files in
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
      guard descriptor >= 0 else { throw lastError() }
      files.insert(temporary)
      return descriptor
    }
    do {
      try writeAll(bytes[...], to: descriptor)
      guard fsync(descriptor) == 0 else { throw lastError() }
    } catch {
      close(descriptor)
      discard(temporary)
      throw error
    }
    guard close(descriptor) == 0 else {
      let failure = lastError()
      discard(temporary)
      throw failure
    }
    return temporary
  }

  /// Removes a temporary file.
  static func discard(_ temporary: String) {
    Interruption.updatingTemporaries { files in
      unlink(temporary)
      files.remove(temporary)
    }
  }

  /// Removes temporary files of `name` that a killed process left: older than an hour, and of a process that is gone. An
  /// hour, because the process of another machine that shares the folder cannot be seen from here.
  private static func removeLeftovers(of name: String, in folder: String) {
    let (prefix, suffix) = (".\(name).", ".tmp")
    for found in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    where found.hasPrefix(prefix) && found.hasSuffix(suffix) {
      guard let process = pid_t(found.dropFirst(prefix.count).dropLast(suffix.count)),
        process > 0, kill(process, 0) != 0, errno == ESRCH
      else { continue }
      var status = stat()
      let path = folder + "/" + found
      if stat(path, &status) == 0, time(nil) - status.st_mtim.tv_sec > 3600 { unlink(path) }
    }
  }

  private static func writeAll(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws {
    var rest = bytes
    while !rest.isEmpty {
      // `write` reads at most `count` bytes of the slice's own storage, during the call.
      let written = rest.withUnsafeBytes {
        Foundation.write(descriptor, $0.baseAddress, $0.count)
      }
      if written >= 0 {
        rest = rest.dropFirst(written)
      } else if errno != EINTR {
        throw lastError()
      }
    }
  }

  private static func unwritable(_ path: String, _ error: any Error) -> CommandFailure {
    let reason = (error as? CommandFailure)?.message ?? error.localizedDescription
    return CommandFailure(
      .inputOutput,
      "\(path): cannot be written (\(reason)); what stood there before is untouched; check space and permissions"
    )
  }

  private static func lastError() -> CommandFailure {
    CommandFailure(.inputOutput, String(cString: strerror(errno)))
  }

  /// Writes text.
  static func write(_ text: String, to path: String) throws {
    try write(Array(text.utf8), to: path)
  }

  /// SHA-256 in hexadecimal.
  static func sha256(_ bytes: [UInt8]) -> String { hexadecimal(SHA256.hash(data: bytes)) }

  /// SHA-256 of a file, in constant memory.
  static func sha256(ofFile path: String) throws -> String {
    guard let handle = FileHandle(forReadingAtPath: path) else {
      throw CommandFailure(.inputMissing, "\(path): no such file; check the path")
    }
    defer { handle.closeFile() }
    var hasher = SHA256()
    while let chunk = try handle.read(upToCount: 1 << 20), !chunk.isEmpty {
      hasher.update(data: chunk)
    }
    return hexadecimal(hasher.finalize())
  }

  /// Bytes as two lower-case digits each.
  static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: digest.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}
