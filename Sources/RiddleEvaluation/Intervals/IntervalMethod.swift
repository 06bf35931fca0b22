/// How an interval is read off bootstrap replicates.
public enum IntervalMethod: String, CaseIterable, Equatable, Sendable, Codable {
  /// Quantiles α/2 and 1 − α/2 of the replicates (Efron, 1979).
  case percentile
  /// Bias-corrected and accelerated (Efron, 1987, doi:10.1080/01621459.1987.10478410): the quantiles are moved by the share
  /// of replicates below the estimate (ties count half) and by the skewness of a jackknife.
  case bca

  /// Share of replicates that must be defined for an interval to be given.
  static let definedShare = 0.9

  /// `value` with its interval; ends are nil when the value or too many replicates are undefined.
  ///
  /// - Parameters:
  ///   - value: the estimate on all rows; NaN when undefined.
  ///   - replicates: bootstrap values, NaN where undefined. At least two.
  ///   - jackknife: leave-one-block-out values, for BCa.
  func figure(
    value: Double, replicates: [Double], jackknife: [Double], confidence: Double
  ) -> Figure {
    guard value.isFinite else { return .undefined }
    let sorted = replicates.filter { $0.isFinite }.sorted()
    guard
      sorted.count >= 2, Double(sorted.count) >= Self.definedShare * Double(replicates.count)
    else { return Figure(value) }
    var (low, high) = ((1 - confidence) / 2, (1 + confidence) / 2)
    if self == .bca {
      let below = sorted.reduce(0.0) { $0 + ($1 < value ? 1 : $1 == value ? 0.5 : 0) }
      let bias = normalQuantile(below / Double(sorted.count))
      let acceleration = Self.acceleration(jackknife)
      if bias.isFinite {
        low = Self.moved(low, bias: bias, acceleration: acceleration)
        high = Self.moved(high, bias: bias, acceleration: acceleration)
      }
    }
    return Figure(
      value, low: quantile(ofSorted: sorted, low), high: quantile(ofSorted: sorted, high))
  }

  private static func moved(_ level: Double, bias: Double, acceleration: Double) -> Double {
    let z = bias + normalQuantile(level)
    return normalCumulative(bias + z / (1 - acceleration * z))
  }

  /// Σ d³ / (6 (Σ d²)^{3/2}), d = mean of the jackknife values − value. Leaving out blocks of clusters instead of one at a
  /// time estimates the same number, since sums of m rows have skewness / √m and there are m times fewer of them.
  private static func acceleration(_ jackknife: [Double]) -> Double {
    let values = jackknife.filter { $0.isFinite }
    guard values.count > 1 else { return 0 }
    let mean = values.reduce(0, +) / Double(values.count)
    var (squares, cubes) = (0.0, 0.0)
    for value in values {
      let d = mean - value
      squares += d * d
      cubes += d * d * d
    }
    return squares > 0 ? cubes / (6 * squares * squares.squareRoot()) : 0
  }
}

/// Linearly interpolated quantile of sorted values (type 7 of Hyndman & Fan, 1996).
func quantile(ofSorted values: [Double], _ level: Double) -> Double {
  let h = Double(values.count - 1) * min(max(level, 0), 1)
  let below = Int(h)
  let above = min(below + 1, values.count - 1)
  return values[below] + (h - Double(below)) * (values[above] - values[below])
}
