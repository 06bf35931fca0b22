import RiddleData
import RiddleRuntime

/// How sure one can be of an answer before anyone judges it, and what asking costs (ROUTING-SYSTEMS A13).
///
/// A raw confidence is not a probability: a map per candidate, fitted on other rows, turns it into one. Without maps the raw
/// number is compared, and a lint says so.
public struct ConfidenceSignal: Equatable, Sendable {
  /// Where the raw number comes from.
  public enum Source: String, CaseIterable, Sendable, Codable {
    /// What the candidate said of its own answer.
    case own = "self"
    /// An independent judge's score.
    case judge
    /// 1 when an answer could be extracted, else 0.
    case parse
    /// 1 when an earlier attempt gave the same answer, else 0.
    case agreement
  }

  /// Where the raw number comes from.
  public var source: Source
  /// From raw number to probability of a good answer, one map a candidate, one such list a fold (``Request/fold``); empty
  /// compares raw numbers.
  public var maps: [[CalibrationMap]]
  /// Nano-dollars of looking at one answer: a judge's call.
  public var price: Int64
  /// Microseconds of looking at one answer.
  public var time: Int64

  /// A signal.
  public init(
    _ source: Source, maps: [[CalibrationMap]] = [], price: Int64 = 0, time: Int64 = 0
  ) {
    self.source = source
    self.maps = maps
    self.price = price
    self.time = time
  }

  /// The raw number for the attempt at `index`; nil when the log does not say, or the call failed.
  public func raw(_ attempts: [Attempt], at index: Int) -> Double? {
    let attempt = attempts[index]
    guard attempt.isAnswered else { return nil }
    switch source {
    case .own: return attempt.confidence
    case .judge: return attempt.gateScore
    case .parse: return attempt.answer == nil ? 0 : 1
    case .agreement:
      guard let answer = attempt.answer else { return 0 }
      return attempts[..<index].contains { $0.isAnswered && $0.answer == answer } ? 1 : 0
    }
  }

  /// The calibrated confidence in the attempt at `index`; nil without a raw number.
  public func confidence(_ request: Request, _ attempts: [Attempt], at index: Int) -> Double? {
    guard let raw = raw(attempts, at: index) else { return nil }
    if maps.isEmpty { return raw }
    let candidate = attempts[index].candidate
    return maps[min(request.fold, maps.count - 1)][candidate].probability(ofMargin: raw)
  }
}
