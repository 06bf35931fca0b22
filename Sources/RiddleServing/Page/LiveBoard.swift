import RiddleData
import RiddlePolicies
import Synchronization

/// What the live page shows: the last decisions, the last hour, and the sums since the start. Its memory is fixed.
///
/// Deciders write into cells of their own; ``tick(_:)`` collects them once a second, and whoever reads collects first. No part holds a
/// query's text.
public final class LiveBoard: Sendable {
  /// Marks of loads that are kept.
  static let mostMarks = 20
  /// Routers whose ladders are remembered.
  private static let mostLadders = 8

  private let cells = Mutex<[LiveCell]>([])
  /// Of whoever has none of its own: the gateway.
  private let gateway = LiveCell()
  private let state: Mutex<State>
  /// Empty between ticks; goes into a cell in exchange for what came in.
  private let spare = Mutex(LiveTally())

  /// A load of a router.
  struct Mark: Sendable {
    var time: Int64
    /// The router that decides since then; nil when the load failed.
    var version: String?
  }

  /// A router that decisions may come from.
  struct Known: Sendable {
    var version: String
    var candidates: [String]
    var ladder: LiveLadder
  }

  /// The router that decides now.
  struct Current: Sendable {
    var name: String
    var version: String
    var loaded: Int64
    var candidates: [String]
    var costs: [Int64?]
    var generation: Int
  }

  struct State: Sendable {
    let started: Int64
    /// Names of candidates by place.
    var names: [String] = []
    var known: [Known] = []
    var generations = 0
    var current: Current?
    var marks: [Mark] = []
    var decisions = [Int](repeating: 0, count: LiveTally.mostNames + 1)
    var answers = [Int](repeating: 0, count: LiveTally.mostNames + 1)
    var failures = 0
    var expected = LiveMoney()
    var paid = LiveMoney()
    var hour = LiveHour()
    var drift = ScoreDrift()
    var recent: [LiveDecision] = []
    /// Grows with everything that came in.
    var revision = 0

    init(started: Int64) { self.started = started }

    /// The ladder of a router, remembered or new.
    mutating func ladder(_ version: String, _ candidates: [String]) -> LiveLadder {
      if let known = known.first(where: { $0.version == version && $0.candidates == candidates }) {
        return known.ladder
      }
      let places = candidates.map { name -> Int in
        if let place = names.firstIndex(of: name) { return place }
        guard names.count < LiveTally.mostNames else { return LiveTally.mostNames }
        names.append(name)
        return names.count - 1
      }
      generations += 1
      let ladder = LiveLadder(generation: generations, places: places)
      if known.count == LiveBoard.mostLadders { known.removeFirst() }
      known.append(Known(version: version, candidates: candidates, ladder: ladder))
      return ladder
    }

    /// Takes what came in.
    mutating func add(_ tally: LiveTally, at time: Int64) {
      if tally.isEmpty { return }
      revision += 1
      for place in decisions.indices {
        decisions[place] += Int(tally.decisions[place])
        answers[place] += Int(tally.answers[place])
      }
      failures += tally.failures
      expected.add(tally.expected)
      paid.add(tally.paid)
      hour.add(tally, at: time)
      if tally.generation == current?.generation { drift.add(tally.margins, at: time) }
      recent.append(contentsOf: tally.recent)
      recent.sort { $0.time < $1.time }
      recent.removeFirst(max(0, recent.count - LiveTally.mostRecent))
    }
  }

  /// A board without decisions, since `time`.
  public init(since time: Microseconds) { state = Mutex(State(started: time.count)) }

  // MARK: writing

  /// A place for a decider's decisions. Kept as long as the board.
  func makeCell() -> LiveCell {
    let cell = LiveCell()
    cells.withLock { $0.append(cell) }
    return cell
  }

  /// How a router's decisions are counted.
  func ladder(of served: ServedRouter) -> LiveLadder {
    state.withLock { $0.ladder(served.version, served.candidates) }
  }

  /// A router was loaded and decides from now on. Another version than before begins another reference for drift.
  public func serves(_ served: ServedRouter, at time: Microseconds) {
    state.withLock { state in
      let ladder = state.ladder(served.version, served.candidates)
      if state.current?.generation != ladder.generation { state.drift = ScoreDrift() }
      state.current = Current(
        name: LiveDecision.clipped(served.name), version: served.version, loaded: time.count,
        candidates: served.candidates, costs: served.prices, generation: ladder.generation)
      state.mark(Mark(time: time.count, version: served.version))
    }
  }

  /// A router could not be loaded; the one before goes on.
  public func failedToLoad(at time: Microseconds) {
    state.withLock { $0.mark(Mark(time: time.count, version: nil)) }
  }

  /// A request of the gateway is over.
  ///
  /// - Parameter isComplete: whether the whole answer reached the caller.
  public func answered(
    _ serving: Serving, _ request: Request, served: ServedRouter, id: String, time: Microseconds,
    nanoseconds: Int64, isComplete: Bool
  ) {
    gateway.answered(
      serving, request, ladder: ladder(of: served), served: served, id: id, time: time,
      nanoseconds: nanoseconds, isComplete: isComplete)
  }

  // MARK: reading

  /// Collects what came in; once a second gives the page its second hand.
  public func tick(_ time: Microseconds) {
    let cells = cells.withLock { $0 } + [gateway]
    spare.withLock { tally in
      for cell in cells {
        cell.exchange(with: &tally)
        state.withLock { $0.add(tally, at: time.count) }
        tally.clear()
      }
    }
  }

  /// Grows when there is something new to see.
  public var revision: Int { state.withLock { $0.revision } }

  /// Decisions that were counted nowhere, because they met the page's second hand.
  var lost: Int { cells.withLock { $0 }.reduce(gateway.lost) { $0 + $1.lost } }

  /// Everything, at `time`. The caller writes it where nobody waits.
  func copy(at time: Microseconds) -> State {
    tick(time)
    return state.withLock { $0 }
  }
}

extension LiveBoard.State {
  fileprivate mutating func mark(_ mark: LiveBoard.Mark) {
    revision += 1
    if marks.count == LiveBoard.mostMarks { marks.removeFirst() }
    marks.append(mark)
  }
}
