/// How fast and how reliable one candidate is: measured from a log or a trace, or stated.
public struct CandidateSpeed: Equatable, Sendable {
  /// Median latency in microseconds; nil when unknown.
  public var p50: Int64?
  /// 95th percentile of latency in microseconds; nil when unknown.
  public var p95: Int64?
  /// Share of calls that are answered, in [0, 1].
  public var availability: Double

  /// A speed.
  public init(p50: Int64?, p95: Int64?, availability: Double = 1) {
    self.p50 = p50
    self.p95 = p95
    self.availability = availability
  }
}
