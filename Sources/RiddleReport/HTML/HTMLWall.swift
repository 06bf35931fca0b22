import RiddleEvaluation

/// The baseline wall: every figure of every policy with its interval.
enum HTMLWall {
  static func section(_ report: EvaluationReport) -> Markup {
    var body = table(
      report, WallColumn.money, caption: "At the operating point", label: "Wall, operating point",
      notes: "wall-money")
    body += table(
      report, WallColumn.ranking, caption: "Over all thresholds", label: "Wall, all thresholds",
      notes: "wall-ranking")
    body += table(
      report, WallColumn.gains, caption: "Against luck, no router, and the oracle",
      label: "Wall, gains", notes: "wall-gains")
    body += table(
      report, WallColumn.probability, caption: "The probability", label: "Wall, probability",
      notes: "wall-probability")
    body += HTMLParts.details(
      "Figures as RouteLLM, RouterBench and RouterArena compute them",
      table(
        report, WallColumn.compatible, caption: "For comparison with published tables",
        label: "Wall, published definitions", notes: "wall-compatible"))
    body += legend
    body += notes(report)
    return HTMLParts.section(
      "wall", "Baseline wall",
      lead: "Routers first, then what anyone gets without one. Intervals stand below the figures.",
      body)
  }

  /// Every policy by the given columns, reasons for undefined figures below.
  ///
  /// Policies that have none of the figures, for one and the same reason, share the last row.
  static func table(
    _ report: EvaluationReport, _ columns: [WallColumn], caption: Markup, label: String,
    notes: Markup
  ) -> Markup {
    var footnotes = Footnotes(notes)
    var rows: [Markup] = []
    var empty: [(reason: String, names: [Markup])] = []
    var isWallBegun = report.routers.isEmpty
    for (index, policy) in (report.routers + report.baselines).enumerated() {
      if let reason = soleReason(policy, columns) {
        let name = Markup.name(policy.name)
        if let known = empty.firstIndex(where: { $0.reason == reason }) {
          empty[known].names.append(", \(name)")
        } else {
          empty.append((reason, [name]))
        }
        continue
      }
      let isRouter = index < report.routers.count
      let classes: Markup = isRouter ? "router" : isWallBegun ? "" : "rule"
      if !isRouter { isWallBegun = true }
      let head: Markup = "\(Markup.name(policy.name))<span class=\"kind\">\(policy.kind)</span>"
      let cells = columns.map { column in
        let figure = column.figure(policy)
        return FigureFormat.isDefined(figure)
          ? HTMLParts.cell(figure, column.format)
          : footnotes.cell(UndefinedReason.of(column, in: policy))
      }
      rows.append(HTMLParts.row(head, cells, classes: classes))
    }
    for group in empty {
      let cell: Markup =
        "<td class=\"none\" colspan=\"\(columns.count)\">\(FigureFormat.undefined) \(group.reason)</td>"
      rows.append(HTMLParts.row("\(group.names)", [cell]))
    }
    let header: [Markup] =
      ["Policy"] + columns.map { "<span title=\"\($0.meaning)\">\($0.title)</span>" }
    let table = HTMLParts.table(caption: caption, label: label, header: header, rows: rows)
    return "\(table)\(footnotes.list)"
  }

  /// The one reason why `policy` has none of the figures; nil when it has one, or when reasons differ.
  private static func soleReason(_ policy: PolicyFigures, _ columns: [WallColumn]) -> String? {
    guard columns.allSatisfy({ !FigureFormat.isDefined($0.figure(policy)) }) else { return nil }
    let reasons = columns.map { UndefinedReason.of($0, in: policy) }
    return reasons.allSatisfy { $0 == reasons.first } ? reasons.first : nil
  }

  /// What the column headings mean, for those who cannot hover.
  private static var legend: Markup {
    let columns =
      WallColumn.money + WallColumn.ranking + WallColumn.gains + WallColumn.probability
      + WallColumn.compatible
    return HTMLParts.details(
      "What the columns mean",
      HTMLParts.facts(columns.map { ("\($0.title)", "\($0.meaning)") }))
  }

  private static func notes(_ report: EvaluationReport) -> Markup {
    let policies = (report.routers + report.baselines).filter { !$0.notes.isEmpty }
    guard !policies.isEmpty else { return "" }
    let rows = policies.map { policy -> (Markup, Markup) in
      let notes = policy.notes.enumerated().map {
        $0.offset > 0 ? "<br>\($0.element)" as Markup : "\($0.element)"
      }
      return (Markup.name(policy.name), "\(notes)")
    }
    return HTMLParts.details("Notes on the policies", HTMLParts.facts(rows))
  }
}
