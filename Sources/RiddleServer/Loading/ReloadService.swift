import Foundation
import Logging
import RiddleServing
import ServiceLifecycle
import UnixSignals

/// Loads the router, and loads it again on SIGHUP and when its files change. What cannot be loaded changes nothing.
struct ReloadService: Service {
  private let loader: RouterLoader
  private let state: ServerState
  private let logger: Logger
  private let first: Loaded

  /// What was loaded, and its files as they were before they were read.
  struct Loaded {
    let paths: [String]
    let stamp: FileStamp
    let served: ServedRouter

    /// Without a first router nothing is served, so what is wrong with it is thrown.
    init(_ loader: RouterLoader) throws {
      paths = loader.paths()
      stamp = FileStamp(paths)
      served = try loader.load()
    }
  }

  /// Why a router is loaded again.
  private enum Trigger: Sendable { case signal, change, stop }

  /// Serves what was loaded first, before the first connection is taken.
  init(_ first: Loaded, _ loader: RouterLoader, _ state: ServerState, _ logger: Logger) {
    self.first = first
    self.loader = loader
    self.state = state
    self.logger = logger
    serve(first.served)
  }

  func run() async throws {
    var (paths, seen) = (first.paths, first.stamp)
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
        loadAgain()
      }
      group.cancelAll()
    }
  }

  /// Loads and swaps; a failure keeps what is served now.
  private func loadAgain() {
    do {
      serve(try loader.load(replacing: state.slot.current))
    } catch {
      state.metrics.add(.reload, labels: "result=\"failure\"")
      state.live.failedToLoad(at: Clocks.wallTime())
      logger.error("\(error); the router before it is kept")
    }
  }

  private func serve(_ served: ServedRouter) {
    state.slot.replace(by: served)
    // So that GET /metrics names the router before its first decision.
    state.metrics.serves(served)
    state.live.serves(served, at: Clocks.wallTime())
    state.metrics.add(.reload, labels: "result=\"success\"")
    logger.info("serving router \(served.version) over \(served.candidates.count) candidates")
  }
}
