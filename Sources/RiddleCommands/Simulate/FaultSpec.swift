import RiddleData
import RiddleEvaluation
import RiddleStore

/// One `--fault`: which candidate, and what goes wrong with it.
struct FaultSpec: Equatable {
  enum Setting: Equatable {
    case errorRate(Double)
    case errorLatency(Int64)
    case rateLimitedShare(Double)
    case rateLimit(RateLimit)
    case outage(Outage)
    case refusalLatency(Int64)
    case slow(share: Double, factor: Double)
  }

  /// Position on the ladder; nil for every candidate.
  var candidate: Int?
  var setting: Setting
  /// As it was given, for messages.
  var text: String

  /// The word that stands for every candidate.
  static let everyone = "all"

  static let forms = """
    expected candidate:setting, where the candidate may be `all` and the setting is one of
      error=0.05                      share of calls that fail, or 5%
      error-latency=300ms             time until an error is known; else as long as an answer takes
      rate-limited=0.02               share of calls refused whatever the load
      rate-limit=10/s                 calls allowed per s, min, h or d of the rows' times
      outage=0.4-0.6                  down for this part of the log's rows, in order of time
      outage=2025-01-31T18:00:00Z/2025-01-31T19:00:00Z
      refusal-latency=100ms           time until a rate limit or an outage is known
      slow=0.05x10                    share of answers that take so many times as long
    """

  /// Reads a `--fault`. Names of candidates may hold colons: the longest that fits is meant.
  init(_ text: String, candidates: [String]) throws {
    func failure(_ reason: String) -> CommandFailure {
      CommandFailure(.usage, "--fault \(text): \(reason)")
    }
    guard text.contains(":") && text.contains("=") else { throw failure(Self.forms) }
    var found: (candidate: Int?, length: Int)?
    for (k, name) in candidates.enumerated() where text.hasPrefix(name + ":") {
      if name.count > found?.length ?? -1 { found = (k, name.count) }
    }
    if text.hasPrefix(Self.everyone + ":") { found = (nil, Self.everyone.count) }
    guard let found else {
      throw failure(
        "no such candidate; name \(Self.everyone) or one of \(candidates.joined(separator: ", "))")
    }
    let rest = text.dropFirst(found.length + 1)
    guard let sign = rest.firstIndex(of: "=") else { throw failure(Self.forms) }
    let value = rest[rest.index(after: sign)...]
    candidate = found.candidate
    self.text = text
    switch rest[..<sign] {
    case "error":
      guard let share = Amounts.share(value) else {
        throw failure("expected a share of calls from 0 to 1, such as error=0.05 or error=5%")
      }
      setting = .errorRate(share)
    case "rate-limited":
      guard let share = Amounts.share(value) else {
        throw failure("expected a share of calls from 0 to 1, such as rate-limited=0.02")
      }
      setting = .rateLimitedShare(share)
    case "error-latency":
      guard let time = Amounts.microseconds(value) else {
        throw failure("expected a duration with its unit, such as error-latency=300ms")
      }
      setting = .errorLatency(time)
    case "refusal-latency":
      guard let time = Amounts.microseconds(value) else {
        throw failure("expected a duration with its unit, such as refusal-latency=100ms")
      }
      setting = .refusalLatency(time)
    case "rate-limit":
      guard let limit = Self.rateLimit(value) else {
        throw failure(
          "expected a whole number of calls per s, min, h or d, such as rate-limit=10/s")
      }
      setting = .rateLimit(limit)
    case "outage":
      guard let outage = Self.outage(value) else {
        throw failure(
          "expected a part of the log such as outage=0.4-0.6, or two times with their zone such as outage=2025-01-31T18:00:00Z/2025-01-31T19:00:00Z, the earlier first"
        )
      }
      setting = .outage(outage)
    case "slow":
      guard let (share, factor) = Self.slow(value) else {
        throw failure("expected a share and a factor, such as slow=0.05x10")
      }
      setting = .slow(share: share, factor: factor)
    default: throw failure("no such setting; \(Self.forms)")
    }
  }

  /// Puts the setting into `faults`. Outages add up, everything else replaces what stood there.
  func apply(to faults: inout CandidateFaults) {
    switch setting {
    case .errorRate(let share): faults.errorRate = share
    case .errorLatency(let time): faults.errorLatency = .empirical([time])
    case .rateLimitedShare(let share): faults.rateLimitedShare = share
    case .rateLimit(let limit): faults.rateLimit = limit
    case .outage(let outage): faults.outages.append(outage)
    case .refusalLatency(let time): faults.refusalLatency = time
    case .slow(let share, let factor):
      faults.slowShare = share
      faults.slowFactor = factor
    }
  }

  private static func rateLimit(_ text: Substring) -> RateLimit? {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let windows: [Substring: Int64] = ["s": 1, "min": 60, "h": 3600, "d": 86_400]
    guard parts.count == 2, let calls = Int(parts[0]), calls >= 0, let seconds = windows[parts[1]]
    else { return nil }
    return RateLimit(calls: calls, window: seconds * 1_000_000)
  }

  private static func outage(_ text: Substring) -> Outage? {
    if text.contains("/") {
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, let start = Microseconds(time: String(parts[0])),
        let end = Microseconds(time: String(parts[1])), start < end
      else { return nil }
      return .times(start.count..<end.count)
    }
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let from = Amounts.share(parts[0]), let to = Amounts.share(parts[1]),
      from < to
    else { return nil }
    return .rows(from: from, to: to)
  }

  private static func slow(_ text: Substring) -> (share: Double, factor: Double)? {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    guard parts.count == 2, let share = Amounts.share(parts[0]), let factor = Double(parts[1]),
      factor >= 0, factor <= 1e6
    else { return nil }
    return (share, factor)
  }
}
