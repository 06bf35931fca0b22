import NIOCore
import RiddleServing
import Synchronization

/// What the parts of a running server share.
final class ServerState: Sendable {
  let settings: ServerSettings
  let slot: RouterSlot
  let metrics: ServerMetrics
  let token: BearerToken?
  let ids: RequestIDs
  /// By event loop, so that none waits for another.
  private let byLoop: [ObjectIdentifier: Decider]
  /// For whoever is on no event loop, taken in turn: a long chat request holds up few others.
  private let elsewhere: [Decider]
  private let turn = Atomic<Int>(0)
  /// Connections that are open.
  let connections = Atomic<Int>(0)
  /// Chat requests under way.
  let chats = Atomic<Int>(0)
  /// What the live page shows.
  let live: LiveBoard
  /// Streams of the live page that are open.
  let listeners = Atomic<Int>(0)
  /// Whether the server was told to stop: streams of the live page end.
  let isStopping = Atomic<Bool>(false)

  init(
    settings: ServerSettings, slot: RouterSlot, metrics: ServerMetrics, token: BearerToken?,
    ids: RequestIDs, loops: any EventLoopGroup, deciding: Decider.Settings, live: LiveBoard
  ) {
    var deciding = deciding
    deciding.live = live
    self.settings = settings
    self.slot = slot
    self.metrics = metrics
    self.token = token
    self.ids = ids
    self.live = live
    let settled = deciding
    func decider() -> Decider { Decider(slot: slot, metrics: metrics, settings: settled) }
    byLoop = Dictionary(
      uniqueKeysWithValues: loops.makeIterator().map { (ObjectIdentifier($0), decider()) })
    elsewhere = (0..<4).map { _ in decider() }
  }

  /// The decider of an event loop.
  func decider(on loop: any EventLoop) -> Decider { byLoop[ObjectIdentifier(loop)] ?? decider }

  /// A decider for tasks.
  var decider: Decider {
    let turn = turn.wrappingAdd(1, ordering: .relaxed).newValue
    return elsewhere[turn & 3]
  }
}
