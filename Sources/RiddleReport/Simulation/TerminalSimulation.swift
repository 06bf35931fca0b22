import RiddleEvaluation

/// A simulation as text for a terminal.
public enum TerminalSimulation {
  /// The report, every line at most `width` columns wide where names allow it.
  public static func render(_ report: SimulationReport, width: Int) -> String {
    let evaluation = report.evaluation
    let ladder = evaluation.candidates.map(PlainText.oneLine).joined(separator: " → ")
    var text =
      PlainText.wrapped("\(CountFormat.count(evaluation.queries)) queries · \(ladder)", to: width)
      + "\n"
    // One or two policies in a sentence each; more of them in the table alone.
    for policy in evaluation.routers where evaluation.routers.count <= 2 {
      let sentence = PlainText.oneLine(PlainSummary.sentence(policy, in: evaluation))
      text += PlainText.wrapped(sentence, to: width, indent: "  ") + "\n"
    }
    for warning in evaluation.warnings {
      text +=
        PlainText.wrapped(PlainText.oneLine("Warning: " + warning), to: width, indent: "  ") + "\n"
    }
    if !evaluation.gates.isEmpty {
      text += "\n" + TerminalReport.gates(evaluation, width: width, style: .plain)
    }
    for table in SimulationTables.all(report) { text += "\n" + table.text(width: width) }
    let brackets = "[ ]: \(CountFormat.confidence(evaluation.intervals.confidence)) intervals"
    return text + "\n\(brackets); \(FigureFormat.undefined): undefined.\n"
  }
}
