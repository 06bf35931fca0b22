import RiddleData

/// What goes wrong with one candidate in a replay, beside the timeouts that its callers set.
///
/// A call is checked in this order: outage, rate limit, random refusal or error, slow answer, the caller's timeout.
public struct CandidateFaults: Equatable, Sendable {
  /// Share of calls that end in ``CallFailure/error``, in [0, 1]. Every attempt draws anew.
  public var errorRate: Double
  /// Time until an error is known; nil: as long as the answer would have taken.
  public var errorLatency: LatencySource?
  /// Share of calls refused as ``CallFailure/rateLimited`` whatever the load, in [0, 1 − errorRate].
  public var rateLimitedShare: Double
  /// Calls per time beyond which the candidate refuses; nil for any number.
  public var rateLimit: RateLimit?
  /// When the candidate is down.
  public var outages: [Outage]
  /// Time until a rate limit or an outage is known, in µs.
  public var refusalLatency: Int64
  /// Share of answers that take ``slowFactor`` times as long, in [0, 1].
  public var slowShare: Double
  /// How much longer slow answers take, 0 or more.
  public var slowFactor: Double

  /// A tenth of a second: a round trip and a refusal.
  public static let standardRefusalLatency: Int64 = 100_000

  /// Nothing goes wrong but what is named.
  public init(
    errorRate: Double = 0, errorLatency: LatencySource? = nil, rateLimitedShare: Double = 0,
    rateLimit: RateLimit? = nil, outages: [Outage] = [],
    refusalLatency: Int64 = standardRefusalLatency, slowShare: Double = 0, slowFactor: Double = 1
  ) {
    self.errorRate = errorRate
    self.errorLatency = errorLatency
    self.rateLimitedShare = rateLimitedShare
    self.rateLimit = rateLimit
    self.outages = outages
    self.refusalLatency = refusalLatency
    self.slowShare = slowShare
    self.slowFactor = slowFactor
  }

  /// Nothing goes wrong.
  public static let none = CandidateFaults()

  /// Whether nothing can go wrong.
  public var isNone: Bool {
    errorRate == 0 && rateLimitedShare == 0 && rateLimit == nil && outages.isEmpty
      && (slowShare == 0 || slowFactor == 1)
  }
}

/// When a candidate is down.
public enum Outage: Equatable, Sendable {
  /// From a time up to, not including, another: µs since 1970. A call counts at the time it is made.
  case times(Range<Int64>)
  /// Rows whose position in the log lies in [from, to): row of rank `k` of `n`, in order of arrival where every row has
  /// one and else as they stand, has position `k / n`. Every call of such a row meets the outage, retries included.
  case rows(from: Double, to: Double)
}

/// At most so many calls in each window of time. Windows are cut at whole multiples of their length since 1970.
///
/// The load is what the log *offers*, every row once at its arrival, not what a policy routes to the candidate: what a
/// call meets must not depend on other decisions, or no row could be replayed by itself. It is therefore a limit for the
/// candidate that everything goes to, and pessimistic for one that gets a share.
///
/// - First attempts: the earliest ``calls`` rows of a window (rows of equal arrival in the log's order) pass, the others are
///   refused.
/// - Further attempts: refused with the probability that a row of the window of *their* time is, so that waiting for a
///   quieter window helps.
/// - Rows without an arrival are neither counted nor refused.
public struct RateLimit: Equatable, Sendable {
  /// Calls allowed per window, 0 or more.
  public var calls: Int
  /// Length of a window in µs, 1 or more.
  public var window: Int64

  /// At most `calls` per `window` µs.
  public init(calls: Int, window: Int64 = 1_000_000) {
    precondition(calls >= 0, "expected a limit of 0 calls or more, got \(calls)")
    precondition(window >= 1, "expected a window of 1 µs or more, got \(window)")
    self.calls = calls
    self.window = window
  }

  /// The window that `time` lies in.
  @inline(__always)
  func index(of time: Int64) -> Int64 {
    let (quotient, remainder) = time.quotientAndRemainder(dividingBy: window)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// A window with more arrivals than calls allowed.
  struct Overload: Sendable {
    var window: Int64
    /// Share of its arrivals that are refused.
    var refused: Double
  }

  /// Finds the overloaded windows, in order.
  ///
  /// - Parameters:
  ///   - arrivals: of each row; nil where unknown.
  ///   - order: rows by arrival, those without one left out.
  ///   - refuse: called with each row beyond the limit of its window.
  func overloads(arrivals: [Int64?], order: [Int], refuse: (Int) -> Void) -> [Overload] {
    var overloads: [Overload] = []
    var current: (window: Int64, count: Int)?
    func close() {
      guard let current, current.count > calls else { return }
      overloads.append(
        Overload(
          window: current.window,
          refused: Double(current.count - calls) / Double(current.count)))
    }
    for row in order {
      guard let arrival = arrivals[row] else { continue }
      let window = index(of: arrival)
      if current?.window != window {
        close()
        current = (window, 0)
      }
      let count = (current?.count ?? 0) + 1
      current = (window, count)
      if count > calls { refuse(row) }
    }
    close()
    return overloads
  }
}
