import RiddleEvaluation

/// An evaluation as text for a terminal: verdict, wall, warnings and a small cost-quality plot.
public enum TerminalReport {
  /// The report, every line ended by a newline and at most `width` columns wide where names allow it.
  ///
  /// - Parameters:
  ///   - report: the evaluation.
  ///   - width: columns available; 100 shows the wall in two panels, 60 is the least that reads well.
  ///   - style: `.plain` writes no escape sequence.
  public static func render(
    _ report: EvaluationReport, width: Int, style: TerminalTable.Style = .plain
  ) -> String {
    let width = max(40, width)
    var text = header(report, width: width)
    text += "\n" + verdicts(report, width: width, style: style)
    if !report.warnings.isEmpty { text += "\n" + warnings(report, width: width, style: style) }
    if !report.gates.isEmpty { text += "\n" + gates(report, width: width, style: style) }
    text += "\n" + wall(report).render(width: width, style: style)
    text += footnotes(report, width: width)
    let plot = TerminalPlot.render(CostQualityPlot(report), width: width)
    if !plot.isEmpty { text += "\n" + plot }
    text += TerminalDetails.render(report, width: width, style: style)
    return text
  }

  /// Requirements and their verdicts.
  static func gates(
    _ report: EvaluationReport, width: Int, style: TerminalTable.Style
  ) -> String {
    var text = ""
    for gate in report.gates {
      let word = gate.verdict.rawValue
      let name = gate.meaning == gate.gate ? gate.gate : "\(gate.gate) (\(gate.meaning))"
      let router = report.routers.count > 1 ? ", \(gate.router)" : ""
      let line = PlainText.oneLine("\(word) \(name)\(router): \(JUnitReport.summary(gate))")
      let wrapped = PlainText.wrapped(line, to: width, indent: "  ")
      text += style.bold(word) + wrapped.dropFirst(word.count) + "\n"
    }
    return text
  }

  /// Rows, candidates and how often they disagree.
  private static func header(_ report: EvaluationReport, width: Int) -> String {
    let ladder = report.candidates.map(PlainText.oneLine).joined(separator: " → ")
    let tie = FigureFormat.percent.text(report.labelling.tieShare)
    let line =
      "\(CountFormat.count(report.queries)) queries · \(ladder) · "
      + "all candidates equally good on \(tie)"
    return PlainText.wrapped(line, to: width) + "\n"
  }

  private static func verdicts(
    _ report: EvaluationReport, width: Int, style: TerminalTable.Style
  ) -> String {
    guard !report.routers.isEmpty else {
      return PlainText.wrapped(PlainSummary.baselinesOnly(report), to: width) + "\n"
    }
    var text = ""
    for router in report.routers {
      let summary = PlainText.oneLine(PlainSummary.sentence(router, in: report))
      let verdict = WallVerdict(router: router.name, in: report)
      let judgement = PlainText.oneLine("\(verdict.word.rawValue) \(verdict.explanation)")
      let wrapped = PlainText.wrapped(judgement, to: width - 2, indent: "  ")
      let word = verdict.word.rawValue
      text += PlainText.wrapped(summary, to: width) + "\n"
      text += "  " + style.bold(word) + wrapped.dropFirst(word.count) + "\n"
    }
    return text
  }

  private static func warnings(
    _ report: EvaluationReport, width: Int, style: TerminalTable.Style
  ) -> String {
    var text = ""
    for warning in report.warnings {
      let line = PlainText.wrapped(
        PlainText.oneLine("Warning: " + warning), to: width, indent: "  ")
      text += style.bold("Warning:") + line.dropFirst("Warning:".count) + "\n"
    }
    return text
  }

  private static func wall(_ report: EvaluationReport) -> TerminalTable {
    let columns = WallColumn.short
    let rows = (report.routers + report.baselines).map { policy in
      [policy.name] + columns.map { $0.format.text($0.figure(policy)) }
    }
    return TerminalTable(
      columns: [TerminalTable.Column("Policy", .left)]
        + columns.map { TerminalTable.Column($0.title) },
      rows: rows)
  }

  /// How to read the brackets, and why routers lack a figure.
  private static func footnotes(_ report: EvaluationReport, width: Int) -> String {
    var text = "[ ]: \(CountFormat.confidence(report.intervals.confidence)) intervals; "
    text += "\(FigureFormat.undefined): undefined."
    if let band = FigureFormat.plain.interval(report.randomBand) {
      text += " APGR of random routers: \(band)."
    }
    text = PlainText.wrapped(text, to: width) + "\n"
    for router in report.routers {
      var reasons: [(reason: String, titles: [String])] = []
      for column in WallColumn.short where !FigureFormat.isDefined(column.figure(router)) {
        let reason = UndefinedReason.of(column, in: router)
        if let known = reasons.firstIndex(where: { $0.reason == reason }) {
          reasons[known].titles.append(column.title)
        } else {
          reasons.append((reason, [column.title]))
        }
      }
      for (reason, titles) in reasons {
        let line = "\(router.name), no \(titles.joined(separator: ", ")): \(reason)"
        text += PlainText.wrapped(PlainText.oneLine(line), to: width, indent: "  ") + "\n"
      }
    }
    return text
  }
}
