import Foundation

/// The file that servers read: always one whole router, switched by a rename.
///
/// A copy, not a link: it stays when the run's folder is deleted. What stood at the path, a link included, is
/// replaced and never written through. The bytes are on the disk before the name changes, and the change of the name is on the
/// disk before the switch counts as done (`fsync` of file and folder).
struct RouterPointer {
  /// Where, from the root.
  let path: String

  init(path: String) throws {
    self.path = AbsolutePath.of(path)
    var status = stat()
    if lstat(self.path, &status) == 0, ![S_IFREG, S_IFLNK].contains(status.st_mode & S_IFMT) {
      throw CommandFailure(
        .usage,
        "--to \(path): \(status.st_mode & S_IFMT == S_IFDIR ? "a folder" : "not a file"); name the file that servers read, for example \(path)/current.riddle"
      )
    }
  }

  /// Whether the file holds exactly these bytes, under its own name.
  func holds(_ bytes: [UInt8]) -> Bool {
    var status = stat()
    guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      Int(status.st_size) == bytes.count, let found = FileManager.default.contents(atPath: path)
    else { return false }
    return [UInt8](found) == bytes
  }

  /// Makes the file hold `bytes`.
  ///
  /// - Parameter commit: what must have happened before servers see them: the record of the deployment. When it fails,
  ///   nothing is switched.
  func `switch`<Result>(to bytes: [UInt8], after commit: () throws -> Result) throws -> Result {
    try Files.refuseStore(path)
    let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let temporary = path + ".\(ProcessInfo.processInfo.processIdentifier).tmp"
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw CommandFailure(
        .inputOutput, "\(folder): the folder cannot be made (\(error.localizedDescription))")
    }
    unlink(temporary)  // Left by a killed process of the same number; no living one has it.
    try Files.create(bytes, at: temporary, mode: 0o644)
    let result: Result
    do {
      result = try commit()
      guard rename(temporary, path) == 0 else {
        throw CommandFailure(
          .inputOutput,
          "\(path): cannot be switched (\(String(cString: strerror(errno)))); the store has the deployment already: `riddle promote` it again when the path can be written"
        )
      }
    } catch {
      unlink(temporary)
      throw error
    }
    try Self.synchronise(folder: folder)
    return result
  }

  private static func synchronise(folder: String) throws {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw CommandFailure(
        .inputOutput, "\(folder): cannot be opened (\(String(cString: strerror(errno))))")
    }
    defer { close(descriptor) }
    // Some file systems know no fsync of folders; there a rename is as durable as it gets.
    if fsync(descriptor) != 0 && errno != EINVAL {
      throw CommandFailure(
        .inputOutput, "\(folder): cannot be synchronised (\(String(cString: strerror(errno))))")
    }
  }
}
