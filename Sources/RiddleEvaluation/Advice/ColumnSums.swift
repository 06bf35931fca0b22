import Glibc
import RiddleData

/// A figure with its bootstrap replicates.
struct Replicated: Sendable {
  let value: Double
  let replicates: [Double]
  let confidence: Double

  /// The percentile interval.
  var figure: Figure {
    IntervalMethod.percentile.figure(
      value: value, replicates: replicates, jackknife: [], confidence: confidence)
  }

  /// Two-sided p of "equals `bound`" when the value lies above it; 1 when it does not.
  ///
  /// - Parameter units: for figures of qualities, the units behind it: see ``constantP(_:units:)``.
  func p(above bound: Double, units: Int? = nil) -> Double {
    value > bound ? p(of: bound, units: units) : 1
  }

  /// As ``p(above:units:)`` for the other side.
  func p(below bound: Double, units: Int? = nil) -> Double {
    value < bound ? p(of: bound, units: units) : 1
  }

  private func p(of bound: Double, units: Int?) -> Double {
    if let units, let p = constantP(bound, units: units) { return p }
    return Comparisons.p(value - bound, replicates.map { $0 - bound }) ?? 1
  }

  /// Where all units are alike, resampling them shows no error at all, and 30 right answers of 30 would prove 98 %. For
  /// qualities, which differ by at most 1, a mean at `bound` needs at least a share |value − bound| of other units: the chance
  /// that none of n was one is at most (1 − |value − bound|)ⁿ. Nil where units differ.
  private func constantP(_ bound: Double, units: Int) -> Double? {
    guard replicates.allSatisfy({ abs($0 - value) < 1e-12 }) else { return nil }
    return pow(1 - min(1, abs(value - bound)), Double(units))
  }
}

/// Sums of columns over resampled units, all on the same replicates: whatever is made of sums is paired.
struct ColumnSums: Sendable {
  private let totals: [Double]
  private let replicates: [[Double]]  // replicate by column
  private let confidence: Double

  /// - Parameter columns: one value a row each.
  init(_ columns: [[Double]], index: ClusterIndex, settings: AdviceSettings) {
    let units = index.merged(toAtMost: Resampling.mostUnits)
    // Unit after unit, so that a replicate reads memory in order.
    let width = columns.count
    var sums = [Double](repeating: 0, count: units.count * width)
    for (j, column) in columns.enumerated() {
      for (i, c) in units.ofRow.enumerated() { sums[Int(c) * width + j] += column[i] }
    }
    let plan = Resampling(
      clusterCount: units.count, replicates: settings.replicates, seed: settings.seed,
      method: .percentile)
    let shardSize = 32
    let count = settings.replicates
    replicates = inShards((count + shardSize - 1) / shardSize, threads: settings.threads) {
      [sums] shard -> [[Double]] in
      var counts = [Double](repeating: 0, count: plan.clusterCount)
      return (shard * shardSize..<min(count, (shard + 1) * shardSize)).map { r in
        plan.draw(r, into: &counts)
        var drawn = [Double](repeating: 0, count: width)
        for c in 0..<counts.count where counts[c] != 0 {
          for j in 0..<width { drawn[j] += counts[c] * sums[c * width + j] }
        }
        return drawn
      }
    }.flatMap { $0 }
    totals = columns.map { $0.reduce(0, +) }
    confidence = settings.confidence
  }

  /// A function of the sums, by column number.
  func figure(_ function: ([Double]) -> Double) -> Replicated {
    Replicated(
      value: function(totals), replicates: replicates.map(function), confidence: confidence)
  }

  /// Column `top` over column `bottom`; undefined where that is 0.
  func ratio(_ top: Int, _ bottom: Int) -> Replicated {
    figure { $0[bottom] == 0 ? .nan : $0[top] / $0[bottom] }
  }
}
