import RiddleData

/// The fastest available candidate whose 95th percentile meets the limit (ROUTING-SYSTEMS A4, B6).
///
/// Fastest by median, ties to the cheaper. A candidate that answers too seldom, by its stated availability or by what was seen lately
/// (``CandidateHealth``), is not available. When no candidate is feasible the stated fallback is asked and the decision is
/// flagged, never silently. A failed call is followed by the next feasible candidate.
public struct LatencySLA: Policy, Equatable {
  /// Most microseconds that the 95th percentile may take.
  public var limit: Int64
  /// One entry a candidate.
  public var speeds: [CandidateSpeed]
  /// Least availability.
  public var leastAvailability: Double
  /// Position for when nobody is feasible.
  public var fallback: Int
  /// What was seen lately; nil trusts the stated availability alone.
  public var health: CandidateHealth?

  /// A policy for `limit` microseconds.
  public init(
    limit: Int64, speeds: [CandidateSpeed], leastAvailability: Double = 0.95, fallback: Int,
    health: CandidateHealth? = nil
  ) {
    self.limit = limit
    self.speeds = speeds
    self.leastAvailability = leastAvailability
    self.fallback = fallback
    self.health = health
  }

  /// Candidates that meet the limit on paper.
  public var feasible: CandidateSet {
    CandidateSet(
      speeds.indices.filter { k in
        speeds[k].p95.map { $0 <= limit } ?? false && speeds[k].availability >= leastAvailability
      })
  }

  /// Asks the fastest feasible candidate that was not tried, then accepts.
  public func next(_ request: Request, after attempts: [Attempt]) -> Step? {
    if let last = attempts.last, last.isAnswered {
      return .accept(attempts.count - 1, Reason("latency", "answered"))
    }
    let options = feasible
    var best: Int?
    for k in options
    where k < request.candidateCount && !attempts.contains(where: { $0.candidate == k }) {
      if let health, !health.isAvailable(k, at: request.context.time?.count) { continue }
      guard let speed = speeds[k].p50 else { continue }
      if let known = best, let other = speeds[known].p50, speed >= other { continue }
      best = k
    }
    if let best {
      return .ask(
        Ask(best),
        Reason(
          "latency", attempts.isEmpty ? "fastest" : "next fastest", threshold: Double(limit) / 1e3,
          alternatives: options))
    }
    let reason = Reason(
      "latency", options.isEmpty ? "infeasible" : "nobody available",
      threshold: Double(limit) / 1e3,
      isFlagged: true)
    let last = min(fallback, request.strongest)
    return attempts.contains { $0.candidate == last } ? .fail(reason) : .ask(Ask(last), reason)
  }

  /// Remembers which calls failed.
  public mutating func observe(_ served: Served) { health?.observe(served) }
  /// With health.
  public var learns: Bool { health != nil }
}
