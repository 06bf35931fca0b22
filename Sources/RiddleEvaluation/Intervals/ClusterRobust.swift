import Glibc

/// Intervals of means, shares and quantiles over rows that come in clusters, without resampling: O(rows).
///
/// The variance of a mean m is G/(G − 1) · Σ_c (Σ_{i in c} (x_i − m))² / n² over G clusters (Liang & Zeger, 1986,
/// doi:10.1093/biomet/73.1.13; the factor is Stata's). A sweep needs an interval at each of a hundred points, which a bootstrap makes
/// slow.
struct ClusterRobust: Sendable {
  private let clusters: ClusterIndex
  private let z: Double

  /// - Parameters:
  ///   - clusters: the unit of each row.
  ///   - confidence: coverage, in (0, 1).
  init(clusters: ClusterIndex, confidence: Double) {
    self.clusters = clusters
    z = normalQuantile(0.5 + confidence / 2)
  }

  /// The mean of the values that are not NaN, with a normal interval; undefined without any. One cluster has no interval.
  func mean(_ values: [Double]) -> Figure {
    guard let (mean, variance, _) = moments(values) else { return .undefined }
    guard let variance else { return Figure(mean) }
    let half = z * variance.squareRoot()
    return Figure(mean, low: mean - half, high: mean + half)
  }

  /// A share with Wilson's interval (1927) at the effective number of rows p(1 − p) / variance, at most the number of rows; for
  /// shares of 0 and 1 the number of clusters.
  func share(_ isCounted: [Bool]) -> Figure {
    let values = isCounted.map { $0 ? 1.0 : 0 }
    guard let (p, variance, present) = moments(values) else { return .undefined }
    guard let variance else { return Figure(p) }
    let rows = Double(isCounted.count)
    let n = variance > 0 ? min(rows, p * (1 - p) / variance) : Double(present)
    let centre = p + z * z / (2 * n)
    let half = z * (p * (1 - p) / n + z * z / (4 * n * n)).squareRoot()
    let scale = 1 + z * z / n
    return Figure(
      p, low: p == 0 ? 0 : max(0, (centre - half) / scale),
      high: p == 1 ? 1 : min(1, (centre + half) / scale))
  }

  /// A quantile by the inverse of the empirical distribution, with Woodruff's interval (1952, doi:10.2307/2280781): the quantiles at
  /// `level` ± z standard errors of the share of rows at or below it. NaN values are left out.
  ///
  /// - Parameter order: row numbers with a value, by increasing value: see ``sorted(_:)``.
  func quantile(_ level: Double, of values: [Double], order: [Int]) -> Figure {
    guard !order.isEmpty else { return .undefined }
    func at(_ level: Double) -> Double {
      let rank = (level * Double(order.count)).rounded(.up)
      return values[order[min(order.count - 1, max(0, Int(rank) - 1))]]
    }
    let value = at(level)
    let below = values.map { $0.isNaN ? Double.nan : $0 <= value ? 1 : 0 }
    guard let variance = moments(below)?.variance else { return Figure(value) }
    let half = z * variance.squareRoot()
    return Figure(value, low: at(max(0, level - half)), high: at(min(1, level + half)))
  }

  /// Rows whose value is not NaN, by increasing value.
  static func sorted(_ values: [Double]) -> [Int] {
    values.indices.filter { !values[$0].isNaN }.sorted {
      values[$0] != values[$1] ? values[$0] < values[$1] : $0 < $1
    }
  }

  /// The mean over values that are not NaN, its variance and the number of clusters that have a value; nil without values. The
  /// variance is nil for one cluster.
  private func moments(_ values: [Double]) -> (Double, variance: Double?, clusters: Int)? {
    var sum = 0.0
    var n = 0.0
    for value in values where !value.isNaN {
      sum += value
      n += 1
    }
    if n == 0 { return nil }
    let mean = sum / n
    var residuals = [Double](repeating: 0, count: clusters.count)
    var present = [Bool](repeating: false, count: clusters.count)
    for (i, value) in values.enumerated() where !value.isNaN {
      residuals[Int(clusters.ofRow[i])] += value - mean
      present[Int(clusters.ofRow[i])] = true
    }
    let g = present.count { $0 }
    if g < 2 { return (mean, nil, g) }
    let square = residuals.reduce(0) { $0 + $1 * $1 }
    return (mean, Double(g) / Double(g - 1) * square / (n * n), g)
  }
}
