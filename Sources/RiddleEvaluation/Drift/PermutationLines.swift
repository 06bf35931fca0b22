import RiddleData
import RiddleRuntime

/// Where each column's distances must get to count as drift, from permutations of whole units, corrected for looking at
/// many columns.
///
/// Under "nothing moved" a family's rows of one stretch could have come in another: see ``ExchangeableRows``. Distances of
/// different columns are made comparable by their mean and standard deviation over the permutations (of √PSI, which is nearly
/// normal, and of KS); the largest of a permutation over all columns is what chance achieves somewhere. A column drifts when
/// it exceeds the 1 − α quantile of those maxima (single-step maxT; Westfall & Young, 1993, §2.3), which holds the chance of any false
/// alarm to α whatever the correlation of the columns.
struct PermutationLines: Sendable {
  /// Mean and standard deviation of √PSI and KS per column, interleaved.
  let means: [Double]
  let deviations: [Double]
  /// Largest standardised distance of each permutation, rising.
  let maxima: [Double]

  /// - Parameters:
  ///   - columns: of reference and period; constant columns never count.
  ///   - rows: what may change places.
  ///   - observed: distances of the period itself, which count as one more permutation; nil without any.
  init(
    _ columns: [CodedColumn], rows: ExchangeableRows, observed: [Double]?,
    settings: DriftSettings, stream: UInt64
  ) {
    let drawn = Self.draw(
      columns, rows: rows, count: settings.permutations, settings: settings, stream: stream)
    let all = drawn + (observed.map { [$0] } ?? [])
    let width = 2 * columns.count
    var means = [Double](repeating: 0, count: width)
    var deviations = means
    for k in 0..<width {
      let mean = all.reduce(0) { $0 + $1[k] } / Double(all.count)
      let square = all.reduce(0) { $0 + ($1[k] - mean) * ($1[k] - mean) }
      means[k] = mean
      deviations[k] = columns[k / 2].isConstant ? 0 : (square / Double(all.count)).squareRoot()
    }
    self.means = means
    self.deviations = deviations
    maxima = drawn.map { Self.largest($0, means, deviations) }.sorted()
  }

  /// Distances of `count` permutations, each √PSI and KS of every column, interleaved.
  static func draw(
    _ columns: [CodedColumn], rows: ExchangeableRows, count: Int, settings: DriftSettings,
    stream: UInt64
  ) -> [[Double]] {
    let size = 16
    let shards = inShards((count + size - 1) / size, threads: settings.threads) { shard in
      var counters = columns.map(DistanceCounter.init)
      return (shard * size..<min(count, (shard + 1) * size)).map { b -> [Double] in
        // Every permutation has its own stream: the result does not depend on the number of threads.
        var random = SplitMix64(
          seed: StableHash.mixed(settings.seed ^ StableHash.mixed(stream &+ UInt64(b) << 20)))
        return distances(&counters, window: rows.draw(&random))
      }
    }
    return shards.flatMap { $0 }
  }

  /// √PSI and KS of every column, interleaved.
  static func distances(_ counters: inout [DistanceCounter], window rows: [Int32]) -> [Double] {
    var result: [Double] = []
    result.reserveCapacity(2 * counters.count)
    for k in counters.indices {
      let (psi, ks) = counters[k].distances(window: rows)
      result.append(psi.squareRoot())
      result.append(ks)
    }
    return result
  }

  /// Standardised distance; −∞ where nothing can move.
  func standardised(_ value: Double, _ k: Int) -> Double {
    deviations[k] > 0 ? (value - means[k]) / deviations[k] : -.infinity
  }

  private static func largest(_ distances: [Double], _ means: [Double], _ deviations: [Double])
    -> Double
  {
    var largest = -Double.infinity
    for k in distances.indices where deviations[k] > 0 {
      largest = max(largest, (distances[k] - means[k]) / deviations[k])
    }
    return largest
  }

  /// The largest standardised distance of one draw.
  func largest(_ distances: [Double]) -> Double { Self.largest(distances, means, deviations) }

  /// Chance that permutations reach `z` in any column: (1 + those that do) / (B + 1).
  func adjustedP(_ z: Double) -> Double {
    var (low, high) = (0, maxima.count)
    while low < high {
      let middle = (low + high) / 2
      if maxima[middle] < z { low = middle + 1 } else { high = middle }
    }
    return Double(1 + maxima.count - low) / Double(maxima.count + 1)
  }

  /// The least z with ``adjustedP(_:)`` at most `level`; infinity when there are too few permutations for that.
  func critical(_ level: Double) -> Double {
    let allowed = Int((level * Double(maxima.count + 1)).rounded(.down)) - 1
    guard allowed >= 0, let last = maxima.last else { return .infinity }
    // More than `allowed` maxima at or above z would be too many: z lies just above the next one.
    return allowed < maxima.count ? maxima[maxima.count - 1 - allowed].nextUp : last.nextUp
  }

  /// The line of a column's stability index and of its KS distance at critical value `c`.
  func lines(column: Int, critical c: Double) -> (psi: Double, ks: Double)? {
    guard deviations[2 * column] > 0 || deviations[2 * column + 1] > 0, c.isFinite else {
      return nil
    }
    let root = means[2 * column] + c * deviations[2 * column]
    return (root * root, means[2 * column + 1] + c * deviations[2 * column + 1])
  }
}
