import Glibc
import Synchronization

/// The memory that OpenBLAS works in.
///
/// OpenBLAS takes one buffer for every call that runs at the same time, keeps it for later calls, and when the machine
/// has no memory for it tries again for ever (`blas_memory_alloc`, OpenBLAS 0.3). A fit in a container that is too
/// small would hang instead of ending. So before a call may need one more buffer than any moment before, the memory
/// is asked for here, where the answer can be no.
enum WorkBuffers {
  /// What OpenBLAS maps for one call on x86-64 and 64-bit ARM (128 MiB and some pages), and slack for whoever
  /// allocates between our question and its mapping.
  static let bytesOfOne = 160 << 20
  /// `EX_OSERR` of sysexits.h: the system has no more.
  static let statusWithoutMemory: Int32 = 71

  private struct Calls {
    var running = 0
    /// As many calls have run at a time, and hold their buffers.
    var served = 0
  }

  // OpenBLAS's buffers belong to the process, and so does this count of them.
  private static let calls = Mutex(Calls())

  /// Runs one call of a routine that works in a buffer (levels 2 and 3 of BLAS).
  ///
  /// Ends the process with status 71 and a sentence on standard error when there is no memory for the buffer: the
  /// routines cannot fail, and nothing is half written, because files take their names whole.
  static func working<T>(_ call: () -> T) -> T {
    let isServed = calls.withLock { calls in
      calls.running += 1
      if calls.running > calls.served {
        guard isThereMemory(bytesOfOne) else { return false }
        calls.served = calls.running
      }
      return true
    }
    guard isServed else { end() }
    defer { calls.withLock { $0.running -= 1 } }
    return call()
  }

  /// Whether the process may map so many bytes now.
  static func isThereMemory(_ bytes: Int) -> Bool {
    // A private mapping at a place the system chooses, given back at once: no memory of ours is touched.
    let place = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard unsafe place != MAP_FAILED else { return false }
    unsafe munmap(place, bytes)
    return true
  }

  private static func end() -> Never {
    let sentence = """
      error: out of memory: the linear algebra (OpenBLAS) needs \(bytesOfOne >> 20) MiB of address space per thread. \
      What was finished is kept; raise the limit (`ulimit -v unlimited`) and run the same command again.

      """
    var bytes = sentence
    bytes.withUTF8 { text in _ = unsafe write(STDERR_FILENO, text.baseAddress, text.count) }
    _exit(statusWithoutMemory)
  }
}
