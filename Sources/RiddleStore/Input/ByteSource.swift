import Glibc

/// Bytes of a file or of standard input, inflated when they are gzip or Zstandard, in constant memory.
///
/// Both are recognised by their first bytes, not by the file's name.
final class ByteSource {
  /// How the bytes are packed.
  enum Compression: String, Sendable { case none, gzip, zstd }

  /// The path as given; `-` is standard input.
  let path: String
  let compression: Compression
  /// Size of a regular file in bytes as stored; nil for pipes.
  let storedSize: Int?
  /// Bytes read from the file so far, as stored.
  private(set) var storedBytesRead = 0

  private let descriptor: Int32
  private var isAtEnd = false
  private var raw: [UInt8]
  private var rawStart = 0
  private var rawEnd = 0
  private let inflater: GzipInflater?
  private let unpacker: ZstdInflater?
  private var inflated: [UInt8] = []
  /// What stopped ``peek(_:)``.
  private var failure: StoreError?
  private var pushedBack: [UInt8] = []

  private static let chunkBytes = 256 << 10

  /// Opens `path`; `-` is standard input.
  ///
  /// - Throws: ``StoreError/inputMissing(path:)``, `.io`, `.unsupportedInput` for a folder.
  init(path: String) throws(StoreError) {
    self.path = path
    raw = [UInt8](repeating: 0, count: Self.chunkBytes)
    if path == "-" {
      descriptor = 0
    } else {
      descriptor = open(path, O_RDONLY | O_CLOEXEC)
      if descriptor < 0 {
        if errno == ENOENT || errno == ENOTDIR { throw .inputMissing(path: path) }
        throw .io(path: path, operation: "open", reason: Self.lastError())
      }
    }
    var status = stat()
    storedSize =
      fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      ? Int(status.st_size) : nil
    do throws(StoreError) {
      // Four bytes decide; a pipe may deliver them one at a time.
      var count = 0
      var ended = false
      while count < 4 && !ended {
        let got = try Self.readSome(descriptor, into: &raw, at: count, path: path)
        ended = got == 0
        count += got
      }
      rawEnd = count
      storedBytesRead = count
      isAtEnd = ended
      let isGzip = count >= 2 && raw[0] == 0x1f && raw[1] == 0x8b
      let isZstd = count >= 4 && raw[0..<4].elementsEqual([0x28, 0xb5, 0x2f, 0xfd])
      compression = isGzip ? .gzip : isZstd ? .zstd : .none
      if isZstd {
        unpacker = ZstdInflater()
        inflated = [UInt8](repeating: 0, count: Self.chunkBytes * 2)
        guard unpacker != nil else {
          throw StoreError.unsupportedInput(
            path: path, looksLike: "Zstandard data, and libzstd.so.1 is not on this machine",
            remedy:
              "Install it (apt-get install libzstd1), or: zstd -dc \(ShellText.quoted(path)) | riddle import -"
          )
        }
      } else {
        unpacker = nil
      }
      if isGzip {
        do throws(GzipInflater.Failure) {
          inflater = try GzipInflater()
        } catch {
          throw StoreError.damagedGzip(path: path, offset: error.offset, reason: error.reason)
        }
        inflated = [UInt8](repeating: 0, count: Self.chunkBytes * 2)
      } else {
        inflater = nil
      }
    } catch {
      if descriptor > 0 { close(descriptor) }
      throw error
    }
  }

  deinit { if descriptor > 0 { close(descriptor) } }

  /// Appends some bytes to `buffer`; false at the end.
  ///
  /// - Throws: `.io`; `.damagedGzip` and `.damagedZstd` with the compressed offset, also when the file ends inside a member.
  func read(appendingTo buffer: inout [UInt8]) throws(StoreError) -> Bool {
    if !pushedBack.isEmpty {
      buffer.append(contentsOf: pushedBack)
      pushedBack = []
      return true
    }
    if let failure { throw failure }
    while true {
      if rawStart == rawEnd && !isAtEnd {
        rawStart = 0
        rawEnd = try Self.readSome(descriptor, into: &raw, at: 0, path: path)
        storedBytesRead += rawEnd
        isAtEnd = rawEnd == 0
      }
      if let unpacker {
        if let made = try unpack(unpacker) {
          if made == 0 { return false }
          buffer.append(contentsOf: inflated[0..<made])
          return true
        }
        continue
      }
      guard let inflater else {
        if rawStart == rawEnd { return false }
        buffer.append(contentsOf: raw[rawStart..<rawEnd])
        rawStart = rawEnd
        return true
      }
      do throws(GzipInflater.Failure) {
        let (taken, made) = try inflater.inflate(
          raw, from: rawStart, to: rawEnd, into: &inflated)
        rawStart += taken
        if made > 0 {
          buffer.append(contentsOf: inflated[0..<made])
          return true
        }
        if taken == 0 && rawStart == rawEnd && isAtEnd {
          if inflater.isAtMemberEnd { return false }
          throw GzipInflater.Failure(
            offset: inflater.offset,
            reason: "the file is cut short: it ends inside a compressed member")
        }
      } catch {
        throw .damagedGzip(path: path, offset: error.offset, reason: error.reason)
      }
    }
  }

  /// Inflates some of what was read: bytes made, 0 at the end, nil when more must be read first.
  private func unpack(_ unpacker: ZstdInflater) throws(StoreError) -> Int? {
    do throws(ZstdInflater.Failure) {
      let (taken, made) = try unpacker.inflate(raw, from: rawStart, to: rawEnd, into: &inflated)
      rawStart += taken
      if made > 0 { return made }
      guard rawStart == rawEnd && isAtEnd else { return nil }
      if unpacker.isAtFrameEnd { return 0 }
      throw ZstdInflater.Failure(
        offset: unpacker.offset, reason: "the file is cut short: it ends inside a compressed frame")
    } catch {
      throw .damagedZstd(path: path, offset: error.offset, reason: error.reason)
    }
  }

  /// The first bytes, at least `count` of them unless the source is shorter; they are read again afterwards.
  func peek(_ count: Int) throws(StoreError) -> [UInt8] {
    var head: [UInt8] = []
    while head.count < count {
      do throws(StoreError) {
        if try !read(appendingTo: &head) { break }
      } catch {
        // What stands before a damaged place is read first.
        if head.isEmpty { throw error }
        failure = error
        break
      }
    }
    pushedBack = head
    return head
  }

  private static func readSome(
    _ descriptor: Int32, into buffer: inout [UInt8], at start: Int, path: String
  ) throws(StoreError) -> Int {
    while true {
      // The kernel writes at most `count - start` bytes behind `start`, during the call only.
      let got = buffer.withUnsafeMutableBytes { bytes in
        Glibc.read(descriptor, bytes.baseAddress.map { $0 + start }, bytes.count - start)
      }
      if got >= 0 { return got }
      if errno == EINTR { continue }
      if errno == EISDIR {
        throw .unsupportedInput(
          path: path, looksLike: "a folder", remedy: "Name a file in it.")
      }
      throw .io(path: path, operation: "read", reason: lastError())
    }
  }

  /// What the system says about the last failed call.
  static func lastError() -> String { String(cString: strerror(errno)) }
}

extension ByteSource {
  /// At most `count` bytes from the start of a file, as stored.
  static func rawHead(path: String, count: Int) throws(StoreError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 { throw .io(path: path, operation: "open", reason: lastError()) }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: count)
    let got = try readSome(descriptor, into: &bytes, at: 0, path: path)
    return Array(bytes[0..<got])
  }
}
