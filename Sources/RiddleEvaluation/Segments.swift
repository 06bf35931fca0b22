import RiddleData

/// The first router's results on each segment, largest first, ties by name; at most 60.
///
/// Intervals: Wilson's where every answer's quality is 0 or 1, else the normal one of a mean. They are pointwise: among many
/// segments a few will look odd by chance.
func segmentResults(_ judged: Judged, router: ScoredPolicy, segments: [String])
  -> [EvaluationReport.Segment]
{
  let top = judged.candidateCount - 1
  let confidence = judged.settings.confidence
  // Sorted rows instead of a dictionary: the order must not depend on a hash seed.
  let order = Array(0..<judged.rowCount).sorted {
    segments[$0] != segments[$1] ? segments[$0] < segments[$1] : $0 < $1
  }
  var results: [EvaluationReport.Segment] = []
  var start = 0
  while start < order.count {
    var end = start
    while end < order.count && segments[order[end]] == segments[order[start]] { end += 1 }
    let rows = order[start..<end]
    let n = Double(rows.count)
    let qualities = rows.map { judged.table.quality($0, router.picks[$0]) }
    var (weak, strong, up, cost, full) = (0.0, 0.0, 0, 0.0, 0.0)
    for i in rows {
      weak += judged.table.quality(i, 0)
      strong += judged.table.quality(i, top)
      up += router.picks[i] == top ? 1 : 0
      cost += judged.dollars(i, router.picks[i]) + router.decisionCost.dollars
      full += judged.dollars(i, top)
    }
    let isBinary = qualities.allSatisfy { $0 == 0 || $0 == 1 }
    results.append(
      .init(
        name: segments[order[start]], queries: rows.count, weakQuality: weak / n,
        strongQuality: strong / n,
        routerQuality: isBinary
          ? wilsonInterval(
            successes: qualities.reduce(0) { $0 + ($1 == 1 ? 1 : 0) }, trials: rows.count,
            confidence: confidence)
          : normalMeanInterval(qualities, confidence: confidence),
        shareStrong: Double(up) / n, savings: savings(cost: cost, strongest: full)))
    start = end
  }
  return Array(
    results.sorted { $0.queries != $1.queries ? $0.queries > $1.queries : $0.name < $1.name }
      .prefix(60))
}
