import RiddleEvaluation

/// What was required, and what came of it.
enum HTMLGates {
  /// Checks shown in a gate's row; more are folded.
  private static let shown = 4

  static func section(_ report: EvaluationReport) -> Markup {
    guard !report.gates.isEmpty else { return "" }
    let rows = report.gates.map { gate in
      let meaning: Markup =
        gate.meaning == gate.gate ? "" : "<span class=\"kind\">\(gate.meaning)</span>"
      return HTMLParts.row(
        "\(gate.gate)\(meaning)",
        [
          "<td class=\"text\">\(Markup.name(gate.router))</td>",
          "<td class=\"text\"><strong>\(gate.verdict.rawValue)</strong></td>",
          "<td class=\"text\">\(figures(gate))</td>",
        ])
    }
    return HTMLParts.section(
      "gates", "Gates",
      lead:
        "The whole interval must meet the bound to pass and miss it to fail; in between more rows would tell.",
      HTMLParts.table(
        caption: "Requirements", label: "Gates",
        header: ["Gate", "Router", "Verdict", "Figures"], rows: rows, textColumns: [1, 2, 3]))
  }

  private static func figures(_ gate: GateResult) -> Markup {
    let lines = gate.checks.map { check -> Markup in
      let verdict = check.verdict.map { " \($0.rawValue)" } ?? ""
      return "\(check.requirement): \(HTMLParts.inline(check.figure, .plain))\(verdict)<br>\n"
    }
    let reason: Markup = gate.reason.isEmpty ? "" : "\(gate.reason)"
    guard lines.count > shown else { return "\(lines)\(reason)" }
    let counts = [GateVerdict.pass, .undecided, .fail].map { verdict in
      "\(gate.checks.count { $0.verdict == verdict }) \(verdict.rawValue)"
    }
    return HTMLParts.details("\(counts.joined(separator: ", "))", "\(lines)\(reason)")
  }
}
