import Glibc

/// Inflates Zstandard data (RFC 8878) of any number of frames with the system's libzstd.
///
/// The library is looked up when the first file needs it and is no part of the build: every Debian has it, because its
/// package manager does, but not its headers. Without it such files are refused, with what to type instead.
///
/// `@unchecked Sendable` is not needed: one thread uses an inflater.
final class ZstdInflater {
  /// What went wrong, at which compressed byte.
  struct Failure: Error {
    var offset: Int
    var reason: String
  }

  /// libzstd's functions. A buffer is three words: address, size, position.
  private struct Library {
    typealias Words = UnsafeMutablePointer<UInt>
    let create: @convention(c) () -> OpaquePointer?
    let free: @convention(c) (OpaquePointer?) -> Int
    let decompress: @convention(c) (OpaquePointer?, Words, Words) -> Int
    let isError: @convention(c) (Int) -> UInt32
    let errorName: @convention(c) (Int) -> UnsafePointer<CChar>?

    /// Looks the functions up; nil without the library. It stays loaded until the process ends.
    init?() {
      guard let handle = dlopen("libzstd.so.1", RTLD_NOW | RTLD_LOCAL),
        let create = dlsym(handle, "ZSTD_createDStream"),
        let free = dlsym(handle, "ZSTD_freeDStream"),
        let decompress = dlsym(handle, "ZSTD_decompressStream"),
        let isError = dlsym(handle, "ZSTD_isError"),
        let errorName = dlsym(handle, "ZSTD_getErrorName")
      else { return nil }
      // The signatures are those of zstd.h, stable since version 1.0.
      self.create = unsafeBitCast(create, to: (@convention(c) () -> OpaquePointer?).self)
      self.free = unsafeBitCast(free, to: (@convention(c) (OpaquePointer?) -> Int).self)
      self.decompress = unsafeBitCast(
        decompress, to: (@convention(c) (OpaquePointer?, Words, Words) -> Int).self)
      self.isError = unsafeBitCast(isError, to: (@convention(c) (Int) -> UInt32).self)
      self.errorName = unsafeBitCast(
        errorName, to: (@convention(c) (Int) -> UnsafePointer<CChar>?).self)
    }
  }

  private let library: Library
  // Owned from `init` to `deinit`; never leaves this file.
  private let stream: OpaquePointer
  /// Compressed bytes taken so far.
  private(set) var offset = 0
  /// Whether the bytes so far end with a complete frame.
  private(set) var isAtFrameEnd = false

  /// Nil when libzstd is not on this machine, or out of memory.
  init?() {
    guard let library = Library(), let stream = library.create() else { return nil }
    self.library = library
    self.stream = stream
  }

  deinit { _ = library.free(stream) }

  /// Inflates from `input[from ..< to]` into `output`, and returns bytes taken and bytes made.
  func inflate(_ input: [UInt8], from: Int, to end: Int, into output: inout [UInt8])
    throws(Failure) -> (taken: Int, made: Int)
  {
    var status = 0
    var (taken, made) = (0, 0)
    // Both arrays and both triples of words outlive the call, which stays within their sizes.
    input.withUnsafeBytes { source in
      output.withUnsafeMutableBytes { target in
        withUnsafeTemporaryAllocation(of: UInt.self, capacity: 6) { words in
          guard let base = words.baseAddress else { return }
          words[0] = UInt(bitPattern: target.baseAddress)
          words[1] = UInt(target.count)
          words[2] = 0
          words[3] = UInt(bitPattern: source.baseAddress.map { $0 + from })
          words[4] = UInt(end - from)
          words[5] = 0
          status = library.decompress(stream, base, base + 3)
          made = Int(words[2])
          taken = Int(words[5])
        }
      }
    }
    if library.isError(status) != 0 {
      let reason = library.errorName(status).map { String(cString: $0) } ?? "status \(status)"
      throw Failure(offset: offset + taken, reason: reason)
    }
    offset += taken
    if taken > 0 || made > 0 { isAtFrameEnd = status == 0 }
    return (taken, made)
  }
}
