import RiddleData

/// Rows by score and outcome: twenty bins of the probability, or of the head-0 margin where there is none.
///
/// Outcomes of a pair are both, only strong, only weak and neither adequate; of a ladder the oracle's picks. Margins
/// beyond the 1st and 99th percentile fall into the outermost bins.
func scoreHistogram(_ policy: ScoredPolicy, judged: Judged) -> [PolicyFigures.HistogramBin] {
  guard policy.hasScore else { return [] }
  let heads = policy.thresholds.count
  let scores =
    policy.probabilities
    ?? stride(from: 0, to: policy.margins.count, by: heads).map { policy.margins[$0] }
  var (low, high) = (0.0, 1.0)
  if policy.probabilities == nil {
    let sorted = scores.sorted()
    (low, high) = (quantile(ofSorted: sorted, 0.01), quantile(ofSorted: sorted, 0.99))
    if !(high > low) { (low, high) = (low - 0.5, low + 0.5) }
  }
  let bins = 20
  let width = (high - low) / Double(bins)
  // Scores too large for a difference of their own cannot be drawn.
  guard width > 0, width.isFinite, low + width > low else { return [] }
  var counts = [[Int]](
    repeating: [Int](repeating: 0, count: judged.isPair ? 4 : judged.candidateCount), count: bins)
  for (i, score) in scores.enumerated() {
    let place = min(max((score - low) / width, 0), Double(bins - 1))
    let bin = Int(place.rounded(.down))
    counts[bin][judged.outcomeClass(i)] += 1
  }
  return counts.enumerated().map { bin, counts in
    .init(
      low: low + Double(bin) * width,
      high: bin == bins - 1 ? high : low + Double(bin + 1) * width, counts: counts)
  }
}
