import Foundation

/// What tells that one of some files is another one now: its place on the disk, its length, its time.
struct FileStamp: Equatable {
  private var parts: [Part] = []

  private struct Part: Equatable {
    var inode: Int?
    var size: Int?
    var modified: Date?
  }

  init(_ paths: [String]) {
    parts = paths.map { path in
      // Links are followed: deployments often switch one.
      let target = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
      guard let found = try? FileManager.default.attributesOfItem(atPath: target) else {
        return Part()
      }
      return Part(
        inode: (found[.systemFileNumber] as? NSNumber)?.intValue,
        size: (found[.size] as? NSNumber)?.intValue, modified: found[.modificationDate] as? Date)
    }
  }
}
