import Foundation
import RiddleData
import RiddleEvaluation

/// Nanoseconds of one call to a replay's world, by what the world does.
struct WorldTiming: Encodable {
  var rows: Int
  /// Fastest of the repeats, in nanoseconds per call.
  var log: Double
  var fitted: Double
  var trace: Double
  /// Trace latencies with errors, slow answers, a rate limit and outages.
  var faults: Double
  /// Retries in the same world, which look up the load of their time.
  var retries: Double
  /// Allocations of all timed calls; nil without the counter of `allocations.c` in LD_PRELOAD.
  var allocations: Int?
}

/// Times `World.call` over `--rows` rows of three candidates, in the order of the rows, best of `--repeats`.
func measureWorld(_ arguments: Arguments) throws -> WorldTiming {
  let rows = try arguments.count("rows", standard: 14_000)
  let repeats = max(1, try arguments.count("repeats", standard: 30))
  let width = 3
  var stream = SplitMix64(seed: 5)
  let latency = (0..<(rows * width)).map { _ in Int64(100_000 + stream.below(3_000_000)) }
  let table = OutcomeTable(
    candidates: ["small", "medium", "large"],
    quality: [Double](repeating: 1, count: rows * width),
    cost: [Int64](repeating: 1, count: rows * width), latency: latency)
  let measured = LatencySource.empirical(Array(latency.prefix(150)))
  let fitted = LatencySource.lognormal(LognormalLatency(mu: 14, sigma: 0.6))
  let faults = CandidateFaults(
    errorRate: 0.05, rateLimitedShare: 0.01, rateLimit: RateLimit(calls: 12),
    outages: [.rows(from: 0.4, to: 0.5), .times(7_000_000..<9_000_000)], slowShare: 0.02,
    slowFactor: 10)
  let arrivals: [Int64?] = (0..<rows).map { Int64($0) * 70_000 + Int64(stream.below(400_000)) }

  func world(_ source: LatencySource, _ faults: CandidateFaults) -> World {
    World(
      table: table, latency: [LatencySource](repeating: source, count: width),
      faults: [CandidateFaults](repeating: faults, count: width), seed: 3, arrivals: arrivals)
  }
  let counter = try? allocationCounter()
  var allocations: UInt64 = 0
  var sum: Int64 = 0
  func time(_ world: World, attempt: Int = 0) -> Double {
    var best = Double.infinity
    for _ in 0..<repeats {
      let before = counter?() ?? 0
      let start = DispatchTime.now().uptimeNanoseconds
      for row in 0..<rows {
        let time = Int64(row) * 70_000
        for candidate in 0..<width {
          sum &+=
            world.call(
              row: row, candidate: candidate, attempt: attempt, at: time, timeout: 5_000_000
            ).latency
        }
      }
      let end = DispatchTime.now().uptimeNanoseconds
      allocations += (counter?() ?? 0) - before
      best = min(best, Double(end - start) / Double(rows * width))
    }
    return best
  }
  let broken = world(measured, faults)
  let timing = WorldTiming(
    rows: rows, log: time(World(table: table)), fitted: time(world(fitted, .none)),
    trace: time(world(measured, .none)), faults: time(broken),
    retries: time(broken, attempt: 1), allocations: counter == nil ? nil : Int(allocations))
  if sum == 0 { throw BenchError.input("no call took any time") }
  return timing
}
