import RiddleData

/// AUC and average precision under eight weightings at once: ``RankedLabels`` side by side.
struct LaneRanks: Sendable {
  private let units: [Int32]
  private let labels: [Double]
  private let groupEnds: [Int32]

  /// Labels in score order, looked up in the resampling units.
  init(_ ranked: RankedLabels, units: ClusterIndex) {
    self.units = ranked.order.rows.map { units.ofRow[Int($0)] }
    labels = ranked.labels
    groupEnds = ranked.order.groupEnds
  }

  /// Both figures of each lane; NaN where a class is absent. One pass.
  func evaluate(_ counts: Span<Lanes>) -> (auc: Lanes, averagePrecision: Lanes) {
    let units = units.span
    let labels = labels.span
    let ends = groupEnds.span
    var (positives, negatives, above, precision) = (Lanes.zero, Lanes.zero, Lanes.zero, Lanes.zero)
    var i = 0
    for group in ends.indices {
      let end = Int(ends[group])
      var (p, all) = (Lanes.zero, Lanes.zero)
      while i < end {
        let w = counts[Int(units[i])]
        p += w * labels[i]
        all += w
        i += 1
      }
      let n = all - p
      above += n * (positives + 0.5 * p)
      positives += p
      negatives += n
      // A group that no lane counts a positive of adds nothing, and the division is the dear part.
      if any(p .> 0) {
        let ratio = p * positives / (positives + negatives)
        precision += Lanes.zero.replacing(with: ratio, where: p .> 0)
      }
    }
    return (above / (positives * negatives), precision / positives)
  }
}
