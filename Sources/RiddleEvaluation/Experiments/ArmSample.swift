import Glibc

/// One measure of one arm: its mean, and each unit's share in the mean's error.
struct ArmSample {
  /// Values.
  let count: Int
  /// Mean of the values.
  let mean: Double
  /// Sum of value − mean over each unit's values, by unit number; units without a value have none.
  let residuals: [(unit: Int32, sum: Double)]
  /// Values of 1 when all are 0 or 1 and every unit has one.
  let successes: Int?

  /// - Parameters:
  ///   - values: finite, at least one.
  ///   - units: unit number of each value.
  init(_ values: [Double], units: [Int32]) {
    count = values.count
    let mean = values.reduce(0, +) / Double(values.count)
    self.mean = mean
    let order = units.indices.sorted { (units[$0], $0) < (units[$1], $1) }
    var residuals: [(unit: Int32, sum: Double)] = []
    for i in order {
      if residuals.last?.unit == units[i] {
        residuals[residuals.count - 1].sum += values[i] - mean
      } else {
        residuals.append((units[i], values[i] - mean))
      }
    }
    self.residuals = residuals
    let isBinary = values.allSatisfy { $0 == 0 || $0 == 1 }
    successes = isBinary && residuals.count == values.count ? values.count { $0 == 1 } : nil
  }

  /// Units with a value.
  var unitCount: Int { residuals.count }

  /// Variance of the mean: K/(K − 1) Σ R² / n² over the K units, the cluster-robust one (Liang & Zeger 1986,
  /// doi:10.1093/biomet/73.1.13); s²/n when every unit has one value. Nil for one unit.
  var variance: Double? {
    guard unitCount > 1 else { return nil }
    let n = Double(count)
    let k = Double(unitCount)
    return residuals.reduce(0) { $0 + $1.sum * $1.sum } / (n * n) * k / (k - 1)
  }

  /// Interval of the mean: Wilson's for a share, Student's t over units otherwise.
  func figure(confidence: Double) -> Figure {
    if let successes {
      return wilsonInterval(successes: successes, trials: count, confidence: confidence)
    }
    guard let variance else { return Figure(mean) }
    let half =
      StudentT.critical(1 - confidence, degrees: Double(unitCount - 1)) * variance.squareRoot()
    return Figure(mean, low: mean - half, high: mean + half)
  }
}
