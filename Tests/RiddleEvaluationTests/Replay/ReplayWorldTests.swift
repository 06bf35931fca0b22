import RiddleData
import RiddleTestSupport
import Testing

@testable import RiddleEvaluation

private typealias Replay = RiddleEvaluation.World

/// What answers a policy's calls: known worlds, purity, and the laws that hold in every one.
@Suite struct ReplayWorldTests {
  private static let missing = OutcomeTable.missingLatency

  /// Two candidates; latencies of 1 ms per row and 10 ms more for the second.
  private static func table(_ n: Int, latency: ((Int, Int) -> Int64)? = nil) -> OutcomeTable {
    let latency = latency ?? { Int64(1000 * ($0 + 1) + 10_000 * $1) }
    return OutcomeTable(
      candidates: ["small", "large"], quality: [Double](repeating: 1, count: 2 * n),
      cost: [Int64](repeating: 1, count: 2 * n),
      latency: (0..<(2 * n)).map { latency($0 / 2, $0 % 2) })
  }

  /// A world where only the second candidate is not the log.
  private static func world(
    _ n: Int, latency: LatencySource = .log, faults: CandidateFaults = .none, seed: UInt64 = 1,
    arrivals: [Int64?] = []
  ) -> Replay {
    Replay(
      table: table(n), latency: [.log, latency], faults: [.none, faults], seed: seed,
      arrivals: arrivals)
  }

  private func share(
    _ world: Replay, _ failure: CallFailure?, attempt: Int = 0, rows: Range<Int>? = nil
  ) -> Double {
    let rows = rows ?? 0..<world.rowCount
    let hits = rows.count {
      world.call(row: $0, candidate: 1, attempt: attempt, at: nil, timeout: nil).failure == failure
    }
    return Double(hits) / Double(rows.count)
  }

  /// Four standard errors of a share `p` of `n`: a correct generator passes with probability 0.99994.
  private func expectShare(
    _ share: Double, _ p: Double, of n: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let band = 4 * (p * (1 - p) / Double(n)).squareRoot()
    #expect(abs(share - p) <= band, "\(share), expected \(p)", sourceLocation: sourceLocation)
  }

  // MARK: the log

  @Test("the log's world answers with the log's latencies, the same at every attempt")
  func log() {
    let world = Replay(table: Self.table(3))
    #expect(world.isLog)
    for attempt in 0..<3 {
      #expect(
        world.call(row: 2, candidate: 1, attempt: attempt, at: nil, timeout: nil)
          == Call(latency: 13_000))
    }
    let same = Replay(
      table: Self.table(3), latency: [.log, .log], faults: [.none, .none], seed: 9)
    #expect(same.isLog)
    #expect(!Self.world(3, faults: CandidateFaults(errorRate: 0.1)).isLog)
    #expect(!Self.world(3, latency: .scaled(.log, by: 2)).isLog)
  }

  @Test("a timeout ends a call that takes longer, and only that")
  func timeout() {
    let world = Replay(table: Self.table(3))
    func call(_ timeout: Int64) -> Call {
      world.call(row: 0, candidate: 1, attempt: 0, at: nil, timeout: timeout)
    }
    #expect(call(11_000) == Call(latency: 11_000))
    #expect(call(10_999) == Call(latency: 10_999, failure: .timeout))
    #expect(call(0) == Call(latency: 0, failure: .timeout))
    #expect(call(-5) == Call(latency: 0, failure: .timeout))
  }

  @Test("an unknown latency stays unknown, is never 0, and never times out")
  func unknownLatency() {
    let table = Self.table(4) { row, k in k == 1 ? Self.missing : 5 }
    for source in [LatencySource.log, .scaled(.log, by: 3)] {
      let world = Replay(
        table: table, latency: [.log, source],
        faults: [.none, CandidateFaults(slowShare: 1, slowFactor: 2)], seed: 1)
      let call = world.call(row: 1, candidate: 1, attempt: 0, at: nil, timeout: 1)
      #expect(call == Call(latency: Self.missing))
      #expect(!call.hasLatency)
      let profile = world.profiles()[1]
      #expect(profile.p50 == nil && profile.p99 == nil && profile.measured == 0)
      #expect(profile.availability == 1)
    }
    let failing = Replay(
      table: table, latency: [.log, .log], faults: [.none, CandidateFaults(errorRate: 1)], seed: 1)
    #expect(
      failing.call(row: 1, candidate: 1, attempt: 0, at: nil, timeout: nil)
        == Call(latency: Self.missing, failure: .error))
  }

  // MARK: drawn latencies

  @Test("draws of a lognormal have its distribution, on first and later attempts")
  func lognormal() {
    let n = 20_000
    let truth = LognormalLatency(mu: 13, sigma: 0.7, shift: 50_000)
    let world = Self.world(n, latency: .lognormal(truth))
    for attempt in [0, 3] {
      let draws = (0..<n).map {
        world.call(row: $0, candidate: 1, attempt: attempt, at: nil, timeout: nil).latency
      }
      #expect(draws.allSatisfy { $0 >= 50_000 })
      // 1.95/√n: the distance that 0.1 % of true samples exceed.
      #expect(truth.ksDistance(to: draws) < 1.95 / Double(n).squareRoot())
    }
  }

  @Test("a trace's draws are its latencies, each as often as the others")
  func empirical() {
    let n = 30_000
    let world = Self.world(n, latency: .empirical([700, 100, 400]))
    var counts: [Int64: Int] = [:]
    for row in 0..<n {
      let call = world.call(row: row, candidate: 1, attempt: 0, at: nil, timeout: nil)
      counts[call.latency, default: 0] += 1
    }
    #expect(counts.keys.sorted() == [100, 400, 700])
    for count in counts.values { expectShare(Double(count) / Double(n), 1 / 3.0, of: n) }
    let doubled = Self.world(
      n, latency: .scaled(.scaled(.empirical([700, 100, 400]), by: 4), by: 0.5))
    for row in 0..<100 {
      #expect(
        doubled.call(row: row, candidate: 1, attempt: 0, at: nil, timeout: nil).latency
          == 2 * world.call(row: row, candidate: 1, attempt: 0, at: nil, timeout: nil).latency)
    }
  }

  @Test("an absurd fit draws finite latencies")
  func absurd() {
    let world = Self.world(200, latency: .lognormal(LognormalLatency(mu: 700, sigma: 500)))
    for row in 0..<200 {
      let latency = world.call(row: row, candidate: 1, attempt: 0, at: nil, timeout: nil).latency
      #expect(latency >= 0 && latency <= 9_000_000_000_000_000)
    }
  }

  // MARK: failures

  @Test("shares of errors, refusals and slow answers are what was asked for")
  func shares() {
    let n = 40_000
    let faults = CandidateFaults(
      errorRate: 0.05, errorLatency: .empirical([77]), rateLimitedShare: 0.02, refusalLatency: 33,
      slowShare: 0.1, slowFactor: 20)
    let world = Self.world(n, faults: faults)
    for attempt in [0, 1, 2] {
      expectShare(share(world, .error, attempt: attempt), 0.05, of: n)
      expectShare(share(world, .rateLimited, attempt: attempt), 0.02, of: n)
    }
    var slow = 0
    var answered = 0
    for row in 0..<n {
      let call = world.call(row: row, candidate: 1, attempt: 0, at: nil, timeout: nil)
      switch call.failure {
      case nil:
        let plain = Int64(1000 * (row + 1) + 10_000)
        answered += 1
        if call.latency == 20 * plain { slow += 1 } else { #expect(call.latency == plain) }
      case .error: #expect(call.latency == 77)
      default: #expect(call.latency == 33)
      }
    }
    expectShare(Double(slow) / Double(answered), 0.1, of: answered)
    // The other candidate has no fault.
    for row in 0..<100 {
      #expect(
        world.call(row: row, candidate: 0, attempt: 0, at: nil, timeout: nil)
          == Call(latency: Int64(1000 * (row + 1))))
    }
  }

  @Test("attempts fail independently: both of two fail at the square of the rate")
  func retriesDrawAnew() {
    let n = 40_000
    let world = Self.world(n, faults: CandidateFaults(errorRate: 0.3))
    let both = (0..<n).count { row in
      (0..<2).allSatisfy {
        world.call(row: row, candidate: 1, attempt: $0, at: nil, timeout: nil).failure == .error
      }
    }
    expectShare(Double(both) / Double(n), 0.09, of: n)
  }

  @Test("candidates fail independently of each other")
  func candidatesDrawApart() {
    let n = 40_000
    let faults = CandidateFaults(errorRate: 0.3)
    let world = Replay(
      table: Self.table(n), latency: [.log, .log], faults: [faults, faults], seed: 5)
    let both = (0..<n).count { row in
      (0..<2).allSatisfy {
        world.call(row: row, candidate: $0, attempt: 0, at: nil, timeout: nil).failure == .error
      }
    }
    expectShare(Double(both) / Double(n), 0.09, of: n)
  }

  @Test("an outage by rows covers exactly its part of the log, in order of time, for every attempt")
  func outageByRows() {
    let n = 1000
    let faults = CandidateFaults(outages: [.rows(from: 0.4, to: 0.6)], refusalLatency: 9)
    let inOrder = Self.world(n, faults: faults)
    let reversed = Self.world(n, faults: faults, arrivals: (0..<n).map { Int64(n - $0) })
    // One row without a time: order of time is not known for all, so rows count as they stand.
    let patchy = Self.world(
      n, faults: faults, arrivals: (0..<n).map { $0 == 3 ? nil : Int64(n - $0) })
    for row in 0..<n {
      for attempt in 0..<2 {
        func failure(_ world: Replay) -> CallFailure? {
          let call = world.call(row: row, candidate: 1, attempt: attempt, at: nil, timeout: nil)
          if call.failure != nil { #expect(call.latency == 9) }
          return call.failure
        }
        #expect(failure(inOrder) == (row >= 400 && row < 600 ? .outage : nil))
        #expect(failure(reversed) == (row >= 400 && row < 600 ? .outage : nil))
        #expect(failure(patchy) == (row >= 400 && row < 600 ? .outage : nil))
      }
    }
    let early = Self.world(
      n, faults: CandidateFaults(outages: [.rows(from: 0, to: 0.1)]),
      arrivals: (0..<n).map { Int64(n - $0) })
    for row in 0..<n {
      let call = early.call(row: row, candidate: 1, attempt: 0, at: nil, timeout: nil)
      #expect(call.failure == (row >= 900 ? .outage : nil))
    }
  }

  @Test("an outage in time goes by the time of the call, else by the row's arrival")
  func outageByTime() {
    let faults = CandidateFaults(outages: [.times(1000..<2000), .times(5000..<5001)])
    let world = Self.world(3, faults: faults, arrivals: [999, 1000, nil])
    func failure(_ row: Int, at time: Int64? = nil) -> CallFailure? {
      world.call(row: row, candidate: 1, attempt: 0, at: time, timeout: nil).failure
    }
    #expect(failure(0) == nil)
    #expect(failure(1) == .outage)
    #expect(failure(2) == nil)
    #expect(failure(0, at: 1999) == .outage)
    #expect(failure(1, at: 2000) == nil)
    #expect(failure(2, at: 5000) == .outage)
    #expect(failure(2, at: 5001) == nil)
  }

  @Test(
    "a rate limit refuses what arrives beyond it in its window, and retries by their window's share"
  )
  func rateLimit() {
    // 100 arrivals in the first second, 1 in the next, 20 in the third; one before 1970; one unknown.
    let arrivals: [Int64?] =
      (0..<100).map { Int64($0 * 10_000) } + [1_500_000] + (0..<20).map { 2_000_000 + Int64($0) }
      + [-1, nil]
    let n = arrivals.count
    let limit = RateLimit(calls: 10)
    let world = Self.world(
      n, faults: CandidateFaults(rateLimit: limit, refusalLatency: 5), arrivals: arrivals)
    for row in 0..<n {
      let call = world.call(row: row, candidate: 1, attempt: 0, at: nil, timeout: nil)
      let isOver = (10..<100).contains(row) || (111..<121).contains(row)
      #expect(call.failure == (isOver ? .rateLimited : nil), "row \(row)")
      if isOver { #expect(call.latency == 5) }
    }
    // Retries in the full first second: 90 of 100 refused; in the third: half; elsewhere none.
    var refused = (first: 0, second: 0, third: 0)
    let trials = 200
    for row in 0..<n {
      for attempt in 1...trials {
        func isRefused(at time: Int64) -> Bool {
          world.call(row: row, candidate: 1, attempt: attempt, at: time, timeout: nil).failure
            == .rateLimited
        }
        if isRefused(at: 999_999) { refused.first += 1 }
        if isRefused(at: 1_000_000) { refused.second += 1 }
        if isRefused(at: 2_999_999) { refused.third += 1 }
      }
    }
    let calls = n * trials
    expectShare(Double(refused.first) / Double(calls), 0.9, of: calls)
    #expect(refused.second == 0)
    expectShare(Double(refused.third) / Double(calls), 0.5, of: calls)
    // A limit of nothing refuses everything that has a time.
    let closed = Self.world(
      n, faults: CandidateFaults(rateLimit: RateLimit(calls: 0)), arrivals: arrivals)
    #expect(share(closed, .rateLimited, rows: 0..<(n - 1)) == 1)
    // Without times nothing can be counted.
    let timeless = Self.world(n, faults: CandidateFaults(rateLimit: limit))
    #expect(share(timeless, .rateLimited) == 0)
  }

  // MARK: laws

  /// Worlds of every kind, from a seed.
  private static func anyWorld(_ seed: UInt64, rows n: Int) -> Replay {
    var stream = SplitMix64(seed: seed)
    let sources: [LatencySource] = [
      .log, .lognormal(LognormalLatency(mu: 9 + 3 * stream.unit(), sigma: 2 * stream.unit())),
      .empirical((0..<(1 + stream.below(9))).map { _ in Int64(stream.below(100_000)) }),
      .scaled(.log, by: 3 * stream.unit()),
    ]
    func faults() -> CandidateFaults {
      let from = stream.unit()
      return CandidateFaults(
        errorRate: 0.5 * stream.unit(),
        errorLatency: stream.below(2) == 0 ? nil : sources[stream.below(4)],
        rateLimitedShare: 0.5 * stream.unit(),
        rateLimit: stream.below(2) == 0
          ? nil : RateLimit(calls: stream.below(4), window: Int64(1 + stream.below(100_000))),
        outages: stream.below(2) == 0
          ? []
          : [.rows(from: from, to: min(1, from + 0.2)), .times(0..<Int64(stream.below(5000)))],
        refusalLatency: Int64(stream.below(100_000)), slowShare: stream.unit(),
        slowFactor: 10 * stream.unit())
    }
    var arrival: Int64 = -100_000
    let arrivals: [Int64?] = (0..<n).map { _ in
      arrival += Int64(stream.below(20_000))
      return stream.below(10) == 0 ? nil : arrival
    }
    let table = table(n) { _, _ in
      stream.below(8) == 0 ? missing : Int64(stream.below(200_000))
    }
    return Replay(
      table: table, latency: [sources[stream.below(4)], sources[stream.below(4)]],
      faults: [faults(), faults()], seed: stream.next(), arrivals: arrivals)
  }

  @Test(
    "a call is a pure function: neither order nor repetition nor building again changes it",
    arguments: 0..<40)
  func purity(seed: UInt64) {
    let n = 60
    let world = Self.anyWorld(seed, rows: n)
    let again = Self.anyWorld(seed, rows: n)
    var stream = SplitMix64(seed: seed ^ 0xff)
    let cells = (0..<n).flatMap { row in [(row, 0), (row, 1)] }
    func call(_ world: Replay, _ cell: (Int, Int), _ attempt: Int) -> Call {
      world.call(row: cell.0, candidate: cell.1, attempt: attempt, at: nil, timeout: 150_000)
    }
    let inOrder = cells.map { cell in (0..<3).map { call(world, cell, $0) } }
    for _ in 0..<500 {
      let i = stream.below(cells.count)
      let attempt = stream.below(3)
      #expect(call(again, cells[i], attempt) == inOrder[i][attempt])
    }
  }

  @Test(
    "a longer timeout never turns an answer into a failure, and never ends a call sooner",
    arguments: 0..<40)
  func monotoneInTimeout(seed: UInt64) {
    let world = Self.anyWorld(seed, rows: 60)
    for row in 0..<60 {
      for candidate in 0..<2 {
        for attempt in 0..<2 {
          var previous: Call?
          let timeouts: [Int64?] = [0, 1, 500, 5000, 20_000, 60_000, 199_999, 2_000_000, nil]
          for timeout in timeouts {
            let call = world.call(
              row: row, candidate: candidate, attempt: attempt, at: nil, timeout: timeout)
            if let timeout { #expect(call.latency <= timeout) }
            if let previous {
              #expect(!(previous.failure == nil && call.failure != nil))
              #expect(call.latency >= previous.latency)
              if previous.failure != .timeout { #expect(call == previous) }
            }
            previous = call
          }
          #expect(previous?.failure != .timeout)
        }
      }
    }
  }

  @Test("a higher error rate fails a superset of the calls, and leaves the others' latencies alone")
  func nestedErrors() {
    let n = 2000
    let source = LatencySource.lognormal(LognormalLatency(mu: 10, sigma: 1))
    let rates = [0, 0.01, 0.2, 0.7, 1]
    let worlds = rates.map {
      Self.world(n, latency: source, faults: CandidateFaults(errorRate: $0), seed: 3)
    }
    for row in 0..<n {
      let calls = worlds.map {
        $0.call(row: row, candidate: 1, attempt: 0, at: nil, timeout: nil)
      }
      for (low, high) in zip(calls, calls.dropFirst()) {
        if low.failure != nil { #expect(high.failure != nil) }
        #expect(low.latency == high.latency)
      }
    }
    #expect(share(worlds[0], nil) == 1)
    #expect(share(worlds[4], .error) == 1)
  }

  @Test("seeds give different worlds")
  func seeds() {
    let source = LatencySource.lognormal(LognormalLatency(mu: 10, sigma: 1))
    let calls = (0..<5 as Range<UInt64>).map { seed in
      Self.world(1, latency: source, seed: seed).call(
        row: 0, candidate: 1, attempt: 0, at: nil, timeout: nil)
    }
    #expect(Set(calls.map(\.latency)).count == 5)
  }

  // MARK: profiles

  @Test("profiles are percentiles of answers and the share answered")
  func profiles() {
    // Latencies 1 … 101 ms for the first candidate; type-7 quantiles of 0…100 fall on whole ranks.
    let table = Self.table(101)
    let profile = Replay(table: table).profiles()[0]
    #expect(
      profile
        == LatencyProfile(p50: 51_000, p95: 96_000, p99: 100_000, availability: 1, measured: 101))
    let short = Replay(table: table).profiles(rows: Array(0..<50), timeout: 25_000)[0]
    #expect(short.availability == 0.5)
    #expect(short.p50 == 13_000 && short.measured == 25)
    let down = Self.world(10, faults: CandidateFaults(errorRate: 1)).profiles()
    #expect(down[1] == LatencyProfile(p50: nil, p95: nil, p99: nil, availability: 0, measured: 0))
    #expect(down[0].availability == 1)
    #expect(Replay(table: table).profiles(rows: [])[0].availability == 0)
  }
}
