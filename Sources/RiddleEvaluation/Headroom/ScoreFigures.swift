import RiddleData

/// How well a score orders the rows of a pair, with intervals.
public struct ScoreFigures: Equatable, Sendable, Codable {
  /// Area under the ROC curve for "the strongest candidate is better than the cheapest". DeLong's interval (1988), or the
  /// bootstrap's where rows come in clusters.
  public var auc: Figure
  /// Exact APGR with a percentile bootstrap interval.
  public var apgr: Figure

  /// Figures of `scores`, one a row, higher for the strongest candidate.
  ///
  /// - Parameter clusters: resampling unit of each row; nil for rows.
  public init(
    _ table: OutcomeTable, scores: [Double], clusters: [Int]? = nil, settings: HeadroomSettings
  ) {
    let top = table.candidates.count - 1
    let gains = (0..<table.rowCount).map { table.quality($0, top) - table.quality($0, 0) }
    let labels = gains.map { $0 > 0 ? 1.0 : 0 }
    let value = Discrimination(scores: scores, labels: labels).auc
    if clusters != nil && settings.replicates > 0 {
      // Every replicate sorts: fewer of them are enough for an interval that is read to two digits.
      auc = bootstrapInterval(
        rows: scores.count, clusters: clusters, replicates: min(400, settings.replicates),
        confidence: settings.confidence, seed: settings.seed, threads: settings.threads
      ) { Discrimination(scores: scores, labels: labels, weights: $0).auc ?? .nan }
    } else if settings.replicates > 0, let value,
      let deLong = DeLong(first: scores, second: scores, labels: labels)
    {
      let half = normalQuantile(0.5 + settings.confidence / 2) * deLong.firstVariance.squareRoot()
      auc = Figure(value, low: max(0, value - half), high: min(1, value + half))
    } else {
      auc = Figure(value)
    }
    let sweep = Sweep(pairScores: scores, gains: gains)
    apgr = Resampled(table, clusters: clusters, settings: settings).figure { weights in
      var scratch = SweepScratch()
      var (gap, width) = (0.0, 0.0)
      for i in weights.indices {
        gap += weights[i] * gains[i]
        width += weights[i]
      }
      return sweep.evaluate(weights.span, gap: gap, width: width, scratch: &scratch).apgr
    }
  }
}
