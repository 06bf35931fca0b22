import Foundation
import Logging
import RiddleServing
import ServiceLifecycle
import UnixSignals

/// Loads the router, and loads it again on SIGHUP and when its files change. What cannot be loaded changes nothing.
struct ReloadService: Service {
  let loader: RouterLoader
  let state: ServerState
  let logger: Logger

  /// Why a router is loaded.
  private enum Trigger: Sendable { case start, signal, change, stop }

  func run() async throws {
    var paths = loader.paths()
    var seen = FileStamp(paths)
    guard load(.start) else {
      throw LoadError("the first router could not be loaded; the reason is above")
    }
    await withTaskGroup(of: Trigger.self) { group in
      let (triggers, continuation) = AsyncStream<Trigger>.makeStream()
      group.addTask {
        for await _ in await UnixSignalsSequence(trapping: .sighup) { continuation.yield(.signal) }
        return .stop
      }
      group.addTask {
        try? await gracefulShutdown()
        continuation.finish()
        return .stop
      }
      if state.settings.watchInterval > 0 {
        let interval = Duration.seconds(state.settings.watchInterval)
        group.addTask {
          while (try? await Task.sleep(for: interval)) != nil { continuation.yield(.change) }
          return .stop
        }
      }
      for await trigger in triggers {
        if trigger == .change && FileStamp(paths) == seen { continue }
        // Before reading: what changes meanwhile is another change.
        paths = loader.paths()
        seen = FileStamp(paths)
        _ = load(trigger)
      }
      group.cancelAll()
    }
  }

  /// Loads and swaps; false keeps what is served now.
  private func load(_ trigger: Trigger) -> Bool {
    do {
      let before = state.slot.current
      let served = try loader.load(replacing: before)
      state.slot.replace(by: served)
      // So that GET /metrics names the router before its first decision.
      state.metrics.serves(served)
      state.live.serves(served, at: Clocks.wallTime())
      state.metrics.add(.reload, labels: "result=\"success\"")
      logger.info("serving router \(served.version) over \(served.candidates.count) candidates")
      return true
    } catch {
      state.metrics.add(.reload, labels: "result=\"failure\"")
      state.live.failedToLoad(at: Clocks.wallTime())
      logger.error(
        "\(error); \(trigger == .start ? "nothing is served" : "the router before it is kept")")
      return false
    }
  }
}
