import RiddleEvaluation

/// Router against baseline, and the first router segment by segment.
enum HTMLComparisons {
  static func section(_ report: EvaluationReport) -> Markup {
    guard !report.comparisons.isEmpty else {
      return HTMLParts.section(
        "comparisons", "Comparisons", lead: "", "<p>The report holds no paired comparison.</p>\n")
    }
    let rows = report.comparisons.map { comparison in
      let format =
        comparison.metric == "cost_usd" || comparison.metric == "cost"
        ? FigureFormat.dollarsPerThousand : .plain
      let scale = extent(report.comparisons.filter { $0.metric == comparison.metric })
      let verdict =
        comparison.verdict == "undecided" ? "UNDECIDED" : comparison.verdict
      return HTMLParts.row(
        Markup.name(comparison.router),
        [
          "<td class=\"text\">\(Markup.name(comparison.baseline))</td>",
          "<td class=\"text\">\(comparison.metric)</td>",
          HTMLParts.cell(comparison.difference, format, isSigned: true),
          "<td>\(whisker(comparison.difference, scale: scale))</td>",
          comparison.pHolm.map {
            "<td data-v=\"\(Markup.machine($0))\">\(FigureFormat.pValue($0))<span class=\"kind\">\(comparison.test ?? "")</span></td>"
          } ?? "<td></td>",
          "<td class=\"text\">\(verdict)</td>",
        ])
    }
    let hasTests = report.comparisons.contains { $0.pHolm != nil }
    let pairs: Markup =
      hasTests
      ? " Between routers, p is corrected over all their pairs (Holm), and a verdict needs it too."
      : ""
    let table = HTMLParts.table(
      caption: "Router minus baseline, paired by query", label: "Comparisons",
      header: [
        "Router", "Against", "Metric", "Difference", "Around zero", "p (Holm)", "Verdict",
      ], rows: rows, textColumns: [1, 2, 6])
    return HTMLParts.section(
      "comparisons", "Comparisons",
      lead: "Only an interval that excludes 0 decides; everything else is undecided.\(pairs)", table
    )
  }

  /// Largest magnitude among differences and interval ends of one metric; the half-width of the drawing.
  private static func extent(_ comparisons: [EvaluationReport.Comparison]) -> Double {
    var extent = 0.0
    for comparison in comparisons {
      let difference = comparison.difference
      for value in [difference.value, difference.low, difference.high] {
        if let value, value.isFinite { extent = max(extent, abs(value)) }
      }
    }
    return extent
  }

  /// Interval and estimate on a line through zero; the numbers stand beside it.
  private static func whisker(_ figure: Figure, scale: Double) -> Markup {
    guard scale > 0, let value = figure.value, value.isFinite else { return "" }
    func x(_ value: Double) -> Markup { Markup.coordinate(72 + value / scale * 64) }
    var drawing: Markup = "<line class=\"axis\" x1=\"72\" y1=\"1\" x2=\"72\" y2=\"19\"/>"
    if let low = figure.low, let high = figure.high, low.isFinite, high.isFinite {
      drawing += "<line class=\"whisker\" x1=\"\(x(low))\" y1=\"10\" x2=\"\(x(high))\" y2=\"10\"/>"
    }
    drawing += "<circle class=\"dot\" cx=\"\(x(value))\" cy=\"10\" r=\"4\"/>"
    return "<svg class=\"mini\" viewBox=\"0 0 144 20\" aria-hidden=\"true\">\(drawing)</svg>"
  }

  // MARK: segments

  static func segments(_ report: EvaluationReport) -> Markup {
    guard !report.segments.isEmpty else {
      return HTMLParts.section(
        "segments", "Segments", lead: "",
        "<p>The log has no field to divide the queries by.</p>\n")
    }
    let field: Markup = report.segmentField.map { "<code>\($0)</code>" } ?? "Segment"
    let router = report.routers.first.map { Markup.name($0.name) } ?? "the router"
    let rows = report.segments.map { segment in
      HTMLParts.row(
        Markup.name(segment.name),
        [
          number("\(CountFormat.count(segment.queries))", Double(segment.queries)),
          number("\(FigureFormat.plain.text(segment.weakQuality))", segment.weakQuality),
          number("\(FigureFormat.plain.text(segment.strongQuality))", segment.strongQuality),
          HTMLParts.cell(segment.routerQuality, .plain),
          number("\(FigureFormat.percent.text(segment.shareStrong))", segment.shareStrong),
          number("\(FigureFormat.percent.text(segment.savings))", segment.savings),
        ])
    }
    let table = HTMLParts.table(
      caption: "Quality and savings by \(field)", label: "Segments",
      header: [
        field, "Queries", "Weakest alone", "Strongest alone", "Router", "Strong share", "Savings",
      ], rows: rows, attributes: " data-sortable")
    let count = report.segments.count
    let noun = count == 1 ? "segment" : "segments"
    return HTMLParts.section(
      "segments", "Segments",
      lead: "\(router) on \(count) \(noun). An average can hide a segment that loses.", table)
  }

  private static func number(_ text: Markup, _ value: Double?) -> Markup {
    guard let value, value.isFinite else { return "<td>\(text)</td>" }
    return "<td data-v=\"\(Markup.machine(value))\">\(text)</td>"
  }
}
