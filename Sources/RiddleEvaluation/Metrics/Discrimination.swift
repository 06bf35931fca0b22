/// Area under the ROC curve and average precision of a score for binary labels.
///
/// AUC = P(score of a positive > score of a negative) + ½ P(equal) (Mann & Whitney, 1947; Hanley & McNeil, 1982,
/// doi:10.1148/radiology.143.1.7063747). AP = Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct scores, highest first, without
/// interpolation, as scikit-learn's `average_precision_score`.
public struct Discrimination: Equatable, Sendable {
  /// Area under the ROC curve; nil when one class is absent.
  public var auc: Double?
  /// Average precision; nil without a positive.
  public var averagePrecision: Double?

  /// Both figures of `scores` for `labels` (0 or 1), each row counting `weights` times (once if nil).
  public init(scores: [Double], labels: [Double], weights: [Double]? = nil) {
    precondition(
      scores.count == labels.count, "\(scores.count) scores for \(labels.count) labels")
    let weights = weights ?? [Double](repeating: 1, count: scores.count)
    let (auc, ap) = RankedLabels(order: RankOrder(descending: scores), labels: labels)
      .evaluate(weights.span)
    self.auc = auc.isNaN ? nil : auc
    averagePrecision = ap.isNaN ? nil : ap
  }
}

/// Labels in score order, ready to be weighted again and again.
struct RankedLabels: Sendable {
  let order: RankOrder
  let labels: [Double]  // in the order's sequence

  init(order: RankOrder, labels: [Double]) {
    self.order = order
    self.labels = order.rows.map { labels[Int($0)] }
  }

  /// AUC and AP under row weights; NaN where undefined. One pass.
  func evaluate(_ weights: Span<Double>) -> (auc: Double, averagePrecision: Double) {
    let rows = order.rows.span
    let labels = labels.span
    let ends = order.groupEnds.span
    var positives = 0.0
    var negatives = 0.0
    var above = 0.0  // Σ negatives of the group · (positives above + ½ positives of the group)
    var precision = 0.0
    var i = 0
    for group in ends.indices {
      let end = Int(ends[group])
      var p = 0.0
      var all = 0.0
      while i < end {
        let w = weights[Int(rows[i])]
        p += w * labels[i]
        all += w
        i += 1
      }
      let n = all - p
      above += n * (positives + 0.5 * p)
      positives += p
      negatives += n
      if p > 0 { precision += p * positives / (positives + negatives) }
    }
    return (
      positives > 0 && negatives > 0 ? above / (positives * negatives) : .nan,
      positives > 0 ? precision / positives : .nan
    )
  }
}
