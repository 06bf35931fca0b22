import RiddleData
import RiddleRuntime

/// The simulated world that answers a policy's calls in a replay: how long each takes, and which fail.
///
/// What a call brings is a pure function of the seed, the row, the candidate and the attempt (and, for outages and rate
/// limits, of the time given): it does not depend on earlier calls, on their order or on threads, and two policies that
/// ask the same thing get the same answer, so their comparison is paired. Draws come from the splitmix64 stream of
/// (seed, row, candidate, attempt). A higher error rate fails a superset of the calls that a lower one fails.
///
/// Qualities and costs are the outcome table's: the world says when an answer comes, not what it is.
public struct World: Sendable {
  /// Whether calls are just the table's latencies, and only the caller's timeout can fail: lets the replay skip the world.
  public let isLog: Bool
  /// Number of rows.
  public let rowCount: Int
  /// Number of candidates.
  public let candidateCount: Int

  /// Latencies of the log, row-major.
  private let logged: [Int64]
  private let rules: [Rules]
  /// Measured latencies of all candidates.
  private let pool: [Int64]
  private let outages: [Range<Int64>]
  private let overloads: [RateLimit.Overload]
  /// Bits of ``Blocked``, row-major; empty when no row is blocked.
  private let blocked: [UInt8]
  /// Arrivals in µs since 1970; empty when unknown.
  private let arrivals: [Int64?]
  private let seed: UInt64
  /// The same world without incidents, when there are any; else empty.
  private let calm: [World]

  /// One candidate's behaviour as plain numbers.
  private struct Rules: Sendable {
    var answer: LatencyModel
    var failure: LatencyModel
    var rateLimitedShare = 0.0
    /// `rateLimitedShare + errorRate`.
    var failingShare = 0.0
    var slowShare = 0.0
    var slowFactor = 1.0
    var refusalLatency: Int64 = 0
    var limit: RateLimit?
    var outages = 0..<0
    var overloads = 0..<0
  }

  /// What is known of a row before anything is drawn.
  private enum Blocked {
    static let outage: UInt8 = 1
    static let rateLimit: UInt8 = 2
  }

  /// What is known before incidents happen: the same latencies and error rates without outages and overloads.
  public var usual: World { calm.first ?? self }

  /// The outcomes of first calls in this world: where one fails with no retry, the answer is worth nothing and, but for a timeout,
  /// costs nothing. Fixed candidates and oracles are judged by these.
  public func outcomes(_ table: OutcomeTable) -> OutcomeTable {
    if isLog { return table }
    var quality = table.quality
    var cost = table.cost
    for row in 0..<rowCount {
      for k in 0..<candidateCount
      where call(row: row, candidate: k, attempt: 0, at: nil, timeout: nil).failure != nil {
        quality[row * candidateCount + k] = 0
        cost[row * candidateCount + k] = 0
      }
    }
    return OutcomeTable(
      candidates: table.candidates, quality: quality, cost: cost, latency: table.latency)
  }

  /// The log as it is: its latencies, no failures.
  public init(table: OutcomeTable) {
    let width = table.candidates.count
    self.init(
      table: table, latency: [LatencySource](repeating: .log, count: width),
      faults: [CandidateFaults](repeating: .none, count: width), seed: 0)
  }

  /// A world with latencies and failures of its own.
  ///
  /// - Parameters:
  ///   - latency: where the latencies come from; one per candidate, in the order of the ladder.
  ///   - faults: what goes wrong; one per candidate. Shares lie in [0, 1], and `errorRate + rateLimitedShare ≤ 1`.
  ///   - seed: all draws come from it.
  ///   - arrivals: when each row arrives, in µs since 1970, nil where unknown; empty when no row has a time. Rate limits
  ///     need them, and outages in time where ``call(row:candidate:attempt:at:timeout:)`` is not told the time.
  public init(
    table: OutcomeTable, latency: [LatencySource], faults: [CandidateFaults], seed: UInt64,
    arrivals: [Int64?] = []
  ) {
    let width = table.candidates.count
    let n = table.rowCount
    let hasIncidents = faults.contains { !$0.outages.isEmpty || $0.rateLimit != nil }
    calm =
      hasIncidents
      ? [
        World(
          table: table, latency: latency,
          faults: faults.map { faults in
            var usual = faults
            usual.outages = []
            usual.rateLimit = nil
            return usual
          }, seed: seed, arrivals: arrivals)
      ] : []
    precondition(
      latency.count == width && faults.count == width,
      "\(latency.count) latency sources and \(faults.count) faults for \(width) candidates")
    precondition(
      arrivals.isEmpty || arrivals.count == n, "\(arrivals.count) arrivals for \(n) rows")
    var pool: [Int64] = []
    var rules: [Rules] = []
    var outages: [Range<Int64>] = []
    var overloads: [RateLimit.Overload] = []
    var blocked: [UInt8] = []
    let order = ArrivalOrder(arrivals, rows: n)
    for (k, faults) in faults.enumerated() {
      Self.check(faults, candidate: table.candidates[k])
      let answer = LatencyModel(latency[k], pool: &pool)
      var own = Rules(
        answer: answer,
        failure: faults.errorLatency.map { LatencyModel($0, pool: &pool) } ?? answer)
      own.rateLimitedShare = faults.rateLimitedShare
      own.failingShare = faults.rateLimitedShare + faults.errorRate
      own.slowShare = faults.slowShare
      own.slowFactor = faults.slowFactor
      own.refusalLatency = faults.refusalLatency
      own.limit = faults.rateLimit
      func block(_ row: Int, _ bit: UInt8) {
        if blocked.isEmpty { blocked = [UInt8](repeating: 0, count: n * width) }
        blocked[row * width + k] |= bit
      }
      let firstOutage = outages.count
      for outage in faults.outages {
        switch outage {
        case .times(let window): outages.append(window)
        case .rows(let from, let to):
          for row in order.rows(from: from, to: to) { block(row, Blocked.outage) }
        }
      }
      own.outages = firstOutage..<outages.count
      let firstOverload = overloads.count
      if let limit = faults.rateLimit, !arrivals.isEmpty {
        overloads += limit.overloads(arrivals: arrivals, order: order.timed) {
          block($0, Blocked.rateLimit)
        }
      }
      own.overloads = firstOverload..<overloads.count
      rules.append(own)
    }
    self.rules = rules
    self.pool = pool
    self.outages = outages
    self.overloads = overloads
    self.blocked = blocked
    self.arrivals = arrivals
    self.seed = StableHash.mixed(seed ^ 0x7269_6464_6c65_7721)
    logged = table.latency
    rowCount = n
    candidateCount = width
    isLog = latency.allSatisfy { $0 == .log } && faults.allSatisfy(\.isNone)
  }

  /// When `row` arrives, in µs since 1970; nil when unknown.
  public func arrival(of row: Int) -> Int64? { arrivals.isEmpty ? nil : arrivals[row] }

  /// What asking `candidate` on `row` brings.
  ///
  /// A longer `timeout` never turns an answer into a failure. An answer whose latency is unknown cannot time out.
  ///
  /// - Parameters:
  ///   - row: below ``rowCount``.
  ///   - candidate: position on the ladder.
  ///   - attempt: how many times this candidate was asked on this row before: 0 first. Another attempt draws anew.
  ///   - time: when the call is made, in µs since 1970; nil takes the row's arrival.
  ///   - timeout: µs that the caller waits at most; nil: for ever.
  /// - Complexity: O(1), plus O(outages) and, for retries under a rate limit, O(log windows). Allocates nothing.
  public func call(row: Int, candidate: Int, attempt: Int, at time: Int64?, timeout: Int64?) -> Call
  {
    precondition(
      candidate >= 0 && candidate < candidateCount,
      "candidate \(candidate) of \(candidateCount)")
    let cell = row * candidateCount + candidate
    let call =
      isLog
      ? Call(latency: logged[cell])
      : simulated(row: row, cell: cell, candidate: candidate, attempt: attempt, at: time)
    // Unknown is the least Int64, hence never late.
    if let timeout, call.latency > timeout {
      return Call(latency: max(0, timeout), failure: .timeout)
    }
    return call
  }

  private func simulated(row: Int, cell: Int, candidate: Int, attempt: Int, at time: Int64?) -> Call
  {
    let own = rules[candidate]
    let flags = blocked.isEmpty ? 0 : blocked[cell]
    if flags & Blocked.outage != 0 || isDown(own, time ?? arrival(of: row)) {
      return Call(latency: own.refusalLatency, failure: .outage)
    }
    // Draws stand in fixed places of the stream, so that one fault more moves no other's numbers.
    var draws = draws(row: row, candidate: candidate, attempt: attempt)
    let admission = draws.unit()
    if let limit = own.limit {
      let isRefused =
        attempt == 0
        ? flags & Blocked.rateLimit != 0
        : admission < refusedShare(limit, own.overloads, at: time ?? arrival(of: row))
      if isRefused { return Call(latency: own.refusalLatency, failure: .rateLimited) }
    }
    let fate = draws.unit()
    if fate < own.rateLimitedShare {
      return Call(latency: own.refusalLatency, failure: .rateLimited)
    }
    let u = draws.unit()
    if fate < own.failingShare {
      return Call(latency: latency(own.failure, cell, u), failure: .error)
    }
    let answer = latency(own.answer, cell, u)
    if own.slowShare > 0 && answer > 0 && draws.unit() < own.slowShare {
      return Call(latency: LatencyModel.microseconds(Double(answer) * own.slowFactor))
    }
    return Call(latency: answer)
  }

  @inline(__always)
  private func latency(_ model: LatencyModel, _ cell: Int, _ u: Double) -> Int64 {
    switch model.kind {
    case .log:
      let value = logged[cell]
      if value == OutcomeTable.missingLatency || model.factor == 1 { return value }
      return LatencyModel.microseconds(Double(value) * model.factor)
    case .lognormal:
      return LatencyModel.microseconds(model.distribution.draw(u) * model.factor)
    case .empirical:
      let value = pool[model.start + Int(u * Double(model.count))]
      return model.factor == 1
        ? value : LatencyModel.microseconds(Double(value) * model.factor)
    }
  }

  @inline(__always)
  private func isDown(_ own: Rules, _ time: Int64?) -> Bool {
    guard let time else { return false }
    for i in own.outages where outages[i].contains(time) { return true }
    return false
  }

  /// Share of calls refused in the window of `time`, by bisection over the overloaded windows.
  private func refusedShare(_ limit: RateLimit, _ range: Range<Int>, at time: Int64?) -> Double {
    guard let time else { return 0 }
    let window = limit.index(of: time)
    var low = range.lowerBound
    var high = range.upperBound
    while low < high {
      let middle = low + (high - low) / 2
      if overloads[middle].window < window { low = middle + 1 } else { high = middle }
    }
    return low < range.upperBound && overloads[low].window == window ? overloads[low].refused : 0
  }

  // MARK: draws

  /// The uniform draws of one call: a splitmix64 stream.
  private struct Draws {
    var state: UInt64

    /// Uniform in (0, 1), both ends excluded: 52 random bits and a half.
    @inline(__always)
    mutating func unit() -> Double {
      state &+= 0x9e37_79b9_7f4a_7c15
      return (Double(StableHash.mixed(state) >> 12) + 0.5) / 4_503_599_627_370_496
    }
  }

  /// The stream of one call.
  @inline(__always)
  private func draws(row: Int, candidate: Int, attempt: Int) -> Draws {
    let ofRow = StableHash.mixed(seed &+ UInt64(bitPattern: Int64(row)) &* 0x9e37_79b9_7f4a_7c15)
    let what = UInt64(bitPattern: Int64(candidate)) << 32 ^ UInt64(bitPattern: Int64(attempt))
    return Draws(state: StableHash.mixed(ofRow ^ what))
  }

  private static func check(_ faults: CandidateFaults, candidate: String) {
    func share(_ value: Double, _ name: String) {
      precondition(
        value >= 0 && value <= 1, "\(candidate): expected \(name) in [0, 1], got \(value)")
    }
    share(faults.errorRate, "errorRate")
    share(faults.rateLimitedShare, "rateLimitedShare")
    share(faults.slowShare, "slowShare")
    share(faults.errorRate + faults.rateLimitedShare, "errorRate + rateLimitedShare")
    precondition(
      faults.slowFactor >= 0 && faults.slowFactor.isFinite,
      "\(candidate): expected a slowFactor that is finite and ≥ 0, got \(faults.slowFactor)")
    precondition(
      faults.refusalLatency >= 0,
      "\(candidate): expected a refusalLatency ≥ 0, got \(faults.refusalLatency)")
  }
}
