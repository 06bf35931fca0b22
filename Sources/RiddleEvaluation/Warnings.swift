import RiddleData

/// Rows below which a segment is warned of.
let fewestSegmentRows = 30

/// What a sceptical reader must know before believing a figure.
func evaluationWarnings(
  _ judged: Judged, routers: [ScoredPolicy], comparisons: [EvaluationReport.Comparison],
  fallingRouteLLM: [String]
) -> [String] {
  var warnings = judged.settings.warnings
  let n = judged.rowCount
  if n < 200 {
    warnings.append("only \(n) rows: intervals are wide and rank figures unstable below 200")
  }
  if judged.settings.replicates > 0 && judged.clusters.count < 30 {
    warnings.append(
      "only \(judged.clusters.count) resampled clusters: bootstrap intervals are too narrow below 30"
    )
  }
  let replicates = judged.settings.replicates
  if replicates > 0 && replicates < 200 {
    warnings.append(
      "only \(replicates) replicates: the ends of intervals are rough below 200\(replicates < 40 ? ", and below 40 they decide nothing" : "")"
    )
  }
  if judged.tieShare > 0.5 {
    warnings.append(
      "on \(percent(judged.tieShare)) of the rows all candidates have the same quality: label match there only says who is cheaper, and the gap rests on the other rows"
    )
  }
  if judged.missingCosts > 0 {
    warnings.append(
      "\(judged.missingCosts) of \(judged.table.cost.count) outcomes have no cost: cost and savings are undefined where they matter, never counted as free"
    )
  }
  if judged.zeroCosts > 0 && !judged.settings.hasInjectedFailures {
    warnings.append(
      "\(judged.zeroCosts) of \(judged.table.cost.count) outcomes cost exactly 0: check that they were free, not unrecorded"
    )
  }
  let gap = judged.gains.reduce(0, +)
  if gap <= 0 {
    warnings.append(
      gap == 0
        ? "cheapest and strongest candidate have the same mean quality: there is no gap to recover"
        : "the strongest candidate is worse than the cheapest on these rows\(judged.settings.hasInjectedFailures ? ", failed calls included" : ": check the order of the ladder")"
    )
  }
  for name in fallingRouteLLM {
    warnings.append(
      "'\(name)': quality is not rising over RouteLLM's 11 points; do not quote its interpolated CPT"
    )
  }
  for router in routers {
    let heads = router.thresholds.count
    if heads > 0 {
      for head in 0..<heads {
        let column = stride(from: head, to: router.margins.count, by: heads)
        if column.allSatisfy({ router.margins[$0] == router.margins[head] }) {
          warnings.append(
            "'\(router.name)': \(heads == 1 ? "the score" : "head \(head)") is the same on every row; nothing was learned"
          )
        }
      }
    }
    // Of many policies without a score only those that are worse are worth a line.
    let isOneOfMany = heads == 0 && routers.count > 1
    for comparison in comparisons
    where comparison.router == router.name && comparison.baseline == "prompt-length"
      && comparison.metric == (heads > 0 ? "apgr" : "utility at same cost")
      && comparison.verdict != "better" && !(isOneOfMany && comparison.verdict == "undecided")
    {
      warnings.append(
        "'\(router.name)' is not shown to beat prompt length (\(comparison.metric): \(comparison.verdict))"
      )
    }
  }
  return warnings
}

/// 0.8314 → `83.1 %`, without a locale.
func percent(_ share: Double) -> String {
  let tenths = Int((share * 1000).rounded())
  return "\(tenths / 10).\(abs(tenths % 10)) %"
}

/// A number with at most six decimals for notes: `12`, not `11.999999999999998`.
func short(_ value: Double) -> String {
  let rounded = (value * 1e6).rounded() / 1e6
  return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
}
