/// Why asking a candidate brought no answer. Raw values are what decision records and reports write.
public enum CallFailure: String, Sendable, Codable, CaseIterable {
  /// The candidate's side failed: a server error, a broken connection, an answer that is none.
  case error
  /// The caller stopped waiting before the answer was complete.
  case timeout
  /// The candidate refused because too much was asked of it (HTTP 429).
  case rateLimited = "rate_limited"
  /// The candidate was down for everybody.
  case outage
}
