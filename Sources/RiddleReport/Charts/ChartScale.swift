/// A linear axis with ticks at 1, 2 or 5 times a power of ten.
struct ChartScale {
  /// First and last tick; the domain of the axis.
  let first: Double
  let last: Double
  /// Tick positions, ascending.
  let ticks: [Double]
  /// Decimals with which every tick is labelled.
  let decimals: Int

  /// An axis over `values`.
  ///
  /// - Parameters:
  ///   - values: finite, at most 10⁹ in magnitude; none gives 0 … 1.
  ///   - fromZero: starts at 0 when all values are positive and the smallest is under half the largest.
  ///   - count: wished number of intervals, at least 1.
  init(_ values: [Double], fromZero: Bool = false, intervals count: Int = 5) {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if fromZero && low >= 0 && low < high / 2 { low = 0 }
    // One value, or values that differ in the last bits only.
    let resolution = max(abs(low), abs(high)) * 1e-9
    if high - low <= resolution {
      let margin = max(abs(high) * 0.05, 1e-6)
      low -= margin
      high += margin
    }
    let rough = (high - low) / Double(max(1, count))
    var power = 1.0
    var decimals = 0
    while power > rough {
      power /= 10
      decimals += 1
    }
    while power * 10 <= rough {
      power *= 10
      decimals -= 1
    }
    // `power` <= rough < 10 `power`.
    var step = power
    if rough > 5 * power {
      step = 10 * power
      decimals -= 1
    } else if rough > 2 * power {
      step = 5 * power
    } else if rough > power {
      step = 2 * power
    }
    // Tolerance: a value on a tick needs no further tick.
    let from = (low / step + 1e-9).rounded(.down)
    let to = max(from + 1, (high / step - 1e-9).rounded(.up))
    ticks = (0...Int(to - from)).map { (from + Double($0)) * step }
    first = from * step
    last = to * step
    self.decimals = max(0, decimals)
  }

  /// Position of `value` between the ends, 0 … 1 for values inside.
  func position(_ value: Double) -> Double { (value - first) / (last - first) }

  /// The label of a tick.
  func label(_ tick: Double) -> String { DecimalText.fixed(tick, decimals: decimals) }
}
