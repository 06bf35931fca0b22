import Synchronization

/// Where the router that decides now is found. Whoever decides takes it once a request, so that a request sees one version.
public final class RouterSlot: Sendable {
  private let state: Mutex<ServedRouter?>
  private let generation = Atomic<Int>(0)

  /// A slot that is empty until the first router is loaded.
  public init(_ router: ServedRouter? = nil) { state = Mutex(router) }

  /// The router that decides now; nil while the first one is loading.
  public var current: ServedRouter? { state.withLock { $0 } }

  /// Grows with every replacement.
  public var version: Int { generation.load(ordering: .acquiring) }

  /// Puts `router` in the place of the one before, which lives on as long as requests use it.
  public func replace(by router: ServedRouter) {
    state.withLock { $0 = router }
    generation.add(1, ordering: .releasing)
  }
}
