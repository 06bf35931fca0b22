import Glibc

/// A lognormal latency: `shift + exp(N(mu, sigma²))` microseconds.
///
/// Latencies of LLM calls are positive and skewed to the right; the lognormal is the usual two-number summary. It has one
/// hump and a moderate tail: where a provider queues or retries, look at ``ksDistance(to:)`` before trusting its p99.
public struct LognormalLatency: Equatable, Sendable, Codable {
  /// Mean of the logarithm of the latency in µs.
  public var mu: Double
  /// Standard deviation of that logarithm, 0 or more.
  public var sigma: Double
  /// Part of the latency that never varies, in µs: a network's round trip, for example.
  public var shift: Double

  /// A distribution with known parameters, all finite; `sigma` and `shift` not negative.
  public init(mu: Double, sigma: Double, shift: Double = 0) {
    precondition(
      mu.isFinite && sigma.isFinite && sigma >= 0 && shift.isFinite && shift >= 0,
      "expected finite mu, and finite sigma and shift ≥ 0, got \(mu), \(sigma), \(shift)")
    self.mu = mu
    self.sigma = sigma
    self.shift = shift
  }

  /// The most likely lognormal for measured latencies.
  ///
  /// With `x = latency − shift`: `mu = mean(ln x)`, `sigma² = mean((ln x − mu)²)`, divided by n, not n − 1 (Johnson, Kotz &
  /// Balakrishnan, 1994, Continuous Univariate Distributions 1, chapter 14). The shift is given, not fitted: the
  /// likelihood of the three-parameter form has no maximum (Hill, 1963, doi:10.1080/01621459.1963.10500860).
  ///
  /// - Parameters:
  ///   - latencies: µs, any order.
  ///   - shift: µs, 0 or more.
  /// - Returns: nil when fewer than two latencies are given, or one of them does not exceed `shift`: a latency of 0 was not
  ///   measured.
  public init?(fitting latencies: [Int64], shift: Double = 0) {
    guard latencies.count >= 2, shift >= 0, shift.isFinite else { return nil }
    var logs: [Double] = []
    logs.reserveCapacity(latencies.count)
    for latency in latencies {
      let rest = Double(latency) - shift
      guard rest > 0 else { return nil }
      logs.append(log(rest))
    }
    let n = Double(logs.count)
    let mean = logs.reduce(0, +) / n
    let variance = logs.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
    self.init(mu: mean, sigma: variance.squareRoot(), shift: shift)
  }

  /// Probability that a latency is at most `latency` µs.
  public func cumulative(_ latency: Double) -> Double {
    let rest = latency - shift
    if rest <= 0 { return 0 }
    if sigma == 0 { return log(rest) < mu ? 0 : 1 }
    return normalCumulative((log(rest) - mu) / sigma)
  }

  /// The latency in µs that a share `level` of calls, strictly between 0 and 1, does not exceed.
  public func quantile(_ level: Double) -> Double {
    shift + exp(mu + sigma * normalQuantile(level))
  }

  /// Kolmogorov–Smirnov distance to measured latencies: `sup |F_n(x) − F(x)|`, in [0, 1]; 0 for none.
  ///
  /// A description of the fit, not a test: parameters fitted to the same latencies make it smaller than the
  /// Kolmogorov distribution says (Lilliefors, 1967, doi:10.1080/01621459.1967.10482916), and with thousands of
  /// latencies every fit is rejected. Below 0.05 the fit is good; above 0.1 its percentiles are not to be relied on.
  public func ksDistance(to latencies: [Int64]) -> Double {
    let sorted = latencies.sorted()
    let n = Double(sorted.count)
    var distance = 0.0
    for (i, latency) in sorted.enumerated() {
      let expected = cumulative(Double(latency))
      distance = max(distance, Double(i + 1) / n - expected, expected - Double(i) / n)
    }
    return distance
  }

  /// A latency in µs from `u`, uniform in (0, 1). Increasing in `u`.
  @inline(__always)
  func draw(_ u: Double) -> Double { shift + exp(mu + sigma * fastNormalQuantile(u)) }
}

/// The standard normal quantile to seven digits: enough for a simulated latency, in a tenth of the time of
/// ``normalQuantile(_:)``, which is polished to the last bit.
///
/// Algorithm AS 241, routine PPND7 (Wichura, 1988, doi:10.2307/2347330). `p` lies strictly between 0 and 1.
@inline(__always)
func fastNormalQuantile(_ p: Double) -> Double {
  let q = p - 0.5
  if abs(q) <= 0.425 {
    let r = 0.180625 - q * q
    let numerator =
      ((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179
    let denominator = ((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1
    return q * numerator / denominator
  }
  var r = (-log(q < 0 ? p : 1 - p)).squareRoot()
  let size: Double
  if r <= 5 {
    r -= 1.6
    size =
      (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777)
      / ((0.12021132975 * r + 0.73700164250) * r + 1)
  } else {
    r -= 5
    size =
      (((0.017337203997 * r + 0.42868294337) * r + 3.0812263860) * r + 6.6579051150)
      / ((0.012258202635 * r + 0.24197894225) * r + 1)
  }
  return q < 0 ? -size : size
}
