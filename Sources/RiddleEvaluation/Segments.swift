import RiddleData

/// A router's results on each segment, largest first, ties by name; at most 60.
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
    let qualities = rows.map { router.quality($0, judged.table) }
    var (weak, strong, up, cost, full) = (0.0, 0.0, 0, 0.0, 0.0)
    var (acceptable, lost) = (0, 0.0)
    for i in rows {
      weak += judged.table.quality(i, 0)
      strong += judged.table.quality(i, top)
      up += router.picks[i] == top ? 1 : 0
      cost += router.paid(i, judged.table) / 1e9
      let row = judged.judgements[i]
      acceptable += row.isAcceptable(router.picks[i], in: judged.table, row: i) == 1 ? 1 : 0
      if router.picks[i] < row.oraclePick {
        lost += judged.table.quality(i, row.oraclePick) - router.quality(i, judged.table)
      }
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
        shareStrong: Double(up) / n, savings: savings(cost: cost, strongest: full),
        acceptable: wilsonInterval(
          successes: acceptable, trials: rows.count, confidence: confidence),
        qualityLost: lost / n))
    start = end
  }
  return Array(
    results.sorted { $0.queries != $1.queries ? $0.queries > $1.queries : $0.name < $1.name }
      .prefix(60))
}

/// The rows on which `router` did worst against the oracle: ten sent too low by quality lost, ten sent too high by money
/// spent needlessly; ties by identifier. Empty without identifiers.
func worstRows(_ judged: Judged, router: ScoredPolicy, wall: BaselineInputs)
  -> [EvaluationReport.Misroute]
{
  guard let ids = wall.ids else { return [] }
  var low: [(loss: Double, row: Int)] = []
  var high: [(loss: Double, row: Int)] = []
  for (i, row) in judged.judgements.enumerated() {
    let (pick, oracle) = (router.picks[i], row.oraclePick)
    if pick < oracle {
      low.append((judged.table.quality(i, oracle) - router.quality(i, judged.table), i))
    } else if pick > oracle {
      let spent = judged.dollars(i, pick) - judged.dollars(i, oracle)
      high.append((spent.isFinite ? spent : 0, i))
    }
  }
  func worst(_ rows: [(loss: Double, row: Int)]) -> [(loss: Double, row: Int)] {
    Array(
      rows.sorted { $0.loss != $1.loss ? $0.loss > $1.loss : ids[$0.row] < ids[$1.row] }.prefix(10))
  }
  func misroute(_ i: Int, lost: Double, spent: Double?) -> EvaluationReport.Misroute {
    .init(
      id: ids[i], segment: wall.segments?[i],
      pick: judged.table.candidates[router.picks[i]],
      oracle: judged.table.candidates[judged.oraclePicks[i]], qualityLost: lost,
      overspendDollars: spent)
  }
  return worst(low).map { misroute($0.row, lost: $0.loss, spent: 0) }
    + worst(high).map {
      misroute($0.row, lost: 0, spent: judged.costsKnown ? $0.loss : nil)
    }
}
