import RiddleServing
import ServiceLifecycle
import Synchronization

/// The second hand of the live page, and the end of its streams when the server stops.
struct LiveService: Service {
  let state: ServerState

  func run() async throws {
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        while (try? await Task.sleep(for: .seconds(1))) != nil {
          state.live.tick(Clocks.wallTime())
        }
      }
      try? await gracefulShutdown()
      // Before the server waits for its requests: a stream never ends by itself.
      state.isStopping.store(true, ordering: .releasing)
      group.cancelAll()
    }
  }
}
