import RiddleEvaluation

/// An evaluation as Markdown, for model cards and pull requests.
public enum MarkdownReport {
  /// Verdicts, warnings and the wall. No heading: it is meant to stand inside a document.
  public static func render(_ report: EvaluationReport) -> String {
    var parts = [verdicts(report)]
    if !report.warnings.isEmpty { parts.append(warnings(report)) }
    if !report.gates.isEmpty { parts.append(gates(report)) }
    parts.append(wall(report))
    parts.append(reading(report))
    return parts.joined(separator: "\n")
  }

  /// One paragraph per router.
  static func verdicts(_ report: EvaluationReport) -> String {
    guard !report.routers.isEmpty else {
      return MarkdownText.escape(PlainSummary.baselinesOnly(report)) + "\n"
    }
    let paragraphs = report.routers.map { router in
      let verdict = WallVerdict(router: router.name, in: report)
      return MarkdownText.escape(PlainSummary.sentence(router, in: report))
        + " **\(verdict.word.rawValue)** \(MarkdownText.escape(verdict.explanation))\n"
    }
    return paragraphs.joined(separator: "\n")
  }

  /// The warnings as a quotation, one after the other.
  static func warnings(_ report: EvaluationReport) -> String {
    report.warnings.map { "> **Warning:** \(MarkdownText.escape($0))\n" }
      .joined(separator: ">\n")
  }

  /// Requirements and their verdicts.
  static func gates(_ report: EvaluationReport) -> String {
    MarkdownText.table(
      ["Gate", "Router", "Verdict", "Figures"],
      report.gates.map { gate in
        [
          gate.meaning == gate.gate ? gate.gate : "\(gate.gate): \(gate.meaning)", gate.router,
          gate.verdict.rawValue, JUnitReport.summary(gate),
        ]
      }, numbers: false)
  }

  /// All routers and baselines.
  static func wall(_ report: EvaluationReport) -> String {
    let columns = WallColumn.short
    return MarkdownText.table(
      ["Policy"] + columns.map(\.title),
      (report.routers + report.baselines).map { policy in
        [policy.name] + columns.map { $0.format.text($0.figure(policy)) }
      })
  }

  /// What rows, brackets and dashes mean.
  private static func reading(_ report: EvaluationReport) -> String {
    let rows = CountFormat.count(report.queries)
    let confidence = CountFormat.confidence(report.intervals.confidence)
    var text = "\(rows) queries (\(MarkdownText.escape(report.rows.description))). "
    text += "Brackets: \(confidence) intervals, \(MarkdownText.escape(report.intervals.method)). "
    text += "\(FigureFormat.undefined): undefined on these data.\n"
    return text
  }
}
