import RiddleData

/// How the threshold of a head is chosen on the calibration rows.
public enum ThresholdRule: Equatable, Sendable, CustomStringConvertible {
  /// Climb when the calibrated probability is at least the share of calibration rows that must climb: the query
  /// is likelier than the average one to need it. Where gain is proportional to that probability, the next dear call
  /// then buys as much as an average dear call does.
  case balanced
  /// The share of queries that climbs is nearest to this.
  case strongShare(Double)
  /// The fewest climbs that keep this share of the upper candidate's mean quality.
  case retention(Double)
  /// Climb when the calibrated probability is at least this.
  case probability(Double)
  /// Climb when the expected gain of utility, quality − λ · cost, is not negative.
  case utility
  /// The Bayes threshold of asymmetric error costs: climb from the probability overspend / (overspend + failure) on,
  /// where `failure` is what a complex query left below costs and `overspend` what a simple one sent up costs.
  case errorCosts(failure: Double, overspend: Double)

  /// Parses `balanced`, `utility`, `strong-share=0.3`, `retention=0.98`, `probability=0.5` or `costs=5:1` (failure to
  /// overspend).
  public init?(_ text: String) {
    if text == "balanced" || text == "utility" {
      self = text == "balanced" ? .balanced : .utility
      return
    }
    if text.hasPrefix("costs=") {
      let costs = text.dropFirst(6).split(separator: ":").compactMap { Double($0) }
      guard costs.count == 2, costs.allSatisfy({ $0 > 0 && $0.isFinite }) else { return nil }
      self = .errorCosts(failure: costs[0], overspend: costs[1])
      return
    }
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2, let value = Double(parts[1]), value >= 0, value <= 1 else { return nil }
    switch parts[0] {
    case "strong-share": self = .strongShare(value)
    case "retention": self = .retention(value)
    case "probability": self = .probability(value)
    default: return nil
    }
  }

  /// The form that ``init(_:)`` parses.
  public var description: String {
    switch self {
    case .balanced: "balanced"
    case .strongShare(let value): "strong-share=\(value)"
    case .retention(let value): "retention=\(value)"
    case .probability(let value): "probability=\(value)"
    case .utility: "utility"
    case .errorCosts(let failure, let overspend): "costs=\(failure):\(overspend)"
    }
  }

  /// The threshold for one head.
  ///
  /// - Parameters:
  ///   - margins: one per calibration row, finite.
  ///   - gains: quality of the upper candidate minus quality of the lower one, one per row.
  ///   - lowerQuality: mean quality of the lower candidate on the same rows.
  ///   - positiveShare: share of the same rows that must climb.
  ///   - marginOfProbability: inverse of the calibration map.
  /// - Returns: for shares and retentions a cut half-way between two neighbouring margins, or beyond an end by 1 when every row, or no row,
  ///   climbs. No row of the calibration split lies on it, so float noise cannot flip a decision; only between
  ///   two adjacent floating-point numbers there is no room, and the cut is the upper one.
  func threshold(
    margins: [Double], gains: [Double], lowerQuality: Double, positiveShare: Double,
    marginOfProbability: (Double) -> Double
  ) -> Double {
    switch self {
    case .probability(let value): return marginOfProbability(value)
    case .utility: return marginOfProbability(0.5)
    case .errorCosts(let failure, let overspend):
      return marginOfProbability(overspend / (overspend + failure))
    case .balanced:
      // No row must climb: none does. Every row must: all do.
      if positiveShare <= 0 { return marginOfProbability(1) }
      return marginOfProbability(positiveShare >= 1 ? 0 : positiveShare)
    case .strongShare, .retention: break
    }
    let order = margins.indices.sorted {
      margins[$0] != margins[$1] ? margins[$0] > margins[$1] : $0 < $1
    }
    let count = margins.count
    let total = gains.reduce(0, +)
    var bestClimbing = 0
    var bestValue = -Double.infinity
    var gained = 0.0
    var position = 0
    while true {
      // `position` rows climb; tied margins move together.
      let share = Double(position) / Double(count)
      let value: Double
      switch self {
      case .strongShare(let wanted): value = -abs(share - wanted)
      case .retention(let wanted):
        let quality = lowerQuality + gained / Double(count)
        let upper = lowerQuality + total / Double(count)
        // Sums in another order differ in the last digits: they must not demand a climb that buys nothing.
        value =
          quality >= wanted * upper - 1e-12 ? Double(count - position) : -Double(count) + share
      case .balanced, .probability, .utility, .errorCosts: value = 0
      }
      if value > bestValue + 1e-12 {
        bestValue = value
        bestClimbing = position
      }
      if position == count { break }
      let margin = margins[order[position]]
      while position < count && margins[order[position]] == margin {
        gained += gains[order[position]]
        position += 1
      }
    }
    if bestClimbing == 0 { return (order.first.map { margins[$0] } ?? 0) + 1 }
    if bestClimbing == count { return (order.last.map { margins[$0] } ?? 0) - 1 }
    let lowest = margins[order[bestClimbing - 1]]
    let next = margins[order[bestClimbing]]
    let middle = next + (lowest - next) / 2
    return middle > next ? middle : lowest
  }
}
