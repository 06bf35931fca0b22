import Glibc
import RiddleData

/// Picks the queries whose labels would help most: uncertain ones, unlike one another, and some at random.
///
/// Uncertainty is u = sech²(d/2) = 4p(1 − p) at the log-odds distance d of the calibrated probability from the
/// threshold. Diversity is D² sampling as in k-means++ (Arthur & Vassilvitskii, 2007): the next pick is drawn with
/// probability proportional to u^focus · D², D being the distance to the nearest query that is picked or labelled already.
/// A share of the picks is drawn uniformly: where labels are noisy the uncertain region is where the coin is fair, and
/// its labels teach least (see `riddle-bench suggest` for what was measured).
///
/// Rows picked this way are not a sample of the traffic: train on them, but calibrate and evaluate on random rows.
public struct LabelSuggestion: Equatable, Sendable {
  /// Exponent of the uncertainty: 0 ignores it, 1 weighs by it, more insists.
  public var focus = 1.0
  /// Whether distances count.
  public var isDiverse = true
  /// Share of the picks that is drawn uniformly.
  public var explorationShare = 0.25
  /// Queries that enter the draw; of a larger pool, so many are drawn by uncertainty first.
  public var poolLimit = 20_000
  /// Seed of all draws.
  public var seed: UInt64 = 1

  /// Default settings.
  public init() {}

  /// One picked query.
  public struct Pick: Equatable, Sendable, Codable {
    /// Why it was picked.
    public enum Reason: String, Equatable, Sendable, Codable {
      /// Near the threshold.
      case uncertain
      /// Farther from all labelled and picked queries than most, at a middling distance from the threshold.
      case different
      /// Drawn uniformly.
      case random
    }
    /// Its row.
    public var row: Int
    /// sech² of half the log-odds distance, in (0, 1]; 1 at the threshold.
    public var uncertainty: Double
    /// Squared distance to the nearest query labelled or picked before, per mean of the pool; nil for the first.
    public var novelty: Double?
    /// Why.
    public var reason: Reason
  }

  /// Picks `count` rows by their calibrated probability: see ``pick(distances:sketches:labelled:count:)``.
  ///
  /// - Parameters:
  ///   - probabilities: one per unlabelled query, in [0, 1].
  ///   - threshold: the probability from which the router climbs, in (0, 1).
  public func pick(
    probabilities: [Double], threshold: Double, sketches: QuerySketch,
    labelled: QuerySketch? = nil, count: Int
  ) -> [Pick] {
    let cut = Self.logOdds(threshold)
    return pick(
      distances: probabilities.map { Self.logOdds($0) - cut }, sketches: sketches,
      labelled: labelled, count: count)
  }

  /// log p / (1 − p), finite also for 0 and 1.
  public static func logOdds(_ p: Double) -> Double {
    let p = min(1 - 1e-12, max(1e-12, p))
    return log(p / (1 - p))
  }

  /// Picks `count` rows, in the order of the draw, those drawn uniformly last; all rows when there are fewer.
  ///
  /// - Parameters:
  ///   - distances: one per unlabelled query: how far its calibrated log-odds are from the threshold's.
  ///   - sketches: of the same queries.
  ///   - labelled: sketches of queries that have labels; the first 2000 are looked at.
  /// - Complexity: O((count + labelled) · min(n, poolLimit)).
  public func pick(
    distances: [Double], sketches: QuerySketch, labelled: QuerySketch? = nil, count: Int
  ) -> [Pick] {
    precondition(
      sketches.count == distances.count,
      "\(sketches.count) sketches for \(distances.count) distances")
    let uncertainty = distances.map { distance in
      let c = cosh(min(300, abs(distance) / 2))
      return max(1e-12, 1 / (c * c))
    }
    var generator = SplitMix64(seed: seed, stream: "label-suggestion")
    let weights = uncertainty.map { pow($0, focus) }
    let wanted = min(max(0, count), distances.count)
    let random = min(wanted, Int((explorationShare * Double(wanted)).rounded()))
    let explored = Set(distances.indices.shuffled(using: &generator).prefix(random))
    var pool = distances.indices.filter { !explored.contains($0) }
    if pool.count > max(poolLimit, wanted) {
      pool = Self.draw(max(poolLimit, wanted), of: pool, weights: weights, &generator).sorted()
    }
    var draw = DiverseDraw(pool: pool, sketches: sketches, isDiverse: isDiverse)
    for row in explored.sorted() { draw.approach(sketches, row) }
    if let labelled {
      for row in 0..<min(2000, labelled.count) { draw.approach(labelled, row) }
    }
    var picks: [Pick] = []
    while picks.count < wanted - random, let next = draw.next(weights: weights, &generator) {
      let isUncertain = uncertainty[next.row] >= 0.75 || (next.novelty ?? 0) <= 1
      picks.append(
        Pick(
          row: next.row, uncertainty: uncertainty[next.row], novelty: next.novelty,
          reason: isUncertain ? .uncertain : .different))
    }
    for row in explored.sorted() {
      picks.append(Pick(row: row, uncertainty: uncertainty[row], reason: .random))
    }
    return picks
  }

  /// A weighted sample without replacement: the largest keys log(u) / w (Efraimidis & Spirakis, 2006).
  private static func draw(
    _ count: Int, of rows: [Int], weights: [Double], _ generator: inout SplitMix64
  ) -> [Int] {
    let keys = rows.map { (key: log(1 - generator.unit()) / max(weights[$0], 1e-300), row: $0) }
    return keys.sorted { ($0.key, $1.row) > ($1.key, $0.row) }.prefix(count).map(\.row)
  }
}

/// Draws rows without replacement, each proportional to its weight times its squared distance to those before.
private struct DiverseDraw {
  private var pool: [Int]
  private var distances: [Double]  // squared, to the nearest approached row; of the pool
  private let sketches: QuerySketch
  private let isDiverse: Bool

  init(pool: [Int], sketches: QuerySketch, isDiverse: Bool) {
    self.pool = pool
    self.sketches = sketches
    self.isDiverse = isDiverse
    distances = [Double](repeating: .infinity, count: pool.count)
  }

  /// Notes that a query is taken, or has a label.
  mutating func approach(_ other: QuerySketch, _ row: Int) {
    if !isDiverse { return }
    for i in pool.indices {
      distances[i] = min(distances[i], sketches.squaredDistance(pool[i], to: other, row))
    }
  }

  mutating func next(
    weights: [Double], _ generator: inout SplitMix64
  ) -> (row: Int, novelty: Double?)? {
    if pool.isEmpty { return nil }
    var (total, sum) = (0.0, 0.0)
    for i in pool.indices {
      total += weight(i, weights)
      if distances[i].isFinite { sum += distances[i] }
    }
    var chosen = pool.count - 1
    var left = generator.unit() * total
    for i in pool.indices {
      left -= weight(i, weights)
      if left < 0 {
        chosen = i
        break
      }
    }
    let row = pool[chosen]
    let mean = sum / Double(pool.count)
    let novelty = distances[chosen].isFinite && mean > 0 ? distances[chosen] / mean : nil
    pool.remove(at: chosen)
    distances.remove(at: chosen)
    approach(sketches, row)
    return (row, novelty)
  }

  private func weight(_ i: Int, _ weights: [Double]) -> Double {
    // A floor, so that copies of labelled queries come last instead of never.
    weights[pool[i]] * (distances[i].isFinite ? distances[i] + 1e-9 : 1)
  }
}
