import RiddleData

/// The difference between two arms that answered the same queries.
struct PairedDifference {
  /// treatment − control, mean over queries.
  let value: Double
  /// Standard error, over units; nil for one unit.
  let standardError: Double?
  /// Interval of the bootstrap over units; nil ends without replicates.
  let figure: Figure
  /// McNemar's p for pairs of 0 and 1 that are their own units, the bootstrap's otherwise.
  let p: Double?
  /// How it was computed.
  let method: String

  /// - Parameters:
  ///   - control: the control's values; `treatment` has those of the same queries, in the same order.
  ///   - units: unit number of each query.
  init(
    control: [Double], treatment: [Double], units: [Int32], confidence: Double, replicates: Int,
    seed: UInt64, threads: Int
  ) {
    let differences = zip(control, treatment).map { $1 - $0 }
    let sample = ArmSample(differences, units: units)
    value = sample.mean
    standardError = sample.variance?.squareRoot()
    let (figure, values) = Self.bootstrap(
      differences, units: units, confidence: confidence, replicates: replicates, seed: seed,
      threads: threads)
    self.figure = figure
    let isBinary =
      sample.unitCount == differences.count
      && (control + treatment).allSatisfy { $0 == 0 || $0 == 1 }
    if isBinary {
      p = McNemar(first: control.map { $0 == 1 }, second: treatment.map { $0 == 1 }).pValue
      method = "McNemar, paired bootstrap"
    } else {
      p = Comparisons.p(value, values)
      method = "paired bootstrap"
    }
  }

  /// Percentile interval of Σ w S / Σ w m over resampled units with sums S and sizes m; and the replicates.
  private static func bootstrap(
    _ values: [Double], units: [Int32], confidence: Double, replicates: Int, seed: UInt64,
    threads: Int
  ) -> (Figure, [Double]) {
    let index = ClusterIndex(units.map { Int($0) }).merged(toAtMost: Resampling.mostUnits)
    var sums = [Double](repeating: 0, count: index.count)
    var sizes = [Double](repeating: 0, count: index.count)
    for (value, c) in zip(values, index.ofRow) {
      sums[Int(c)] += value
      sizes[Int(c)] += 1
    }
    let mean = values.reduce(0, +) / Double(values.count)
    guard replicates >= 2 else { return (Figure(mean), []) }
    let plan = Resampling(
      clusterCount: index.count, replicates: replicates, seed: seed, method: .percentile)
    let shardSize = 32
    let drawn = inShards((replicates + shardSize - 1) / shardSize, threads: threads) {
      [sums, sizes] shard -> [Double] in
      var counts = [Double](repeating: 0, count: plan.clusterCount)
      return (shard * shardSize..<min(replicates, (shard + 1) * shardSize)).map { r in
        plan.draw(r, into: &counts)
        var (sum, size) = (0.0, 0.0)
        for c in 0..<counts.count {
          sum += counts[c] * sums[c]
          size += counts[c] * sizes[c]
        }
        return sum / size
      }
    }.flatMap { $0 }
    return (
      IntervalMethod.percentile.figure(
        value: mean, replicates: drawn, jackknife: [], confidence: confidence), drawn
    )
  }
}
