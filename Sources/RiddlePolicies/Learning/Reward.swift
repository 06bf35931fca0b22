/// What one answer is worth to a policy that learns from its own choices.
///
/// | kind | value |
/// |---|---|
/// | ``quality`` | quality |
/// | ``speed(costFactors:latencyScale:)`` (ROUTING-SYSTEMS A22) | max(0, quality / cost factor − latency in ms / 10 000) |
/// | ``utility(dollarWeight:)`` | quality − λ · dollars |
public struct Reward: Equatable, Sendable {
  private enum Kind: Equatable, Sendable {
    case quality
    case speed(costFactors: [Double], latencyScale: Double)
    case utility(dollarWeight: Double)
  }
  private var kind: Kind

  /// The quality alone.
  public static let quality = Reward(kind: .quality)

  /// max(0, quality / cost factor − latency / scale).
  ///
  /// - Parameters:
  ///   - costFactors: one number above 0 for each candidate, ladder order; candidates beyond the last have 1.
  ///   - latencyScale: the milliseconds that cost one unit of quality.
  public static func speed(costFactors: [Double] = [], latencyScale: Double = 10_000) -> Reward {
    precondition(
      costFactors.allSatisfy { $0 > 0 && $0.isFinite }, "cost factors are above 0: \(costFactors)")
    precondition(latencyScale > 0, "a latency scale is above 0, got \(latencyScale)")
    return Reward(kind: .speed(costFactors: costFactors, latencyScale: latencyScale))
  }

  /// quality − λ · dollars, λ at least 0: the quality that one dollar must buy.
  public static func utility(dollarWeight: Double) -> Reward {
    precondition(
      dollarWeight >= 0 && dollarWeight.isFinite,
      "a price weight is at least 0, got \(dollarWeight)")
    return Reward(kind: .utility(dollarWeight: dollarWeight))
  }

  /// The reward of an answer; nil when it cannot be known: no quality, or a price that counts and is not known.
  ///
  /// - Parameters:
  ///   - latency: microseconds. Where the log has none, nothing is taken off for waiting.
  ///   - cost: nano-dollars.
  ///   - candidate: whose answer.
  public func value(quality: Double?, latency: Int64?, cost: Int64?, candidate: Int) -> Double? {
    guard let quality else { return nil }
    switch kind {
    case .quality: return quality
    case .speed(let factors, let scale):
      let factor = factors.indices.contains(candidate) ? factors[candidate] : 1
      return max(0, quality / factor - Double(latency ?? 0) / 1000 / scale)
    case .utility(let weight):
      if weight == 0 { return quality }
      guard let cost else { return nil }
      return quality - weight * Double(cost) / 1e9
    }
  }

  /// Who is to be credited for a request that is over, and with what; nil when nothing can be learned from it.
  ///
  /// The candidate whose answer the user got; when the user got an error, the one asked last, with quality 0.
  func credit(_ served: Served) -> (candidate: Int, reward: Double)? {
    let candidate: Int
    var quality = served.quality
    if let answered = served.candidate {
      candidate = answered
    } else if let last = served.attempts.last {
      candidate = last.candidate
      quality = 0
    } else {
      return nil
    }
    guard candidate >= 0, candidate < served.request.candidateCount,
      let reward = value(
        quality: quality, latency: served.latency, cost: served.paid, candidate: candidate),
      reward.isFinite
    else { return nil }
    return (candidate, reward)
  }
}
