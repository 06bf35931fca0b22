/// Where a candidate's latencies come from in a replay.
public indirect enum LatencySource: Equatable, Sendable {
  /// The log: what the row's own answer took, the same for every attempt. Stays unknown where the log does not say.
  case log
  /// Draws of a fitted distribution, independent of the row and of each other.
  case lognormal(LognormalLatency)
  /// Draws with replacement from measured latencies in µs: at least one, none negative, any order.
  case empirical([Int64])
  /// `by` times what another source says: a slower day, a faster region. Finite, not negative.
  case scaled(LatencySource, by: Double)
}

/// One candidate's latency source as plain numbers, so that a draw touches no heap object.
struct LatencyModel: Sendable {
  enum Kind: Sendable { case log, lognormal, empirical }

  var kind = Kind.log
  var factor = 1.0
  var distribution = LognormalLatency(mu: 0, sigma: 0)
  /// Where the measured latencies stand in the world's pool.
  var start = 0
  var count = 0

  /// Longest latency drawn, in µs: 285 years. Keeps sums over rows within 64 bits whatever was fitted.
  static let longest = 9e15

  /// Flattens `source`; measured latencies are sorted into `pool`.
  init(_ source: LatencySource, pool: inout [Int64]) {
    switch source {
    case .log: break
    case .lognormal(let fitted):
      kind = .lognormal
      distribution = fitted
    case .empirical(let measured):
      precondition(!measured.isEmpty, "an empirical latency needs at least one measurement, got 0")
      let sorted = measured.sorted()
      precondition(sorted[0] >= 0, "expected latencies of 0 µs or more, got \(sorted[0])")
      kind = .empirical
      start = pool.count
      count = sorted.count
      pool += sorted
    case .scaled(let inner, let factor):
      precondition(
        factor >= 0 && factor.isFinite, "expected a factor that is finite and ≥ 0, got \(factor)")
      self = LatencyModel(inner, pool: &pool)
      self.factor *= factor
    }
  }

  /// A latency as whole microseconds, within 0 and ``longest``.
  @inline(__always)
  static func microseconds(_ value: Double) -> Int64 {
    value < longest ? Int64(max(0, value).rounded()) : Int64(longest)
  }
}
