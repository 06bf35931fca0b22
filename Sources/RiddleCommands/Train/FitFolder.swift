import Crypto
import Foundation
import RiddlePipeline
import Synchronization

/// Finished fits of a training run, a file each in `OUTPUT/.fits`, so that a run which was cut short goes on where it
/// stopped. The folder is gone when the run is done.
///
/// A file is `riddle-fit/1`, the identity of the program that made it, the number of values, the values (doubles,
/// little-endian), and the SHA-256 of all that; its name is the fit's key. A file that is damaged, or of another
/// version or build, is not used: fits of another program need not agree to the last bit.
final class FitFolder: FitJournal {
  static let name = ".fits"

  private struct State {
    var present = 0
    var used = 0
    var made = 0
    var unusable = 0
    /// Why a fit could not be kept, the first time.
    var failure: String?
  }

  private let path: String
  private let parent: String
  private let isParentNew: Bool
  private let state = Mutex(State())

  /// The folder in the run folder `output`; nothing is made until a fit is kept.
  ///
  /// - Parameter isFresh: forgets the fits that are there.
  init(output: String, isFresh: Bool) {
    parent = output
    path = output + "/" + Self.name
    isParentNew = !Files.exists(output)
    if isFresh { remove() }
    let found = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    state.withLock { $0.present = found.count { $0.hasSuffix(".fit") } }
  }

  func numbers(for key: UInt64) -> [Double]? {
    let file = file(key)
    guard state.withLock({ $0.present }) > 0, Files.isRegularFile(file) else { return nil }
    guard let numbers = (try? Files.read(file, what: "fit")).flatMap(Self.decode) else {
      state.withLock { $0.unusable += 1 }
      return nil
    }
    state.withLock { $0.used += 1 }
    return numbers
  }

  func keep(_ numbers: [Double], for key: UInt64) {
    do {
      try Files.write(Self.encode(numbers), to: file(key))
      state.withLock { $0.made += 1 }
    } catch {
      let reason = commandFailure(error).message
      state.withLock { state in
        state.made += 1
        if state.failure == nil { state.failure = reason }
      }
    }
  }

  /// What was taken from an earlier run, for people; nil when nothing of one was there.
  var sentence: String? {
    state.withLock { state in
      guard state.present > 0 else { return nil }
      var line = "resumed: \(state.used) of \(state.used + state.made) fits were already there"
      if state.unusable > 0 {
        line += "; \(state.unusable) damaged or of another build of this program, made again"
      }
      let other = state.present - state.used - state.unusable
      if other > 0 { line += "; \(other) of other data or settings, left aside" }
      return line
    }
  }

  /// Why fits could not be kept; nil when all were.
  var failure: String? { state.withLock { $0.failure } }

  /// Removes the fits, and the run folder when this run made it and nothing else is in it.
  func remove() {
    // Only what this class writes: somebody may have put a file of their own there.
    for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    where name.hasSuffix(".fit") || (name.hasPrefix(".") && name.hasSuffix(".tmp")) {
      unlink(path + "/" + name)
    }
    rmdir(path)
    if isParentNew { rmdir(parent) }
  }

  private func file(_ key: UInt64) -> String {
    let digits = String(key, radix: 16)
    return path + "/" + String(repeating: "0", count: 16 - digits.count) + digits + ".fit"
  }

  // MARK: bytes

  /// Version of the program, and size and time of change of its file.
  private static let build: String = {
    var status = stat()
    guard stat("/proc/self/exe", &status) == 0 else { return riddleVersion }
    return "\(riddleVersion) \(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }()

  private static let head = Array("riddle-fit/1 \(build)\n".utf8)

  private static func encode(_ numbers: [Double]) -> [UInt8] {
    var bytes = head
    bytes.reserveCapacity(head.count + numbers.count * 8 + 40)
    add(UInt64(numbers.count), to: &bytes)
    for number in numbers { add(number.bitPattern, to: &bytes) }
    return bytes + Array(SHA256.hash(data: bytes))
  }

  private static func decode(_ bytes: [UInt8]) -> [Double]? {
    guard bytes.count >= head.count + 40, bytes.starts(with: head),
      Array(SHA256.hash(data: bytes.dropLast(32))) == Array(bytes.suffix(32)),
      (bytes.count - head.count - 40) % 8 == 0
    else { return nil }
    let words = stride(from: head.count, to: bytes.count - 32, by: 8).map { start in
      (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[start + $1]) << UInt64(8 * $1) }
    }
    guard words[0] == UInt64(words.count - 1) else { return nil }
    return words.dropFirst().map { Double(bitPattern: $0) }
  }

  private static func add(_ word: UInt64, to bytes: inout [UInt8]) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: word >> shift))
    }
  }
}
