import RiddleEvaluation

/// The report's first sentence, in words anyone who pays the bill understands.
enum PlainSummary {
  /// What `router` saves and what it keeps, each with its interval.
  static func sentence(_ router: PolicyFigures, in report: EvaluationReport) -> String {
    let strong = report.candidates.last ?? "the strongest candidate"
    let hasSaving = FigureFormat.isDefined(router.savings)
    let kept = retention(router, of: hasSaving ? "its" : "\(strong)'s")
    return "\(router.name) \(savings(router, strong: strong))\(kept)."
  }

  /// For a report without a router.
  static func baselinesOnly(_ report: EvaluationReport) -> String {
    var text = "No router was evaluated; these are the baselines one has to beat."
    if let savings = report.headroom.oracleSavings, savings.isFinite {
      text += " A perfect router would save \(FigureFormat.percent.text(savings))."
    }
    return text
  }

  private static func savings(_ router: PolicyFigures, strong: String) -> String {
    guard let value = router.savings.value, value.isFinite else {
      return "has no known saving (costs are missing)"
    }
    let reference = "of what always asking \(strong) costs"
    let isOpen = (router.savings.low ?? 0) < 0 && (router.savings.high ?? 0) > 0
    let doubt = isOpen ? " (the interval includes 0)" : ""
    if value < 0 {
      let low = router.savings.high.map { -$0 }
      let high = router.savings.low.map { -$0 }
      let figure = Figure(-value, low: low, high: high)
      return "costs \(FigureFormat.percent.text(figure)) more\(doubt) than always asking \(strong)"
    }
    return "saves \(FigureFormat.percent.text(router.savings))\(doubt) \(reference)"
  }

  private static func retention(_ router: PolicyFigures, of whose: String) -> String {
    guard FigureFormat.isDefined(router.retention) else { return "" }
    return " and keeps \(FigureFormat.percent.text(router.retention)) of \(whose) quality"
  }
}
