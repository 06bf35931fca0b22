/// Spaces calls so that no minute holds more than so many, and no more than so many tokens.
///
/// Each limit is a clock of its own: the time from which the next call may start. A call that costs `c` of a limit
/// of `n` a minute moves it on by 60 c / n seconds (the generic cell rate algorithm of ATM Forum, 1996, without
/// tolerance for bursts). Calls are thus even, and any 60 seconds hold at most n + 1 starts.
struct RateLimit: Equatable, Sendable {
  /// Calls a minute; nil for no limit.
  var requestsPerMinute: Double?
  /// Tokens a minute; nil for no limit.
  var tokensPerMinute: Double?
  private var nextRequest = -Double.infinity
  private var nextTokens = -Double.infinity

  init(requestsPerMinute: Double?, tokensPerMinute: Double?) {
    self.requestsPerMinute = requestsPerMinute
    self.tokensPerMinute = tokensPerMinute
  }

  /// Books a call of `tokens` tokens at time `now` (seconds) and returns when it may start.
  mutating func book(tokens: Int, now: Double) -> Double {
    var start = now
    if requestsPerMinute != nil { start = max(start, nextRequest) }
    if tokensPerMinute != nil { start = max(start, nextTokens) }
    if let rate = requestsPerMinute { nextRequest = start + 60 / rate }
    if let rate = tokensPerMinute { nextTokens = start + 60 * Double(tokens) / rate }
    return start
  }

  /// Moves every start to `time` or later: the server asked everybody to wait.
  mutating func pause(until time: Double) {
    nextRequest = max(nextRequest, time)
    nextTokens = max(nextTokens, time)
  }
}
