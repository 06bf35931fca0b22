import AsyncHTTPClient
import Hummingbird
import NIOCore
import Synchronization

/// Passes a stream of events on to the caller, and knows which of its two ends broke it.
enum ChatStream {
  /// Nanoseconds that an upstream may be silent in the middle of an answer, unless it is given more time for the beginning of one.
  static let longestSilence: Int64 = 120_000_000_000

  /// A stream that did not reach its end: thrown so that the connection is closed without one.
  struct Broken: Error {}

  /// Passes `events` on until they end, one of both sides is gone, or the upstream has been silent for `silence` nanoseconds (it is
  /// noticed after twice that at most).
  static func pass(
    _ events: HTTPClientResponse.Body, to writer: any ResponseBodyWriter, silence: Int64
  ) async -> ChatEnd {
    let outlet = Outlet(writer)
    let clock = SilenceClock()
    return await withTaskGroup(of: ChatEnd.self) { group in
      group.addTask { await pump(events, outlet, clock) }
      group.addTask {
        while clock.nanoseconds < silence {
          let left = Duration.nanoseconds(silence - clock.nanoseconds)
          guard (try? await Task.sleep(for: left)) != nil else { return .left }
        }
        return .cut
      }
      let first = await group.next() ?? .left
      group.cancelAll()
      return first
    }
  }

  @concurrent
  private static func pump(
    _ events: HTTPClientResponse.Body, _ outlet: Outlet, _ clock: SilenceClock
  ) async -> ChatEnd {
    var iterator = events.makeAsyncIterator()
    while true {
      let bytes: ByteBuffer?
      clock.start()
      do {
        bytes = try await iterator.next()
      } catch {
        return Task.isCancelled ? .left : .cut
      }
      clock.stop()
      // What a cancelled task takes for the end of the events is none.
      if Task.isCancelled { return .left }
      do {
        guard let bytes else {
          try await outlet.finish()
          return .answered
        }
        try await outlet.write(bytes)
      } catch {
        return .left
      }
    }
  }
}

/// The caller's end of a stream, in the hands of one task.
///
/// `@unchecked`: Hummingbird's writer is a handle on the connection's outbound writer, which is itself `Sendable`; the protocol does not
/// say so. The task that pumps is the only one to use it from when this is made until the stream is over.
private struct Outlet: @unchecked Sendable {
  private let writer: any ResponseBodyWriter

  init(_ writer: any ResponseBodyWriter) { self.writer = writer }

  @concurrent
  func write(_ bytes: ByteBuffer) async throws {
    var writer = writer
    try await writer.write(bytes)
  }

  @concurrent
  func finish() async throws { try await writer.finish(nil) }
}

/// For how long an upstream has been waited for.
private final class SilenceClock: Sendable {
  /// ``Clocks/now()`` when the waiting began; 0 while nobody waits.
  private let began = Atomic<Int64>(0)

  func start() { began.store(Clocks.now(), ordering: .relaxed) }

  func stop() { began.store(0, ordering: .relaxed) }

  var nanoseconds: Int64 {
    let began = began.load(ordering: .relaxed)
    return began == 0 ? 0 : Clocks.now() - began
  }
}
