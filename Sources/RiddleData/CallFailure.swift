/// Why a call to a candidate brought no answer.
public enum CallFailure: String, Sendable, Codable, CaseIterable {
  /// The candidate answered with an error.
  case error
  /// The caller stopped waiting.
  case timeout
  /// The candidate refused because too much was asked of it.
  case rateLimited = "rate_limited"
  /// The candidate was not there.
  case outage
}
