import RiddleData

/// How fast and how often a candidate answers: what latency policies are configured from.
public struct LatencyProfile: Equatable, Sendable, Codable {
  /// Latency in µs that half of the answers do not exceed; nil when no answer's latency is known.
  public var p50: Int64?
  /// Latency in µs that 95 % of the answers do not exceed.
  public var p95: Int64?
  /// Latency in µs that 99 % of the answers do not exceed.
  public var p99: Int64?
  /// Share of first calls that were answered, in [0, 1]; 0 without rows.
  public var availability: Double
  /// Answers whose latency is known: what the percentiles rest on.
  public var measured: Int

  /// A profile with known figures.
  public init(p50: Int64?, p95: Int64?, p99: Int64?, availability: Double, measured: Int) {
    self.p50 = p50
    self.p95 = p95
    self.p99 = p99
    self.availability = availability
    self.measured = measured
  }
}

extension World {
  /// Each candidate's profile under this world: its first call on every row, made at the row's arrival.
  ///
  /// Percentiles are over answers, linearly interpolated and rounded to µs; failures count in the availability alone.
  ///
  /// - Parameters:
  ///   - rows: rows to look at, for example those a policy may learn from; nil for all.
  ///   - timeout: µs that callers wait at most; later answers count as failures.
  /// - Complexity: O(rows log rows) per candidate.
  public func profiles(rows: [Int]? = nil, timeout: Int64? = nil) -> [LatencyProfile] {
    let rows = rows ?? Array(0..<rowCount)
    return (0..<candidateCount).map { candidate in
      var latencies: [Double] = []
      var answered = 0
      for row in rows {
        let call = call(row: row, candidate: candidate, attempt: 0, at: nil, timeout: timeout)
        guard call.failure == nil else { continue }
        answered += 1
        if call.hasLatency { latencies.append(Double(call.latency)) }
      }
      latencies.sort()
      func percentile(_ level: Double) -> Int64? {
        latencies.isEmpty ? nil : Int64(quantile(ofSorted: latencies, level).rounded())
      }
      return LatencyProfile(
        p50: percentile(0.5), p95: percentile(0.95), p99: percentile(0.99),
        availability: rows.isEmpty ? 0 : Double(answered) / Double(rows.count),
        measured: latencies.count)
    }
  }
}
