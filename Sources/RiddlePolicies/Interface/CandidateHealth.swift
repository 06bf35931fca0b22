import RiddleData

/// Who answered lately: per candidate the last calls as bits, and a rest after too many failures.
///
/// A candidate whose last ``window`` calls, at least ``least`` of them, failed in a share above ``limit`` rests for ``rest`` microseconds of
/// request time, or where requests have no time for ``restRequests`` requests; then it is tried again with an empty memory.
public struct CandidateHealth: Equatable, Sendable {
  /// Calls that are remembered, 1 to 64.
  public var window: Int
  /// Calls before anything is concluded.
  public var least: Int
  /// Share of failures above which a candidate rests.
  public var limit: Double
  /// Microseconds of rest.
  public var rest: Int64
  /// Requests of rest, where requests have no time.
  public var restRequests: Int
  private var states: [State]
  private var seen = 0

  private struct State: Equatable, Sendable {
    var failures: UInt64 = 0  // newest call in bit 0
    var calls = 0
    var restsUntil: Int64?
    var restsUntilRequest: Int?
  }

  /// Nobody has been asked yet.
  public init(
    candidateCount: Int, window: Int = 20, least: Int = 5, limit: Double = 0.5,
    rest: Int64 = 60_000_000, restRequests: Int = 100
  ) {
    precondition(window >= 1 && window <= 64, "a window holds 1 to 64 calls, got \(window)")
    self.window = window
    self.least = least
    self.limit = limit
    self.rest = rest
    self.restRequests = restRequests
    states = [State](repeating: State(), count: candidateCount)
  }

  /// Whether `candidate` is not resting at `time`, microseconds since 1970.
  public func isAvailable(_ candidate: Int, at time: Int64?) -> Bool {
    guard states.indices.contains(candidate) else { return true }
    let state = states[candidate]
    if let time, let until = state.restsUntil { return time >= until }
    if let until = state.restsUntilRequest { return seen >= until }
    return true
  }

  /// Learns from the attempts of a request; one that was cancelled says nothing of its candidate.
  public mutating func observe(_ served: Served) {
    seen += 1
    let time = served.request.context.time?.count
    for attempt in served.attempts
    where !attempt.wasCancelled && states.indices.contains(attempt.candidate) {
      // Asked all the same, because nobody else was left: a further failure does not end the rest.
      if !attempt.isAnswered && !isAvailable(attempt.candidate, at: time) { continue }
      var state = states[attempt.candidate]
      state.restsUntil = nil
      state.restsUntilRequest = nil
      state.failures = state.failures << 1 | (attempt.isAnswered ? 0 : 1)
      state.calls = min(window, state.calls + 1)
      let mask: UInt64 = state.calls >= 64 ? ~0 : (1 << UInt64(state.calls)) - 1
      let failed = (state.failures & mask).nonzeroBitCount
      if state.calls >= least && Double(failed) > limit * Double(state.calls) {
        state = State()
        if let time {
          state.restsUntil = time &+ rest
        } else {
          state.restsUntilRequest = seen + restRequests
        }
      }
      states[attempt.candidate] = state
    }
  }
}
