import Foundation

/// The address space that a limit (`ulimit -v`) must leave.
///
/// Without room for a thread or a buffer, the libraries below try again for ever: OpenBLAS for the 128 MiB that each of its threads
/// works in, from before `main` on, and Dispatch for a thread. So too small a limit is refused before anything begins.
enum AddressSpace {
  /// `EX_OSERR` of sysexits.h: the system has no more.
  private static let statusWithoutMemory: Int32 = 71

  /// What is needed, in bytes: a buffer for every processor, and room for the program, its data and its threads.
  static var needed: UInt64 {
    UInt64(512 + 160 * ProcessInfo.processInfo.processorCount) << 20
  }

  /// Ends the program with status 71 and a sentence when the limit is below ``needed``.
  static func check() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
      limit.rlim_cur < needed
    else { return }
    let sentence = """
      error: out of memory: the limit on address space is \(limit.rlim_cur >> 20) MiB, and \(needed >> 20) MiB are needed \
      on this machine, most of them reserved and never used. Next: ulimit -v unlimited

      """
    var bytes = sentence
    bytes.withUTF8 { text in _ = write(STDERR_FILENO, text.baseAddress, text.count) }
    _exit(statusWithoutMemory)
  }
}
