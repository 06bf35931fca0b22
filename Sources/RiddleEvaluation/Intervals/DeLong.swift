/// DeLong's test of two correlated AUCs on the same rows (DeLong, DeLong & Clarke-Pearson, 1988, doi:10.2307/2531595),
/// from mid-ranks (Sun & Xu, 2014, doi:10.1109/LSP.2014.2337313).
public struct DeLong: Equatable, Sendable {
  /// AUC of the first score.
  public let first: Double
  /// AUC of the second score.
  public let second: Double
  /// Variance of the first AUC.
  public let firstVariance: Double
  /// Variance of the second AUC.
  public let secondVariance: Double
  /// Variance of the difference.
  public let differenceVariance: Double

  /// Compares two scores of the same rows; nil unless both classes have at least two rows. O(n log n).
  ///
  /// - Parameter labels: 0 or 1, one a row.
  public init?(first a: [Double], second b: [Double], labels: [Double]) {
    precondition(
      a.count == labels.count && b.count == labels.count,
      "\(a.count) and \(b.count) scores for \(labels.count) labels")
    let positives = labels.indices.filter { labels[$0] > 0.5 }
    let negatives = labels.indices.filter { labels[$0] <= 0.5 }
    guard positives.count > 1, negatives.count > 1 else { return nil }
    let (u, v) = (
      Placements(a, positives, negatives), Placements(b, positives, negatives)
    )
    func variance(_ x: Placements, _ y: Placements) -> Double {
      covariance(x.positive, y.positive) / Double(positives.count)
        + covariance(x.negative, y.negative) / Double(negatives.count)
    }
    first = u.auc
    second = v.auc
    firstVariance = variance(u, u)
    secondVariance = variance(v, v)
    differenceVariance = max(0, firstVariance + secondVariance - 2 * variance(u, v))
  }

  /// First minus second with its normal interval.
  public func difference(confidence: Double = 0.95) -> Figure {
    let half = normalQuantile(0.5 + confidence / 2) * differenceVariance.squareRoot()
    return Figure(first - second, low: first - second - half, high: first - second + half)
  }

  /// Two-sided p of "both AUCs are equal"; 1 when the scores rank alike.
  public var pValue: Double {
    guard differenceVariance > 0 else { return first == second ? 1 : 0 }
    return 2 * normalCumulative(-abs(first - second) / differenceVariance.squareRoot())
  }
}

/// For every positive row the share of negatives below it (ties count ½), for every negative the share of positives above.
private struct Placements {
  let positive: [Double]
  let negative: [Double]
  let auc: Double

  init(_ scores: [Double], _ positives: [Int], _ negatives: [Int]) {
    let all = midRanks(scores)
    let among = midRanks(positives.map { scores[$0] })
    let amongNegatives = midRanks(negatives.map { scores[$0] })
    let (m, n) = (Double(positives.count), Double(negatives.count))
    positive = zip(positives, among).map { (all[$0] - $1) / n }
    negative = zip(negatives, amongNegatives).map { 1 - (all[$0] - $1) / m }
    auc = positive.reduce(0, +) / m
  }
}

/// Ranks from 1; tied values share the mean of theirs.
private func midRanks(_ values: [Double]) -> [Double] {
  let order = RankOrder(descending: values)
  var ranks = [Double](repeating: 0, count: values.count)
  var start = 0
  for end in order.groupEnds.map(Int.init) {
    // Falling positions start + 1 … end are rising ranks n − end + 1 … n − start.
    let rank = Double(2 * values.count - start - end + 1) / 2
    for i in start..<end { ranks[Int(order.rows[i])] = rank }
    start = end
  }
  return ranks
}

/// Sample covariance, divisor n − 1.
private func covariance(_ x: [Double], _ y: [Double]) -> Double {
  let n = Double(x.count)
  let (mx, my) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
  return zip(x, y).reduce(0) { $0 + ($1.0 - mx) * ($1.1 - my) } / (n - 1)
}
