import RiddleEvaluation

/// What the paired comparisons allow one to say about a router against the whole baseline wall.
///
/// A comparison decides only when its interval excludes 0; the wall is beaten only when every baseline is.
/// The oracle is left out: it knows the answers, so no router can beat it and losing to it says nothing.
public struct WallVerdict: Equatable, Sendable {
  /// The overall word.
  public enum Word: String, Sendable {
    /// Better than every baseline.
    case better = "BETTER"
    /// Worse than at least one baseline.
    case worse = "WORSE"
    /// Worse than none, but not shown to be better than all.
    case undecided = "UNDECIDED"
    /// The report holds no comparison for this router.
    case notCompared = "NOT COMPARED"
  }

  /// The judged router.
  public let router: String
  /// What was compared, in the order met; usually one metric.
  public let metrics: [String]
  /// Baselines the router beats.
  public let better: [String]
  /// Baselines that beat the router.
  public let worse: [String]
  /// Baselines whose interval includes 0, or that have no interval.
  public let undecided: [String]
  /// Whether every undecided difference has an interval.
  let undecidedHaveIntervals: Bool
  /// Whether some undecided difference was left open by the correction for many comparisons, its interval aside.
  let undecidedIsCorrected: Bool

  /// Collects the comparisons of `router`.
  ///
  /// Where a baseline was compared on several metrics, one speaks for it: quality at equal cost, else utility, else
  /// APGR, else the first given. Quality or cost alone decides nothing: dearer is better, and cheaper is cheaper.
  public init(router: String, in report: EvaluationReport) {
    var metrics: [String] = []
    var better: [String] = []
    var worse: [String] = []
    var undecided: [String] = []
    var haveIntervals = true
    var isCorrected = false
    var seen: [String] = []
    let comparisons = report.comparisons.filter {
      $0.router == router && !Self.isOracle($0.baseline)
    }
    for comparison in comparisons where !seen.contains(comparison.baseline) {
      let baseline = comparison.baseline
      seen.append(baseline)
      let candidates = comparisons.filter { $0.baseline == baseline }
      let preferred = ["utility at same cost", "utility", "apgr"].lazy.compactMap { metric in
        candidates.first { $0.metric == metric }
      }.first
      let other = candidates.first { !["quality", "cost", "cost_usd"].contains($0.metric) }
      guard let chosen = preferred ?? other else { continue }
      let name = chosen.metric == "utility at same cost" ? "quality at equal cost" : chosen.metric
      if !metrics.contains(name) { metrics.append(name) }
      switch chosen.verdict {
      case "better": better.append(baseline)
      case "worse": worse.append(baseline)
      default:
        undecided.append(baseline)
        if chosen.difference.low == nil || chosen.difference.high == nil { haveIntervals = false }
        if chosen.difference.low ?? 0 > 0 || chosen.difference.high ?? 0 < 0 { isCorrected = true }
      }
    }
    self.router = router
    self.metrics = metrics
    self.better = better
    self.worse = worse
    self.undecided = undecided
    undecidedHaveIntervals = haveIntervals
    undecidedIsCorrected = isCorrected
  }

  /// Whether a policy of this name is the oracle.
  static func isOracle(_ name: String) -> Bool { name.lowercased().contains("oracle") }

  /// The overall word.
  public var word: Word {
    if better.isEmpty && worse.isEmpty && undecided.isEmpty { return .notCompared }
    if !worse.isEmpty { return .worse }
    return undecided.isEmpty ? .better : .undecided
  }

  /// One sentence that goes on after ``word``, ending in a full stop.
  public var explanation: String {
    let total = better.count + worse.count + undecided.count
    let metric = metrics.isEmpty ? "" : " on \(PlainText.list(metrics))"
    switch word {
    case .notCompared: return "with the baselines; the report holds no paired comparison."
    case .better:
      return total == 1
        ? "than \(better[0])\(metric)." : "than all \(total) baselines\(metric)."
    case .worse:
      var text = "than \(PlainText.list(worse))\(metric)"
      if !better.isEmpty { text += "; better than \(PlainText.list(better))" }
      if !undecided.isEmpty { text += "; undecided against \(PlainText.list(undecided))" }
      return text + "."
    case .undecided:
      var text = "against \(PlainText.list(undecided))\(metric): "
      if !undecidedHaveIntervals {
        text += "there are no intervals to decide by"
      } else {
        text +=
          undecided.count == 1
          ? "the interval includes 0\(undecidedIsCorrected ? ", or the corrected p is too large" : "")"
          : "their intervals include 0\(undecidedIsCorrected ? ", or their corrected p is too large" : "")"
      }
      if !better.isEmpty { text += "; better than \(PlainText.list(better))" }
      return text + "."
    }
  }
}
