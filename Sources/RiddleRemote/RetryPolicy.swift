import RiddleData

/// When and after how long a failed call is made again.
///
/// Exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015):
/// before attempt k + 1 the wait is uniform in [0, min(cap, base · 2^(k−1))], so that many clients that failed
/// together do not come back together. A `Retry-After` of the server is waited out in full, plus jitter of up to
/// `base`, so that nobody comes back early.
public struct RetryPolicy: Equatable, Sendable {
  /// Most attempts, the first included; at least 1.
  public var attempts = 6
  /// Longest first wait, in seconds.
  public var base = 0.5
  /// Longest wait, in seconds.
  public var cap = 30.0
  /// Longest `Retry-After` that is waited for; beyond it the call fails, so that a person can decide.
  public var longestRetryAfter = 300.0
  /// Whether calls are repeated that may have been billed: lost connections and timeouts. Off where money is
  /// counted: there the caller decides, with the first call's price set aside.
  public var repeatsUnsettled = true

  /// The defaults above.
  public init() {}

  /// The wait after attempt `attempt` (from 1) failed, in seconds; nil to give up.
  func wait(after attempt: Int, retryAfter: Double?, random: inout SplitMix64) -> Double? {
    guard attempt < attempts else { return nil }
    let unit = random.unit()
    if let retryAfter {
      return retryAfter <= longestRetryAfter ? max(0, retryAfter) + unit * base : nil
    }
    // 2^30 · base is far above any cap.
    return unit * min(cap, base * Double(1 << min(attempt - 1, 30)))
  }
}

/// The `Retry-After` field (RFC 9110, 10.2.3): seconds, or a date.
enum RetryAfter {
  /// Seconds from `now` (since 1970), or nil when the text is neither form.
  static func seconds(_ text: String, now: Double) -> Double? {
    let trimmed = text.split(separator: " ", omittingEmptySubsequences: true)
    if trimmed.count == 1, let number = Double(trimmed[0]), number.isFinite, number >= 0 {
      return number
    }
    // IMF-fixdate: Sun, 06 Nov 1994 08:49:37 GMT.
    guard trimmed.count == 6, trimmed[5] == "GMT", let day = Int(trimmed[1]),
      (1...31).contains(day),
      let month = months.firstIndex(of: String(trimmed[2])), let year = Int(trimmed[3]),
      (1970...9999).contains(year)
    else { return nil }
    let clock = trimmed[4].split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]),
      (0...60).contains(clock[2])
    else { return nil }
    let days = daysSince1970(year: year, month: month + 1, day: day)
    let time = Double(days * 86_400 + clock[0] * 3600 + clock[1] * 60 + clock[2])
    return max(0, time - now)
  }

  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  /// Days of the proleptic Gregorian calendar: years begin in March, so that the leap day is last.
  private static func daysSince1970(year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let m = month <= 2 ? month + 9 : month - 3
    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 - 719_468
  }
}
