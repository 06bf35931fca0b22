import RiddleEvaluation

/// What was required, and what came of it.
enum HTMLGates {
  static func section(_ report: EvaluationReport) -> Markup {
    guard !report.gates.isEmpty else { return "" }
    let rows = report.gates.flatMap { gate in
      gate.checks.enumerated().map { index, check in
        HTMLParts.row(
          index == 0
            ? "\(gate.gate)<span class=\"kind\">\(gate.meaning == gate.gate ? "" : gate.meaning)</span>"
            : "",
          [
            "<td class=\"text\">\(index == 0 ? Markup.name(gate.router) : "")</td>",
            "<td class=\"text\">\(check.requirement)</td>",
            HTMLParts.cell(check.figure, .plain),
            "<td class=\"text\">\(check.verdict?.rawValue ?? "")</td>",
            "<td class=\"text\">\(index == 0 ? "<strong>\(gate.verdict.rawValue)</strong> \(gate.reason)" as Markup : "")</td>",
          ])
      }
    }
    return HTMLParts.section(
      "gates", "Gates",
      lead:
        "The whole interval must meet the bound to pass and miss it to fail; in between more rows would tell.",
      HTMLParts.table(
        caption: "Requirements", label: "Gates",
        header: ["Gate", "Router", "Requirement", "Figure", "Check", "Gate verdict"], rows: rows,
        textColumns: [1, 2, 4, 5]))
  }
}
