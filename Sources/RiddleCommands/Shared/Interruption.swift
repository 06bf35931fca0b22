import Foundation
import Synchronization

/// What happens on SIGINT (Ctrl-C) and SIGTERM: temporary files are removed, a sentence says what is kept, and the
/// program ends with status 130 or 143.
///
/// Nothing else is wound up. A transaction that is open is not committed, as after any crash; files take their names
/// whole (see ``Files``). So the next run finds what a killed one leaves, only without its temporary files.
public enum Interruption {
  private struct State {
    /// Files that go when the program is interrupted.
    var temporaries: Set<String> = []
    /// What the running command keeps.
    var sentence: String?
  }

  // The process has one set of signal handlers, hence one state: everything else here is a value of its owner.
  private static let state = Mutex(State())
  /// Where the handler writes; a constant from `install` on. A handler may do no more than write to it.
  nonisolated(unsafe) private static var pipeEnd: Int32 = -1

  /// Handles the two signals from now on, also where the shell that started this program in the background ignores
  /// them. Programs that this one starts get the default handlers again.
  public static func install() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    pipeEnd = ends[1]
    let readEnd = ends[0]
    Thread.detachNewThread {
      var number: UInt8 = 0
      while read(readEnd, &number, 1) < 0 && errno == EINTR {}
      end(Int32(number))
    }
    for number in [SIGINT, SIGTERM] {
      var action = sigaction()
      action.__sigaction_handler.sa_handler = { number in
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Interruption.pipeEnd, &byte, 1)
        errno = saved
      }
      action.sa_flags = SA_RESTART
      sigaction(number, &action, nil)
    }
  }

  /// Says what an interrupted run of this command keeps.
  static func keeps(_ sentence: String) { state.withLock { $0.sentence = sentence } }

  /// Runs `body`, which names or renames temporary files, without being interrupted in between.
  static func updatingTemporaries<T>(_ body: (inout Set<String>) throws -> T) rethrows -> T {
    try state.withLock { try body(&$0.temporaries) }
  }

  private static func end(_ number: Int32) {
    // Waits for a set of files that is just taking its names, and never gives the lock back.
    state.withLock { state in
      for path in state.temporaries { unlink(path) }
      let name = number == SIGINT ? "interrupted" : "terminated"
      Console.error("\(name)\(state.sentence.map { ": " + $0 } ?? "")")
      _exit(128 + number)
    }
  }
}
